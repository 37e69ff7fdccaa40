//! From candidates to a consistent answer: which lines go, and which line stays for each.
//!
//! Every removal points from a paragraph to one that is fuller, or as full and earlier, so no two can go because of
//! each other; where the fuller one goes too, for a still fuller one, the pointer is led on to the one that stays.
//! Judging is repeated while lines go, since two captions may become neighbours by what goes between them.

use std::ops::Range;

use super::captions::Credits;
use super::edges::{Edge, Place};
use super::judge::{View, is_prose};
use super::text::Text;
use super::{Found, Kind, Repeats};
use crate::verdict::Repeat;

/// Rounds of judging at most.
const ROUNDS: usize = 6;
/// Most paragraphs between two sure repeats that go with them.
const BETWEEN: usize = 8;

/// Most steps from one that goes to one that stays.
const STEPS: usize = 32;

/// State of a paragraph while judging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Open,
    /// Decided with an earlier window, or holding what another line repeats in part: stays.
    Stays,
    /// Goes.
    Sure,
}

/// Buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolver {
    /// The paragraphs that have a candidate, ascending. All others stay, whatever is decided about these.
    with: Vec<u32>,
    pub(super) states: Vec<State>,
    judged: Vec<Option<Found>>,
    pub(super) led: Vec<Option<Found>>,
    order: Vec<u32>,
    prose: Vec<u32>,
    quoted: Vec<(u32, u32)>,
    /// By paragraph: the last of those passages, as words.
    passages: Vec<(u32, u32)>,
    /// Most paragraphs of prose stand there twice.
    doubled: bool,
    /// By paragraph: whether others go for it.
    pub(super) targets: Vec<bool>,
}

impl Repeats {
    /// Fills `found` from the candidates.
    pub(super) fn resolve(&mut self, fresh: &Range<usize>) {
        let Repeats { text, memory, edges, resolver, credits, decided, found, .. } = self;
        found.clear();
        found.resize(text.lines.len(), None);
        resolver.with.clear();
        resolver.with.extend((0..).zip(edges.iter()).filter(|(_, edge)| edge.is_some()).map(|(i, _)| i));
        if resolver.with.is_empty() {
            return;
        }
        resolver.begin(text, fresh, decided);
        resolver.count_quotes(text, edges, credits);
        for round in 0..ROUNDS {
            resolver.measure(text);
            let Resolver { with, states, judged, order, prose, quoted, doubled, .. } = &mut *resolver;
            let view = View { text, memory, order, prose, quoted, credits, doubled: *doubled };
            let mut changed = false;
            for several in [false, true] {
                for i in indices(with) {
                    let Some(edge) = &edges[i] else { continue };
                    if states[i] == State::Sure || is_several(edge) != several {
                        continue;
                    }
                    judged[i] = view.judge(i, edge);
                    let sure = judged[i].is_some_and(|f| f.sure) && states[i] == State::Open;
                    if sure && pin(states, edge) {
                        states[i] = State::Sure;
                        changed = true;
                    } else if let Some(found) = &mut judged[i] {
                        found.sure = false;
                    }
                }
            }
            changed |= copies_follow(text, with, edges, states, judged);
            changed |= fill_runs(text, edges, states, judged);
            if !changed || round + 1 == ROUNDS {
                break;
            }
        }
        resolver.lead_on(text, edges, decided);
        resolver.follow(text, edges);
        for (i, led) in resolver.led.iter().enumerate().filter(|(_, led)| led.is_some()) {
            let lines = text.paras[i].first as usize..=text.paras[i].last as usize;
            found[lines].fill(*led);
        }
    }
}

fn indices(with: &[u32]) -> impl Iterator<Item = usize> {
    with.iter().map(|i| *i as usize)
}

fn is_several(edge: &Edge) -> bool {
    matches!(edge.place, Place::Page(first, last) if first != last)
}

/// Makes sure that what `edge` points to stays; whether that can be.
fn pin(states: &mut [State], edge: &Edge) -> bool {
    let Place::Page(first, last) = edge.place else { return true };
    if first == last {
        // One that goes itself leads on to one that stays.
        return true;
    }
    let range = &mut states[first as usize..=last as usize];
    if range.contains(&State::Sure) {
        return false;
    }
    range.fill(State::Stays);
    true
}

/// A copy of a paragraph that goes for a fuller one goes for that one too.
fn copies_follow(
    text: &Text,
    with: &[u32],
    edges: &mut [Option<Edge>],
    states: &mut [State],
    judged: &mut [Option<Found>],
) -> bool {
    let mut changed = false;
    for i in indices(with) {
        let first = text.paras[i].same as usize;
        if first != i && states[i] == State::Open && states[first] == State::Sure && judged[first].is_some() {
            (states[i], judged[i], edges[i]) = (State::Sure, judged[first], edges[first]);
            changed = true;
        }
    }
    changed
}

/// Short paragraphs between two sure repeats go with them when they repeat what stands between the other copies.
fn fill_runs(text: &Text, edges: &mut [Option<Edge>], states: &mut [State], judged: &mut [Option<Found>]) -> bool {
    let target = |edges: &[Option<Edge>], i: usize| match edges[i] {
        Some(Edge { place: Place::Page(first, last), same: true, .. }) if first == last => Some(first as usize),
        _ => None,
    };
    let mut changed = false;
    let mut before: Option<usize> = None;
    for i in 0..states.len() {
        if states[i] != State::Sure {
            continue;
        }
        if let Some(b) = before.replace(i).filter(|b| i - b > 1 && i - b <= BETWEEN) {
            let (Some(from), Some(to)) = (target(edges, b), target(edges, i)) else { continue };
            let alike = to > from
                && to - from == i - b
                && to <= b
                && (1..i - b).all(|n| {
                    text.paras[b + n].same == text.paras[from + n].same
                        && states[b + n] == State::Open
                        && states[from + n] != State::Sure
                });
            if alike {
                for n in 1..i - b {
                    let (other, number) = ((from + n) as u32, text.paras[from + n].number);
                    let theirs = (text.paras[from + n].start, text.paras[from + n].end);
                    states[b + n] = State::Sure;
                    judged[b + n] = Some(Found { kind: Kind::Whole, how: Repeat::Same, of: number, sure: true });
                    if let Some(edge) = &mut edges[b + n] {
                        (edge.place, edge.theirs) = (Place::Page(other, other), theirs);
                    }
                }
                changed = true;
            }
        }
    }
    changed
}

impl Resolver {
    fn begin(&mut self, text: &Text, fresh: &Range<usize>, decided: &[(u64, u64)]) {
        self.judged.clear();
        self.judged.resize(text.paras.len(), None);
        self.states.clear();
        self.states.extend(text.paras.iter().map(|para| {
            if para.first as usize >= fresh.start {
                State::Open
            } else if decided.binary_search_by_key(&para.number, |d| d.0).is_ok() {
                State::Sure
            } else {
                State::Stays
            }
        }));
        let (mut twice, mut count) = (0, 0);
        for (i, para) in text.paras.iter().enumerate().filter(|(_, para)| is_prose(para)) {
            let first = usize::from(para.same as usize == i);
            count += first;
            twice += if para.copies > 1 { first } else { 0 };
        }
        self.doubled = twice > 2 && twice * 2 >= count;
    }

    /// Counts what each paragraph has of others.
    fn count_quotes(&mut self, text: &Text, edges: &[Option<Edge>], credits: &Credits) {
        self.quoted.clear();
        self.quoted.resize(text.paras.len(), (0, 0));
        self.passages.clear();
        self.passages.resize(text.paras.len(), (0, 0));
        for i in indices(&self.with) {
            let (para, edge) = (&text.paras[i], &edges[i]);
            let Some(Edge { place: Place::Page(first, last), found, theirs, same: false, .. }) = edge else { continue };
            if first == last && para.weight >= 10 && u64::from(found.weight) * 10 >= u64::from(para.weight) * 9 {
                // The same passage once more is no second one, and a credit is none.
                let passage = &mut self.passages[*first as usize];
                if passage.0 < theirs.1 && theirs.0 < passage.1 || credits.are(&text.words[para.words()]) {
                    continue;
                }
                *passage = *theirs;
                let quoted = &mut self.quoted[*first as usize];
                *quoted = (quoted.0 + 1, quoted.1.saturating_add(para.weight));
            }
        }
    }

    /// Counts lines and prose before each place, without what goes.
    fn measure(&mut self, text: &Text) {
        let mut count = 0;
        self.order.clear();
        for line in &text.lines {
            self.order.push(count);
            let goes = self.states.get(line.para as usize) == Some(&State::Sure);
            count += u32::from(!line.blank && !goes);
        }
        let mut count = 0;
        self.prose.clear();
        for (para, state) in text.paras.iter().zip(&self.states) {
            self.prose.push(count);
            count += u32::from(*state != State::Sure && is_prose(para));
        }
        self.prose.push(count);
    }

    /// Leads every pointer on to a line that stays.
    fn lead_on(&mut self, text: &Text, edges: &[Option<Edge>], decided: &[(u64, u64)]) {
        self.led.clear();
        self.led.resize(self.judged.len(), None);
        for i in indices(&self.with) {
            let Some(mut found) = self.judged[i] else { continue };
            let mut at = i;
            // Each step goes to a fuller paragraph, so this ends; at the latest after as many steps as are worth it.
            for step in 0..=STEPS {
                let Some(Edge { place: Place::Page(first, last), .. }) = edges[at] else { break };
                if first != last || self.states[first as usize] != State::Sure {
                    break;
                }
                if step == STEPS {
                    found.sure = false;
                    break;
                }
                at = first as usize;
                let next = match self.judged[at].filter(|next| next.sure) {
                    Some(next) => (next.how, next.of),
                    None => match decided.binary_search_by_key(&text.paras[at].number, |d| d.0) {
                        Ok(k) => (Repeat::Same, decided[k].1),
                        Err(_) => {
                            found.sure = false;
                            break;
                        }
                    },
                };
                found.of = next.1;
                found.how = both(found.how, next.0);
            }
            self.led[i] = Some(found);
        }
    }
}

/// How a line repeats the line that its own copy repeats.
fn both(first: Repeat, second: Repeat) -> Repeat {
    match (first, second) {
        (Repeat::Same, how) | (how, Repeat::Same) => how,
        (Repeat::Overlap(a), Repeat::Overlap(b)) => Repeat::Overlap((u32::from(a) * u32::from(b) / 100) as u8),
        (Repeat::Overlap(a), _) | (_, Repeat::Overlap(a)) => Repeat::Overlap(a),
        (a, b) if a == b => a,
        _ => Repeat::Overlap(100),
    }
}
