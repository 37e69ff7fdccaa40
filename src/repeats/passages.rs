//! The passages of a page that stand in it more than once.
//!
//! Most of a page's shingles are the only ones of their kind. A sieve tells them, so that the table has no more than
//! what may repeat, and what is asked of a paragraph that shares nothing is answered by a few bits.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

use super::shingles::{Key, Shingles, Sieve, WORDS};
use super::text::Text;
use super::token::Token;

/// The shingles of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Passages {
    sieve: Sieve,
    /// By place.
    keys: Vec<Option<Key>>,
    /// A bit by place: whether it was seen again, as far as the sieve knows.
    again: Vec<u64>,
    /// By place, where that bit is set: the slot of its shingle.
    slots: Vec<u32>,
    shingles: Shingles,
}

impl Passages {
    /// Takes the page's shingles, those of paragraphs that occur twice only once.
    pub(super) fn enter(&mut self, text: &Text) {
        let words = text.words.len();
        self.take(text);
        self.sieve.reset(words);
        self.keys.iter().for_each(|key| self.sieve.add(*key));
        let again = |keys: &[Option<Key>]| {
            keys.iter().rev().fold(0, |bits, key| bits << 1 | u64::from(self.sieve.is_seen_again(*key)))
        };
        self.again.clear();
        self.again.extend(self.keys.chunks(64).map(again));
        let count = self.again.iter().map(|bits| bits.count_ones() as usize).sum();
        self.shingles.reset(count, words);
        self.slots.resize(words, 0);
        for (word, bits) in self.again.iter_mut().enumerate() {
            let mut left = *bits;
            while left != 0 {
                let at = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                match self.keys[at].and_then(|key| self.shingles.add(at, key)) {
                    Some(slot) => self.slots[at] = slot,
                    None => *bits &= !(1 << (at % 64)),
                }
            }
        }
    }

    /// Fills `keys`.
    fn take(&mut self, text: &Text) {
        let Passages { keys, .. } = self;
        keys.resize(text.words.len(), None);
        // All in a row, which is quicker than to look at the ends of blocks, and then without those beyond them.
        dispatch!(Level::new(), simd => take_all(simd, &text.words, keys));
        let mut block = 0;
        for (i, para) in text.paras.iter().enumerate() {
            let words = para.words();
            if para.same as usize != i {
                keys[words].fill(None);
            } else if text.characters {
                let block = &text.words[..para.block.1 as usize];
                for at in words {
                    keys[at] = Key::of(&block[at..]);
                }
            }
            if para.block.1 != block {
                block = para.block.1;
                let last = (block as usize + 1).saturating_sub(WORDS).max(para.start as usize);
                keys[last..block as usize].fill(None);
            }
        }
    }

    /// The shingle at `place`, if one was taken there.
    pub(super) fn key(&self, place: usize) -> Option<Key> {
        self.keys[place]
    }

    /// Whether a shingle that begins in a range may stand elsewhere, too.
    #[inline]
    pub(super) fn any(&self, range: &Range<usize>) -> bool {
        let bit = range.start % 64;
        if range.len() + bit <= 64 {
            let bits = self.again.get(range.start / 64).map_or(0, |bits| bits >> bit);
            return bits & !(u64::MAX << 1 << range.len().saturating_sub(1)) != 0 && !range.is_empty();
        }
        self.again(range).next().is_some()
    }

    /// The places in a range at which shingles begin that may stand elsewhere, too.
    #[inline]
    pub(super) fn again(&self, range: &Range<usize>) -> Places<'_> {
        let word = range.start / 64;
        let mut places = Places { again: &self.again, word, left: 0, end: range.end };
        if !range.is_empty() {
            places.left = places.bits(word) & u64::MAX << (range.start % 64);
        }
        places
    }

    /// Whether the shingle at `place` may stand elsewhere, too.
    #[inline]
    pub(super) fn is_again(&self, place: usize) -> bool {
        self.again[place / 64] >> (place % 64) & 1 != 0
    }

    /// The first and the last place of the shingle at such a place.
    #[inline]
    pub(super) fn ends(&self, place: usize) -> (u32, u32) {
        self.shingles.ends(self.slots[place])
    }

    /// Gives the remembered places of it to `each`, ascending.
    #[inline]
    pub(super) fn places(&self, place: usize, each: impl FnMut(u32)) {
        self.shingles.places(self.slots[place], each);
    }
}

#[inline(always)]
fn take_all<S: Simd>(_: S, words: &[Token], keys: &mut [Option<Key>]) {
    for (key, four) in keys.iter_mut().zip(words.windows(WORDS)) {
        *key = Some(Key::of_words(four[0], four[1], four[2], four[3]));
    }
}

/// Places of which the bit is set.
pub(super) struct Places<'a> {
    again: &'a [u64],
    /// Index of the bits that are looked at, and which of them are left.
    word: usize,
    left: u64,
    end: usize,
}

impl Places<'_> {
    /// The bits of `word`, as far as they are before the end.
    #[inline]
    fn bits(&self, word: usize) -> u64 {
        let bits = self.again[word];
        match self.end - word * 64 {
            count @ 0..64 => bits & !(u64::MAX << count),
            _ => bits,
        }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.word += 1;
            if self.word * 64 >= self.end {
                return None;
            }
            self.left = self.bits(self.word);
        }
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(self.word * 64 + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Page;

    #[test]
    fn ranges_give_the_places_inside_them() {
        // Numbers stand once, the rest of each line on all of them; none repeats a line before it.
        let lines: Vec<String> = (0..40).map(|n| format!("{n} the ferry to the outer islands")).collect();
        let page = Page::from_text(&lines.join("\n\n"));
        let mut text = Text::default();
        text.read(&page, &(0..page.len()));
        let mut passages = Passages::default();
        passages.enter(&text);
        let words = text.words.len();
        let again: Vec<usize> = (0..words).filter(|at| passages.is_again(*at)).collect();
        // Three shingles of each line, each from the first line to the last.
        let shared = (0..words).filter(|at| (1..4).contains(&(at % 7)));
        assert!(shared.clone().all(|at| again.contains(&at)));
        assert!(shared.map(|at| (passages.ends(at), at as u32 % 7)).all(|(ends, n)| ends == (n, 39 * 7 + n)));
        for start in 0..words {
            for end in start..words.min(start + 140) {
                let inside: Vec<usize> = again.iter().copied().filter(|at| (start..end).contains(at)).collect();
                assert_eq!(passages.any(&(start..end)), !inside.is_empty(), "{start}..{end}");
                assert_eq!(passages.again(&(start..end)).collect::<Vec<_>>(), inside, "{start}..{end}");
            }
        }
        let mut places = Vec::new();
        passages.places(1, |place| places.push(place));
        assert_eq!(places, [1, 8, 15, 22, 29, 36, 43, 50, 57, 274]);
    }
}
