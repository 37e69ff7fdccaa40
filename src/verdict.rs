//! What was decided about a line, and why. Reasons are data: every output shows the same ones.

use std::borrow::Cow;
use std::fmt;

use crate::label::Label;
use crate::numbers;

/// The decision about one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether the line stays in the clean text.
    pub keep: bool,
    /// What the line is; `None` for blank lines and lines too long to judge.
    pub label: Option<Label>,
    /// Probability, 0 to 1, that keeping (or dropping) the line is right, calibrated on pages the model has not seen.
    pub score: f32,
    /// The reasons, weightiest first. Never empty for a removed line when evidence was asked for.
    pub evidence: Vec<Evidence>,
}

impl Verdict {
    /// A verdict without evidence yet.
    pub fn new(keep: bool, label: Option<Label>, score: f32) -> Verdict {
        Verdict { keep, label, score, evidence: Vec::new() }
    }

    /// The label's name; `blank` or `unjudged` where there is none.
    pub fn label_name(&self) -> &'static str {
        match self.label {
            Some(label) => label.name(),
            None if self.evidence.iter().any(|e| matches!(e, Evidence::TooLong)) => "unjudged",
            None => "blank",
        }
    }
}

/// How one line repeats another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// The same text after normalising case, quotes and white space.
    Same,
    /// The same text, but the other line has a credit or some words more.
    WithoutCredit,
    /// The beginning of the other line.
    Prefix,
    /// One or several whole sentences of the other line.
    Sentence,
    /// So many per cent of this line's words, in runs, are in the other line.
    Overlap(u8),
    /// The name of who says what is quoted above it, which is in the other line.
    Speaker,
}

/// One reason for a verdict.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Evidence {
    /// A seed phrase was found in the line.
    Seed {
        /// The phrase, as its file writes it.
        phrase: String,
        /// The label it speaks for.
        label: Label,
        /// The file it comes from: `en` for a built-in one, a path for a user's own.
        source: String,
    },
    /// The line repeats another.
    Repeats {
        /// How.
        how: Repeat,
        /// The line that stays, counted from 1.
        line: u64,
    },
    /// A feature of the model and what it added to the decision, in logits; negative speaks for removal.
    Feature {
        /// The feature's name.
        name: Cow<'static, str>,
        /// Its weight.
        weight: f32,
    },
    /// Words that the model knows, and what they added.
    Words {
        /// The words.
        words: String,
        /// Their weight in logits; negative speaks for removal.
        weight: f32,
    },
    /// What an adaptation learned from answers added, in logits; negative speaks for removal.
    Learned {
        /// The words of the line that weigh most in it; empty where none does.
        words: String,
        /// The sum.
        weight: f32,
    },
    /// A blank line that only separated removed lines, or repeated the one before it.
    BlankCollapsed,
    /// The line is longer than what can be judged (1 MiB) and was passed through.
    TooLong,
    /// `--keep` or `--drop` on the command line decided.
    Asked,
    /// Other pages of the same site have the line too.
    Template {
        /// Pages that have it, this one included where it is one of them.
        on: u32,
        /// Pages that were looked at.
        of: u32,
        /// What they are the pages of: `this folder`, or a file that was learned before.
        place: String,
        /// What that added to the decision, in logits; negative speaks for removal.
        weight: f32,
    },
    /// A person's answer decided.
    Answer {
        /// The file it stands in and its line there: `chaffinch.answers.toml:12`.
        source: String,
        /// Where the answer holds: `everywhere`, or kind and name of the place.
        scope: String,
    },
}

impl Evidence {
    /// Writes the reason as a sentence for people, what is not ours in it by `text`. A string is written to without a
    /// detour over `core::fmt`.
    pub(crate) fn write_to<W: fmt::Write>(
        &self,
        out: &mut W,
        text: impl Fn(&mut W, &str) -> fmt::Result,
    ) -> fmt::Result {
        match self {
            Evidence::Seed { phrase, label, source } => {
                out.write_str("phrase “")?;
                text(out, phrase)?;
                out.write_str("” (")?;
                out.write_str(label.name())?;
                out.write_str(", ")?;
                text(out, source)?;
                out.write_str(")")
            }
            Evidence::Repeats { how, line } => {
                let (before, behind) = match how {
                    Repeat::Same => ("same as line ", ""),
                    Repeat::WithoutCredit => ("same as line ", " without its credit"),
                    Repeat::Prefix => ("beginning of line ", ""),
                    Repeat::Sentence => ("repeats whole sentences of line ", ""),
                    Repeat::Overlap(percent) => {
                        numbers::whole(out, u64::from(*percent))?;
                        (" % of its words are line ", "")
                    }
                    Repeat::Speaker => ("names the speaker of a quote from line ", ""),
                };
                out.write_str(before)?;
                numbers::whole(out, *line)?;
                out.write_str(behind)
            }
            Evidence::Feature { name, weight } => {
                text(out, name)?;
                write_weight(out, *weight)
            }
            Evidence::Learned { words, weight } if words.is_empty() => {
                out.write_str("learned from answers")?;
                write_weight(out, *weight)
            }
            Evidence::Words { words, weight } | Evidence::Learned { words, weight } => {
                let learned = matches!(self, Evidence::Learned { .. });
                out.write_str(if learned { "learned from answers: “" } else { "words “" })?;
                text(out, words)?;
                out.write_str("”")?;
                write_weight(out, *weight)
            }
            Evidence::BlankCollapsed => out.write_str("blank line next to removed lines or other blank lines"),
            Evidence::TooLong => out.write_str("longer than 1 MiB, passed through unjudged"),
            Evidence::Asked => out.write_str("asked for on the command line"),
            Evidence::Template { on, of, place, weight } => {
                out.write_str("on ")?;
                numbers::whole(out, u64::from(*on))?;
                out.write_str(" of ")?;
                numbers::whole(out, u64::from(*of))?;
                out.write_str(" pages of ")?;
                text(out, place)?;
                write_weight(out, *weight)
            }
            Evidence::Answer { source, scope } => {
                out.write_str("answered in ")?;
                text(out, source)?;
                out.write_str(" (")?;
                text(out, scope)?;
                out.write_str(")")
            }
        }
    }
}

/// ` (-1.7)`
fn write_weight(out: &mut impl fmt::Write, weight: f32) -> fmt::Result {
    out.write_str(" (")?;
    numbers::signed_tenths(out, weight)?;
    out.write_char(')')
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f, |f, text| f.write_str(text))
    }
}
