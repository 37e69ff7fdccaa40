//! What goes together with a repeat: a credit under its caption, a heading over its paragraph, a name under its quote.
//!
//! By themselves such lines are too short to be sure of. Next to a line that goes they are, when the text around the
//! copy that stays has them too.

use super::edges::{Edge, Place};
use super::judge::{PROSE, is_prose};
use super::resolve::{Resolver, State};
use super::shape::Shape;
use super::text::Text;
use super::token::Token;
use super::{Found, Kind};
use crate::verdict::Repeat;

/// Half words of the longest name with an office.
const NAME: u32 = 24;
/// How many words around a quote's paragraph are searched for the name.
const AROUND: usize = 2048;

impl Resolver {
    /// Lets lines follow those that go.
    pub(super) fn follow(&mut self, text: &Text, edges: &[Option<Edge>]) {
        self.targets(text);
        for (i, edge) in edges.iter().enumerate() {
            let (State::Sure, Some(found), Some(edge)) = (self.states[i], self.led[i], edge) else { continue };
            let Place::Page(first, last) = edge.place else { continue };
            if !found.sure {
                continue;
            }
            if edge.same && is_prose(&text.paras[i]) {
                self.heading(text, i, first as usize);
            } else if self.open(text, i + 1) {
                let next = &text.paras[i + 1];
                let rest = &text.words[edge.theirs.1 as usize..text.paras[last as usize].end as usize];
                let words = &text.words[next.words()];
                let goes_on = rest.len() >= words.len() && rest.iter().zip(words).all(|(a, b)| a.same(*b));
                let how = match found.kind {
                    Kind::Caption if goes_on && next.first == text.paras[i].last + 1 => Repeat::Overlap(100),
                    Kind::Quote if is_speaker(text, i + 1, edge.theirs.0) => Repeat::Speaker,
                    _ => continue,
                };
                self.led[i + 1] = Some(Found { how, ..found });
            }
        }
    }

    /// Notes the paragraphs that others go for: they stay.
    fn targets(&mut self, text: &Text) {
        self.targets.clear();
        self.targets.resize(text.paras.len(), false);
        for found in self.led.iter().flatten().filter(|found| found.sure) {
            let at = text.paras.partition_point(|para| para.number <= found.of);
            if let Some(target) = at.checked_sub(1).and_then(|at| self.targets.get_mut(at)) {
                *target = true;
            }
        }
    }

    /// Whether paragraph `i` may follow the one before it: nothing is decided about it, and it stands below.
    fn open(&self, text: &Text, i: usize) -> bool {
        let paras = &text.paras;
        paras.get(i).is_some_and(|para| para.first - paras[i - 1].last <= 2) && self.may_go(i)
    }

    fn may_go(&self, i: usize) -> bool {
        self.states[i] == State::Open && !self.targets[i] && self.led[i].is_none_or(|found| !found.sure)
    }

    /// The heading over paragraph `i`, which is `first` again, when that one has the same.
    fn heading(&mut self, text: &Text, i: usize, first: usize) {
        let (Some(own), Some(other)) = (i.checked_sub(1), first.checked_sub(1)) else { return };
        let (a, b) = (&text.paras[own], &text.paras[other]);
        let alike = a.same == b.same && other < own && (4..PROSE).contains(&a.weight) && !a.has(Shape::CODE);
        let stays = self.states[other] != State::Sure && self.led[other].is_none_or(|found| !found.sure);
        if alike && stays && self.may_go(own) {
            self.targets[other] = true;
            self.led[own] = Some(Found { kind: Kind::Whole, how: Repeat::Same, of: b.number, sure: true });
        }
    }
}

/// Whether paragraph `i` is the name, with an office or without, of somebody whom the text around word `at` names too.
/// Below a blank line it takes the office as well: a name alone may be a heading there.
fn is_speaker(text: &Text, i: usize, at: u32) -> bool {
    let para = &text.paras[i];
    let speech = Shape::SENTENCE | Shape::QUESTION | Shape::CUT | Shape::COLON;
    let last = text.lines.get(para.last as usize + 1).is_none_or(|line| line.blank);
    if !last || !(4..=NAME).contains(&para.weight) || para.has(speech) {
        return false;
    }
    let words = &text.words[para.words()];
    let apart = text.paras[i - 1].last + 1 < para.first;
    let from = (at as usize).saturating_sub(AROUND / 2);
    let around = from..(from + AROUND).min(text.words.len());
    // A title may stand before the name, and a comma or nothing behind it.
    let mut names = words[..words.len().min(4)].windows(2).zip(2..);
    names.any(|(name, end)| {
        let mut pairs = text.words[around.clone()].windows(2).zip(around.start..);
        name[1].has(Token::BREAK)
            && (end == words.len() || !name[1].has(Token::END))
            && !(apart && end == words.len())
            && pairs.any(|(pair, at)| !para.words().contains(&at) && pair[0].same(name[0]) && pair[1].same(name[1]))
    })
}
