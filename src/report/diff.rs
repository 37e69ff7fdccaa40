//! The diff report: a unified diff from the decoded input to the clean text, which `patch` and `git apply` accept.
//!
//! Written as the lines stream by, with bounded memory; [`Diff`] says what that means for the hunks.

use std::collections::VecDeque;
use std::io::Write;
use std::mem;

use super::escape::is_treacherous;
use super::hunk::{CONTEXT, Hunk, NO_NEWLINE, Removed};
use crate::error::{Error, Result};
use crate::line::Eol;
use crate::sink::{Decided, Document, Needs, Sink, Summary};

/// A hunk's body, and a line of the diff, may have so many bytes.
const LIMIT: usize = 8 << 20;

/// A longer line of the diff is not kept as leading context.
const HUGE: usize = 256 << 10;

/// What begins the first line of the report.
pub(crate) const START: &str = "# chaffinch ";

/// What begins its last line.
pub(crate) const END: &str = "# end of report:";

/// Writes the diff report, a unified diff.
///
/// `patch -R clean.txt < removed.diff` makes the input again. The diff is preceded by a line that names the version
/// and the encoding of the input, and followed by one with counts, by which [`restore`](crate::restore) knows that the
/// report is whole; programs that apply diffs skip both. A document from which nothing was removed has an empty diff
/// (but for these two lines if it was not good UTF-8, as the encoding or the damage must be remembered).
///
/// The edit script is known, so nothing is searched. It is the usual diff with three lines of context, with these
/// limits, so that memory is bounded:
///
/// - Lines of a diff end at a line feed only. In a document with lone carriage returns, all that stands between two
///   line feeds is one line of the diff, and is replaced as a whole by what is kept of it. Such a line may have
///   8 MiB; where a longer one would have to be replaced, writing fails and points to the JSON Lines report.
/// - A hunk's counts stand before its body, so it is held in memory until it ends. Beyond 8 MiB it is ended inside
///   the removed lines and another one follows. `patch` and [`restore`](crate::restore) take such hunks as they are;
///   `git apply` refuses them, as there is no context on the side of the cut (`--unidiff-zero` helps, except where
///   nothing was kept before the cut).
/// - Kept lines of more than 256 KiB are not held as leading context; the hunk behind one has less of it, and no more
///   trailing than leading context, as `patch` reads a hunk with less of it on one side as bound to that end of the file.
#[derive(Debug)]
pub struct Diff<W> {
    out: W,
    limit: usize,
    huge: usize,
    document: Document,
    /// Whether the first line is written, and whether the names are.
    begun: bool,
    named: bool,
    /// The line of the diff that is being put together.
    unit: Unit,
    /// Lines of the diff that are complete, on the side of the input and of the clean text.
    old: u64,
    new: u64,
    /// Kept lines right before here, for leading context.
    recent: VecDeque<Vec<u8>>,
    /// Whether the last hunk was ended right before here for its length.
    cut: bool,
    hunk: Option<Hunk>,
    spare: Vec<u8>,
}

/// All that stands between two line feeds of the input; more if the clean text has no line feed there.
#[derive(Debug, Default)]
struct Unit {
    /// The text, with every terminator.
    full: Vec<u8>,
    /// What is kept of it, once something was removed.
    kept: Vec<u8>,
    removed: Removed,
    /// Set when the unit, all kept so far, grew too long: it can not be replaced any more.
    spill: Option<Spill>,
}

/// What becomes of a kept line that is too long to be held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spill {
    /// It is not shown.
    Skip,
    /// Its text goes to the output, as the last line of context of a hunk.
    Write,
}

impl<W: Write> Diff<W> {
    /// Writes to `out`; give a buffered writer.
    pub fn new(out: W) -> Diff<W> {
        Diff::with_limits(out, LIMIT, HUGE)
    }

    /// Writes to `out`, holding hunks and lines of the diff of about `limit` bytes in memory (8 MiB with
    /// [`Diff::new`]), and kept lines of at most `huge` bytes (256 KiB) as leading context.
    pub fn with_limits(out: W, limit: usize, huge: usize) -> Diff<W> {
        Diff {
            out,
            limit,
            huge: huge.min(limit),
            document: Document::default(),
            begun: false,
            named: false,
            unit: Unit::default(),
            old: 0,
            new: 0,
            recent: VecDeque::new(),
            cut: false,
            hunk: None,
            spare: Vec::new(),
        }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(Error::Write)
    }

    fn preamble(&mut self) -> Result<()> {
        if mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let version = env!("CARGO_PKG_VERSION");
        writeln!(self.out, "{START}{version} encoding={}", self.document.encoding).map_err(Error::Write)
    }

    /// The line of the diff is complete.
    fn end_unit(&mut self, newline: bool) -> Result<()> {
        let mut unit = mem::take(&mut self.unit);
        match unit.spill {
            Some(Spill::Write) if !newline => self.write(NO_NEWLINE)?,
            Some(_) => {}
            None if unit.removed.any() => self.change(&unit)?,
            None => {
                let text = mem::replace(&mut unit.full, mem::take(&mut self.spare));
                self.context(text)?;
            }
        }
        if !unit.removed.any() {
            self.old += 1;
            self.new += 1;
            self.cut = false;
        }
        unit.full.clear();
        unit.kept.clear();
        self.unit = Unit { full: unit.full, kept: unit.kept, ..Unit::default() };
        Ok(())
    }

    /// A line of the diff that is the same on both sides.
    fn context(&mut self, text: Vec<u8>) -> Result<()> {
        if text.len() > self.huge {
            if self.huge_context(&text)? == Spill::Write && text.last() != Some(&b'\n') {
                self.write(NO_NEWLINE)?;
            }
        } else if let Some(hunk) = &mut self.hunk {
            hunk.gap.push_back(text);
            // A long hunk is better ended here than where there is no context.
            let soft = hunk.len() > self.limit / 2 && hunk.gap.len() > 1;
            if hunk.gap.len() > 2 * CONTEXT || soft {
                let trailing = (hunk.gap.len() / 2).min(CONTEXT);
                self.end_hunk(trailing, false, None)?;
            }
        } else {
            if self.recent.len() == CONTEXT {
                self.spare = self.recent.pop_front().unwrap_or_default();
                self.spare.clear();
            }
            self.recent.push_back(text);
        }
        Ok(())
    }

    /// A kept line that is too long to be remembered begins with `text`: it ends a hunk, as its last line if there is
    /// room for it.
    fn huge_context(&mut self, text: &[u8]) -> Result<Spill> {
        let mut spill = Spill::Skip;
        if let Some(hunk) = &self.hunk {
            if hunk.gap.len() < hunk.room {
                spill = Spill::Write;
            }
            self.end_hunk(CONTEXT, false, (spill == Spill::Write).then_some(text))?;
        }
        self.recent.clear();
        Ok(spill)
    }

    /// A line of the diff that is removed, or replaced by what is kept of it.
    fn change(&mut self, unit: &Unit) -> Result<()> {
        if self.hunk.is_none() {
            let leading: Vec<_> = self.recent.drain(..).collect();
            self.hunk = Some(Hunk::new(self.old, self.new, leading, self.cut));
        }
        let Some(hunk) = &mut self.hunk else { return Ok(()) };
        let (old, new) = hunk.change(&unit.full, &unit.kept, &unit.removed);
        self.old += old;
        self.new += new;
        if hunk.len() > self.limit {
            self.end_hunk(0, false, None)?;
            self.cut = true;
        }
        Ok(())
    }

    fn end_hunk(&mut self, trailing: usize, at_end: bool, huge: Option<&[u8]>) -> Result<()> {
        let Some(hunk) = self.hunk.take() else { return Ok(()) };
        self.preamble()?;
        if !mem::replace(&mut self.named, true) {
            let names = format!("--- {}\n+++ {}\n", quoted("a", &self.document.name), quoted("b", &self.document.name));
            self.write(names.as_bytes())?;
        }
        let mut rest = hunk.write(&mut self.out, trailing, at_end, huge).map_err(Error::Write)?;
        while rest.len() > CONTEXT {
            rest.pop_front();
        }
        self.recent = rest;
        Ok(())
    }

    fn too_long(&self) -> Error {
        Error::Report(format!(
            "a line of more than {} bytes, counted from line feed to line feed, would have to be replaced in the diff; \
             use a .jsonl report",
            self.limit
        ))
    }
}

impl<W: Write> Sink for Diff<W> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: false }
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        self.document = document.clone();
        self.begun = false;
        self.named = false;
        self.unit = Unit::default();
        self.old = 0;
        self.new = 0;
        self.recent.clear();
        self.cut = false;
        self.hunk = None;
        Ok(())
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        let (text, eol) = (line.text.as_bytes(), line.eol.as_str().as_bytes());
        let newline = matches!(line.eol, Eol::Lf | Eol::CrLf);
        let unit = &mut self.unit;
        if let Some(spill) = unit.spill {
            if !verdict.keep {
                return Err(self.too_long());
            }
            if spill == Spill::Write {
                self.write(text)?;
                self.write(eol)?;
            }
            return if newline { self.end_unit(true) } else { Ok(()) };
        }
        if !verdict.keep {
            if !unit.removed.any() {
                unit.kept.extend_from_slice(&unit.full);
            }
            unit.removed.count(verdict.label);
        } else if unit.removed.any() {
            unit.kept.extend_from_slice(text);
            unit.kept.extend_from_slice(eol);
        }
        unit.full.extend_from_slice(text);
        unit.full.extend_from_slice(eol);
        // What is kept of a unit may lack the line feed; then it goes on in the clean text, and so does the unit.
        if newline && unit.kept.last().is_none_or(|&last| last == b'\n') {
            return self.end_unit(true);
        }
        if unit.full.len() > self.limit {
            if unit.removed.any() {
                return Err(self.too_long());
            }
            let text = mem::take(&mut unit.full);
            self.unit.spill = Some(self.huge_context(&text)?);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        if !self.unit.full.is_empty() || self.unit.spill.is_some() {
            self.end_unit(false)?;
        }
        self.end_hunk(CONTEXT, true, None)?;
        // An empty diff would say that the input is the clean text, byte for byte.
        if self.document.encoding != "UTF-8" || summary.replacements > 0 {
            self.preamble()?;
        }
        if self.begun {
            let (old, new, replacements) = (self.old, self.new, summary.replacements);
            writeln!(self.out, "{END} {old} lines, {new} kept, {replacements} replacements").map_err(Error::Write)?;
        }
        self.out.flush().map_err(Error::Write)
    }
}

/// A file's name as a diff's header has it, quoted as in C where `patch` and `git apply` would misread it.
fn quoted(side: &str, name: &str) -> String {
    let name = if name == "-" { "stdin" } else { name.trim_start_matches('/') };
    let mut out = format!("{side}/");
    let mut quote = false;
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ if is_treacherous(c) => {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("\\{byte:03o}")));
            }
            _ => {
                out.push(c);
                continue;
            }
        }
        quote = true;
    }
    if quote {
        format!("\"{out}\"")
    } else if out.contains(char::is_whitespace) {
        // As git does: a tab ends a name that would else end at its first space.
        out + "\t"
    } else {
        out
    }
}
