//! What is remembered of lines that have left the window.
//!
//! A stream may be endless, so the memory is a ring: at least the last 8,192 paragraphs or 65,536 words of them,
//! whichever is less. A repeat of what stood before that is not noticed.

use super::hash::Table;
use super::shingles::{Key, Shingles};
use super::token::Token;

/// Paragraphs that are remembered at least, and half of what is at most.
const PARAS: usize = 8_192;
/// Words that are remembered at least, and half of what are at most.
const WORDS: usize = 65_536;
/// Longer paragraphs are not remembered.
const LONGEST: usize = 4_096;

/// A paragraph that has left the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remembered {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) number: u64,
    pub(super) weight: u32,
    hash: u64,
}

/// The ring.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) words: Vec<Token>,
    pub(super) paras: Vec<Remembered>,
    shingles: Shingles,
    by_hash: Table,
}

impl Memory {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.paras.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.paras.is_empty()
    }

    /// Remembers a paragraph, unless the same one is remembered already.
    pub(super) fn push(&mut self, words: &[Token], hash: u64, number: u64, weight: u32) {
        if words.is_empty() || words.len() > LONGEST {
            return;
        }
        if self.paras.is_empty() {
            self.rebuild();
        } else if self.same(words, hash).is_some() {
            return;
        }
        if self.paras.len() >= 2 * PARAS || self.words.len() + words.len() > 2 * WORDS {
            self.forget();
        }
        let start = self.words.len();
        self.words.extend_from_slice(words);
        self.paras.push(Remembered { start: start as u32, end: self.words.len() as u32, number, weight, hash });
        self.enter(self.paras.len() - 1);
    }

    /// The remembered paragraph of just these words.
    pub(super) fn same(&self, words: &[Token], hash: u64) -> Option<usize> {
        if self.paras.is_empty() {
            return None;
        }
        let at = self.by_hash.get(hash)? as usize;
        let para = self.paras.get(at)?;
        let theirs = &self.words[para.start as usize..para.end as usize];
        (theirs.len() == words.len() && theirs.iter().zip(words).all(|(a, b)| a.same(*b))).then_some(at)
    }

    /// Gives the places where the words of a shingle stand to `each`.
    pub(super) fn places(&self, key: Key, each: impl FnMut(u32)) {
        if let Some(slot) = self.shingles.slot(key) {
            self.shingles.places(slot, each);
        }
    }

    /// The paragraph that holds word `at`.
    pub(super) fn para_at(&self, at: u32) -> usize {
        self.paras.partition_point(|p| p.end <= at)
    }

    /// Forgets the older half.
    fn forget(&mut self) {
        let drop = (self.paras.len() - self.paras.len().min(PARAS)).max(self.para_at((self.words.len() / 2) as u32));
        let cut = self.paras.get(drop).map_or(self.words.len(), |p| p.start as usize);
        self.paras.drain(..drop);
        self.words.drain(..cut);
        for para in &mut self.paras {
            para.start -= cut as u32;
            para.end -= cut as u32;
        }
        self.rebuild();
    }

    fn rebuild(&mut self) {
        self.by_hash.reset(2 * PARAS);
        self.shingles.reset(2 * WORDS, 2 * WORDS);
        for i in 0..self.paras.len() {
            self.enter(i);
        }
    }

    fn enter(&mut self, i: usize) {
        let para = self.paras[i];
        self.by_hash.get_or_insert(para.hash, i as u32);
        for at in para.start as usize..para.end as usize {
            if let Some(key) = Key::of(&self.words[at..para.end as usize]) {
                self.shingles.add(at, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(memory: &mut Memory, text: &str, number: u64) -> (Vec<Token>, u64) {
        let mut words = Vec::new();
        super::super::normal::tokens(text, &mut words);
        let hash = super::super::hash::finish(number + 1);
        memory.push(&words, hash, number, 2 * words.len() as u32);
        (words, hash)
    }

    #[test]
    fn the_ring_stays_small_and_knows_the_latest() {
        let mut memory = Memory::default();
        for i in 0..40_000u64 {
            let (words, hash) = push(&mut memory, &format!("line {i} of a very long stream"), i);
            assert!(memory.same(&words, hash).is_some());
        }
        assert!(memory.paras.len() <= 2 * PARAS && memory.words.len() <= 2 * WORDS);
        let kept = memory.paras.len();
        assert!(kept >= PARAS && memory.paras[kept - 1].number == 39_999);
        let (words, hash) = push(&mut memory, "line 39999 of a very long stream", 39_999);
        assert_eq!(memory.same(&words, hash), Some(kept - 1));
        let mut places = Vec::new();
        memory.places(Key::of(&words).unwrap(), |place| places.push(place));
        assert_eq!(places.len(), 1);
        assert_eq!(memory.paras[memory.para_at(places[0])].number, 39_999);
        memory.clear();
        assert!(memory.is_empty() && memory.same(&words, hash).is_none());
    }
}
