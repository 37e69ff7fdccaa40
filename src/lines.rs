//! Text to lines: splits what the decoder gives, and never holds more than one line of at most 1 MiB.
//!
//! Where a line ends is a function of the text alone; how the reads cut it must not show.

use std::io::Read;

use encoding_rs::Encoding;
use memchr::{memchr, memchr2};

use crate::decode::{Decoder, PREFIX};
use crate::error::Result;
use crate::line::{Eol, Line, Page, Part};

/// The longest line that is taken whole, in bytes of UTF-8 without its terminator; longer ones come in pieces of at
/// most this size.
pub const LINE_LIMIT: usize = 1024 * 1024;

/// Buffers that outlive a document.
#[derive(Debug, Default)]
pub struct Buffers {
    raw: Vec<u8>,
    text: String,
}

/// What stands behind the lines that [`LineReader::fill`] gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the input is over.
    End,
    /// A line for which the page has no room.
    Line,
    /// A piece of a line over [`LINE_LIMIT`], which gets a page of its own.
    Piece,
}

/// Reads lines from bytes in any encoding.
#[derive(Debug)]
pub struct LineReader<R> {
    decoder: Decoder<R>,
    /// Decoded text; what is before `start` has been given out.
    text: String,
    start: usize,
    /// Bytes from `start` on that are known to hold no end of a line.
    scanned: usize,
    /// Whether the decoder is at its end.
    over: bool,
    /// Whether a lone CR ends a line. `None` until the beginning has been looked at.
    cr: Option<bool>,
    /// Number of the line at `start`.
    number: u64,
    /// Whether `start` is inside an over-long line.
    inside: bool,
}

/// The line at `start`, or the piece of it.
struct Found {
    /// Bytes of text.
    length: usize,
    eol: Eol,
    part: Part,
}

impl<R: Read> LineReader<R> {
    /// A reader of the lines of `reader`, decoded from `encoding` or from what it turns out to be.
    pub fn new(reader: R, encoding: Option<&'static Encoding>) -> LineReader<R> {
        LineReader::with_buffers(reader, encoding, Buffers::default())
    }

    /// The same, with buffers from [`LineReader::into_buffers`].
    pub fn with_buffers(reader: R, encoding: Option<&'static Encoding>, buffers: Buffers) -> LineReader<R> {
        let Buffers { raw, mut text } = buffers;
        text.clear();
        let decoder = Decoder::with_buffer(reader, encoding, raw);
        LineReader { decoder, text, start: 0, scanned: 0, over: false, cr: None, number: 1, inside: false }
    }

    /// Gives the buffers back for the next document.
    pub fn into_buffers(self) -> Buffers {
        Buffers { raw: self.decoder.into_buffer(), text: self.text }
    }

    /// The encoding. Reads the beginning of the input where that has not happened yet.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn encoding(&mut self) -> Result<&'static Encoding> {
        self.decoder.encoding()
    }

    /// Malformed sequences replaced by U+FFFD so far.
    pub fn replacements(&self) -> u64 {
        self.decoder.replacements()
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.decoder.bytes_read()
    }

    /// Adds lines to `page` until it holds `max_lines` lines or the next one would take it over `max_bytes`, and says
    /// what comes next. An empty page gets one line in any case. A piece of an over-long line is only given to an
    /// empty page, and alone.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn fill(&mut self, page: &mut Page, max_lines: usize, max_bytes: usize) -> Result<Next> {
        loop {
            let Some(Found { length, eol, part }) = self.find()? else { return Ok(Next::End) };
            if part != Part::Whole && !page.is_empty() {
                return Ok(Next::Piece);
            }
            let room = page.len() < max_lines && page.bytes() + length <= max_bytes;
            if !room && !page.is_empty() {
                return Ok(Next::Line);
            }
            let text = &self.text[self.start..self.start + length];
            page.push(Line { number: self.number, text, eol, part });
            self.start += length + eol.as_str().len();
            self.scanned = 0;
            self.inside = matches!(part, Part::First | Part::Middle);
            self.number += u64::from(!self.inside);
        }
    }

    /// Finds the end of the line at `start`, reading on as far as that needs; `None` at the end of the input.
    fn find(&mut self) -> Result<Option<Found>> {
        let cr = match self.cr {
            Some(cr) => cr,
            None => self.look_for_cr()?,
        };
        let (part, first) = if self.inside { (Part::Last, Part::Middle) } else { (Part::Whole, Part::First) };
        loop {
            let rest = &self.text.as_bytes()[self.start..];
            let ahead = &rest[self.scanned..];
            let hit = if cr { memchr2(b'\n', b'\r', ahead) } else { memchr(b'\n', ahead) };
            self.scanned += hit.unwrap_or(ahead.len());
            let end = self.scanned;
            let found = match hit.map(|_| rest[end]) {
                Some(b'\n') if !cr && end > 0 && rest[end - 1] == b'\r' => Some((end - 1, Eol::CrLf)),
                Some(b'\n') => Some((end, Eol::Lf)),
                Some(_) if rest.get(end + 1) == Some(&b'\n') => Some((end, Eol::CrLf)),
                Some(_) if end + 1 < rest.len() || self.over => Some((end, Eol::Cr)),
                // What follows this CR has not been read yet.
                Some(_) => None,
                None if self.over && rest.is_empty() => return Ok(None),
                None => self.over.then_some((end, Eol::None)),
            };
            match found {
                Some((length, eol)) if length <= LINE_LIMIT => return Ok(Some(Found { length, eol, part })),
                // Two bytes over the limit: the line is longer even if CR LF comes right behind it.
                None if rest.len() < LINE_LIMIT + 2 => self.read_on()?,
                _ => {
                    let length = (0..=LINE_LIMIT).rev().find(|&at| self.text.is_char_boundary(self.start + at));
                    return Ok(Some(Found { length: length.unwrap_or(0), eol: Eol::None, part: first }));
                }
            }
        }
    }

    /// Whether the document is one of those whose lines end in CR alone: the first 64 KiB of text hold one, but no LF.
    fn look_for_cr(&mut self) -> Result<bool> {
        let mut looked = 0;
        // One byte more than is judged, because a CR at the very end may belong to an LF.
        while !self.over && self.text.len() <= PREFIX && memchr(b'\n', &self.text.as_bytes()[looked..]).is_none() {
            looked = self.text.len();
            self.read_on()?;
        }
        let text = self.text.as_bytes();
        let cr = match memchr2(b'\n', b'\r', &text[..text.len().min(PREFIX)]) {
            Some(at) if text[at] == b'\r' => {
                memchr(b'\n', &text[at..text.len().min(PREFIX)]).is_none() && text.get(at + 1) != Some(&b'\n')
            }
            _ => false,
        };
        self.cr = Some(cr);
        Ok(cr)
    }

    fn read_on(&mut self) -> Result<()> {
        // Dropping what was given out moves the rest, so it waits until it pays.
        if self.start >= PREFIX || self.start == self.text.len() {
            self.text.drain(..self.start);
            self.start = 0;
        }
        self.over = !self.decoder.decode(&mut self.text)?;
        Ok(())
    }
}
