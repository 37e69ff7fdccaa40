//! Which blank lines stay. The judge decides about text; what stands between the lines that stay is decided here.
//!
//! The clean text is the input less whole lines, so blank lines can only be taken away: of those between two kept
//! lines one stays, however many removed lines stood among them; before the first kept line and after the last one
//! none does. A document that is blank altogether stays as it is.
//!
//! A blank line can only be decided when it is known whether any text that stays comes after it. Where that is
//! not known at the end of a page, what comes from that line on is held back until the next page, but not
//! longer: then it stays. So memory is bounded, and the price is a blank line at the end of a text that goes
//! on for more than a window without anything worth keeping.

use std::ops::Range;

use crate::error::Result;
use crate::line::{Line, Page};
use crate::verdict::{Evidence, Verdict};

/// What happens to blank lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Blanks {
    /// One stays between two kept lines that had any between them, no other does.
    #[default]
    Collapse,
    /// All stay.
    Keep,
}

/// Takes judged lines in order and hands each on with its final verdict, and with whether it is blank, which is known.
#[derive(Debug)]
pub(crate) struct Decider {
    blanks: Blanks,
    /// Whether a line of text was kept so far.
    text: bool,
    /// Whether a blank line was kept since the last kept line of text.
    spaced: bool,
    /// Lines held back: a blank one that may stay, and removed or blank ones after it.
    held: Page,
    held_verdicts: Vec<Verdict>,
    kept_blank: Verdict,
    removed_blank: Verdict,
    unjudged: Verdict,
}

impl Decider {
    pub(crate) fn new(blanks: Blanks) -> Decider {
        let mut removed_blank = Verdict::new(false, None, 1.0);
        removed_blank.evidence.push(Evidence::BlankCollapsed);
        // Nobody looked at the line, so nobody knows.
        let mut unjudged = Verdict::new(true, None, 0.5);
        unjudged.evidence.push(Evidence::TooLong);
        Decider {
            blanks,
            text: false,
            spaced: false,
            held: Page::new(),
            held_verdicts: Vec::new(),
            kept_blank: Verdict::new(true, None, 1.0),
            removed_blank,
            unjudged,
        }
    }

    /// Gets ready for a new document.
    pub(crate) fn reset(&mut self) {
        self.text = false;
        self.spaced = false;
        self.held.clear();
        self.held_verdicts.clear();
    }

    /// Takes the lines `fresh` of `page`, about which `verdicts` says what was judged; `last` says that the document
    /// ends with them. Takes verdicts out of the list where lines are held back.
    pub(crate) fn page(
        &mut self,
        page: &Page,
        fresh: Range<usize>,
        verdicts: &mut Vec<Verdict>,
        last: bool,
        emit: &mut impl FnMut(Line<'_>, bool, &Verdict) -> Result<()>,
    ) -> Result<()> {
        let lines = || fresh.clone().map(|index| page.line(index));
        let whole = last && !self.text && page.len() == fresh.len() && page.line(0).number == 1;
        if self.blanks == Blanks::Keep || whole && fresh.clone().all(|index| page.is_blank(index)) {
            return fresh.zip(&*verdicts).try_for_each(|(index, verdict)| {
                let blank = page.is_blank(index);
                emit(page.line(index), blank, if blank { &self.kept_blank } else { verdict })
            });
        }
        if !self.held.is_empty() {
            let mut kept = fresh.clone().zip(&*verdicts).filter(|(_, verdict)| verdict.keep);
            let goes_on = !last || kept.any(|(index, _)| !page.is_blank(index));
            self.release(goes_on, emit)?;
        }
        let mut sent = 0; // lines before this one have been handed on
        let mut waiting = false; // `sent` is a blank line that stays if text that stays comes after it
        // By index: a line that travels through iterator adapters is copied again and again, which shows.
        for index in 0..fresh.len() {
            let (line, verdict) = (page.line(fresh.start + index), &verdicts[index]);
            let blank = page.is_blank(fresh.start + index);
            if blank && !waiting && self.text && !self.spaced {
                waiting = true;
            } else if !blank && verdict.keep {
                if waiting {
                    self.send(page, fresh.start, &verdicts[..], sent..index, true, emit)?;
                }
                waiting = false;
                emit(line, false, verdict)?;
                (self.text, self.spaced) = (true, false);
                sent = index + 1;
            } else if !waiting {
                emit(line, blank, if blank { &self.removed_blank } else { verdict })?;
                sent = index + 1;
            }
        }
        if waiting && last {
            self.send(page, fresh.start, &verdicts[..], sent..fresh.len(), false, emit)?;
        } else if waiting {
            lines().skip(sent).for_each(|line| self.held.push(line));
            self.held_verdicts.extend(verdicts.drain(sent..));
        }
        Ok(())
    }

    /// Takes a piece of an over-long line, which is text that stays.
    pub(crate) fn piece(
        &mut self,
        line: Line<'_>,
        emit: &mut impl FnMut(Line<'_>, bool, &Verdict) -> Result<()>,
    ) -> Result<()> {
        self.release(true, emit)?;
        (self.text, self.spaced) = (true, false);
        emit(line, false, &self.unjudged)
    }

    /// The document is over.
    pub(crate) fn finish(&mut self, emit: &mut impl FnMut(Line<'_>, bool, &Verdict) -> Result<()>) -> Result<()> {
        self.release(false, emit)
    }

    /// Hands on what was held back; its first line stays if `keep` says so.
    fn release(&mut self, keep: bool, emit: &mut impl FnMut(Line<'_>, bool, &Verdict) -> Result<()>) -> Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.spaced = keep;
        self.send(&self.held, 0, &self.held_verdicts, 0..self.held.len(), keep, emit)?;
        self.held.clear();
        self.held_verdicts.clear();
        Ok(())
    }

    /// Hands on lines of which the first is blank and stays if `keep` says so, and none of the others stays.
    /// Verdict `i` is about line `offset + i` of the page.
    fn send(
        &self,
        page: &Page,
        offset: usize,
        verdicts: &[Verdict],
        range: Range<usize>,
        keep: bool,
        emit: &mut impl FnMut(Line<'_>, bool, &Verdict) -> Result<()>,
    ) -> Result<()> {
        for index in range.clone() {
            let line = page.line(offset + index);
            let blank = page.is_blank(offset + index);
            let verdict = match blank {
                true if keep && index == range.start => &self.kept_blank,
                true => &self.removed_blank,
                false => &verdicts[index],
            };
            emit(line, blank, verdict)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Eol, Part};

    /// A letter a line: `k` is kept, `x` removed, `.` blank, `L` over-long; `|` ends a page. Capital letters and `_`
    /// in the result are what stayed.
    fn decide(text: &str, blanks: Blanks) -> String {
        let mut decider = Decider::new(blanks);
        let mut out = String::new();
        let mut emit = |line: Line<'_>, blank: bool, verdict: &Verdict| {
            assert_eq!(blank, line.is_blank());
            let c = if blank { '.' } else { line.text.chars().next().unwrap() };
            assert!(verdict.keep || !verdict.evidence.is_empty());
            assert!(c != '.' || verdict.label.is_none());
            out.push(match (c, verdict.keep) {
                ('.', true) => '_',
                (c, true) => c.to_ascii_uppercase(),
                (c, false) => c.to_ascii_lowercase(),
            });
            Ok(())
        };
        let mut number = 0;
        let pages: Vec<&str> = text.split('|').collect();
        for (index, letters) in pages.iter().enumerate() {
            let mut page = Page::new();
            let mut verdicts = Vec::new();
            for letter in letters.chars() {
                number += 1;
                let (text, part) = match letter {
                    '.' => (" ", Part::Whole),
                    'L' => ("long", Part::First),
                    'x' => ("x", Part::Whole),
                    _ => ("k", Part::Whole),
                };
                let line = Line { number, text, eol: Eol::Lf, part };
                if part == Part::First {
                    decider.piece(line, &mut emit).unwrap();
                    continue;
                }
                page.push(line);
                let mut verdict = Verdict::new(letter != 'x', None, 1.0);
                if letter == 'x' {
                    verdict.evidence.push(Evidence::Asked);
                }
                verdicts.push(verdict);
            }
            if !page.is_empty() {
                let last = index + 1 == pages.len();
                decider.page(&page, 0..page.len(), &mut verdicts, last, &mut emit).unwrap();
            }
        }
        decider.finish(&mut emit).unwrap();
        out
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(decide(text, Blanks::Collapse), expected, "{text}");
    }

    #[test]
    fn one_blank_line_stays_between_kept_lines() {
        check("k.k", "K_K");
        check("k...k", "K_..K");
        check("kk", "KK");
        check("k.x.k", "K_x.K");
        check("kx.xk", "Kx_xK");
        check("kxxk", "KxxK");
        check("k.k.k", "K_K_K");
    }

    #[test]
    fn none_stays_at_the_ends() {
        check("..k", "..K");
        check(".x.k", ".x.K");
        check("k..", "K..");
        check("k.x.", "K.x.");
        check(".x.", ".x.");
    }

    #[test]
    fn blank_documents_stay() {
        check("...", "___");
        check("", "");
        // Not seen whole: what can not be known is not waited for.
        check("...|...", "......");
    }

    #[test]
    fn pages_do_not_show() {
        check("k.|k", "K_K");
        check("k.x|x.k", "K_xx.K");
        check("k|.|k", "K_K");
        check("k.x.|x.", "K.x.x.");
        check("k|.x", "K.x");
        check("k.|.k.|.", "K_.K..");
        check("x.|.k", "x..K");
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        // For a whole page nothing stays: the blank line does then, though the text is over.
        check("k.x|x.x|x.", "K_xx.xx.");
        check("k.x|x.x|.k", "K_xx.x.K");
    }

    #[test]
    fn over_long_lines_are_text() {
        check("k.|L|.k", "K_L_K");
        check("L|.", "L.");
        check(".|L|L", ".LL");
        check("k.x|L|x.|x.", "K_xLx.x.");
    }

    #[test]
    fn blanks_may_all_be_kept() {
        assert_eq!(decide("..k..x.|.k.", Blanks::Keep), "__K__x__K_");
    }
}
