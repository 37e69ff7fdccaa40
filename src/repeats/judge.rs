//! What a repeat is, and whether it is beyond doubt.
//!
//! Much of what repeats does so by right: headings that a table of contents lists, refrains, table cells, points of
//! comparison under every product, questions taken up by their answers. Those have short or unfinished sentences,
//! companions that repeat as well, or stand where the first copy is the doubtful one. What remains is removed: whole
//! sentences again, and captions near their fuller copy.

use std::ops::Range;

use super::align::Match;
use super::captions::Credits;
use super::edges::{Edge, Place};
use super::memory::Memory;
use super::shape::Shape;
use super::text::{Para, Text};
use super::{Found, Kind};
use crate::verdict::Repeat;

/// Within so many lines that are not blank, two copies of a caption belong to the same picture.
pub(super) const NEAR: u32 = 12;
/// Most lines between a quote and its paragraph, or a caption and its copy elsewhere on the page.
pub(super) const FAR: u32 = 120;
/// Within so many, the copies may be taken for one even if nothing around them repeats.
const CLOSE: u32 = 6;
/// A verse has fewer half words, a stanza at most so many lines.
const STANZA: (u32, usize) = (36, 16);
/// Half words of a paragraph that shows that the article's text has begun.
pub(super) const PROSE: u32 = 40;

/// The page as it is while it is judged.
pub(super) struct View<'a> {
    pub(super) text: &'a Text,
    pub(super) memory: &'a Memory,
    /// By line: lines before it that are not blank and stay.
    pub(super) order: &'a [u32],
    /// By paragraph: paragraphs of prose before it that stay; one entry more than there are paragraphs.
    pub(super) prose: &'a [u32],
    /// By paragraph: how many others, and half words, are passages of it.
    pub(super) quoted: &'a [(u32, u32)],
    /// Words that credits are made of.
    pub(super) credits: &'a Credits,
    /// Most paragraphs of prose stand there twice: a whole text was emitted twice.
    pub(super) doubled: bool,
}

impl View<'_> {
    /// What paragraph `i` is, as a repeat of `edge`; `None` when too little of it is there.
    pub(super) fn judge(&self, i: usize, edge: &Edge) -> Option<Found> {
        let para = &self.text.paras[i];
        let cover = u64::from(edge.found.weight) * 100 / u64::from(para.weight.max(1));
        if !edge.same && (cover < 90 || para.weight < 8) {
            return None;
        }
        let of = self.number(edge);
        if edge.same || self.equal(para, edge) {
            let (kind, sure) = self.again(i, para, edge);
            return Some(Found { kind, how: Repeat::Same, of, sure });
        }
        let (kind, how, sure) = match self.caption(i, para, edge) {
            Some(how) => (Kind::Caption, how, !self.is_table(para)),
            None => self.quote(i, para, edge, cover as u8),
        };
        Some(Found { kind, how, of, sure })
    }

    /// Number of the line on which the other copy begins.
    fn number(&self, edge: &Edge) -> u64 {
        match edge.place {
            Place::Page(first, _) => {
                let para = &self.text.paras[first as usize];
                self.text.lines[self.text.line_at(para, edge.theirs.0)].number
            }
            Place::Memory(at) => self.memory.paras[at as usize].number,
        }
    }

    /// Lines between paragraph `i` and the other copy.
    pub(super) fn distance(&self, i: usize, edge: &Edge) -> u32 {
        match edge.place {
            Place::Page(first, last) => {
                let (para, first, last) =
                    (&self.text.paras[i], &self.text.paras[first as usize], &self.text.paras[last as usize]);
                let at = |line: u32| self.order[line as usize];
                if last.last < para.first {
                    at(para.first) - at(last.last)
                } else {
                    at(first.first).saturating_sub(at(para.last))
                }
            }
            Place::Memory(_) => u32::MAX,
        }
    }

    /// All words of both, though they are wrapped differently.
    fn equal(&self, para: &Para, edge: &Edge) -> bool {
        edge.weight == para.weight && whole(para, &edge.found) && edge.found.stepped == (0, 0)
    }

    /// The same text again.
    fn again(&self, i: usize, para: &Para, edge: &Edge) -> (Kind, bool) {
        let distance = self.distance(i, edge);
        let in_text = self.prose[i] > 0;
        let caption = distance <= NEAR && in_text && para.weight <= 160 && (!self.doubled || self.has_credit(para));
        let kind = if caption { Kind::Caption } else { Kind::Whole };
        if para.weight < 8 || self.is_table(para) {
            return (kind, false);
        }
        let copies = match edge.place {
            Place::Page(first, _) => self.text.paras[first as usize].copies,
            Place::Memory(_) => 2,
        };
        let sentence = para.has(Shape::SENTENCE) || self.has_credit(para);
        let sure = if sentence && para.weight >= 16 {
            let question = para.has(Shape::QUESTION) && para.weight < 30;
            let point = para.weight < 60 && (para.has(Shape::BULLET) || self.first_is_point(edge));
            // Far from its copy and alone, a sentence may be a forum's quote or what a manual says of each function;
            // only the beginning of the article is known to be printed again like that.
            let lone = distance > CLOSE && !self.in_run(i, edge, copies);
            let lost = lone && (copies > 2 || !self.opens(edge));
            let signature = self.is_signature(para);
            let verse = self.is_verse(i) || self.is_refrain(i, edge, copies);
            !question && !point && !lost && !signature && !verse && !self.is_reply(i, edge)
        } else if distance <= 3 && copies <= 3 {
            // Picture text and caption under it. A heading under a table of contents has companions that repeat too.
            para.weight >= if in_text { 10 } else { 12 }
                && !para.has(Shape::BULLET | Shape::QUESTION)
                && !self.first_is_point(edge)
                && !self.is_listed(i, edge)
                && !self.is_verse(i)
        } else {
            para.weight >= 10 && self.is_title_again(i, edge)
        };
        (kind, sure)
    }

    /// The neighbours repeat the neighbours of the other copy. Where there are more than two, short ones may as well be
    /// the standing words of an entry, and only prose shows that a text was emitted again.
    fn in_run(&self, i: usize, edge: &Edge, copies: u32) -> bool {
        let Place::Page(first, last) = edge.place else { return false };
        let paras = &self.text.paras;
        let least = if copies > 2 { PROSE } else { 8 };
        let alike = |a: usize, b: usize| {
            a != b && paras.get(a).zip(paras.get(b)).is_some_and(|(a, b)| a.same == b.same && a.weight >= least)
        };
        alike(i + 1, last as usize + 1) || i > 0 && first > 0 && alike(i - 1, first as usize - 1)
    }

    /// The line stands below a rule, as forum signatures do.
    fn is_signature(&self, para: &Para) -> bool {
        let above = &self.text.lines[(para.first as usize).saturating_sub(4)..para.first as usize];
        above.iter().rev().take_while(|line| !line.blank).any(|line| line.shape.has(Shape::RULE))
    }

    /// One of several short lines in a row, as in a poem, a list or a dialogue.
    pub(super) fn is_verse(&self, i: usize) -> bool {
        let paras = &self.text.paras;
        let own = &paras[i];
        let in_block = |at: usize| paras.get(at).filter(|p| p.block == own.block);
        let short = |at: usize| in_block(at).is_some_and(|p| p.weight < 24 && p.same != own.same);
        let row = own.weight < 24 && i > 0 && short(i - 1) && short(i + 1);
        let copy = |at: usize| in_block(at).is_some_and(|p| p.same == own.same);
        let stanza = || self.stanza(i).is_some_and(|lines| lines.len() > 2) && !(i > 0 && copy(i - 1));
        row || stanza()
    }

    /// The block of paragraph `i` where it is a stanza: two lines or more, all short, set apart by blank lines.
    fn stanza(&self, i: usize) -> Option<Range<usize>> {
        let paras = &self.text.paras;
        let block = paras.get(i)?.block;
        let inside = |at: &usize| paras[*at].block == block;
        let start = i - (0..i).rev().take(STANZA.1).take_while(inside).count();
        let end = i + (i..paras.len()).take(STANZA.1 + 1).take_while(inside).count();
        let line = |p: &Para| p.weight < STANZA.0 && p.first == p.last;
        let verse = (2..=STANZA.1).contains(&(end - start)) && paras[start..end].iter().all(line);
        verse.then_some(start..end)
    }

    /// A stanza, be it of two lines, that comes back whole between other verses, or again and again.
    fn is_refrain(&self, i: usize, edge: &Edge, copies: u32) -> bool {
        let Place::Page(first, _) = edge.place else { return false };
        let (Some(own), Some(other)) = (self.stanza(i), self.stanza(first as usize)) else { return false };
        let paras = &self.text.paras;
        let whole = own.start >= other.end
            && own.len() == other.len()
            && paras[own.clone()].iter().zip(&paras[other]).all(|(a, b)| a.same == b.same)
            && !paras[own.clone()].iter().any(|para| self.credits.are(&self.text.words[para.words()]));
        // A verse of the song, not the refrain once more.
        let verse = |at: Option<usize>| at.and_then(|at| self.stanza(at)).is_some_and(|s| paras[s.start].copies == 1);
        whole && (copies > 2 || verse(own.start.checked_sub(1)) && verse(Some(own.end)))
    }

    /// The other copy stands before the article's second paragraph.
    fn opens(&self, edge: &Edge) -> bool {
        matches!(edge.place, Place::Page(first, _) if self.prose[first as usize] <= 1)
    }

    /// The other copy is an item of a list.
    fn first_is_point(&self, edge: &Edge) -> bool {
        matches!(edge.place, Place::Page(first, _) if self.text.paras[first as usize].has(Shape::BULLET))
    }

    /// A neighbour of one of the copies is short and repeats too: a table of contents, points of a comparison.
    fn is_listed(&self, i: usize, edge: &Edge) -> bool {
        let Place::Page(first, _) = edge.place else { return false };
        let paras = &self.text.paras;
        let own = paras[i].same;
        let companion = |at: usize| {
            paras.get(at).is_some_and(|p| {
                let sentence = p.has(Shape::SENTENCE) && !p.has(Shape::QUESTION);
                p.same != own && p.weight < PROSE && !sentence && paras[p.same as usize].copies > 1
            })
        };
        [first as usize, i].into_iter().any(|at| (at.saturating_sub(2)..at + 3).any(companion))
    }

    /// The headline again, behind the text: the first copy is followed by prose, this one is not.
    fn is_title_again(&self, i: usize, edge: &Edge) -> bool {
        let Place::Page(first, last) = edge.place else { return false };
        let first = first as usize;
        let prose = |from: usize, to: usize| {
            let end = self.prose.len() - 1;
            self.prose[to.min(end)].saturating_sub(self.prose[from.min(end)])
        };
        first < i
            && self.opens(edge)
            && prose(i + 1, usize::MAX) <= 2
            && !self.text.paras[first].has(Shape::BULLET)
            && prose(last as usize + 1, last as usize + 13) > 0
            && prose(last as usize + 1, i) >= 2
            && prose(i + 1, i + 4) == 0
            && !self.is_listed(i, edge)
    }

    /// Code, table rows and tickers, which repeat by right.
    pub(super) fn is_table(&self, para: &Para) -> bool {
        para.has(Shape::CODE) || para.digits * 5 > para.weight
    }
}

/// Whether all of `para` was matched, edits aside.
pub(super) fn whole(para: &Para, found: &Match) -> bool {
    found.ours == (0, para.end - para.start)
}

/// Whether `para` is running text.
pub(super) fn is_prose(para: &Para) -> bool {
    para.weight >= PROSE && para.has(Shape::SENTENCE)
}
