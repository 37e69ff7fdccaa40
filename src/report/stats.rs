//! Counts by label over one document or many: what a folder's summary is made of.

use serde::Serialize;

use super::jsonl::ByLabel;
use crate::error::Result;
use crate::label::Label;
use crate::line::{Part, is_blank};
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::words::WordCounter;

/// Lines, bytes and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// Lines.
    pub lines: u64,
    /// Bytes of decoded text, terminators included.
    pub bytes: u64,
    /// Runs between white space.
    pub words: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.words += other.words;
    }
}

/// Counts what became of each label, over any number of documents; counts of several workers are [merged](Stats::merge).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Documents that were finished.
    pub documents: u64,
    /// Documents with an alarm of any kind.
    pub alarms: u64,
    /// Everything that was kept.
    pub kept: Count,
    /// Everything that was removed.
    pub removed: Count,
    /// Blank lines, kept and removed.
    pub blank: Count,
    /// Lines too long to judge.
    pub unjudged: Count,
    /// By label, kept and removed, in the order of [`Label::ALL`].
    pub by_label: [Count; Label::ALL.len()],
    /// What was removed, by label.
    pub removed_by_label: [Count; Label::ALL.len()],
    /// Malformed sequences that were replaced while decoding.
    pub replacements: u64,
    /// A word that goes on in the next piece of an over-long line counts once.
    words: WordCounter,
}

impl Stats {
    /// Nothing counted yet.
    pub fn new() -> Stats {
        Stats::default()
    }

    /// What was counted for `label`.
    pub fn of(&self, label: Label) -> Count {
        self.by_label[label.index()]
    }

    /// What was removed as `label`.
    pub fn removed_of(&self, label: Label) -> Count {
        self.removed_by_label[label.index()]
    }

    /// Adds what another counted. The order of merging does not matter.
    pub fn merge(&mut self, other: &Stats) {
        self.documents += other.documents;
        self.alarms += other.alarms;
        self.replacements += other.replacements;
        self.kept.add(other.kept);
        self.removed.add(other.removed);
        self.blank.add(other.blank);
        self.unjudged.add(other.unjudged);
        for (mine, theirs) in self.by_label.iter_mut().zip(other.by_label) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.removed_by_label.iter_mut().zip(other.removed_by_label) {
            mine.add(theirs);
        }
    }
}

impl Sink for Stats {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: false }
    }

    fn begin(&mut self, _: &Document) -> Result<()> {
        self.words = WordCounter::default();
        Ok(())
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        let begins = matches!(line.part, Part::Whole | Part::First);
        let count = Count {
            lines: u64::from(begins),
            bytes: (line.text.len() + line.eol.as_str().len()) as u64,
            words: self.words.count(line.text, begins),
        };
        if verdict.keep { &mut self.kept } else { &mut self.removed }.add(count);
        match verdict.label {
            Some(label) => {
                self.by_label[label.index()].add(count);
                if !verdict.keep {
                    self.removed_by_label[label.index()].add(count);
                }
            }
            None if line.part == Part::Whole && is_blank(line.text) => self.blank.add(count),
            None => self.unjudged.add(count),
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.documents += 1;
        self.alarms += u64::from(summary.alarm.is_some());
        self.replacements += summary.replacements;
        Ok(())
    }
}

impl Serialize for Stats {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Record<'a> {
            documents: u64,
            alarms: u64,
            kept: Count,
            removed: Count,
            blank: Count,
            unjudged: Count,
            replacements: u64,
            labels: ByLabel<'a, Count>,
            removed_labels: ByLabel<'a, Count>,
        }
        Record {
            documents: self.documents,
            alarms: self.alarms,
            kept: self.kept,
            removed: self.removed,
            blank: self.blank,
            unjudged: self.unjudged,
            replacements: self.replacements,
            labels: ByLabel(&self.by_label),
            removed_labels: ByLabel(&self.removed_by_label),
        }
        .serialize(serializer)
    }
}
