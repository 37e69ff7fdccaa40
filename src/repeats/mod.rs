//! Repeats inside one document: captions printed twice, pull quotes, headlines and whole texts again.
//!
//! Found by computing, not by learning: every line is reduced to its words, shared passages are looked up in tables,
//! and what covers a line is checked word by word. The copy that stays is always the fullest, at equality the first;
//! what is doubtful is reported as a hint and stays. Work is linear in the text, memory bounded (see [`Repeats`]).

mod align;
mod captions;
mod edges;
mod follow;
mod hash;
mod judge;
mod memory;
mod normal;
mod passages;
mod quotes;
mod resolve;
mod scan;
mod shape;
mod shingles;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod token;

use std::ops::Range;

use crate::line::Page;
use crate::verdict::Repeat;

use captions::Credits;
use edges::{Edge, Finder};
use memory::Memory;
pub use stats::LineStats;
use stats::Stats;
use text::Text;

/// What kind of repeat a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A caption that stands nearby, whole or nearly.
    Caption,
    /// Sentences of a longer paragraph.
    Quote,
    /// Anything else: headline, standfirst, teaser, a whole text again.
    Whole,
}

/// A repeat that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Found {
    /// What kind of repeat.
    pub kind: Kind,
    /// How it repeats the line that stays.
    pub how: Repeat,
    /// Number of the line that stays. That line is never itself a sure repeat.
    pub of: u64,
    /// Whether there is no doubt that the line repeats the other. What is not sure is a hint, not a reason to remove
    /// the line. A sure repeat is one too many only where the line that it repeats is kept: when that one is dropped
    /// for what it is (a teaser, a menu), this one has to be judged by itself.
    pub sure: bool,
}

/// Finds the repeats of a document, window by window.
///
/// Of lines that have left the window, at least the last 8,192 paragraphs or 65,536 words (whichever is less) are
/// remembered; repeats of what stood before that are not noticed.
#[derive(Clone, Debug)]
pub struct Repeats {
    text: Text,
    memory: Memory,
    finder: Finder,
    stats: Stats,
    edges: Vec<Option<Edge>>,
    resolver: resolve::Resolver,
    credits: Credits,
    /// Lines of earlier windows that were decided to be sure repeats, and of which line; ascending.
    decided: Vec<(u64, u64)>,
    /// The end of the fresh lines of the last page: the number of its last decided line.
    decided_to: u64,
    found: Vec<Option<Found>>,
}

impl Default for Repeats {
    fn default() -> Repeats {
        Repeats::new()
    }
}

impl Repeats {
    /// A finder at the beginning of a document.
    pub fn new() -> Repeats {
        Repeats {
            text: Text::default(),
            memory: Memory::default(),
            finder: Finder::default(),
            stats: Stats::default(),
            edges: Vec::new(),
            resolver: resolve::Resolver::default(),
            credits: Credits::new(),
            decided: Vec::new(),
            decided_to: 0,
            found: Vec::new(),
        }
    }

    /// Forgets everything: a new document begins. Buffers are kept.
    pub fn reset(&mut self) {
        self.text.clear();
        self.memory.clear();
        self.decided.clear();
        self.decided_to = 0;
        self.found.clear();
        self.stats.clear();
    }

    /// Finds the repeats in `page`, a window of the document; one entry for each of its lines.
    ///
    /// `fresh` are the lines to be decided now; those before it were decided with an earlier window, those after it
    /// will be with a later one. Windows come in order, and each begins where the one before it began or later.
    pub fn find(&mut self, page: &Page, fresh: Range<usize>) -> &[Option<Found>] {
        self.remember(page);
        self.text.read(page, &fresh);
        self.finder.find(&self.text, &self.memory, &mut self.edges);
        self.resolve(&fresh);
        self.stats.count(&self.text, &self.memory, &self.finder, &self.edges);
        let last = fresh.end.min(page.len()).checked_sub(1);
        self.decided_to = last.map_or(self.decided_to, |last| page.line(last).number.max(self.decided_to));
        for i in fresh.start..fresh.end.min(page.len()) {
            if let Some(found) = self.found[i].filter(|found| found.sure) {
                self.decided.push((page.line(i).number, found.of));
            }
        }
        &self.found
    }

    /// What [`Repeats::find`] found last.
    pub(crate) fn found(&self) -> &[Option<Found>] {
        &self.found
    }

    /// Cheap figures for each line of the page that [`Repeats::find`] saw last.
    pub fn counts(&self) -> &[LineStats] {
        self.stats.lines()
    }

    /// The text of the page that [`Repeats::find`] saw last with the letters of ASCII in lower case, and more behind it.
    pub(crate) fn lower(&self) -> &str {
        self.text.lower()
    }

    /// Line `index` of the page that [`Repeats::find`] saw last, as [`crate::fold::fold`] leaves it, if it was kept.
    pub(crate) fn folded(&self, index: usize) -> Option<&str> {
        self.text.folded(index)
    }

    /// Takes what is no longer in the window into the memory.
    fn remember(&mut self, page: &Page) {
        let first = if page.is_empty() { 0 } else { page.line(0).number };
        for para in &self.text.paras {
            let last = self.text.lines[para.last as usize].number;
            if last >= first || last > self.decided_to {
                break;
            }
            if self.decided.binary_search_by_key(&para.number, |d| d.0).is_err() {
                self.memory.push(&self.text.words[para.words()], para.hash, para.number, para.weight);
            }
        }
        let gone = self.decided.partition_point(|d| d.0 < first);
        self.decided.drain(..gone);
    }
}
