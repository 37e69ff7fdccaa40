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
/// Lines on a page for each that may be there and is not blank.
pub const PER_LINE: usize = 16;

/// Buffers that outlive a document.
#[derive(Debug, Default)]
pub struct Buffers {
    decoder: (Vec<u8>, String),
    text: String,
}

/// What stands behind the lines that [`LineReader::fill`] gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the input is over.
    End,
    /// A line for which the page has no room.
    Line,
    /// A piece of a line over [`LINE_LIMIT`].
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
        let Buffers { decoder, mut text } = buffers;
        text.clear();
        let decoder = Decoder::with_buffers(reader, encoding, decoder);
        LineReader { decoder, text, start: 0, scanned: 0, over: false, cr: None, number: 1, inside: false }
    }

    /// Gives the buffers back for the next document.
    pub fn into_buffers(self) -> Buffers {
        Buffers { decoder: self.decoder.into_buffers(), text: self.text }
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

    /// Adds whole lines to `page` until it holds `max_lines` that are not blank, or [`PER_LINE`] times as many in all, or
    /// the next one would take it over `max_bytes`, and says what comes next. An empty page gets one line in any case.
    /// Pieces of over-long lines are left to [`LineReader::piece`].
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn fill(&mut self, page: &mut Page, max_lines: usize, max_bytes: usize) -> Result<Next> {
        while let Some(found) = self.find()? {
            if found.part != Part::Whole {
                return Ok(Next::Piece);
            }
            let lines = page.written() < max_lines && page.len() < PER_LINE * max_lines;
            let room = lines && page.bytes() + found.length <= max_bytes;
            if !room && !page.is_empty() {
                return Ok(Next::Line);
            }
            page.push(self.take(&found));
        }
        Ok(Next::End)
    }

    /// Puts the next piece on `page`, alone, and says what comes next. To be called when a piece was announced.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn piece(&mut self, page: &mut Page) -> Result<Next> {
        page.clear();
        if let Some(found) = self.find()? {
            page.push(self.take(&found));
        }
        Ok(match self.find()? {
            None => Next::End,
            Some(Found { part: Part::Whole, .. }) => Next::Line,
            Some(_) => Next::Piece,
        })
    }

    /// The next line, or the next piece of one that is over-long; `None` at the end of the input.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails.
    pub fn line(&mut self) -> Result<Option<Line<'_>>> {
        Ok(self.find()?.map(|found| self.take(&found)))
    }

    fn take(&mut self, found: &Found) -> Line<'_> {
        let &Found { length, eol, part } = found;
        let (number, begin) = (self.number, self.start);
        self.start += length + eol.as_str().len();
        self.scanned = 0;
        self.inside = matches!(part, Part::First | Part::Middle);
        self.number += u64::from(!self.inside);
        Line { number, text: &self.text[begin..begin + length], eol, part }
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

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = (u64, String, Eol, Part);

    /// Every line, read onto pages of `max_lines` lines, from reads of `step` bytes.
    fn read(text: &str, step: usize, max_lines: usize) -> Vec<Seen> {
        struct Slow<'a>(&'a [u8], usize);
        impl Read for Slow<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let count = self.1.min(out.len());
                self.0.read(&mut out[..count])
            }
        }
        let mut reader = LineReader::new(Slow(text.as_bytes(), step), None);
        let mut page = Page::new();
        let mut seen = Vec::new();
        let mut next = Next::Line;
        while next != Next::End {
            let piece = next == Next::Piece;
            page.clear();
            next = if piece { reader.piece(&mut page) } else { reader.fill(&mut page, max_lines, LINE_LIMIT) }.unwrap();
            assert!(page.written() <= max_lines && page.len() <= PER_LINE * max_lines && page.bytes() <= LINE_LIMIT);
            assert!(page.lines().all(|line| piece == (line.part != Part::Whole)));
            assert!(reader.text.capacity() < 3 * LINE_LIMIT, "{}", reader.text.capacity());
            seen.extend(page.lines().map(|line| (line.number, line.text.to_owned(), line.eol, line.part)));
        }
        assert_eq!(reader.bytes_read(), text.len() as u64);
        seen
    }

    fn short(text: &str) -> Vec<(u64, String, Eol)> {
        let seen = read(text, usize::MAX, 100);
        for step in 1..4 {
            assert_eq!(read(text, step, step), seen);
        }
        assert!(seen.iter().all(|line| line.3 == Part::Whole));
        seen.into_iter().map(|(number, text, eol, _)| (number, text, eol)).collect()
    }

    fn line(number: u64, text: &str, eol: Eol) -> (u64, String, Eol) {
        (number, text.into(), eol)
    }

    #[test]
    fn terminators_are_told_apart() {
        assert_eq!(short(""), []);
        assert_eq!(short("\n"), [line(1, "", Eol::Lf)]);
        assert_eq!(
            short("a\r\nb\n\r\n\rc\r\r\nd"),
            [
                line(1, "a", Eol::CrLf),
                line(2, "b", Eol::Lf),
                line(3, "", Eol::CrLf),
                line(4, "\rc\r", Eol::CrLf),
                line(5, "d", Eol::None),
            ]
        );
        assert_eq!(short("a\r\n\r"), [line(1, "a", Eol::CrLf), line(2, "\r", Eol::None)]);
    }

    #[test]
    fn old_mac_files_have_lines() {
        assert_eq!(short("a\r\rb"), [line(1, "a", Eol::Cr), line(2, "", Eol::Cr), line(3, "b", Eol::None)]);
        assert_eq!(short("a\r"), [line(1, "a", Eol::Cr)]);
        // The first LF comes late: what came before it decides.
        let text = "0123456\r".repeat(PREFIX / 8) + "x\ny\r\nz\rend";
        let lines = read(&text, 1000, 77);
        let tail: Vec<_> = lines[PREFIX / 8..].iter().map(|line| (line.1.as_str(), line.2)).collect();
        assert_eq!(tail, [("x", Eol::Lf), ("y", Eol::CrLf), ("z", Eol::Cr), ("end", Eol::None)]);
        assert_eq!(lines[PREFIX / 8].0, PREFIX as u64 / 8 + 1);
    }

    #[test]
    fn a_first_line_as_long_as_the_prefix_does_not_mislead() {
        for length in PREFIX - 2..PREFIX + 2 {
            let text = "a".repeat(length) + "\r\nb\rc\n";
            let lines = read(&text, 999, 100);
            assert_eq!(lines.len(), 2, "{length}");
            assert_eq!((lines[0].2, lines[1].1.as_str()), (Eol::CrLf, "b\rc"));
        }
    }

    #[test]
    fn long_lines_come_in_pieces() {
        for (length, character) in (0..4).flat_map(|more| ["a", "é", "€"].map(|c| (LINE_LIMIT - 1 + more, c))) {
            for end in ["\n", "\r\n", "", "\r"] {
                // As many bytes as wanted, whatever the character.
                let pad = "b".repeat(length % character.len());
                let long = pad + &character.repeat(length / character.len());
                let text = format!("first\n{long}{end}");
                let seen = read(&text, usize::MAX, 10);
                assert_eq!(read(&text, 40_009, 1), seen);
                let joined: String = seen.iter().flat_map(|line| [line.1.as_str(), line.2.as_str()]).collect();
                assert_eq!(joined, text);
                let limit = if end == "\r" { LINE_LIMIT - 1 } else { LINE_LIMIT };
                let parts: Vec<Part> = seen.iter().map(|line| line.3).collect();
                if long.len() <= limit {
                    assert_eq!(parts, [Part::Whole, Part::Whole]);
                } else {
                    assert_eq!(parts, [Part::Whole, Part::First, Part::Last]);
                    assert_eq!((seen[1].0, seen[2].0, seen[1].2), (2, 2, Eol::None));
                }
            }
        }
    }

    #[test]
    fn what_follows_a_long_line_is_numbered_on() {
        let text = format!("{}\n{}\nend", "é".repeat(LINE_LIMIT), "z".repeat(3 * LINE_LIMIT));
        let seen: Vec<_> = read(&text, 65_537, 5).iter().map(|line| (line.0, line.1.len(), line.3)).collect();
        assert_eq!(
            seen,
            [
                (1, LINE_LIMIT, Part::First),
                (1, LINE_LIMIT, Part::Last),
                (2, LINE_LIMIT, Part::First),
                (2, LINE_LIMIT, Part::Middle),
                (2, LINE_LIMIT, Part::Last),
                (3, 3, Part::Whole),
            ]
        );
        // Long lines of an old Mac file.
        let text = format!("a\r{}\rb", "y".repeat(LINE_LIMIT + 1));
        let seen: Vec<_> = read(&text, 65_537, 5).iter().map(|line| (line.0, line.2, line.3)).collect();
        assert_eq!(seen[0], (1, Eol::Cr, Part::Whole));
        assert_eq!(seen[2..], [(2, Eol::Cr, Part::Last), (3, Eol::None, Part::Whole)]);
    }

    #[test]
    fn a_page_takes_no_more_than_it_may() {
        let mut reader = LineReader::new(&b"aaaa\nbbb\nc\nd"[..], None);
        let mut page = Page::new();
        assert_eq!(reader.fill(&mut page, 10, 8).unwrap(), Next::Line);
        assert_eq!((page.len(), page.bytes()), (3, 8));
        page.clear();
        assert_eq!(reader.fill(&mut page, 1, 0).unwrap(), Next::End);
        assert_eq!(page.line(0).text, "d");
        assert_eq!(reader.fill(&mut page, 1, 0).unwrap(), Next::End);
    }

    #[test]
    fn blank_lines_take_less_room_than_others() {
        let text = format!("a\n\n \nb\n{}c", "\n".repeat(40));
        let mut reader = LineReader::new(text.as_bytes(), None);
        let mut page = Page::new();
        assert_eq!(reader.fill(&mut page, 2, 100).unwrap(), Next::Line);
        assert_eq!((page.len(), page.written()), (4, 2));
        page.clear();
        assert_eq!(reader.fill(&mut page, 2, 100).unwrap(), Next::Line);
        assert_eq!((page.len(), page.written()), (2 * PER_LINE, 0));
        page.clear();
        assert_eq!(reader.fill(&mut page, 2, 100).unwrap(), Next::End);
        assert_eq!((page.len(), page.written()), (9, 1));
    }
}
