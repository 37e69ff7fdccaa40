//! One text that holds several documents, with separators between them that stay where they are.

use std::io::{self, Read};

use encoding_rs::Encoding;
use memchr::memchr;
use regex::bytes::Regex;

use super::ahead::Ahead;
use super::batch::{Batch, Kind, Records};
use super::{PIECE, RECORD_LIMIT, too_long};
use crate::decode::Decoder;
use crate::error::{Error, Result};
use crate::lines::LINE_LIMIT;

/// What separates documents.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Splitter {
    /// Every line that matches, looked at without its end. A line over 1 MiB is never a separator.
    Lines(Regex),
    /// Every form feed, wherever it stands.
    FormFeed,
}

impl Splitter {
    /// The splitter that `pattern` means: a regular expression for whole lines, or `\f` for form feeds.
    ///
    /// # Errors
    /// [`Error::Pattern`] where it is no regular expression.
    pub fn new(pattern: &str) -> Result<Splitter> {
        match pattern {
            "\\f" | "\u{c}" => Ok(Splitter::FormFeed),
            pattern => Regex::new(pattern).map(Splitter::Lines).map_err(|error| {
                // A picture of the place comes before what is wrong.
                let message = error.to_string();
                let message = message.lines().last().unwrap_or_default();
                Error::Pattern(message.trim_start_matches("error: ").to_owned())
            }),
        }
    }
}

/// Reads the documents of one text, which is decoded on the way: what comes out is UTF-8.
#[derive(Debug)]
pub struct Split<R> {
    ahead: Ahead<Decoded<R>>,
    splitter: Splitter,
    /// No separator begins before this place of what is in view.
    looked: usize,
    /// This place is inside a line that is too long to be a separator.
    in_line: bool,
    over: bool,
    number: u64,
    /// Inside a document that is too long.
    too_long: bool,
}

impl<R: Read> Split<R> {
    /// The documents of `reader`, which is in `encoding` or what it turns out to be.
    pub fn new(reader: R, splitter: Splitter, encoding: Option<&'static Encoding>) -> Split<R> {
        let decoded = Decoded { decoder: Decoder::new(reader, encoding), text: String::new(), given: 0, over: false };
        Split {
            ahead: Ahead::new(decoded),
            splitter,
            looked: 0,
            in_line: false,
            over: false,
            number: 0,
            too_long: false,
        }
    }

    /// Finds the first separator in what is in view.
    fn separator(&mut self) -> Option<(usize, usize)> {
        let bytes = self.ahead.bytes();
        let regex = match &self.splitter {
            Splitter::Lines(regex) => regex,
            Splitter::FormFeed => {
                let found = memchr(b'\x0c', &bytes[self.looked..]).map(|at| self.looked + at);
                self.looked = found.unwrap_or(bytes.len());
                return found.map(|at| (at, at + 1));
            }
        };
        loop {
            let start = self.looked;
            let end = match memchr(b'\n', &bytes[start..]) {
                Some(at) => start + at + 1,
                None if self.over && start < bytes.len() => bytes.len(),
                None => {
                    // Two bytes for the line's end.
                    if self.in_line || bytes.len() - start > LINE_LIMIT + 2 {
                        self.in_line = true;
                        self.looked = bytes.len();
                    }
                    return None;
                }
            };
            let line = without_end(&bytes[start..end]);
            if !std::mem::take(&mut self.in_line) && line.len() <= LINE_LIMIT && regex.is_match(line) {
                return Some((start, end));
            }
            self.looked = end;
        }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl<R: Read> Records for Split<R> {
    fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        let limit = if self.too_long { PIECE } else { RECORD_LIMIT };
        let (length, end) = loop {
            let separator = self.separator();
            let length = separator.map_or(self.looked, |(start, _)| start);
            if length > limit {
                break (limit, None);
            }
            if let Some((_, end)) = separator {
                break (length, Some(end));
            }
            if self.over {
                break (length, Some(length));
            }
            self.over = !self.ahead.see_more()?;
        };
        let bytes = self.ahead.bytes();
        let kind = match (self.too_long, end) {
            (true, _) => Kind::MoreBad,
            (false, None) => Kind::Bad(too_long()),
            (false, Some(_)) => Kind::Record(0..length),
        };
        if length > 0 {
            self.number += u64::from(!self.too_long);
            batch.push(&bytes[..length], self.number, kind);
        }
        self.too_long = end.is_none();
        let taken = end.unwrap_or(length);
        if taken > length {
            batch.push(&bytes[length..taken], self.number, Kind::Through { last: false });
        }
        self.ahead.take(taken);
        self.looked = self.looked.saturating_sub(taken);
        Ok(taken > 0)
    }
}

/// The decoded text as bytes.
#[derive(Debug)]
struct Decoded<R> {
    decoder: Decoder<R>,
    text: String,
    given: usize,
    over: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.over {
            self.text.clear();
            self.given = 0;
            self.over = !self.decoder.decode(&mut self.text).map_err(|error| match error {
                Error::Read(error) => error,
                other => io::Error::other(other),
            })?;
        }
        let count = (&self.text.as_bytes()[self.given..]).read(out)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents in brackets, separators as they are.
    fn split(text: &[u8], pattern: &str) -> String {
        let mut split = Split::new(text, Splitter::new(pattern).unwrap(), None);
        let mut batch = Batch::new();
        while split.next(&mut batch).unwrap() {}
        let mut out = String::new();
        for (bytes, number, kind) in batch.units() {
            let bytes = String::from_utf8_lossy(bytes);
            match kind {
                Kind::Record(..) => out += &format!("[{number}:{bytes}]"),
                Kind::Through { .. } => out += &bytes,
                Kind::Bad(why) => out += &format!("<{number}: {why}>"),
                Kind::MoreBad => out += "<+>",
            }
        }
        out
    }

    #[test]
    fn lines_that_match_stand_between_documents() {
        assert_eq!(split(b"", "^=+$"), "");
        assert_eq!(split(b"a\nb", "^=+$"), "[1:a\nb]");
        assert_eq!(split(b"a\n===\nb\n", "^=+$"), "[1:a\n]===\n[2:b\n]");
        assert_eq!(split(b"==\r\na\r\n== \r\nb\r\n=", "^=+$"), "==\r\n[1:a\r\n== \r\nb\r\n]=");
        assert_eq!(split(b"=\n=\n\n=\n", "^=+$"), "=\n=\n[1:\n]=\n");
        assert_eq!(split(b"URL: a\nx\nURL: b\ny\n", "^URL: "), "URL: a\n[1:x\n]URL: b\n[2:y\n]");
        assert_eq!(split(b"a\n\nb\n", "^$"), "[1:a\n]\n[2:b\n]");
    }

    #[test]
    fn form_feeds_stand_anywhere() {
        for pattern in ["\\f", "\x0c"] {
            assert_eq!(split(b"a\n\x0cb\x0c\x0c\nc", pattern), "[1:a\n]\x0c[2:b]\x0c\x0c[3:\nc]");
        }
    }

    #[test]
    fn other_encodings_are_decoded() {
        let text: Vec<u8> = "é\n==\nü\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(split(&[&b"\xff\xfe"[..], &text].concat(), "^==$"), "[1:\u{feff}é\n]==\n[2:ü\n]");
    }

    #[test]
    fn lines_and_documents_may_be_too_long() {
        let long = "=".repeat(LINE_LIMIT + 1);
        assert_eq!(split(format!("a\n{long}\nb").as_bytes(), "^=+$"), format!("[1:a\n{long}\nb]"));
        let (just, longer) = (&long[1..], long.clone() + &long + &long);
        assert_eq!(split(format!("a\n{just}\nb").as_bytes(), "^=+$"), format!("[1:a\n]{just}\n[2:b]"));
        assert_eq!(split(format!("{longer}\n=\nb").as_bytes(), "^=+$"), format!("[1:{longer}\n]=\n[2:b]"));
        let huge = format!("{}\n==\nb\n", "line\n".repeat(RECORD_LIMIT / 5 + 500_000));
        assert_eq!(split(huge.as_bytes(), "^==$"), "<1: it is longer than 64 MiB><+><+><+>==\n[2:b\n]");
    }
}
