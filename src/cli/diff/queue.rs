//! Lines on their way to the view, held back while one of them repeats a line that is still to come.
//!
//! A pull quote often stands before the paragraph it was pulled from. To mark the words that differ, the view needs
//! both. Lines wait only then, and never more of them than are judged together; everything else goes right through.

use std::collections::{BTreeMap, VecDeque};

use chaffinch::{Decided, Evidence, Label, Part};

/// Lines that wait at most, and their bytes. What is repeated lies within one window of so many.
const LINES: usize = 2048;
const BYTES: usize = 4 << 20;
/// Bytes of kept lines that are remembered.
const MEMORY: usize = 8 << 20;

/// A line for the view.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) keep: bool,
    pub(super) label: Option<Label>,
    /// The line it repeats.
    pub(super) repeats: Option<u64>,
    pub(super) blank: bool,
}

impl Entry {
    fn new(decided: &Decided<'_>) -> Entry {
        let (line, verdict) = (decided.line, decided.verdict);
        let repeats = verdict.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Repeats { line, .. } if !verdict.keep => Some(*line),
            _ => None,
        });
        Entry {
            number: line.number,
            text: line.text.to_owned(),
            keep: verdict.keep,
            label: verdict.label,
            repeats,
            blank: line.is_blank(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Entry>,
    bytes: usize,
    /// The number of the last line that came in.
    last: u64,
    kept: BTreeMap<u64, String>,
    kept_bytes: usize,
}

impl Queue {
    /// Takes a line in. Of a line too long to judge, which is kept, the beginning is enough.
    pub(super) fn push(&mut self, decided: &Decided<'_>) {
        if matches!(decided.line.part, Part::Middle | Part::Last) {
            return;
        }
        let entry = Entry::new(decided);
        self.last = entry.number;
        if entry.keep && !entry.blank {
            self.kept_bytes += entry.text.len();
            self.kept.insert(entry.number, entry.text.clone());
            while self.kept_bytes > MEMORY
                && let Some((_, oldest)) = self.kept.pop_first()
            {
                self.kept_bytes -= oldest.len();
            }
        }
        self.bytes += entry.text.len();
        self.waiting.push_back(entry);
    }

    /// The next line, unless it should wait. At the `end` nothing waits.
    pub(super) fn pop(&mut self, end: bool) -> Option<Entry> {
        let first = self.waiting.front()?;
        let waits = first.repeats.is_some_and(|line| line > self.last);
        if waits && !end && self.waiting.len() < LINES && self.bytes < BYTES {
            return None;
        }
        let entry = self.waiting.pop_front()?;
        self.bytes -= entry.text.len();
        Some(entry)
    }

    /// A kept line that came by.
    pub(super) fn kept(&self, number: u64) -> Option<&str> {
        self.kept.get(&number).map(String::as_str)
    }
}
