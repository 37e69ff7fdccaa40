//! The form of the notes that a state is made of: a length, a checksum, and the note. One that is torn or damaged is
//! known by them.

use std::io::{self, Read};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A note is not longer than this, so a damaged length does not lead far.
const LONGEST: usize = 1 << 26;

/// Length, checksum, note.
pub(super) fn frame(out: &mut Vec<u8>, note: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_allocvec(note).map_err(io::Error::other)?;
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&checksum(&bytes));
    out.extend_from_slice(&bytes);
    Ok(())
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = Sha256::digest(bytes);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The next whole note, as bytes; `None` at the end, and where it is torn.
pub(super) fn next_note(reader: &mut impl Read) -> Option<Vec<u8>> {
    let mut head = [0; 8];
    reader.read_exact(&mut head).ok()?;
    let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let mut bytes = vec![0; Some(len).filter(|len| *len <= LONGEST)?];
    reader.read_exact(&mut bytes).ok()?;
    (checksum(&bytes) == head[4..]).then_some(bytes)
}
