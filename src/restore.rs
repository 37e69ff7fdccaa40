//! The input again, from the clean text and a report: the promise that nothing is lost, kept by the program itself.
//!
//! Works on streams, in bounded memory, from a `.diff` or a `.jsonl` report. Where the input was not UTF-8 it is
//! encoded again as it was. Nothing is guessed: where clean text and report do not fit, or the report is cut short,
//! restoring ends in an error that names the line of the report.

use std::io::{BufRead, Write};

use crate::error::{Error, Result};

mod encode;
mod from_diff;
mod from_jsonl;

use encode::Encoder;

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreInfo {
    /// Encoding that was written.
    pub encoding: String,
    /// Bytes that were written.
    pub bytes: u64,
    /// Size of the input as the report has it, if it knew it.
    pub expected_bytes: Option<u64>,
    /// Malformed sequences of the input; they stand as U+FFFD in what was written and can not be restored.
    pub replacements: u64,
    /// Characters that the encoding does not have, written as `?`.
    pub unmappable: u64,
}

impl RestoreInfo {
    /// Whether nothing stands against what was written being the input, byte for byte.
    pub fn is_exact(&self) -> bool {
        self.replacements == 0
            && self.unmappable == 0
            && self.expected_bytes.is_none_or(|expected| expected == self.bytes)
    }
}

/// Writes to `out` the input that `clean` and `report` were made of.
///
/// Whether the report is a diff or JSON Lines is seen from its first byte; an empty one is the diff of a document from
/// which nothing was removed. What was written before an error is not the input: write to a temporary file.
///
/// # Errors
/// [`Error::Restore`] if the report is none, is cut short, or does not fit the clean text; [`Error::Read`] and
/// [`Error::Write`].
pub fn restore(mut clean: impl BufRead, mut report: impl BufRead, out: &mut impl Write) -> Result<RestoreInfo> {
    let first = fill(&mut report)?.first().copied();
    let mut out = Encoder::new(out);
    let mut info = RestoreInfo::default();
    match first {
        Some(b'{') => from_jsonl::restore(&mut clean, &mut report, &mut out, &mut info)?,
        Some(b'#' | b'-' | b'd' | b'@') | None => from_diff::restore(&mut clean, &mut report, &mut out, &mut info)?,
        Some(_) => return Err(bad(1, "this is neither a diff nor JSON Lines")),
    }
    out.finish(&mut info)?;
    Ok(info)
}

/// What is in the buffer, after reading if it was empty; empty at the end only.
fn fill(input: &mut impl BufRead) -> Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::Read(e)),
        }
    }
    // Filled already, so this returns at once; the borrow checker does not see it inside the loop.
    input.fill_buf().map_err(Error::Read)
}

fn bad(line: u64, message: impl Into<String>) -> Error {
    Error::Restore { line, message: message.into() }
}

/// Reads lines that programs write, of bounded length, and counts them.
struct Report<'r, R> {
    input: &'r mut R,
    /// Number of the line that is being read.
    line: u64,
}

impl<R: BufRead> Report<'_, R> {
    /// Reads a line of at most `limit` bytes, without its line feed, into `buffer`; false at the end.
    fn next(&mut self, buffer: &mut Vec<u8>, limit: usize) -> Result<bool> {
        buffer.clear();
        self.line += 1;
        loop {
            let bytes = fill(self.input)?;
            if bytes.is_empty() {
                return if buffer.is_empty() { Ok(false) } else { Err(self.cut_short()) };
            }
            let end = memchr::memchr(b'\n', bytes);
            let taken = end.unwrap_or(bytes.len());
            if buffer.len() + taken > limit {
                return Err(bad(self.line, format!("longer than {limit} bytes")));
            }
            buffer.extend_from_slice(&bytes[..taken]);
            self.input.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    fn cut_short(&self) -> Error {
        bad(self.line, "the report is cut short here")
    }

    fn bad(&self, message: impl Into<String>) -> Error {
        bad(self.line, message)
    }
}
