//! Looking up the answers for the lines of a document as they pass by.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Answer, Answers, Selection};
use crate::fold::fold;
use crate::line::Page;
use crate::sink::Document;
use crate::verdict::Evidence;

/// The answers for the rows of a page. What it remembers between pages is bounded by the number of answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matcher {
    answers: Arc<Answers>,
    selection: Selection,
    /// How often a line was seen, of those for which an answer is about one of several copies.
    copies: HashMap<String, u32>,
    folded: String,
    /// One a row of the page.
    rows: Vec<Option<usize>>,
}

impl Matcher {
    pub(crate) fn new(answers: Arc<Answers>) -> Matcher {
        Matcher { answers, ..Matcher::default() }
    }

    /// A new document begins.
    pub(crate) fn start(&mut self, document: &Document) {
        self.selection = self.answers.select(document);
        self.copies.clear();
    }

    /// Looks up the lines `rows` of the page, in order. Only fresh lines count as copies: the others come, or came,
    /// with another page.
    pub(crate) fn read(&mut self, page: &Page, rows: impl Iterator<Item = usize>, fresh: &Range<usize>) {
        self.rows.clear();
        if self.answers.is_empty() {
            return;
        }
        for line in rows {
            fold(page.line(line).text, &mut self.folded);
            let mut copy = 0;
            if fresh.contains(&line) && self.answers.counts(&self.folded) {
                // By the text and not by a hash of it, so that no line can pass for another.
                match self.copies.get_mut(&self.folded) {
                    Some(count) => {
                        *count = count.saturating_add(1);
                        copy = *count;
                    }
                    None => {
                        self.copies.insert(self.folded.clone(), 1);
                        copy = 1;
                    }
                }
            }
            self.rows.push(self.answers.index_of(&self.selection, &self.folded, copy));
        }
    }

    /// The answer for a row.
    #[inline]
    pub(crate) fn of(&self, row: usize) -> Option<(usize, &Answer)> {
        let index = (*self.rows.get(row)?)?;
        Some((index, &self.answers.answers[index]))
    }

    /// The reason that the answer `index` is.
    pub(crate) fn evidence(&self, index: usize) -> Evidence {
        let answer = &self.answers.answers[index];
        Evidence::Answer { source: self.answers.source(answer), scope: answer.entry.scope.to_string() }
    }
}
