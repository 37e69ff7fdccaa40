//! JSON Lines: a record a line. Only the text's string is cut, and everything else stays as it was written: the other
//! fields, their order, white space, and how the characters that stay are escaped.

use std::io::{self, Read};

use memchr::memchr;

use super::ahead::Ahead;
use super::batch::{Batch, Kind, Records};
use super::json::{Cursor, Fields, find, unescape};
use super::{PIECE, RECORD_LIMIT, too_long};
use crate::error::Result;
use crate::sink::{Decided, Sink};

/// Reads a stream of JSON Lines. A record's number is that of its line.
#[derive(Debug)]
pub struct JsonLines<R> {
    ahead: Ahead<R>,
    number: u64,
    /// Inside a line that is too long.
    too_long: bool,
}

impl<R: Read> JsonLines<R> {
    /// The lines of `reader`.
    pub fn new(reader: R) -> JsonLines<R> {
        JsonLines { ahead: Ahead::new(reader), number: 0, too_long: false }
    }

    /// Length of the next line with its end, or of the first `limit` bytes of a longer one, and whether it ends there.
    fn find_end(&mut self, limit: usize) -> io::Result<(usize, bool)> {
        let mut looked = 0;
        loop {
            let bytes = self.ahead.bytes();
            let end = memchr(b'\n', &bytes[looked..]).map(|at| looked + at + 1);
            looked = end.unwrap_or(bytes.len());
            if looked > limit {
                return Ok((limit, false));
            }
            if end.is_some() || !self.ahead.see_more()? {
                return Ok((looked, true));
            }
        }
    }
}

impl<R: Read> Records for JsonLines<R> {
    fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        let (length, whole) = self.find_end(if self.too_long { PIECE } else { RECORD_LIMIT })?;
        if length == 0 {
            return Ok(false);
        }
        let line = &self.ahead.bytes()[..length];
        self.number += u64::from(!self.too_long);
        let kind = match (self.too_long, whole) {
            (true, _) => Kind::MoreBad,
            (false, false) => Kind::Bad(too_long()),
            (false, true) if line.iter().all(u8::is_ascii_whitespace) => Kind::Through { last: false },
            (false, true) => Kind::Record(0..length),
        };
        batch.push(line, self.number, kind);
        self.ahead.take(length);
        self.too_long = !whole;
        Ok(true)
    }
}

/// A line that was taken apart.
#[derive(Debug)]
pub(super) struct Object<'a> {
    line: &'a str,
    fields: Fields,
}

impl<'a> Object<'a> {
    /// Takes a line apart, puts what its text says into `text`.
    pub(super) fn parse(
        line: &'a [u8],
        text_field: &str,
        new_field: Option<&str>,
        text: &mut String,
    ) -> std::result::Result<Object<'a>, String> {
        let line = std::str::from_utf8(line)
            .map_err(|error| format!("not valid JSON: no UTF-8 at column {}", error.valid_up_to() + 1))?;
        // A byte-order mark has no business here, but some programs write one at the beginning of a file.
        let mark = if line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut fields = find(&line[mark..], text_field, new_field)?;
        fields.text = fields.text.start + mark..fields.text.end + mark;
        unescape(&line[fields.text.clone()], text);
        Ok(Object { line, fields })
    }

    /// The record's field `url`.
    pub(super) fn url(&mut self) -> Option<String> {
        self.fields.url.take()
    }

    /// What comes before the text's characters.
    pub(super) fn before(&self) -> &'a str {
        &self.line[..self.fields.text.start]
    }

    /// The text's characters.
    pub(super) fn characters(&self) -> &'a str {
        &self.line[self.fields.text.clone()]
    }

    /// What comes after them, up to the brace that ends the object, and from there on.
    pub(super) fn after(&self) -> (&'a str, &'a str) {
        let rest = &self.line[self.fields.text.end..];
        rest.split_at(rest.rfind('}').unwrap_or(rest.len()))
    }
}

/// Copies the characters of the kept lines.
#[derive(Debug)]
pub(super) struct Cut<'a> {
    cursor: Cursor<'a>,
    out: &'a mut Vec<u8>,
}

impl<'a> Cut<'a> {
    pub(super) fn new(characters: &'a str, out: &'a mut Vec<u8>) -> Cut<'a> {
        Cut { cursor: Cursor::new(characters), out }
    }
}

impl Sink for Cut<'_> {
    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let line = decided.line;
        let characters = self.cursor.advance(line.text.len() + line.eol.as_str().len());
        if decided.verdict.keep {
            self.out.extend_from_slice(characters.as_bytes());
        }
        Ok(())
    }
}
