//! The template file: what a memory holds, in one way of writing it only, so that equal memories are equal files.
//!
//! ```text
//! "CHAFTMPL"  version u32  depth u32  highest u64  groups u32
//! each group: name (u32 length, UTF-8)  keys u32  documents u32
//!   each key, ascending: key u64  words u8  text (u8 length, UTF-8)
//!   each document, ascending: identity u64  lines u32
//!     each line, ascending: steps to its key's number, varint  words above it, varint  spot u8
//! checksum u64 over everything before it
//! ```
//!
//! Little-endian throughout. Groups stand in the order of their names; `depth` and `highest` say how small the sample
//! had become, see [`Memory`].

use std::collections::BTreeMap;

use super::key::hash;
use super::memory::{DEEPEST, Group, Limits, Memory, SHALLOWEST};
use super::sketch::{Entry, LINES, SPOTS};
use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"CHAFTMPL";
const VERSION: u32 = 1;
/// A remembered text has so many bytes at most.
const TEXT: usize = 255;

impl Memory {
    /// The memory as a template file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut pruned = self.clone();
        pruned.prune();
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(pruned.depth.to_le_bytes());
        out.extend(pruned.highest.to_le_bytes());
        out.extend((pruned.groups.len() as u32).to_le_bytes());
        for (name, group) in &pruned.groups {
            write_group(name, group, &mut out);
        }
        let sum = hash(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// The memory that a template file holds.
    ///
    /// # Errors
    /// [`Error::Template`] when the file is short, foreign, of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Memory> {
        let wrong = |message: &str| Error::Template(message.into());
        let body = bytes.len().checked_sub(8).filter(|body| *body >= MAGIC.len());
        let body = body.ok_or_else(|| wrong("it is too short to be one"))?;
        if &bytes[..MAGIC.len()] != MAGIC {
            return Err(wrong("it does not start like one"));
        }
        let mut reader = Reader { rest: &bytes[MAGIC.len()..body] };
        let version = reader.u32()?;
        if version != VERSION {
            let message = format!("it has version {version}, this program reads version {VERSION}");
            return Err(Error::Template(message));
        }
        if bytes[body..] != hash(&bytes[..body]).to_le_bytes() {
            return Err(wrong("its checksum is wrong; the file is damaged or cut short"));
        }
        let (depth, highest) = (reader.u32()?, reader.u64()?);
        if !(SHALLOWEST..=DEEPEST).contains(&depth) {
            return Err(wrong("the size of its sample is none that there is"));
        }
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut documents = 0;
        for _ in 0..reader.u32()? {
            let length = reader.u32()?;
            let name = reader.text(length as usize)?.to_owned();
            if groups.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return Err(wrong("its groups are out of order"));
            }
            let group = reader.group(depth)?;
            documents += group.documents.len();
            if documents > Limits::default().documents {
                return Err(wrong("it holds more documents than are ever remembered"));
            }
            groups.insert(name, group);
        }
        if !reader.rest.is_empty() {
            return Err(wrong("there is something behind its last group"));
        }
        let mut memory = Memory::new(Limits::default());
        memory.merge(Memory::of_parts(depth, highest, groups));
        Ok(memory)
    }
}

fn write_group(name: &str, group: &Group, out: &mut Vec<u8>) {
    let mut keys: Vec<(u64, u8)> = group.documents.values().flatten().map(|line| (line.key, line.words)).collect();
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    out.extend((name.len() as u32).to_le_bytes());
    out.extend(name.as_bytes());
    out.extend((keys.len() as u32).to_le_bytes());
    out.extend((group.documents.len() as u32).to_le_bytes());
    for (key, words) in &keys {
        let text = group.texts.get(key).map_or("", |text| &text[..]);
        out.extend(key.to_le_bytes());
        out.push(*words);
        out.push(text.len().min(TEXT) as u8);
        out.extend(&text.as_bytes()[..text.len().min(TEXT)]);
    }
    for (id, lines) in &group.documents {
        out.extend(id.to_le_bytes());
        out.extend((lines.len() as u32).to_le_bytes());
        let mut before = 0;
        for line in lines {
            let at = keys.partition_point(|(key, _)| *key < line.key);
            varint((at - before) as u32, out);
            varint(u32::from(line.above), out);
            out.push(line.spot);
            before = at;
        }
    }
}

fn varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads what is left, and never beyond it.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| Error::Template("it ends too early".into()))?;
        self.rest = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }

    fn varint(&mut self) -> Result<u32> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.u8()?;
            value |= u32::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(Error::Template("a number in it is too large".into()))
    }

    fn text(&mut self, length: usize) -> Result<&'a str> {
        std::str::from_utf8(self.take(length)?).map_err(|_| Error::Template("a name in it is not UTF-8".into()))
    }

    fn group(&mut self, depth: u32) -> Result<Group> {
        let wrong = |message: &str| Error::Template(message.into());
        let (count, documents) = (self.u32()?, self.u32()?);
        if documents > depth {
            return Err(wrong("a group has more documents than its sample"));
        }
        let mut group = Group::default();
        // Not more room than what is left of the file could fill: numbers in a foreign file may say anything.
        let mut keys: Vec<(u64, u8)> = Vec::with_capacity((count as usize).min(self.rest.len() / 10));
        for _ in 0..count {
            let (key, words, length) = (self.u64()?, self.u8()?, self.u8()?);
            if keys.last().is_some_and(|(last, _)| *last >= key) {
                return Err(wrong("the lines of a group are out of order"));
            }
            keys.push((key, words));
            if length > 0 {
                group.texts.insert(key, self.text(usize::from(length))?.into());
            }
        }
        for _ in 0..documents {
            let (id, count) = (self.u64()?, self.u32()? as usize);
            if count > LINES || count == 0 {
                return Err(wrong("a document has too many lines or none"));
            }
            if group.documents.last_key_value().is_some_and(|(last, _)| *last >= id) {
                return Err(wrong("the documents of a group are out of order"));
            }
            let entries = self.lines(count, &keys)?;
            group.documents.insert(id, entries);
        }
        Ok(group)
    }

    fn lines(&mut self, count: usize, keys: &[(u64, u8)]) -> Result<Box<[Entry]>> {
        let wrong = || Error::Template("a document's lines do not fit its group".into());
        let mut entries = Vec::with_capacity(count);
        let mut at = 0usize;
        for i in 0..count {
            let step = self.varint()? as usize;
            if i > 0 && step == 0 {
                return Err(wrong());
            }
            at += step;
            let (key, words) = *keys.get(at).ok_or_else(wrong)?;
            let above = u16::try_from(self.varint()?).map_err(|_| wrong())?;
            let spot = self.u8()?;
            if u32::from(spot) >= SPOTS {
                return Err(wrong());
            }
            entries.push(Entry { key, above, spot, words });
        }
        Ok(entries.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sketch::tests::sketch;
    use super::*;

    fn memory() -> Memory {
        let mut memory = Memory::default();
        let prose = "a line of running text that has a dozen words in it, about\n";
        memory.add("quay.example", sketch(&format!("Home\nNews\n{prose}Imprint (© 2031)\n")));
        memory.add("quay.example", sketch(&format!("Home\nSport\n{}Imprint\n", prose.repeat(200))));
        memory.add("mast.example", sketch("首页\nHome\n"));
        memory
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bytes = memory().to_bytes();
        let read = Memory::from_bytes(&bytes).unwrap();
        assert_eq!(read, memory());
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(Memory::from_bytes(&Memory::default().to_bytes()).unwrap(), Memory::default());
    }

    #[test]
    fn damage_is_an_error_everywhere() {
        let bytes = memory().to_bytes();
        for cut in 0..bytes.len() {
            assert!(Memory::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0x40;
            assert!(Memory::from_bytes(&broken).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn other_files_are_told_what_they_lack() {
        let said = |bytes: &[u8]| Memory::from_bytes(bytes).unwrap_err().to_string();
        assert!(said(b"").contains("too short") && said(&[b'x'; 99]).contains("does not start like one"));
        let mut newer = memory().to_bytes();
        newer[8] = 9;
        assert!(said(&newer).contains("it has version 9, this program reads version 1"));
    }

    #[test]
    fn more_than_is_ever_remembered_is_refused() {
        let line = |key| Entry { key, above: 0, spot: 0, words: 1 };
        let group = || {
            let mut group = Group::default();
            group.documents.extend((0..512).map(|id| (id, [line(id)].into())));
            group
        };
        let groups = |count: usize| (0..count).map(|i| (format!("{i}"), group())).collect();
        let bytes = |count| Memory::of_parts(DEEPEST, u64::MAX, groups(count)).to_bytes();
        assert!(Memory::from_bytes(&bytes(32)).is_ok());
        assert!(Memory::from_bytes(&bytes(33)).unwrap_err().to_string().contains("more documents"));
    }

    /// With a right checksum, so that what is inside is read.
    fn sealed(mut body: Vec<u8>) -> Vec<u8> {
        let sum = hash(&body);
        body.extend(sum.to_le_bytes());
        body
    }

    proptest! {
        #[test]
        fn hostile_files_are_errors_or_memories(
            at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..9), cut in any::<bool>(),
        ) {
            let mut body = memory().to_bytes();
            body.truncate(body.len() - 8);
            let at = 12 + at.index(body.len() - 12);
            body.splice(at..if cut { body.len() } else { (at + bytes.len()).min(body.len()) }, bytes);
            if let Ok(read) = Memory::from_bytes(&sealed(body)) {
                let again = Memory::from_bytes(&read.to_bytes());
                prop_assert_eq!(again.unwrap(), read);
            }
        }
    }
}
