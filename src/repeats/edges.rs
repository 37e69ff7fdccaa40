//! Candidates: for each paragraph the passage that it may repeat, before or after it.
//!
//! Shared shingles vote for how far two passages are apart; the few places with most votes are laid along the
//! paragraph word by word, and the one that covers most of it is taken, at equality the fullest, then the first.

use std::ops::Range;

use super::align::{Match, align};
use super::memory::Memory;
use super::passages::Passages;
use super::shingles::Samples;
use super::text::{LineWords, Para, Text};

/// Places that are told apart, and those that are looked at closely.
const VOTES: usize = 8;
const CLOSE: usize = 3;
/// Votes for nearly the same distance are for the same place: words may be missing.
const SLACK: i64 = 8;

/// Where the other copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the page: first and last paragraph.
    Page(u32, u32),
    /// Among the remembered.
    Memory(u32),
}

/// A paragraph and the passage that it repeats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) place: Place,
    pub(super) found: Match,
    /// First and last word of the passage, in the row of words it is in.
    pub(super) theirs: (u32, u32),
    /// Half words of the paragraphs that hold the passage.
    pub(super) weight: u32,
    /// All words of both are the same.
    pub(super) same: bool,
}

/// Tally of the shingles of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shared {
    pub(super) looked_up: u32,
    pub(super) before: u32,
    pub(super) after: u32,
}

#[derive(Clone, Copy, Debug)]
struct Vote {
    distance: i64,
    /// A place both have: word of the paragraph, word of the other row.
    at: (u32, u32),
    count: u32,
    remembered: bool,
}

/// Finds candidates; keeps its buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct Finder {
    passages: Passages,
    votes: Vec<Vote>,
    /// By paragraph: the tally of its shingles, where it was made.
    shared: Vec<Option<Shared>>,
}

impl Finder {
    /// Fills `edges` with the passage that each paragraph of a page repeats.
    pub(super) fn find(&mut self, text: &Text, memory: &Memory, edges: &mut Vec<Option<Edge>>) {
        self.passages.enter(text);
        self.shared.clear();
        self.shared.resize(text.paras.len(), None);
        edges.clear();
        edges.resize(text.paras.len(), None);
        for (i, edge) in edges.iter_mut().enumerate() {
            if let Some(found) = self.edge(text, memory, i) {
                *edge = Some(found);
            }
        }
    }

    /// The shingles that line `line` shares with others, each counted once; none when it shares none.
    pub(super) fn shared(&self, text: &Text, line: &LineWords) -> Shared {
        let para = &text.paras[line.para as usize];
        let words = line.start as usize..line.end as usize;
        match self.shared[line.para as usize] {
            Some(shared) if para.words() == words => shared,
            _ => {
                let mut shared = Shared::default();
                self.tally(text, &words, &mut shared, |_| ());
                shared
            }
        }
    }

    /// Tallies the shingles of a part of the page, and gives those to `each` that stand elsewhere, too.
    #[inline]
    fn tally(&self, text: &Text, words: &Range<usize>, shared: &mut Shared, mut each: impl FnMut(usize)) {
        if !self.passages.any(words) {
            return;
        }
        let samples = Samples::of(text, words);
        shared.looked_up = samples.count() as u32;
        for at in self.passages.again(&samples.places).filter(|at| samples.has(*at)) {
            let (first, last) = self.passages.ends(at);
            if first != last {
                shared.before += u32::from((first as usize) < words.start);
                shared.after += u32::from(last as usize >= words.end);
                each(at);
            }
        }
    }

    /// The passage that paragraph `i` repeats.
    fn edge(&mut self, text: &Text, memory: &Memory, i: usize) -> Option<Edge> {
        let para = &text.paras[i];
        let words = &text.words[para.words()];
        if let Some(at) = memory.same(words, para.hash) {
            let theirs = memory.paras[at];
            return Some(whole(para, Place::Memory(at as u32), (theirs.start, theirs.end)));
        }
        if para.same as usize != i {
            // It was not entered, and so shares nothing.
            self.shared[i] = Some(Shared::default());
            let theirs = &text.paras[para.same as usize];
            return Some(whole(para, Place::Page(para.same, para.same), (theirs.start, theirs.end)));
        }
        self.vote(text, memory, i);
        if self.votes.is_empty() {
            return None;
        }
        // What is remembered counts in part as well; of what stands in the page nobody asks for less.
        let least = if memory.is_empty() { least(para.weight) } else { 0 };
        self.votes.sort_by_key(|vote| std::cmp::Reverse(vote.count));
        let mut best: Option<Edge> = None;
        for vote in self.votes.iter().take(CLOSE) {
            let edge = match vote.remembered {
                true => remembered(text, memory, i, vote),
                false => in_page(text, i, vote, least),
            };
            let Some(edge) = edge else { continue };
            if best.is_none_or(|b| (edge.found.weight, edge.weight) > (b.found.weight, b.weight)) {
                best = Some(edge);
            }
        }
        best
    }

    /// Lets the shingles of paragraph `i` vote.
    fn vote(&mut self, text: &Text, memory: &Memory, i: usize) {
        let words = text.paras[i].words();
        let (mut votes, mut shared) = (std::mem::take(&mut self.votes), Shared::default());
        votes.clear();
        if memory.is_empty() {
            self.tally(text, &words, &mut shared, |at| self.vote_at(at, &words, &mut votes));
            self.shared[i] = Some(shared);
        } else {
            let samples = Samples::of(text, &words);
            for at in samples.places.step_by(samples.step) {
                if self.passages.is_again(at) {
                    self.vote_at(at, &words, &mut votes);
                }
                if let Some(key) = self.passages.key(at) {
                    memory.places(key, |place| cast(&mut votes, (at as u32, place), true));
                }
            }
        }
        self.votes = votes;
    }

    /// Lets the shingle at `at` vote for the places outside of `words` that have the same.
    #[inline]
    fn vote_at(&self, at: usize, words: &Range<usize>, votes: &mut Vec<Vote>) {
        self.passages.places(at, |place| {
            if !words.contains(&(place as usize)) {
                cast(votes, (at as u32, place), false);
            }
        });
    }
}

/// Half words of a paragraph of `weight` that a passage must have for it to be a repeat.
pub(super) fn least(weight: u32) -> u32 {
    (u64::from(weight) * 9).div_ceil(10) as u32
}

fn cast(votes: &mut Vec<Vote>, at: (u32, u32), remembered: bool) {
    let distance = i64::from(at.1) - i64::from(at.0);
    let near = votes.iter_mut().find(|v| v.remembered == remembered && (v.distance - distance).abs() <= SLACK);
    if let Some(vote) = near {
        vote.count += 1;
    } else if votes.len() < VOTES {
        votes.push(Vote { distance, at, count: 1, remembered });
    }
}

fn whole(para: &Para, place: Place, theirs: (u32, u32)) -> Edge {
    let len = para.end - para.start;
    let found = Match { ours: (0, len), theirs: (0, len), weight: para.weight, ..Match::default() };
    Edge { place, found, theirs, weight: para.weight, same: true }
}

fn remembered(text: &Text, memory: &Memory, i: usize, vote: &Vote) -> Option<Edge> {
    let para = &text.paras[i];
    let at = memory.para_at(vote.at.1);
    let other = memory.paras.get(at)?;
    let theirs = &memory.words[other.start as usize..other.end as usize];
    let seed = ((vote.at.0 - para.start) as usize, (vote.at.1 - other.start) as usize);
    let found = align(&text.words[para.words()], theirs, seed, 0)?;
    let theirs = (other.start + found.theirs.0, other.start + found.theirs.1);
    let place = Place::Memory(at as u32);
    (other.weight >= para.weight).then_some(Edge { place, found, theirs, weight: other.weight, same: false })
}

fn in_page(text: &Text, i: usize, vote: &Vote, least: u32) -> Option<Edge> {
    let para = &text.paras[i];
    let (mut from, mut to) = text.paras.get(text.para_at(vote.at.1))?.block;
    // In one block with us: the part of it before or behind us.
    if vote.at.1 < para.start {
        to = to.min(para.start);
    } else {
        from = from.max(para.end);
    }
    // Not even all of it is as full.
    if 2 * (to - from) < para.weight {
        return None;
    }
    let theirs = &text.words[from as usize..to as usize];
    let seed = ((vote.at.0 - para.start) as usize, (vote.at.1 - from) as usize);
    let found = align(&text.words[para.words()], theirs, seed, least)?;
    let theirs = (from + found.theirs.0, from + found.theirs.1);
    let (first, last) = (text.para_at(theirs.0), text.para_at(theirs.1 - 1));
    let weight: u32 = text.paras[first..=last].iter().map(|p| p.weight).sum();
    let fuller = weight > para.weight || weight == para.weight && first < i;
    fuller.then_some(Edge { place: Place::Page(first as u32, last as u32), found, theirs, weight, same: false })
}
