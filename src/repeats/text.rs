//! A page as rows of words: lines, and the paragraphs that wrapped dumps cut into several lines.
//!
//! Text browsers wrap paragraphs at 80 columns or so. Repeats are looked for between paragraphs, so lines that a
//! wrapping joins are read as one; everywhere else a line is a paragraph of its own. Paragraphs without a blank line
//! between them form a block, the widest stretch in which a repeated passage may run on.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

use super::hash::{Table, finish, mix};
use super::normal::tokens;
use super::scan::{BLOCK, PAD, leading_spaces, scan};
use super::shape::Shape;
use super::token::{Token, hash};
use crate::fold::{fold_lower, is_plain};
use crate::line::{Page, Part};

/// Narrower lines were not wrapped.
const NARROWEST: u32 = 50;
/// Wider lines were not wrapped.
const WIDEST: u32 = 110;
/// Most lines of one wrapped paragraph.
const LONGEST: u32 = 64;

/// Most words of a page that are compared, so that the tables made of them stay small. Only a page of hardly anything
/// but words of one letter, or of characters that folding makes many of, has more; its last lines are no repeats then.
const MOST_WORDS: usize = (1 << 19) * 2 / 3;
/// Folding makes up to eleven bytes of one. Of a page whose lines come to more than this, the last ones are not kept.
const MOST_FOLDED: usize = 2 << 20;

/// So many words are searched for the paragraph that one is in.
const FEW: usize = 16;

/// A line of the page; blank ones have no words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineWords {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) hash: u64,
    pub(super) shape: Shape,
    /// The paragraph it is in; `NONE` for lines without words.
    pub(super) para: u32,
    pub(super) number: u64,
    pub(super) blank: bool,
    /// Where its folded form is in [`Text::lower`], or in [`Text::folded`] behind that; empty when it was not kept.
    folded: (u32, u32),
}

/// No paragraph, no line.
pub(super) const NONE: u32 = u32::MAX;

/// A paragraph: one line, or several that a wrapping joins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Para {
    /// First word, in the page's row of words.
    pub(super) start: u32,
    pub(super) end: u32,
    /// First and last line, as indices in the page.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Number of the first line.
    pub(super) number: u64,
    pub(super) hash: u64,
    pub(super) weight: u32,
    pub(super) digits: u32,
    pub(super) flags: u16,
    /// The words of its block.
    pub(super) block: (u32, u32),
    /// The first paragraph of the same words; itself when there is none before it.
    pub(super) same: u32,
    /// How many paragraphs have these words (counted in the first of them).
    pub(super) copies: u32,
}

impl Para {
    pub(super) fn has(&self, flags: u16) -> bool {
        self.flags & flags != 0
    }

    pub(super) fn words(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The words of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) words: Vec<Token>,
    pub(super) lines: Vec<LineWords>,
    pub(super) paras: Vec<Para>,
    /// Whether there are paragraphs of several lines.
    pub(super) joined: bool,
    /// Whether there are words of one character, of scripts without spaces.
    pub(super) characters: bool,
    /// First paragraph by hash.
    by_hash: Table,
    /// For every few words the paragraph that holds the first of them.
    para_of: Vec<u32>,
    /// The page with its ASCII in lower case, which is the folded form of most of its lines; [`PAD`] stands behind it.
    lower: String,
    /// The folded form of the other lines, one behind the other.
    folded: String,
}

impl Text {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.lines.clear();
        self.paras.clear();
        (self.joined, self.characters) = (false, false);
        self.lower.clear();
        self.folded.clear();
    }

    /// The page in lower case, and more behind it.
    pub(super) fn lower(&self) -> &str {
        &self.lower
    }

    /// The folded form of line `index` of the page, if it was kept.
    pub(super) fn folded(&self, index: usize) -> Option<&str> {
        let line = &self.lines[index];
        let (start, end) = (line.folded.0 as usize, line.folded.1 as usize);
        if start == end {
            return line.blank.then_some("");
        }
        let behind = self.lower.len();
        Some(if start < behind { &self.lower[start..end] } else { &self.folded[start - behind..end - behind] })
    }

    /// Reads `page`. No paragraph crosses the ends of `fresh`: what is decided in two goes must look the same both times.
    pub(super) fn read(&mut self, page: &Page, fresh: &Range<usize>) {
        self.clear();
        dispatch!(Level::new(), simd => self.read_lines(simd, page));
        self.join(fresh);
        self.find_same();
    }

    #[inline(always)]
    fn read_lines<S: Simd>(&mut self, simd: S, page: &Page) {
        self.lower.clear();
        self.lower.push_str(page.text());
        self.lower.make_ascii_lowercase();
        self.lower.push_str(PAD);
        let mut used = 0;
        for (index, line) in page.lines().enumerate() {
            let start = used as u32;
            let mut words = LineWords { start, end: start, para: NONE, number: line.number, ..LineWords::default() };
            words.blank = page.is_blank(index);
            if line.part == Part::Whole && !words.blank {
                let lower = self.trim(simd, line.text, page.range(index));
                // In a long line it is better to know at once that folding changes it.
                let plain = lower.len() <= BLOCK || self.lower.as_bytes()[lower.clone()].is_ascii();
                let scanned = plain.then(|| scan(simd, &self.lower, lower.clone(), &mut self.words, used)).flatten();
                match scanned {
                    Some(scanned) => {
                        (words.shape, words.hash) = (scanned.shape, scanned.hash);
                        words.folded = (lower.start as u32, lower.end as u32);
                        used = scanned.words;
                    }
                    None => used = self.fold_line(simd, &page.text()[lower.clone()], lower, &mut words),
                }
                if used > MOST_WORDS {
                    used = start as usize;
                }
                words.end = used as u32;
            }
            self.lines.push(words);
        }
        self.words.truncate(used);
    }

    /// Where `line`, which is not blank and stands at `range` in the page, has no white space at its ends any more.
    #[inline(always)]
    fn trim<S: Simd>(&self, simd: S, line: &str, range: Range<usize>) -> Range<usize> {
        let (bytes, mut start) = (self.lower.as_bytes(), range.start);
        loop {
            let spaces = leading_spaces(simd, &bytes[start..]);
            start += spaces;
            if spaces < BLOCK {
                break;
            }
        }
        if is_plain(bytes[start]) && is_plain(bytes[range.end - 1]) {
            return start..range.end;
        }
        let text = line[start - range.start..].trim_start();
        let start = range.end - text.len();
        start..start + text.trim_end().len()
    }

    /// Reads a line whose folded form is more than its lower case, and gives how many words there are then.
    #[inline(always)]
    fn fold_line<S: Simd>(&mut self, simd: S, text: &str, lower: Range<usize>, line: &mut LineWords) -> usize {
        let (mut used, begin) = (line.start as usize, self.folded.len());
        fold_lower(text, &self.lower[lower], &mut self.folded);
        let end = self.folded.len();
        let length = end - begin;
        if length <= MOST_FOLDED {
            self.folded.push_str(PAD);
            let scanned = scan(simd, &self.folded, begin..end, &mut self.words, used);
            self.folded.truncate(end);
            (line.shape, line.hash, used) = match scanned {
                Some(scanned) => (scanned.shape, scanned.hash, scanned.words),
                None => {
                    self.words.truncate(used);
                    let shape = tokens(&self.folded[begin..], &mut self.words);
                    self.characters |= shape.weight as usize != 2 * (self.words.len() - used);
                    (shape, hash(&self.words[used..]), self.words.len())
                }
            };
        }
        if end > MOST_FOLDED {
            self.folded.truncate(begin);
        } else {
            line.folded = ((self.lower.len() + begin) as u32, (self.lower.len() + end) as u32);
        }
        // Folding made it shorter, so there may be gaps in it.
        if text.contains('\t') || text.len() != length && has_gaps(text) {
            line.shape.flags |= Shape::CODE;
        }
        line.blank = length == 0;
        used
    }

    fn join(&mut self, fresh: &Range<usize>) {
        let wrapped = self.is_wrapped();
        let mut at = 0;
        while at < self.lines.len() {
            if self.lines[at].blank {
                at += 1;
                continue;
            }
            let (mut end, mut widest) = (at, 0);
            while let Some(line) = self.lines.get(end).filter(|line| !line.blank) {
                (end, widest) = (end + 1, widest.max(line.shape.chars));
            }
            let block = at..end;
            at = end;
            let words = (self.lines[block.start].start, self.lines[block.end - 1].end);
            let mut open = false;
            for i in block.clone() {
                let line = &mut self.lines[i];
                if line.start == line.end {
                    open = false;
                    continue;
                }
                let joins = open
                    && i != fresh.start
                    && i != fresh.end
                    && widest <= WIDEST
                    && self.goes_on(i, widest, wrapped)
                    && self.paras.last().is_some_and(|p| i as u32 - p.first < LONGEST);
                if joins {
                    self.extend(i);
                } else {
                    let line = &mut self.lines[i];
                    line.para = self.paras.len() as u32;
                    self.paras.push(Para {
                        start: line.start,
                        end: line.end,
                        first: i as u32,
                        last: i as u32,
                        number: line.number,
                        hash: line.hash,
                        weight: line.shape.weight,
                        digits: line.shape.digits,
                        flags: line.shape.flags,
                        block: words,
                        same: self.paras.len() as u32,
                        copies: 1,
                    });
                }
                open = true;
            }
        }
    }

    /// Adds line `i` to the last paragraph.
    fn extend(&mut self, i: usize) {
        let line = self.lines[i];
        self.joined = true;
        self.lines[i].para = self.paras.len() as u32 - 1;
        if let Some(para) = self.paras.last_mut() {
            para.end = line.end;
            para.last = i as u32;
            para.weight += line.shape.weight;
            para.digits += line.shape.digits;
            para.hash = finish(mix(para.hash, line.hash));
            let ends = Shape::SENTENCE | Shape::QUESTION | Shape::CUT | Shape::COLON;
            para.flags = para.flags & !ends | line.shape.flags & (ends | Shape::CODE);
        }
    }

    /// Whether line `i` goes on what the line before it began: that line is full to the width of the block.
    fn goes_on(&self, i: usize, widest: u32, wrapped: bool) -> bool {
        let (before, line) = (&self.lines[i - 1], &self.lines[i]);
        let sentence = before.shape.has(Shape::SENTENCE | Shape::CUT);
        before.shape.chars >= NARROWEST
            && before.shape.chars + 1 + line.shape.head > widest
            && (wrapped || !sentence)
            && !line.shape.has(Shape::BULLET)
            && !self.begin_alike(before, line)
    }

    /// Two lines that begin alike are two captions or headlines, not one paragraph.
    fn begin_alike(&self, a: &LineWords, b: &LineWords) -> bool {
        let (a, b) = (&self.words[a.start as usize..a.end as usize], &self.words[b.start as usize..b.end as usize]);
        a.len() >= 3 && b.len() >= 3 && a.iter().zip(b).take(3).all(|(a, b)| a.same(*b))
    }

    /// Whether the whole page was wrapped: hardly a line goes beyond the width.
    fn is_wrapped(&self) -> bool {
        let wide = self.lines.iter().filter(|l| l.shape.chars > 100).count();
        let full = self.lines.iter().filter(|l| (60..=100).contains(&l.shape.chars)).count();
        full >= 4 && wide * 20 < full
    }

    fn find_same(&mut self) {
        self.para_of.clear();
        for (i, para) in (0..).zip(&self.paras) {
            self.para_of.resize((para.end as usize).div_ceil(FEW), i);
        }
        self.by_hash.reset(self.paras.len());
        for i in 0..self.paras.len() {
            let para = self.paras[i];
            let Some(first) = self.by_hash.get_or_insert(para.hash, i as u32) else { continue };
            let other = &mut self.paras[first as usize];
            let len = para.end - para.start;
            if other.end - other.start == len && other.weight == para.weight {
                other.copies = other.copies.saturating_add(1);
                self.paras[i].same = first;
            }
        }
    }

    /// The paragraph that holds word `at`.
    pub(super) fn para_at(&self, at: u32) -> usize {
        let first = self.para_of.get(at as usize / FEW).map_or(self.paras.len(), |para| *para as usize);
        first + self.paras[first..].iter().take_while(|para| para.end <= at).count()
    }

    /// The line of paragraph `para` that holds word `at`.
    pub(super) fn line_at(&self, para: &Para, at: u32) -> usize {
        (para.first..=para.last).find(|i| self.lines[*i as usize].end > at).unwrap_or(para.last) as usize
    }
}

/// Whether several spaces stand inside `text`, other than behind a sentence or a bullet.
fn has_gaps(text: &str) -> bool {
    let (bytes, after) = (text.as_bytes(), text.as_bytes().get(1..).unwrap_or_default());
    // All of it, as that takes no longer than to see where it could end.
    if !bytes.iter().zip(after).fold(false, |any, (a, b)| any | ((*a == b' ') & (*b == b' '))) {
        return false;
    }
    let gap = |(at, _): (usize, &str)| !text[..at].ends_with(['.', '!', '?', ':', '*', '#', '-', '•', ' ']);
    text.match_indices("  ").any(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Text {
        let mut out = Text::default();
        let page = Page::from_text(text);
        out.read(&page, &(0..page.len()));
        out
    }

    #[test]
    fn wrapped_lines_are_one_paragraph() {
        let text = read(
            "The harbour office said on Tuesday that the two ferries would be laid up\n\
             until the spring, when a new crew is expected. Passengers may use the bus\n\
             in the meantime.\n\nA short line\nAnother short line\n",
        );
        assert_eq!(text.paras.iter().map(|p| (p.first, p.last)).collect::<Vec<_>>(), [(0, 2), (4, 4), (5, 5)]);
        assert!(text.paras[0].has(Shape::SENTENCE));
        assert_eq!(text.line_at(&text.paras[0], 20), 1);
        assert_eq!(text.para_at(text.paras[1].start), 1);
    }

    #[test]
    fn captions_that_begin_alike_stay_two() {
        let line = "The two ferries at their moorings behind the old customs house last week";
        let text = read(&format!("{line}\n{line}\n"));
        assert_eq!(text.paras.len(), 2);
        assert_eq!((text.paras[0].copies, text.paras[1].same), (2, 0));
    }

    #[test]
    fn no_paragraph_crosses_the_fresh_lines() {
        let text = "The harbour office said on Tuesday that the two ferries would be laid up\nuntil the spring.\n";
        let mut out = Text::default();
        out.read(&Page::from_text(text), &(0..1));
        assert_eq!(out.paras.len(), 2);
    }
}
