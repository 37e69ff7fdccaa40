//! The model file: magic, version, named sections, checksum. Little-endian throughout.
//!
//! ```text
//! "CHAFMODL"  version u32  sections u32
//! each section: name (u8 length, bytes)  length u32  bytes
//! checksum u64 over everything before it
//! ```

use std::borrow::Cow;

use crate::error::{Error, Result};

/// First bytes of a model file.
pub(crate) const MAGIC: &[u8; 8] = b"CHAFMODL";
/// The version this program reads.
pub(crate) const VERSION: u32 = 3;

/// Reads numbers off a piece of a model file.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    data: Cow<'static, [u8]>,
    at: usize,
}

impl Reader {
    pub(crate) fn new(data: Cow<'static, [u8]>) -> Reader {
        Reader { data, at: 0 }
    }

    fn take(&mut self, count: usize) -> Result<std::ops::Range<usize>> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.data.len());
        let end = end.ok_or_else(|| Error::Model("it ends too early".into()))?;
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let range = self.take(N)?;
        Ok(self.data[range].try_into().expect("as many bytes as were taken"))
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn i16(&mut self) -> Result<i16> {
        self.array().map(i16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(crate) fn f32(&mut self) -> Result<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A text with its length in a byte before it.
    pub(crate) fn text(&mut self) -> Result<String> {
        let length = self.u8()? as usize;
        let range = self.take(length)?;
        String::from_utf8(self.data[range].to_vec()).map_err(|_| Error::Model("a name in it is not UTF-8".into()))
    }

    /// The next `count` bytes, not copied where the file is part of the program.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<Cow<'static, [u8]>> {
        let range = self.take(count)?;
        Ok(match &self.data {
            Cow::Borrowed(data) => Cow::Borrowed(&data[range]),
            Cow::Owned(data) => Cow::Owned(data[range].to_vec()),
        })
    }

    /// Whether everything was read.
    pub(crate) fn is_done(&self) -> bool {
        self.at == self.data.len()
    }
}

/// The sections of a model file, after its frame and checksum were found right. A file that is part of the program is
/// as it was when tests found its checksum right; to reckon it takes most of the time that loading takes.
pub(crate) fn sections(data: Cow<'static, [u8]>) -> Result<Vec<(String, Reader)>> {
    let body = data.len().checked_sub(8).filter(|n| *n >= MAGIC.len() + 8);
    let body = body.ok_or_else(|| Error::Model("it is too short to be one".into()))?;
    if &data[..MAGIC.len()] != MAGIC {
        return Err(Error::Model("it does not start like one".into()));
    }
    let sum = u64::from_le_bytes(data[body..].try_into().expect("eight bytes"));
    let damaged = matches!(data, Cow::Owned(_)) && sum != checksum(&data[..body]);
    let mut reader = Reader::new(data);
    reader.at = MAGIC.len();
    let version = reader.u32()?;
    if version != VERSION {
        return Err(Error::Model(format!("it has version {version}, this program reads version {VERSION}")));
    }
    if damaged {
        return Err(Error::Model("its checksum is wrong; the file is damaged".into()));
    }
    let count = reader.u32()?;
    let mut sections = Vec::new();
    for _ in 0..count {
        let name = reader.text()?;
        let length = reader.u32()? as usize;
        sections.push((name, Reader::new(reader.bytes(length)?)));
    }
    if reader.at != body {
        return Err(Error::Model("there is something behind its last section".into()));
    }
    Ok(sections)
}

/// A checksum that notices every changed byte and is quick enough for program start: eight bytes at a time.
pub(crate) fn checksum(data: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325u64 ^ data.len() as u64;
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        sum = (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    for byte in chunks.remainder() {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    sum ^ sum >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut data = MAGIC.to_vec();
        data.extend(VERSION.to_le_bytes());
        data.extend((sections.len() as u32).to_le_bytes());
        for (name, bytes) in sections {
            data.push(name.len() as u8);
            data.extend(name.as_bytes());
            data.extend((bytes.len() as u32).to_le_bytes());
            data.extend(*bytes);
        }
        let sum = checksum(&data);
        data.extend(sum.to_le_bytes());
        data
    }

    #[test]
    fn sections_come_back() {
        let data = file(&[("linear", &[1, 2, 3, 4]), ("meta", b"x")]);
        let mut read = sections(data.into()).unwrap();
        assert_eq!(read[0].0, "linear");
        assert_eq!(read[0].1.u32().unwrap(), 0x0403_0201);
        assert!(read[0].1.is_done() && read[0].1.u8().is_err());
    }

    #[test]
    fn damage_is_an_error_everywhere() {
        let data = file(&[("linear", &[1, 2, 3, 4]), ("meta", b"a longer text")]);
        for cut in 0..data.len() {
            assert!(sections(data[..cut].to_vec().into()).is_err(), "cut at {cut}");
        }
        for at in 0..data.len() {
            let mut broken = data.clone();
            broken[at] ^= 0x40;
            assert!(sections(broken.into()).is_err(), "changed at {at}");
        }
    }
}
