//! From a unified diff: kept lines come from the clean text, removed ones from the diff.

use std::io::{BufRead, Write};

use super::encode::Encoder;
use super::{Report, RestoreInfo, bad, fill};
use crate::error::Result;
use crate::report::diff::{END, START};

/// A header line of a diff may have so many bytes.
const HEADER: usize = 64 << 10;

pub(super) fn restore<C: BufRead, R: BufRead, W: Write>(
    clean: &mut C,
    report: &mut R,
    out: &mut Encoder<'_, W>,
    info: &mut RestoreInfo,
) -> Result<()> {
    let mut patch = Patch { clean, report: Report { input: report, line: 0 }, out, old: 0, new: 0 };
    let mut buffer = Vec::new();
    let mut ours = false;
    let mut named = false;
    let mut ended = None;
    while patch.report.next(&mut buffer, HEADER)? {
        let line = String::from_utf8_lossy(&buffer);
        if ended.is_some() {
            return Err(patch.report.bad("something follows the end of the report"));
        } else if let Some(rest) = line.strip_prefix(START) {
            if ours || named {
                return Err(patch.report.bad("another report starts here; restore one document at a time"));
            }
            ours = true;
            let name = rest.split_once("encoding=").map(|(_, name)| name.trim());
            let name = name.ok_or_else(|| patch.report.bad("the encoding is missing"))?;
            patch.out.set(name, patch.report.line)?;
        } else if let Some(rest) = line.strip_prefix(END) {
            ended = Some(End::parse(rest).ok_or_else(|| patch.report.bad("the counts at the end are damaged"))?);
        } else if line.starts_with("@@ ") {
            if !named {
                return Err(patch.report.bad("a hunk before the names of the files"));
            }
            let ranges = Ranges::parse(&line).ok_or_else(|| patch.report.bad("not the header of a hunk"))?;
            patch.hunk(ranges)?;
        } else if line.starts_with("--- ") {
            if named {
                return Err(patch.report.bad("another diff starts here; restore one document at a time"));
            }
            if !patch.report.next(&mut buffer, HEADER)? || !buffer.starts_with(b"+++ ") {
                return Err(patch.report.bad("the second name of the diff is missing"));
            }
            named = true;
        } else if named || !line.starts_with("diff ") {
            return Err(patch.report.bad("not a line that a diff report has here"));
        }
    }
    if ours && ended.is_none() {
        return Err(patch.report.cut_short());
    }
    patch.rest()?;
    if let Some(end) = ended {
        info.replacements = end.replacements;
        if (end.old, end.new) != (patch.old, patch.new) {
            let (old, new) = (patch.old, patch.new);
            return Err(bad(
                patch.report.line - 1,
                format!(
                    "the clean text has {new} lines and the input would have {old}, but they had {} and {}",
                    end.new, end.old
                ),
            ));
        }
    }
    Ok(())
}

/// The counts of the last line.
struct End {
    old: u64,
    new: u64,
    replacements: u64,
}

impl End {
    fn parse(text: &str) -> Option<End> {
        let mut counts = text.split(", ").map(|part| part.split_whitespace().next()?.parse().ok());
        let end = End { old: counts.next()??, new: counts.next()??, replacements: counts.next()?? };
        counts.next().is_none().then_some(end)
    }
}

/// A hunk's header: lines before it, and in it, on either side.
struct Ranges {
    old: u64,
    old_lines: u64,
    new: u64,
    new_lines: u64,
}

impl Ranges {
    fn parse(line: &str) -> Option<Ranges> {
        let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
        let (old, new) = ranges.split_once(" +")?;
        let range = |text: &str| -> Option<(u64, u64)> {
            let (start, lines) = match text.split_once(',') {
                Some((start, lines)) => (start.parse::<u64>().ok()?, lines.parse().ok()?),
                None => (text.parse().ok()?, 1),
            };
            // An empty range names the line before it.
            Some((if lines == 0 { start } else { start.checked_sub(1)? }, lines))
        };
        let ((old, old_lines), (new, new_lines)) = (range(old)?, range(new)?);
        Some(Ranges { old, old_lines, new, new_lines })
    }
}

struct Patch<'a, 'w, C, R, W> {
    clean: &'a mut C,
    report: Report<'a, R>,
    out: &'a mut Encoder<'w, W>,
    /// Lines written, and lines of the clean text read.
    old: u64,
    new: u64,
}

impl<C: BufRead, R: BufRead, W: Write> Patch<'_, '_, C, R, W> {
    fn hunk(&mut self, ranges: Ranges) -> Result<()> {
        if ranges.new < self.new {
            return Err(self.report.bad("this hunk lies before the end of the last one"));
        }
        while self.new < ranges.new {
            if !self.copy_line()? {
                let message =
                    format!("the hunk starts behind line {} of the clean text, which has {}", ranges.new, self.new);
                return Err(self.report.bad(message));
            }
        }
        if self.old != ranges.old {
            let message =
                format!("the hunk starts behind line {} of the input, but {} are there", ranges.old, self.old);
            return Err(self.report.bad(message));
        }
        let (mut old_left, mut new_left) = (ranges.old_lines, ranges.new_lines);
        while old_left > 0 || new_left > 0 {
            self.report.line += 1;
            let Some(&sign) = fill(self.report.input)?.first() else { return Err(self.report.cut_short()) };
            let (in_old, in_new) = match sign {
                b' ' => (true, true),
                b'-' => (true, false),
                b'+' => (false, true),
                _ => return Err(self.report.bad("a line of a hunk starts with a space, - or +")),
            };
            if (in_old && old_left == 0) || (in_new && new_left == 0) {
                return Err(self.report.bad("the hunk has other lines than its header says"));
            }
            self.report.input.consume(1);
            self.hunk_line(in_old, in_new)?;
            old_left -= u64::from(in_old);
            new_left -= u64::from(in_new);
        }
        Ok(())
    }

    /// One line of a hunk, behind its sign.
    fn hunk_line(&mut self, in_old: bool, in_new: bool) -> Result<()> {
        let line = self.report.line;
        loop {
            let bytes = fill(self.report.input)?;
            if bytes.is_empty() {
                return Err(self.report.cut_short());
            }
            let end = memchr::memchr(b'\n', bytes);
            let text = &bytes[..end.unwrap_or(bytes.len())];
            if in_new {
                expect(self.clean, text, self.new + 1, line)?;
            }
            if in_old {
                self.out.write(text, line)?;
            }
            let taken = text.len() + usize::from(end.is_some());
            self.report.input.consume(taken);
            if end.is_some() {
                break;
            }
        }
        // The line feed belongs to the diff alone if this follows.
        if fill(self.report.input)?.first() == Some(&b'\\') {
            let mut note = Vec::new();
            self.report.next(&mut note, HEADER)?;
            if in_new && !fill(self.clean)?.is_empty() {
                return Err(bad(line, "the clean text should end here"));
            }
        } else {
            if in_new {
                expect(self.clean, b"\n", self.new + 1, line)?;
            }
            if in_old {
                self.out.write(b"\n", line)?;
            }
        }
        self.old += u64::from(in_old);
        self.new += u64::from(in_new);
        Ok(())
    }

    /// Copies a line of the clean text; false at its end.
    fn copy_line(&mut self) -> Result<bool> {
        let mut any = false;
        loop {
            let bytes = fill(self.clean)?;
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', bytes);
            let taken = end.map_or(bytes.len(), |at| at + 1);
            self.out.write(&bytes[..taken], self.report.line)?;
            self.clean.consume(taken);
            if end.is_some() {
                break;
            }
        }
        self.old += u64::from(any);
        self.new += u64::from(any);
        Ok(any)
    }

    fn rest(&mut self) -> Result<()> {
        while self.copy_line()? {}
        Ok(())
    }
}

/// Reads `text` from the clean text, where it must be next.
fn expect(clean: &mut impl BufRead, mut text: &[u8], clean_line: u64, line: u64) -> Result<()> {
    while !text.is_empty() {
        let bytes = fill(clean)?;
        if bytes.is_empty() {
            return Err(bad(line, "the clean text has ended, but this line should be in it"));
        }
        let length = bytes.len().min(text.len());
        if bytes[..length] != text[..length] {
            return Err(bad(line, format!("this is not what stands on line {clean_line} of the clean text")));
        }
        clean.consume(length);
        text = &text[length..];
    }
    Ok(())
}
