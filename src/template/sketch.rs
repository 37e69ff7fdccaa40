//! What is remembered of one document: its lines as keys, and where on the page each stands.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use encoding_rs::Encoding;

use super::key::{Key, Keys, finish, mix};
use super::memory::Memory;
use crate::error::Result;
use crate::line::{Part, is_blank};
use crate::lines::{Buffers, LineReader};

/// Different lines of a document that are remembered; of more, those with the lowest keys, which are the same ones on
/// every page.
pub(super) const LINES: usize = 1024;
/// The document's identity is that of its first lines, so that it is known when the first window is.
pub(super) const IDENTITY: u32 = 1024;
/// Lines of a document that are looked at.
const FIRST: u32 = 16_384;
/// A line of so many words is running text.
pub(super) const PROSE: u8 = 8;
/// Parts into which a page is cut to say where a line stands.
pub(super) const SPOTS: u32 = 16;

/// A line of a remembered document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    /// The line's key.
    pub(super) key: u64,
    /// Words of running text above its first place on the page.
    pub(super) above: u16,
    /// Its first place on the page, in sixteenths of its lines.
    pub(super) spot: u8,
    /// The line's words.
    pub(super) words: u8,
}

/// A document, reduced to what a template needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Hash of its first lines. Two pages that differ in numbers only are one document.
    pub(super) id: u64,
    /// Its lines in the order of their keys.
    pub(super) entries: Box<[Entry]>,
    /// What the lines say, where someone wants to read it.
    pub(super) texts: Vec<(u64, Box<str>)>,
}

impl Sketch {
    /// Whether nothing can be learned from the document: no line of it has a letter.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Reads a document line by line, in memory that does not grow with it.
#[derive(Debug, Default)]
pub struct Sketcher {
    keys: Keys,
    with_texts: bool,
    /// Lines with a letter so far, in a form that is quickly sorted.
    lines: Vec<Seen>,
    /// What they say, where that is remembered.
    texts: Vec<(u64, Box<str>)>,
    /// Lines that are not blank so far.
    count: u32,
    above: u32,
    identity: u64,
    buffers: Buffers,
}

/// A line: its key, then how many lines that are not blank are above it, then the words above it and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen(u128);

impl Seen {
    fn new(key: Key, at: u32, above: u16) -> Seen {
        let place = u64::from(at) << 32 | u64::from(above) << 8 | u64::from(key.words);
        Seen(u128::from(key.hash) << 64 | u128::from(place))
    }

    fn key(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The line as a sketch has it, of a document of so many lines.
    fn entry(self, count: u32) -> Entry {
        let at = (self.0 >> 32) as u32;
        Entry { key: self.key(), above: (self.0 >> 8) as u16, spot: (at * SPOTS / count) as u8, words: self.0 as u8 }
    }
}

impl Sketcher {
    /// A reader that remembers what lines say, beside their keys, `with_texts`.
    pub fn new(with_texts: bool) -> Sketcher {
        Sketcher { with_texts, ..Sketcher::default() }
    }

    /// Reads a whole document, or as much of it as is looked at.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn sketch<R: Read>(&mut self, reader: R, encoding: Option<&'static Encoding>) -> Result<Sketch> {
        let result = self.read_document(reader, encoding);
        let sketch = self.finish();
        result.map(|()| sketch)
    }

    /// Reads a whole document, or as much of it as is looked at, and puts it into a memory, as a document of a group.
    /// One that is not of the group's sample costs less than its sketch would.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails. Then nothing is remembered of the document.
    pub fn learn<R: Read>(
        &mut self,
        reader: R,
        encoding: Option<&'static Encoding>,
        group: &str,
        memory: &Mutex<Memory>,
    ) -> Result<()> {
        let result = self.read_document(reader, encoding);
        let memory = || memory.lock().unwrap_or_else(PoisonError::into_inner);
        if result.is_ok() && memory().is_open(group, finish(self.identity)) {
            let sketch = self.finish();
            memory().add(group, sketch);
        }
        self.forget();
        result
    }

    fn read_document<R: Read>(&mut self, reader: R, encoding: Option<&'static Encoding>) -> Result<()> {
        let mut lines = LineReader::with_buffers(reader, encoding, std::mem::take(&mut self.buffers));
        let result = self.read_all(&mut lines);
        self.buffers = lines.into_buffers();
        result
    }

    fn read_all<R: Read>(&mut self, lines: &mut LineReader<R>) -> Result<()> {
        while self.count < FIRST {
            let Some(line) = lines.line()? else { break };
            if line.part == Part::Whole {
                self.read(line.text);
            }
        }
        Ok(())
    }

    /// The next line; blank ones may be left out.
    pub fn read(&mut self, text: &str) {
        if self.count >= FIRST {
            return;
        }
        let Some(key) = self.keys.key(text) else {
            self.count += u32::from(!is_blank(text));
            return;
        };
        if self.lines.len() < IDENTITY as usize {
            self.identity = mix(self.identity, key.hash);
        }
        self.lines.push(Seen::new(key, self.count, saturated(self.above)));
        if self.with_texts {
            self.texts.push((key.hash, self.keys.shown().into()));
        }
        self.count += 1;
        self.above = self.above.saturating_add(prose(key.words));
    }

    /// The document is over; the next line begins another.
    pub fn finish(&mut self) -> Sketch {
        let (id, count) = (finish(self.identity), self.count.max(1));
        // Of lines that say the same, the first stays.
        self.lines.sort_unstable();
        self.lines.dedup_by_key(|line| line.key());
        self.lines.truncate(LINES);
        let entries: Box<[Entry]> = self.lines.iter().map(|line| line.entry(count)).collect();
        let mut texts = std::mem::take(&mut self.texts);
        texts.sort_unstable();
        texts.dedup_by_key(|(key, _)| *key);
        texts.truncate(entries.len());
        self.forget();
        Sketch { id, entries, texts }
    }

    fn forget(&mut self) {
        self.lines.clear();
        self.texts.clear();
        (self.count, self.above, self.identity) = (0, 0, 0);
    }
}

/// The running text that a line of so many words is.
pub(super) fn prose(words: u8) -> u32 {
    if words >= PROSE { u32::from(words) } else { 0 }
}

/// A number of words as an [`Entry`] has it.
pub(super) fn saturated(words: u32) -> u16 {
    words.min(u32::from(u16::MAX)) as u16
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lines::LINE_LIMIT;

    pub(in super::super) fn sketch(text: &str) -> Sketch {
        let mut sketcher = Sketcher::new(true);
        text.lines().for_each(|line| sketcher.read(line));
        sketcher.finish()
    }

    #[test]
    fn numbers_do_not_make_another_document() {
        let (a, b) = (sketch("Home\n3 comments\nBy A"), sketch("Home\n12 comments\nBy A"));
        assert_eq!(a, b);
        assert_ne!(a.id, sketch("Home\nBy A\n3 comments").id);
        assert!(sketch("\n* * *\n12").is_empty());
    }

    #[test]
    fn places_are_those_of_the_first_copy() {
        let long = "a line of running text that has thirteen words in it, or so";
        let found = sketch(&format!("Home\n{long}\nHome\nlast\n"));
        let by_words = |words| found.entries.iter().find(|entry| entry.words == words).unwrap();
        assert_eq!((by_words(13).above, by_words(13).spot), (0, 4));
        assert!(found.entries.iter().any(|entry| (entry.above, entry.spot) == (13, 12)));
        assert_eq!(found.entries.iter().filter(|entry| (entry.above, entry.spot) == (0, 0)).count(), 1);
    }

    #[test]
    fn a_sketcher_is_used_again_and_stays_small() {
        let word = |i: u32| char::from_u32(0x1000 + i).unwrap().to_string();
        let text: String = (0..5000).map(|i| word(i) + "x\n").collect();
        let mut sketcher = Sketcher::new(false);
        text.lines().for_each(|line| sketcher.read(line));
        let large = sketcher.finish();
        assert_eq!(large.entries.len(), LINES);
        assert!(large.entries.is_sorted() && large.texts.is_empty());
        sketcher.read("Home");
        assert_eq!(sketcher.finish().entries[..], sketch("Home").entries[..]);
    }

    #[test]
    fn bytes_and_lines_give_the_same_sketch() {
        let text = format!("\u{feff}Home\r\n\r\n3 réactions\n{}\nLast", "x".repeat(2 * LINE_LIMIT));
        let expected = sketch("Home\n3 réactions\nLast");
        let mut sketcher = Sketcher::new(true);
        assert_eq!(sketcher.sketch(text.as_bytes(), None).unwrap(), expected);
        assert_eq!(sketcher.sketch(text.as_bytes(), None).unwrap(), expected);
        let lines = "\nb\n".repeat(1 << 20);
        let endless = std::io::repeat(b'a').take(1 << 20).chain(lines.as_bytes()).chain(Broken);
        assert_eq!(sketcher.sketch(endless, None).unwrap().entries.len(), 2);
        assert!(sketcher.sketch(Broken, None).is_err());
        assert!(sketcher.sketch(&b""[..], None).unwrap().is_empty());
    }

    #[test]
    fn documents_that_are_sketched_and_that_are_not_leave_the_same() {
        let (learned, mut sketched) = (Mutex::new(Memory::default()), Memory::default());
        let mut sketcher = Sketcher::new(true);
        for i in 0..2000u32 {
            let text = format!("Home\n{}x", char::from_u32(0x1000 + i % 1500).unwrap());
            sketcher.learn(text.as_bytes(), None, "a", &learned).unwrap();
            sketched.add("a", sketch(&text));
        }
        assert!(sketcher.learn(b"Home\nnews\n".chain(Broken), None, "b", &learned).is_err());
        assert!(learned.into_inner().unwrap() == sketched);
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("broken"))
        }
    }
}
