//! The window: which lines are judged together, and what the judge sees around them.
//!
//! Its size is counted in lines that are not blank: some scrapers put several blank lines around each piece of text, and
//! a page must not be cut where another scraper's is whole. A document that fits is judged whole. A longer one moves
//! through the window: each page then starts with some lines that are decided already, so that a decision knows what
//! came before, and ends with lines that are only decided with the next page, so that it knows what comes after. All of
//! it is a function of the text alone.
//!
//! An over-long line is not shown to the judge. It ends the page before it, without look-ahead, and its pieces pass
//! by; the page after it still begins with the decided lines from before it.

use std::io::Read;
use std::ops::Range;

use crate::error::Result;
use crate::line::{Line, Page};
use crate::lines::{LINE_LIMIT, LineReader, Next, PER_LINE};
use crate::sink::{Basis, Document, Needs};
use crate::verdict::Verdict;

/// The largest window, in lines that are not blank.
pub const WINDOW: usize = 2048;
/// The smallest window, in such lines: with less, there is no context worth the name.
pub const SMALLEST_WINDOW: usize = 16;
/// The largest window in bytes of text. A line that is taken whole always fits.
const BYTES: usize = LINE_LIMIT;

/// How much of a page is context on one side of the lines that are decided. Beyond some lines more of it tells nothing
/// new, and each line of it is read twice.
#[derive(Clone, Copy, Debug)]
struct Context {
    /// Lines that are not blank; of all, [`PER_LINE`] times as many.
    lines: usize,
    bytes: usize,
}

impl Context {
    /// Before them, decided already.
    fn before(window: usize) -> Context {
        Context { lines: (window / 8).min(128), bytes: BYTES / 16 }
    }

    /// After them, to be decided with the next page.
    fn after(window: usize) -> Context {
        Context { lines: (window / 4).min(256), bytes: BYTES / 8 }
    }
}

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
    /// What the verdicts depend on besides the text, for reports.
    fn basis(&self) -> Basis {
        Basis::default()
    }

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
    fn basis(&self) -> Basis {
        (**self).basis()
    }

    fn start(&mut self, document: &Document) {
        (**self).start(document);
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        (**self).judge(page, fresh, span, needs, out);
    }
}

impl<J: Judge + ?Sized> Judge for Box<J> {
    fn basis(&self) -> Basis {
        (**self).basis()
    }

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
    /// A window of `lines` lines that are not blank, or as near to that as is allowed.
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
                    self.next = reader.piece(&mut self.piece)?;
                    return Ok(Some(Step::Piece));
                }
                Next::Line => self.next = self.fill(reader)?,
            }
            let start = self.decided;
            let ahead =
                if self.next == Next::Line { self.tail(self.page.len(), Context::after(self.lines)) } else { 0 };
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
        let context = self.tail(self.decided, Context::before(self.lines));
        self.page.remove_front(self.decided - context);
        self.decided = context;
    }

    /// How many of the lines before line `end` of the page are within these limits, counted backwards.
    fn tail(&self, end: usize, Context { lines, bytes }: Context) -> usize {
        let (mut written, mut sum) = (0, 0);
        let before = (0..end).rev().take(PER_LINE * lines);
        before
            .take_while(|index| {
                written += usize::from(!self.page.is_blank(*index));
                sum += self.page.range(*index).len();
                written <= lines && sum <= bytes
            })
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pages of `text`: line numbers from, decided from, decided to and to, and the ends; pieces as `None`.
    fn steps(text: &str, lines: usize) -> Vec<Option<([u64; 4], bool, bool)>> {
        let mut window = Window::new(lines);
        let mut reader = LineReader::new(text.as_bytes(), None);
        let mut steps = Vec::new();
        while let Some(step) = window.advance(&mut reader).unwrap() {
            steps.push(match step {
                Step::Judge { fresh, span } => {
                    let number = |index: usize| window.page().line(index).number;
                    let ends = [number(0), number(fresh.start), number(fresh.end - 1), number(window.page().len() - 1)];
                    Some((ends, span.first, span.last))
                }
                Step::Piece => None,
            });
        }
        steps
    }

    #[test]
    fn what_fits_is_one_page() {
        assert_eq!(steps("", 16), []);
        assert_eq!(steps("a", 16), [Some(([1, 1, 1, 1], true, true))]);
        assert_eq!(steps(&"a\n".repeat(16), 1), [Some(([1, 1, 16, 16], true, true))]);
        assert_eq!(steps(&"a\n".repeat(2048), 1 << 20), [Some(([1, 1, 2048, 2048], true, true))]);
    }

    #[test]
    fn longer_texts_slide() {
        assert_eq!(
            steps(&"a\n".repeat(40), 16),
            [
                Some(([1, 1, 12, 16], true, false)),
                Some(([11, 13, 22, 26], false, false)),
                Some(([21, 23, 32, 36], false, false)),
                Some(([31, 33, 40, 40], false, true)),
            ]
        );
        assert_eq!(steps(&"a\n".repeat(17), 16).last(), Some(&Some(([11, 13, 17, 17], false, true))));
    }

    #[test]
    fn bytes_limit_the_page_too() {
        let line = |length: usize| "a".repeat(length) + "\n";
        let half = line(BYTES / 2);
        assert_eq!(steps(&half.repeat(3), 16), [Some(([1, 1, 2, 2], true, false)), Some(([3, 3, 3, 3], false, true))]);
        // A line as large as the page leaves no room for context.
        let text = line(10) + &line(BYTES) + &line(10);
        let expected = [1, 2, 3].map(|n| Some(([n, n, n, n], n == 1, n == 3)));
        assert_eq!(steps(&text, 16), expected);
        // Context and look-ahead are limited by bytes.
        let sixteenth = line(BYTES / 16);
        assert_eq!(
            steps(&sixteenth.repeat(40), 16),
            [
                Some(([1, 1, 14, 16], true, false)),
                Some(([14, 15, 27, 29], false, false)),
                Some(([27, 28, 40, 40], false, true)),
            ],
        );
    }

    #[test]
    fn blank_lines_count_little() {
        // Where a scraper puts empty lines around each line the same pages are judged together.
        let spaced = |count: usize| "\n\na\n".repeat(count);
        assert_eq!(steps(&spaced(16), 16), [Some(([1, 1, 48, 48], true, true))]);
        assert_eq!(
            steps(&spaced(40), 16),
            [
                Some(([1, 1, 36, 48], true, false)),
                Some(([31, 37, 66, 78], false, false)),
                Some(([61, 67, 96, 108], false, false)),
                Some(([91, 97, 120, 120], false, true)),
            ]
        );
        // Of nothing but blank lines a page has a good many.
        assert_eq!(steps(&"\n".repeat(16 * PER_LINE), 16).len(), 1);
        assert_eq!(steps(&"\n".repeat(32 * PER_LINE), 16).len(), 3);
    }

    #[test]
    fn large_windows_have_no_more_context_than_pays() {
        let steps = steps(&"a\n".repeat(4000), WINDOW);
        assert_eq!(
            steps[..2],
            [Some(([1, 1, 1792, 2048], true, false)), Some(([1665, 1793, 3456, 3712], false, false))]
        );
    }

    #[test]
    fn over_long_lines_stand_between_pages() {
        let long = "b".repeat(2 * LINE_LIMIT) + "\n";
        let text = format!("{}{long}{}{long}{long}", "a\n".repeat(5), "c\n".repeat(3));
        assert_eq!(
            steps(&text, 16),
            [Some(([1, 1, 5, 5], true, false)), None, None, Some(([4, 7, 9, 9], false, false)), None, None, None, None]
        );
        assert_eq!(steps(&(long.clone() + "a"), 16), [None, None, Some(([2, 2, 2, 2], false, true))]);
        assert_eq!(steps(&long, 16), [None, None]);
    }
}
