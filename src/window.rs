//! The window: which lines are judged together, and what the judge sees around them.
//!
//! A document that fits is judged whole. A longer one moves through the window: each page then starts with some lines
//! that are decided already, so that a decision knows what came before, and ends with lines that are only decided
//! with the next page, so that it knows what comes after. All of it is a function of the text alone.
//!
//! An over-long line is not shown to the judge. It ends the page before it, without look-ahead, and its pieces pass
//! by; the page after it still begins with the decided lines from before it.

use std::io::Read;
use std::ops::Range;

use crate::error::Result;
use crate::line::{Line, Page};
use crate::lines::{LINE_LIMIT, LineReader, Next};
use crate::sink::{Document, Needs};
use crate::verdict::Verdict;

/// The largest window, in lines.
pub const WINDOW: usize = 2048;
/// The smallest window, in lines: with less, there is no context worth the name.
pub const SMALLEST_WINDOW: usize = 16;
/// The largest window in bytes of text. A line that is taken whole always fits.
const BYTES: usize = LINE_LIMIT;

/// Which ends of the document a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The page starts with the document's first line.
    pub first: bool,
    /// The page ends with the document's last line.
    pub last: bool,
}

/// Decides about lines. What it remembers from page to page must be bounded.
pub trait Judge {
    /// A new document starts; whatever the judge remembers of the one before is to be forgotten.
    fn start(&mut self, document: &Document);

    /// Judges the lines `fresh` of `page`, of which each line of a document is part of exactly once, in order; the
    /// others are context. Adds exactly `fresh.len()` verdicts to `out`, which comes empty. Blank lines get
    /// `Verdict::new(true, None, 1.0)`; which of them stay is decided later.
    ///
    /// A document may have no page with `span.last` (one that ends in an over-long line), or none at all.
    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>);
}

impl<J: Judge + ?Sized> Judge for &mut J {
    fn start(&mut self, document: &Document) {
        (**self).start(document);
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        (**self).judge(page, fresh, span, needs, out);
    }
}

impl<J: Judge + ?Sized> Judge for Box<J> {
    fn start(&mut self, document: &Document) {
        (**self).start(document);
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        (**self).judge(page, fresh, span, needs, out);
    }
}

/// What is to be done next with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Lines of [`Window::page`] are to be judged.
    Judge {
        /// Which; never none.
        fresh: Range<usize>,
        /// Where the page stands in the document.
        span: Span,
    },
    /// [`Window::piece`] is to be passed through.
    Piece,
}

/// Moves over the lines of a document.
#[derive(Debug)]
pub(crate) struct Window {
    lines: usize,
    page: Page,
    piece: Page,
    /// How many lines at the front of the page have been given out to be decided.
    decided: usize,
    next: Next,
}

impl Window {
    /// A window of `lines` lines, or as near to that as is allowed.
    pub(crate) fn new(lines: usize) -> Window {
        let lines = lines.clamp(SMALLEST_WINDOW, WINDOW);
        Window { lines, page: Page::new(), piece: Page::new(), decided: 0, next: Next::Line }
    }

    /// Gets ready for a new document.
    pub(crate) fn reset(&mut self) {
        self.page.clear();
        self.decided = 0;
        self.next = Next::Line;
    }

    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// The piece that [`Step::Piece`] is about.
    pub(crate) fn piece(&self) -> Line<'_> {
        self.piece.line(0)
    }

    /// Moves on; `None` at the end of the document.
    pub(crate) fn advance<R: Read>(&mut self, reader: &mut LineReader<R>) -> Result<Option<Step>> {
        self.drop_decided();
        loop {
            match self.next {
                Next::End => return Ok(None),
                Next::Piece => {
                    self.piece.clear();
                    self.next = reader.fill(&mut self.piece, 1, BYTES)?;
                    return Ok(Some(Step::Piece));
                }
                Next::Line => self.next = self.fill(reader)?,
            }
            let start = self.decided;
            let ahead = if self.next == Next::Line { self.tail(self.page.len(), self.lines / 4, BYTES / 4) } else { 0 };
            self.decided = self.page.len() - ahead.min(self.page.len().saturating_sub(start + 1));
            if self.decided > start {
                let first = self.page.line(0).number == 1;
                let span = Span { first, last: self.next == Next::End };
                return Ok(Some(Step::Judge { fresh: start..self.decided, span }));
            }
        }
    }

    fn fill<R: Read>(&mut self, reader: &mut LineReader<R>) -> Result<Next> {
        let next = reader.fill(&mut self.page, self.lines, BYTES)?;
        if next == Next::Line && self.page.len() == self.decided {
            // Beside so long a line there is no room for context.
            self.page.clear();
            self.decided = 0;
            return reader.fill(&mut self.page, self.lines, BYTES);
        }
        Ok(next)
    }

    /// Drops what is decided from the page, up to the last lines, which stay as context.
    fn drop_decided(&mut self) {
        let context = self.tail(self.decided, self.lines / 8, BYTES / 8);
        self.page.remove_front(self.decided - context);
        self.decided = context;
    }

    /// How many of the lines before line `end` of the page are within both limits, counted backwards.
    fn tail(&self, end: usize, lines: usize, bytes: usize) -> usize {
        let mut sum = 0;
        let lengths = (0..end).rev().take(lines).map(|index| self.page.line(index).text.len());
        lengths
            .take_while(|length| {
                sum += length;
                sum <= bytes
            })
            .count()
    }
}
