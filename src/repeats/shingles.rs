//! Passages: where in a row of words the same few words stand in a row.
//!
//! Every run of four words (eight characters in scripts without spaces) is looked up in a table; each entry chains
//! the first places it was seen at. Chains are short and walks are bounded, so a page of one repeated word costs no
//! more than any other.

use super::hash::{finish, mix};
use super::text::NONE;
use super::token::Token;

/// Words of a shingle.
const WORDS: usize = 4;
/// Characters of a shingle in scripts without spaces.
const CHARS: usize = 8;
/// Places remembered of each shingle, besides the last.
const PLACES: u8 = 8;
/// Longest walk through the table.
const PROBES: usize = 48;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    first: u32,
    last: u32,
}

/// The shingles of a row of words.
#[derive(Clone, Debug, Default)]
pub(super) struct Shingles {
    slots: Vec<Slot>,
    /// By place: the table's slot of the shingle that begins there.
    slot_of: Vec<u32>,
    /// By place: the next place of the same shingle.
    next: Vec<u32>,
    /// By the first place of a shingle: how many places are chained.
    chained: Vec<u8>,
}

/// Words that the shingle beginning with `word` has.
pub(super) fn length(word: Token) -> usize {
    if word.has(Token::CHAR) { CHARS } else { WORDS }
}

fn key(words: &[Token]) -> Option<u64> {
    let len = length(*words.first()?);
    let words = words.get(..len)?;
    Some(finish(words.iter().fold(0, |hash, word| mix(hash, word.word()))))
}

impl Shingles {
    /// Empties the table and makes room for `words` places.
    pub(super) fn reset(&mut self, words: usize) {
        self.slots.clear();
        self.slots.resize((words * 3 / 2).next_power_of_two().max(16), Slot::default());
        self.slot_of.clear();
        self.slot_of.resize(words, NONE);
        self.next.clear();
        self.next.resize(words, NONE);
        self.chained.clear();
        self.chained.resize(words, 0);
    }

    fn probe(&self, key: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        (0..PROBES.min(self.slots.len()))
            .map(|step| (key as usize).wrapping_add(step) & mask)
            .find(|at| self.slots[*at].key == 0 || self.slots[*at].key == key)
    }

    /// Adds the shingle at `place`; `words` is the row from there to the end of its block.
    pub(super) fn add(&mut self, place: usize, words: &[Token]) {
        let Some(key) = key(words) else { return };
        let Some(at) = self.probe(key) else { return };
        let slot = &mut self.slots[at];
        self.slot_of[place] = at as u32;
        if slot.key == 0 {
            *slot = Slot { key, first: place as u32, last: place as u32 };
            return;
        }
        let first = slot.first as usize;
        if self.chained[first] < PLACES {
            self.chained[first] += 1;
            self.next[slot.last as usize] = place as u32;
        }
        slot.last = place as u32;
    }

    /// The first and the last place of the shingle that was added at `place`.
    #[inline]
    pub(super) fn ends(&self, place: usize) -> Option<(u32, u32)> {
        let slot = self.slots.get(*self.slot_of.get(place)? as usize)?;
        Some((slot.first, slot.last))
    }

    /// The remembered places of the shingle that was added at `place`, ascending.
    pub(super) fn places(&self, place: usize) -> impl Iterator<Item = u32> {
        self.chain(self.slot_of.get(place).and_then(|at| self.slots.get(*at as usize)))
    }

    /// The remembered places of the shingle that `words` begin with.
    pub(super) fn lookup(&self, words: &[Token]) -> impl Iterator<Item = u32> {
        let slot = key(words).and_then(|key| self.probe(key)).map(|at| &self.slots[at]);
        self.chain(slot.filter(|slot| slot.key != 0))
    }

    fn chain(&self, slot: Option<&Slot>) -> impl Iterator<Item = u32> {
        let last = slot.map(|slot| slot.last);
        let mut at = slot.map_or(NONE, |slot| slot.first);
        let mut left = PLACES + 1;
        let chained = std::iter::from_fn(move || {
            if at == NONE || left == 0 {
                return None;
            }
            let place = at;
            (at, left) = (self.next[place as usize], left - 1);
            // The last place comes of itself when the chain does not reach it.
            (Some(place) != last).then_some(place)
        });
        chained.chain(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> (Shingles, Vec<Token>) {
        let mut words = Vec::new();
        super::super::normal::tokens(text, &mut words);
        let mut shingles = Shingles::default();
        shingles.reset(words.len());
        for i in 0..words.len() {
            shingles.add(i, &words[i..]);
        }
        (shingles, words)
    }

    #[test]
    fn places_of_a_passage() {
        let (shingles, words) = row("a b c d x a b c d y a b c d");
        assert_eq!(shingles.places(0).collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(shingles.ends(5), Some((0, 10)));
        assert_eq!(shingles.lookup(&words[5..]).collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(shingles.places(11).count(), 0);
        assert_eq!(shingles.lookup(&words[3..]).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn one_word_again_and_again_is_bounded() {
        let (shingles, _) = row(&"la ".repeat(5000));
        let places: Vec<u32> = shingles.places(100).collect();
        assert_eq!(places, [0, 1, 2, 3, 4, 5, 6, 7, 8, 4996]);
    }

    #[test]
    fn characters_make_longer_shingles() {
        let (shingles, _) = row("港は今朝も静かだった。港は今朝も静かだった。");
        assert_eq!(shingles.places(0).collect::<Vec<_>>(), [0, 10]);
        assert_eq!(length(Token::default()), 4);
    }
}
