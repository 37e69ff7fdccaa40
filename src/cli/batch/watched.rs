//! Reading an input under watch: what was read is hashed and counted, a stop is obeyed at once, and a file that changes
//! while it is read is noticed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, bail};
use twox_hash::xxhash3_128::Hasher;

use super::stop::Stoppable;

/// A file that is read from its beginning to its end.
pub(crate) struct Watched<'c> {
    file: Stoppable<File>,
    before: Option<Metadata>,
    /// Whether its end was met. It is not looked for again.
    over: bool,
    /// Tells whether a document was changed by the next run. Nobody who changes it means to deceive.
    hash: Hasher,
    bytes: u64,
    /// Where progress is counted.
    counter: &'c AtomicU64,
}

impl<'c> Watched<'c> {
    pub(crate) fn new(file: File, counter: &'c AtomicU64) -> Watched<'c> {
        let before = file.metadata().ok();
        Watched { file: Stoppable(file), before, over: false, hash: Hasher::new(), bytes: 0, counter }
    }

    /// Its size, if it is a file.
    pub(crate) fn len(&self) -> Option<u64> {
        self.before.as_ref().filter(|data| data.is_file()).map(Metadata::len)
    }

    /// Reads what is left, for the hash alone.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        if self.over {
            return Ok(());
        }
        let mut buffer = vec![0; 1 << 16];
        while self.read(&mut buffer)? > 0 {}
        Ok(())
    }

    /// The hash of what was read.
    ///
    /// # Errors
    /// When the file is not what it was when reading began.
    pub(crate) fn finish(self) -> Result<[u8; 16]> {
        if let (Some(before), Ok(after)) = (&self.before, self.file.0.metadata())
            && before.is_file()
        {
            let same = before.len() == after.len() && before.modified().ok() == after.modified().ok();
            if !same || self.bytes != before.len() {
                bail!("it changed while it was read; clean it again when nothing writes to it any more");
            }
        }
        Ok(self.hash.finish_128().to_le_bytes())
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(buffer)?;
        self.over = got == 0 && !buffer.is_empty();
        self.hash.write(&buffer[..got]);
        self.bytes += got as u64;
        self.counter.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
