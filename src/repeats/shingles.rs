//! Passages: where in a row of words the same few words stand in a row.
//!
//! Every run of four words (eight characters in scripts without spaces) is looked up in a table; each entry chains
//! the first places it was seen at. Chains are short and walks are bounded, so a page of one repeated word costs no
//! more than any other.

use std::num::NonZeroU64;
use std::ops::Range;

use super::text::{NONE, Text};
use super::token::Token;

/// Words of a shingle.
pub(super) const WORDS: usize = 4;
/// Characters of a shingle in scripts without spaces.
const CHARS: usize = 8;
/// Places remembered of each shingle, besides the last.
const PLACES: u8 = 8;
/// Longest walk through the table.
const PROBES: usize = 48;

/// Words that the shingle beginning with `word` has.
#[inline]
fn length(word: Token) -> usize {
    if word.has(Token::CHAR) { CHARS } else { WORDS }
}

/// Shingles of one line or paragraph that are looked up; of longer ones every second, third and so on is.
const SAMPLES: usize = 64;

/// Which shingles of a part of a text are looked up: those up to the first that goes beyond the end.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    pub(super) places: Range<usize>,
    pub(super) step: usize,
}

impl Samples {
    #[inline]
    pub(super) fn of(text: &Text, words: &Range<usize>) -> Samples {
        let step = (words.len() / SAMPLES).max(1);
        let mut end = (words.end + 1).saturating_sub(WORDS).max(words.start);
        if text.characters {
            let goes_on = |at: &usize| at + length(text.words[*at]) <= words.end;
            end = words.clone().step_by(step).find(|at| !goes_on(at)).unwrap_or(words.end);
        }
        Samples { places: words.start..end, step }
    }

    /// How many there are.
    #[inline]
    pub(super) fn count(&self) -> usize {
        if self.step == 1 { self.places.len() } else { self.places.len().div_ceil(self.step) }
    }

    /// Whether the one at `place`, one of the places, is among them.
    #[inline]
    pub(super) fn has(&self, place: usize) -> bool {
        self.step == 1 || (place - self.places.start).is_multiple_of(self.step)
    }
}

/// A shingle as a number, of which the high bits are the most mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(NonZeroU64);

impl Key {
    /// The shingle that `words` begin with.
    #[inline]
    pub(super) fn of(words: &[Token]) -> Option<Key> {
        if words.first()?.has(Token::CHAR) {
            return Key::of_characters(words);
        }
        let [a, b, c, d] = *words.first_chunk::<WORDS>()?;
        Some(Key::of_words(a, b, c, d))
    }

    /// The shingle of four words. They are mixed well enough that only their order has to be.
    #[inline]
    pub(super) fn of_words(a: Token, b: Token, c: Token, d: Token) -> Key {
        let (a, b, c, d) = (a.high(), b.high(), c.high(), d.high());
        Key(NonZeroU64::MIN | (a ^ b.rotate_left(17) ^ c.rotate_left(34) ^ d.rotate_left(51)))
    }

    #[inline(never)]
    fn of_characters(words: &[Token]) -> Option<Key> {
        let mix = |hash: u64, word: &Token| (hash.rotate_left(25) ^ word.word()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Some(Key(NonZeroU64::MIN | words.first_chunk::<CHARS>()?.iter().fold(0, mix)))
    }
}

/// Tells of shingles, at hardly any cost, that they are the only ones of their kind: most are.
///
/// Whatever was added twice is told to be; of what was not, few are.
#[derive(Clone, Debug, Default)]
pub(super) struct Sieve {
    /// How often what falls here was added: 0, 1, or more.
    seen: Vec<u8>,
    shift: u32,
}

impl Sieve {
    /// Most holes; where more than an eighth as many shingles are added, more of them are let through.
    const MOST: usize = 1 << 20;

    /// Empties the sieve and makes room for `expected` shingles.
    pub(super) fn reset(&mut self, expected: usize) {
        let size = (expected * 8).next_power_of_two().clamp(64, Sieve::MOST);
        self.seen.clear();
        self.seen.resize(size, 0);
        self.shift = u64::BITS - size.ilog2();
    }

    #[inline]
    fn hole(&self, key: Option<Key>) -> usize {
        // Always inside, which the compiler can't see.
        (key.map_or(0, |key| key.0.get()) >> self.shift) as usize & (self.seen.len() - 1)
    }

    /// Adds a shingle, if there is one: which is no question but a sum.
    #[inline]
    pub(super) fn add(&mut self, key: Option<Key>) {
        let (hole, any) = (self.hole(key), u8::from(key.is_some()));
        self.seen[hole] = self.seen[hole] << any | any;
    }

    #[inline]
    pub(super) fn is_seen_again(&self, key: Option<Key>) -> bool {
        self.seen[self.hole(key)] & 2 != 0
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: Option<Key>,
    first: u32,
    last: u32,
}

/// Where shingles stand in a row of words.
#[derive(Clone, Debug, Default)]
pub(super) struct Shingles {
    slots: Vec<Slot>,
    shift: u32,
    /// By place, where a shingle was added: the next place of the same shingle.
    next: Vec<u32>,
    /// By the first place of a shingle: how many places are chained.
    chained: Vec<u8>,
}

impl Shingles {
    /// Empties the table and makes room for `expected` shingles in a row of `words`.
    pub(super) fn reset(&mut self, expected: usize, words: usize) {
        let size = (expected * 3 / 2).next_power_of_two().max(16);
        self.slots.clear();
        self.slots.resize(size, Slot::default());
        self.shift = u64::BITS - size.ilog2();
        // What is in them counts only where a shingle was added since.
        self.next.resize(words, NONE);
        self.chained.resize(words, 0);
    }

    /// The slot of a shingle, or the one that it would have.
    #[inline]
    fn probe(&self, key: Key) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let start = (key.0.get() >> self.shift) as usize;
        for step in 0..PROBES.min(self.slots.len()) {
            let at = start.wrapping_add(step) & mask;
            if self.slots[at].key.is_none_or(|taken| taken == key) {
                return Some(at);
            }
        }
        None
    }

    /// Adds a shingle at `place`, and gives its slot.
    #[inline]
    pub(super) fn add(&mut self, place: usize, key: Key) -> Option<u32> {
        let at = self.probe(key)?;
        (self.next[place], self.chained[place]) = (NONE, 0);
        let slot = &mut self.slots[at];
        if slot.key.is_none() {
            *slot = Slot { key: Some(key), first: place as u32, last: place as u32 };
            return Some(at as u32);
        }
        let first = slot.first as usize;
        if self.chained[first] < PLACES {
            self.chained[first] += 1;
            self.next[slot.last as usize] = place as u32;
        }
        slot.last = place as u32;
        Some(at as u32)
    }

    /// The slot of a shingle that was added.
    pub(super) fn slot(&self, key: Key) -> Option<u32> {
        self.probe(key).filter(|at| self.slots[*at].key == Some(key)).map(|at| at as u32)
    }

    /// The first and the last place of the shingle in a slot.
    #[inline]
    pub(super) fn ends(&self, slot: u32) -> (u32, u32) {
        let slot = &self.slots[slot as usize];
        (slot.first, slot.last)
    }

    /// Gives the remembered places of the shingle in a slot to `each`, ascending.
    #[inline]
    pub(super) fn places(&self, slot: u32, mut each: impl FnMut(u32)) {
        let (mut at, last) = self.ends(slot);
        for _ in 0..=PLACES {
            // The last place comes of itself when the chain does not reach it.
            if at == NONE || at == last {
                break;
            }
            each(at);
            at = self.next[at as usize];
        }
        each(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> (Shingles, Vec<Token>) {
        let mut words = Vec::new();
        super::super::normal::tokens(text, &mut words);
        let mut shingles = Shingles::default();
        shingles.reset(words.len(), words.len());
        for i in 0..words.len() {
            if let Some(key) = Key::of(&words[i..]) {
                shingles.add(i, key);
            }
        }
        (shingles, words)
    }

    fn places(shingles: &Shingles, words: &[Token]) -> Vec<u32> {
        let slot = Key::of(words).and_then(|key| shingles.slot(key));
        let mut places = Vec::new();
        if let Some(slot) = slot {
            shingles.places(slot, |place| places.push(place));
        }
        places
    }

    #[test]
    fn places_of_a_passage() {
        let (shingles, words) = row("a b c d x a b c d y a b c d");
        assert_eq!(places(&shingles, &words), [0, 5, 10]);
        assert_eq!(shingles.ends(shingles.slot(Key::of(&words[5..]).unwrap()).unwrap()), (0, 10));
        assert_eq!(places(&shingles, &words[5..]), [0, 5, 10]);
        assert!(places(&shingles, &words[11..]).is_empty());
        assert_eq!(places(&shingles, &words[3..]), [3]);
    }

    #[test]
    fn one_word_again_and_again_is_bounded() {
        let (shingles, words) = row(&"la ".repeat(5000));
        assert_eq!(places(&shingles, &words[100..]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 4996]);
    }

    #[test]
    fn characters_make_longer_shingles() {
        let (shingles, words) = row("港は今朝も静かだった。港は今朝も静かだった。");
        assert_eq!(places(&shingles, &words), [0, 10]);
        assert_eq!(length(Token::default()), 4);
    }

    #[test]
    fn a_sieve_lets_through_what_was_seen_again_and_hardly_anything_else() {
        let words: Vec<Token> = (0..3000).map(|n| Token::short(n % 2000 + 1, 0)).collect();
        let mut sieve = Sieve::default();
        sieve.reset(words.len());
        let keys: Vec<Option<Key>> = (0..words.len() - 3).map(|at| Key::of(&words[at..])).collect();
        keys.iter().for_each(|key| sieve.add(*key));
        let again = |range: std::ops::Range<usize>| keys[range].iter().filter(|key| sieve.is_seen_again(**key)).count();
        assert_eq!((again(0..997), again(2000..2997)), (997, 997));
        assert!(again(997..2000) < 200, "{}", again(997..2000));
    }
}
