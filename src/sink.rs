//! Where decided lines go. One stream of them feeds every sink, so clean text, diff, JSON and HTML can not disagree.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::line::Line;
use crate::verdict::Verdict;

/// What verdicts depend on besides the text, by name: the model, options, files. Two runs of which all of it is the same
/// give the same verdicts; where it is not, it says why they may not.
pub type Basis = Arc<BTreeMap<String, String>>;

/// What is known of a document before its first line.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Document {
    /// Name for reports: a path relative to the input folder, or `-` for standard input.
    pub name: String,
    /// Name of the encoding the input was decoded from, as the WHATWG standard writes it (`UTF-8`, `windows-1252`).
    pub encoding: &'static str,
    /// Size of the input in bytes, where it is known beforehand.
    pub bytes: Option<u64>,
    /// Where it lies, from the root and with links resolved, for answers about a document or a folder.
    pub path: Option<PathBuf>,
    /// The address of the page, where the input says it.
    pub url: Option<String>,
    /// What its verdicts depend on besides its text, filled in from the judge.
    pub basis: Basis,
}

impl Document {
    /// A UTF-8 document called `name`.
    pub fn new(name: impl Into<String>) -> Document {
        Document { name: name.into(), encoding: "UTF-8", bytes: None, path: None, url: None, basis: Basis::default() }
    }
}

/// A line with its verdict.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The line, or a piece of an over-long one. All pieces of a line have equal verdicts (always keep).
    pub line: Line<'a>,
    /// The decision.
    pub verdict: &'a Verdict,
}

/// What a sink needs, so that nobody pays for what no one shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Needs {
    /// The exact label of each line.
    pub labels: bool,
    /// The reasons for each removal. Implies labels.
    pub evidence: bool,
}

impl Needs {
    /// What either needs.
    pub fn or(self, other: Needs) -> Needs {
        Needs {
            labels: self.labels || other.labels || self.evidence || other.evidence,
            evidence: self.evidence || other.evidence,
        }
    }
}

/// A consumer of decided lines. Calls come as `begin`, `line` once a line (or piece) in input order, `finish`.
pub trait Sink {
    /// What the sink wants to know of each line.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// A document starts.
    fn begin(&mut self, document: &Document) -> Result<()> {
        let _ = document;
        Ok(())
    }

    /// A line was decided.
    fn line(&mut self, decided: &Decided<'_>) -> Result<()>;

    /// The document is over.
    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let _ = summary;
        Ok(())
    }
}

/// A sink that is wanted back.
impl<S: Sink + ?Sized> Sink for &mut S {
    fn needs(&self) -> Needs {
        (**self).needs()
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        (**self).begin(document)
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        (**self).line(decided)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        (**self).finish(summary)
    }
}

/// A sink that hands everything on to several.
impl Sink for Vec<Box<dyn Sink + '_>> {
    fn needs(&self) -> Needs {
        self.iter().fold(Needs::default(), |needs, sink| needs.or(sink.needs()))
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        self.iter_mut().try_for_each(|sink| sink.begin(document))
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        self.iter_mut().try_for_each(|sink| sink.line(decided))
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.iter_mut().try_for_each(|sink| sink.finish(summary))
    }
}

/// What became of a document, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Lines, blank ones included.
    pub lines: u64,
    /// Lines that hold something.
    pub text_lines: u64,
    /// Lines that hold something and were kept.
    pub kept_lines: u64,
    /// Bytes of decoded text, terminators included.
    pub bytes: u64,
    /// Bytes of the clean text.
    pub kept_bytes: u64,
    /// Words (runs between white space) of the decoded text.
    pub words: u64,
    /// Words of the clean text.
    pub kept_words: u64,
    /// Lines longer than 1 MiB, passed through unjudged.
    pub unjudged_lines: u64,
    /// Malformed byte sequences that were replaced by U+FFFD while decoding.
    pub replacements: u64,
    /// Encoding that the input was decoded from.
    pub encoding: String,
    /// Lines by label, in the order of `Label::ALL`; all 0 where no sink needed labels.
    #[serde(skip)]
    pub by_label: [u64; 19],
    /// What a person should look at.
    pub alarm: Option<Alarm>,
}

/// A result that looks like a loss, or like nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Alarm {
    /// Text went in, none came out.
    Empty,
    /// Less than one word in fifty came out of a document of 100 words or more.
    NearlyEmpty,
    /// Nothing was removed from a document of 20 lines or more.
    Untouched,
}

impl Summary {
    /// Adds the counts of another document. An alarm is a single document's, so the sum has none.
    pub fn add(&mut self, other: &Summary) {
        self.lines += other.lines;
        self.text_lines += other.text_lines;
        self.kept_lines += other.kept_lines;
        self.bytes += other.bytes;
        self.kept_bytes += other.kept_bytes;
        self.words += other.words;
        self.kept_words += other.kept_words;
        self.unjudged_lines += other.unjudged_lines;
        self.replacements += other.replacements;
        self.encoding.clone_from(&other.encoding);
        for (mine, theirs) in self.by_label.iter_mut().zip(other.by_label) {
            *mine += theirs;
        }
    }

    /// Sets [`Summary::alarm`] from the counts.
    pub(crate) fn judge(&mut self) {
        self.alarm = if self.text_lines > 0 && self.kept_lines == 0 {
            Some(Alarm::Empty)
        } else if self.words >= 100 && self.kept_words * 50 < self.words {
            Some(Alarm::NearlyEmpty)
        } else if self.text_lines >= 20 && self.kept_lines == self.text_lines {
            Some(Alarm::Untouched)
        } else {
            None
        };
    }
}

impl std::fmt::Display for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Alarm::Empty => "came out empty: every line was taken for boilerplate",
            Alarm::NearlyEmpty => "came out nearly empty: less than 2 % of its words were kept",
            Alarm::Untouched => "came out untouched: no line was taken for boilerplate",
        })
    }
}
