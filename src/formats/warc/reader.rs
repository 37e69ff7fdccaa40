//! Cuts a web archive into records, and finds the next one behind what is broken.

use std::io::{self, Read};

use memchr::memmem;

use super::Head;
use crate::formats::ahead::Ahead;
use crate::formats::batch::{Batch, Kind, Records};
use crate::formats::{PIECE, RECORD_LIMIT, too_long};

/// A header may have so many bytes.
const HEADER_LIMIT: usize = 1 << 20;
/// What is needed to know the beginning of a record: the version, and the name of the first field.
const BEGINNING: usize = 64;

/// Reads the records of a web archive, which are counted from 1.
#[derive(Debug)]
pub struct Warc<R> {
    ahead: Ahead<R>,
    number: u64,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// A record begins, or the stream ends.
    Between,
    /// So much of a block is to go through.
    Inside(u64),
    /// Everything up to the next beginning of a record belongs to a bad one.
    Lost,
}

impl<R: Read> Warc<R> {
    /// The records of `reader`.
    pub fn new(reader: R) -> Warc<R> {
        Warc { ahead: Ahead::new(reader), number: 0, state: State::Between }
    }

    fn record(&mut self, batch: &mut Batch) -> io::Result<bool> {
        self.blank_lines(batch)?;
        if self.ahead.see(BEGINNING)? == 0 {
            return Ok(false);
        }
        self.number += 1;
        if !self.ahead.bytes().starts_with(b"WARC/") {
            return self.lose("no WARC record begins here".into(), 0, batch);
        }
        let Some(header) = self.header_length()? else {
            return self.lose("its header does not end".into(), 1, batch);
        };
        let head = match Head::parse(&self.ahead.bytes()[..header]) {
            Ok(head) => head,
            Err(why) => return self.lose(why, 1, batch),
        };
        let small = usize::try_from(head.length).ok().filter(|&length| length <= RECORD_LIMIT - header);
        match small {
            Some(length) if head.is_text || length <= PIECE => self.whole(header, length, head.is_text, batch),
            _ if head.is_text => self.lose(too_long(), 1, batch),
            // Too large to be looked at before it passes.
            _ => {
                batch.push(&self.ahead.bytes()[..header], self.number, Kind::Through { last: false });
                self.ahead.take(header);
                self.state = State::Inside(head.length);
                Ok(true)
            }
        }
    }

    /// Lines between records that do not belong there do no harm.
    fn blank_lines(&mut self, batch: &mut Batch) -> io::Result<()> {
        loop {
            let seen = self.ahead.see(BEGINNING)?;
            let blank = self.ahead.bytes()[..seen].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank == 0 {
                return Ok(());
            }
            batch.push(&self.ahead.bytes()[..blank], self.number, Kind::Through { last: false });
            self.ahead.take(blank);
        }
    }

    /// Length of the header with the empty line that ends it.
    fn header_length(&mut self) -> io::Result<Option<usize>> {
        let mut looked = 0;
        loop {
            let bytes = self.ahead.bytes();
            while let Some(at) = memchr::memchr(b'\n', &bytes[looked..]) {
                let line = &bytes[looked..looked + at];
                looked += at + 1;
                if matches!(line, b"" | b"\r") {
                    return Ok(Some(looked));
                }
            }
            if looked > HEADER_LIMIT || bytes.len() > 2 * HEADER_LIMIT || !self.ahead.see_more()? {
                return Ok(None);
            }
        }
    }

    /// A record that is looked at before it is taken.
    fn whole(&mut self, header: usize, length: usize, is_text: bool, batch: &mut Batch) -> io::Result<bool> {
        let end = header + length;
        let seen = self.ahead.see(end + 4)?;
        if seen < end {
            return self.lose(format!("it ends after {} of its {length} bytes", seen - header), 1, batch);
        }
        let Some(trailer) = trailer(&self.ahead.bytes()[end..]) else {
            return self.lose("it does not end where its Content-Length says".into(), 1, batch);
        };
        let kind = if is_text { Kind::Record(header..end) } else { Kind::Through { last: true } };
        batch.push(&self.ahead.bytes()[..end + trailer], self.number, kind);
        self.ahead.take(end + trailer);
        Ok(true)
    }

    /// The next piece of a large block.
    fn inside(&mut self, left: u64, batch: &mut Batch) -> io::Result<bool> {
        let piece = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let seen = self.ahead.see(piece + 4)?;
        if seen < piece {
            self.state = State::Between;
            return self.lose(format!("it ends {} bytes too soon", left - seen as u64), 0, batch);
        }
        let last = piece as u64 == left;
        let trailer = match (last, trailer(&self.ahead.bytes()[piece..])) {
            (false, _) => 0,
            (true, Some(trailer)) => trailer,
            (true, None) => {
                batch.push(&self.ahead.bytes()[..piece], self.number, Kind::Through { last: true });
                self.ahead.take(piece);
                return self.lose("it does not end where its Content-Length says".into(), 0, batch);
            }
        };
        batch.push(&self.ahead.bytes()[..piece + trailer], self.number, Kind::Through { last });
        self.ahead.take(piece + trailer);
        self.state = if last { State::Between } else { State::Inside(left - piece as u64) };
        Ok(true)
    }

    /// Sets aside what is in view, from where a bad record begins up to the beginning of the next, which is not within
    /// the first `skip` bytes.
    fn lose(&mut self, why: String, skip: usize, batch: &mut Batch) -> io::Result<bool> {
        self.set_aside(Kind::Bad(why), skip, batch)
    }

    fn set_aside(&mut self, kind: Kind, skip: usize, batch: &mut Batch) -> io::Result<bool> {
        let seen = self.ahead.see(PIECE + BEGINNING)?;
        let (length, found) = match find_beginning(self.ahead.bytes(), skip) {
            Some(at) if at <= PIECE => (at, true),
            // A beginning that is cut must not be taken apart.
            _ if seen >= PIECE + BEGINNING => (PIECE, false),
            Some(at) => (at, true),
            None => (seen, true),
        };
        batch.push(&self.ahead.bytes()[..length], self.number, kind);
        self.ahead.take(length);
        self.state = if found { State::Between } else { State::Lost };
        Ok(true)
    }
}

impl<R: Read> Records for Warc<R> {
    fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        match self.state {
            State::Between => self.record(batch),
            State::Inside(left) => self.inside(left, batch),
            State::Lost => self.set_aside(Kind::MoreBad, 0, batch),
        }
    }
}

/// Length of the two line ends behind a block; the end of the stream will do as well.
fn trailer(bytes: &[u8]) -> Option<usize> {
    [&b"\r\n\r\n"[..], b"\n\n"]
        .iter()
        .find(|end| bytes.starts_with(end))
        .map(|end| end.len())
        .or_else(|| bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')).then_some(bytes.len()))
}

/// Where a record begins, at the beginning of a line and not within the first `skip` bytes.
fn find_beginning(bytes: &[u8], skip: usize) -> Option<usize> {
    let skipped = bytes.get(skip..)?;
    let begins = |at: &usize| (*at == 0 || bytes[at - 1] == b'\n') && is_beginning(&bytes[*at..]);
    memmem::find_iter(skipped, b"WARC/").map(|at| at + skip).find(begins)
}

/// Whether a version line and the beginning of a field are here, which is more than a text about archives would have.
fn is_beginning(bytes: &[u8]) -> bool {
    let Some((line, next)) = bytes.split_at_checked(8) else { return false };
    let version = line[5].is_ascii_digit() && line[6] == b'.' && line[7].is_ascii_digit();
    let next = next.strip_prefix(b"\r").unwrap_or(next);
    let Some(next) = next.strip_prefix(b"\n") else { return false };
    let known = |name: &[u8]| next.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    version && (known(b"WARC-") || known(b"Content-"))
}
