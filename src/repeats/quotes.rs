//! Pull quotes: sentences that stand in a longer paragraph before or after them.

use super::Kind;
use super::edges::{Edge, Place};
use super::judge::{FAR, PROSE, View, whole};
use super::shape::Shape;
use super::text::Para;
use super::token::Token;
use crate::verdict::Repeat;

/// Paragraphs of a post that an answer takes up.
const POST: usize = 24;

impl View<'_> {
    /// Sentences, or nearly all words, of a longer paragraph.
    pub(super) fn quote(&self, i: usize, para: &Para, edge: &Edge, cover: u8) -> (Kind, Repeat, bool) {
        let found = &edge.found;
        let words = match edge.place {
            Place::Page(..) => &self.text.words,
            Place::Memory(_) => &self.memory.words,
        };
        let bounds = match edge.place {
            Place::Page(first, last) => (self.text.paras[first as usize].start, self.text.paras[last as usize].end),
            Place::Memory(at) => (self.memory.paras[at as usize].start, self.memory.paras[at as usize].end),
        };
        let at = |n: u32| words[n as usize];
        let starts = edge.theirs.0 == bounds.0 || at(edge.theirs.0 - 1).has(Token::END | Token::QUOTE);
        let ends = edge.theirs.1 == bounds.1 || at(edge.theirs.1 - 1).has(Token::END | Token::QUOTE);
        let exact = whole(para, found) && found.stepped == (0, 0);
        let how = match (exact, starts, ends) {
            (true, true, true) => Repeat::Sentence,
            (true, true, false) if edge.theirs.0 == bounds.0 => Repeat::Prefix,
            _ => Repeat::Overlap(cover),
        };
        let kind = match () {
            () if para.has(Shape::CUT) => Kind::Whole,
            () if self.lacks_credit(para, edge) => Kind::Caption,
            () => Kind::Quote,
        };
        let point = para.has(Shape::BULLET) && para.weight < 60;
        if point || self.is_table(para) || found.figures || para.weight < 10 || para.weight > 400 && !exact {
            return (kind, how, false);
        }
        if self.is_reply(i, edge) || self.is_summary(edge) || self.is_tabled(edge) {
            return (kind, how, false);
        }
        let much_fuller = edge.weight >= para.weight + para.weight / 4;
        let sentence = para.has(Shape::SENTENCE) || para.has(Shape::QUOTED);
        let distance = self.distance(i, edge);
        // Above the text a line within another short one is a headline with its section.
        let begun = self.prose[i] > 0 || edge.weight >= PROSE;
        let sure = if para.has(Shape::CUT) {
            // A teaser's beginning of the paragraph.
            exact && starts
        } else if para.copies > 2 || distance > FAR || !begun {
            false
        } else if how == Repeat::Sentence {
            match para.weight {
                0..12 => false,
                12..16 => {
                    let alone = self.stands_alone(i, para, edge) && edge.weight >= 3 * para.weight;
                    sentence && alone && distance <= FAR / 3
                }
                16..24 => sentence && !para.has(Shape::QUESTION) && !self.is_verse(i),
                _ => sentence || self.prose[i] > 0,
            }
        } else {
            let clause = para.weight >= 24 && much_fuller && self.prose[i] > 0 && !para.has(Shape::QUESTION);
            // Manuals say nearly the same of several things, and one word makes the difference.
            let quoted = para.has(Shape::QUOTED) || edge.weight >= 2 * para.weight;
            clause && sentence && (exact || cover >= 92 && quoted)
        };
        (kind, how, sure)
    }

    /// The passage is in a paragraph that collects sentences from several others, as summaries do: the others stay.
    pub(super) fn is_summary(&self, edge: &Edge) -> bool {
        let Place::Page(first, last) = edge.place else { return false };
        let (count, weight) = self.quoted[first as usize];
        first == last && count > 1 && weight * 2 >= self.text.paras[first as usize].weight
    }

    /// The passage is in a row of a table.
    fn is_tabled(&self, edge: &Edge) -> bool {
        let Place::Page(first, last) = edge.place else { return false };
        (first..=last).any(|para| self.is_table(&self.text.paras[para as usize]))
    }

    /// A short sentence set apart by blank lines or quotation marks, in the text, and not taken up by the very next
    /// paragraph.
    fn stands_alone(&self, i: usize, para: &Para, edge: &Edge) -> bool {
        let lines = &self.text.lines;
        let blank = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|line| line.blank);
        let apart = blank((para.first as usize).checked_sub(1)) && blank(Some(para.last as usize + 1));
        let quoted = para.has(Shape::QUOTED) && self.text.words[para.end as usize - 1].has(Token::QUOTE);
        (apart || quoted)
            && self.prose[i] > 0
            && para.copies == 1
            && !para.has(Shape::QUESTION | Shape::BULLET)
            && edge.place != Place::Page(i as u32 + 1, i as u32 + 1)
    }

    /// Words of an earlier post that an answer takes up: `Name wrote:` stands above them.
    pub(super) fn is_reply(&self, i: usize, edge: &Edge) -> bool {
        let (paras, mut at) = (&self.text.paras, i);
        let mut other = match edge.place {
            Place::Page(first, _) => first as usize,
            Place::Memory(_) => 0,
        };
        if other > i {
            return false;
        }
        for _ in 0..POST {
            let Some(before) = at.checked_sub(1) else { return false };
            if other.checked_sub(1).is_none_or(|o| paras[o].same != paras[before].same) {
                return paras[before].has(Shape::COLON) && paras[before].weight <= 24;
            }
            (at, other) = (before, other - 1);
        }
        false
    }
}
