//! The phrases by their first bytes, and whether one stands at a place in a line.
//!
//! Start-up must cost next to nothing and lines are short, so this is no automaton: phrases are put into groups by a
//! key, and groups are looked up where words begin. A phrase of eight fixed bytes or more has the first eight as its
//! key. A shorter one has its first word, which the line must have as a whole, since phrases stand between word
//! boundaries; one of two such words has both, as many begin with the same ("to", "see", "read"). So two keys are looked
//! for at each place, and the third where the first word is one that phrases of two begin with. What costs here is
//! memory that is not at hand: hardly a word begins a phrase, so bits for the keys that occur are asked first; a group
//! lies together; and of the phrases, which lie elsewhere, so many bytes stand in it that most are told apart by them.

use std::borrow::Cow;

use super::entry::{Entry, Stored};
use super::filter::{Filter, Words};
use super::key::{BYTE, EIGHT, PAIR, WORD, first_pair, first_word, hash, is_counted, load_at, number_end};
use super::sieve::Sieve;
use crate::bytes::{self, FIRST, load};

/// Bytes of a phrase's beginning that stand in the index.
const FIXED: usize = 12;
/// Bytes of its end that do.
const TAIL: usize = 4;

/// Names of phrases are below this.
pub(super) const MAX_NAME: u32 = 1 << 28;

/// Phrases on their way into an index.
#[derive(Debug)]
pub(super) struct Phrases {
    /// Each with the hash of its key.
    entries: Vec<(u32, Entry)>,
    /// First words of those that have two as their key.
    words: Vec<u32>,
    filter: Words,
    firsts: Firsts,
}

/// For each byte what begins with it.
type Firsts = [u8; 256];
/// Phrases.
const ANY: u8 = 1;
/// Phrases that have only this byte as their key, with a number as their second or third character.
const NUMBER: u8 = 2;
/// Others that have only this byte as their key.
const SOME: u8 = 4;

impl Phrases {
    /// None yet, and room for `expected`.
    pub(super) fn new(expected: usize) -> Phrases {
        let (entries, words) = (Vec::with_capacity(expected), Vec::new());
        Phrases { entries, words, filter: Words::new(expected), firsts: [0; 256] }
    }

    /// Adds a phrase: its text as folding leaves it, with `#` for numbers, whether it must stand at the line's end, the
    /// caller's name for it, and what else the caller wants to know of it once it is found.
    pub(super) fn push(&mut self, text: &str, last: bool, name: u32, kind: u8) {
        debug_assert!(name < MAX_NAME);
        self.filter.push(text);
        let text = text.as_bytes();
        // A number at the very start is in the key as `#`; what comes after a later one is not fixed.
        let first = &text[..text.len().min(FIXED)];
        let fixed = first.iter().skip(1).position(|&b| b == b'#').map_or(first.len(), |i| i + 1);
        if fixed == 0 {
            return;
        }
        let head = load(text) & FIRST[fixed.min(8)];
        let more = load(&text[fixed.min(8)..fixed]) as u32;
        let word = first_word(head);
        // Where the phrase does not show that a word ends there, the line's may be longer.
        let ends = |word: u64| {
            let at = word.count_ones() as usize / 8;
            at < fixed || fixed == text.len() && text[at - 1].is_ascii_alphanumeric()
        };
        let first = &mut self.firsts[usize::from(text[0])];
        *first |= ANY;
        let hash = if fixed >= 8 {
            hash(head, EIGHT)
        } else if text[0] >= 0x80 || is_counted(head) || ends(word) {
            let first = hash(head & word, WORD);
            match first_pair(head, word).filter(|pair| ends(*pair)) {
                Some(pair) => {
                    self.words.push(first);
                    hash(head & pair, PAIR)
                }
                None => first,
            }
        } else {
            *first |= if fixed < text.len() && fixed < 3 { NUMBER } else { SOME };
            hash(head & FIRST[1], BYTE)
        };
        let known = fixed == FIXED && !text[1..].contains(&b'#');
        let length = if known && text.len() > fixed { u8::try_from(text.len()).unwrap_or(0) } else { 0 };
        let tail = if length > 0 { load(&text[text.len() - TAIL..]) as u32 } else { 0 };
        let whole = text[0] != b'#' && (fixed == text.len() || length > 0 && text.len() <= fixed + TAIL);
        self.entries.push((hash, Entry { head, more, tail, name, fixed: fixed as u8, length, whole, last, kind }));
    }

    /// All of them in an index.
    pub(super) fn index(self) -> Index {
        let Phrases { entries, words, filter, firsts } = self;
        let groups = (entries.len() / 2).next_power_of_two();
        let mut starts = vec![0u32; groups + 1];
        let occurs = Sieve::new(entries.iter().map(|(hash, _)| *hash).chain(words), entries.len() / 8);
        for (hash, _) in &entries {
            starts[group(*hash, groups) + 1] += 1;
        }
        for group in 1..=groups {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut stored = vec![Stored::default(); entries.len()];
        for (hash, entry) in entries {
            let at = &mut next[group(hash, groups)];
            stored[*at as usize] = entry.store();
            *at += 1;
        }
        Index {
            entries: stored.into(),
            starts: starts.into_iter().map(u32::to_le_bytes).collect(),
            occurs,
            filter: filter.filter(),
            firsts,
        }
    }
}

/// An index of phrases: bytes, so that it can be compiled in as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Group by group.
    entries: Cow<'static, [Stored]>,
    /// Where each group begins, and the last one ends; one more than a power of two.
    starts: Cow<'static, [[u8; 4]]>,
    /// Of the keys that occur; what is not here is in no group.
    occurs: Sieve,
    /// Which words may begin a phrase at all.
    pub(super) filter: Filter,
    firsts: Firsts,
}

/// The group of a hash, when there are so many.
#[inline(always)]
fn group(hash: u32, groups: usize) -> usize {
    (hash >> 8) as usize & (groups - 1)
}

/// A phrase that may stand at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// The caller's name for it.
    pub(super) name: u32,
    /// Its length, where all of it was found.
    pub(super) length: Option<usize>,
    /// Whether it must stand at the line's end.
    pub(super) last: bool,
    /// What the caller said of it.
    pub(super) kind: u8,
}

impl Index {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The index that [`Index::parts`] were written of, one behind the other.
    ///
    /// # Panics
    /// When they are too few bytes.
    pub(super) fn built_in(parts: &'static [u8]) -> Index {
        let (sizes, mut rest) = parts.split_at(16);
        let sizes = [0, 4, 8, 12].map(|at| load(&sizes[at..at + 4]) as usize);
        let [firsts, starts, occurs, filter] = sizes.map(|size| rest.split_off(..size).unwrap_or_default());
        let entries = rest;
        Index {
            entries: entries.as_chunks().0.into(),
            starts: starts.as_chunks().0.into(),
            occurs: Sieve::built_in(occurs),
            filter: Filter::built_in(filter),
            firsts: firsts.try_into().expect("it has just been cut to 256"),
        }
    }

    /// The bytes that [`Index::built_in`] reads: the sizes of the parts but the last, then the parts.
    #[allow(dead_code, reason = "it is the build script that writes them")]
    pub(super) fn parts(&self) -> Vec<u8> {
        let filter = self.filter.parts().concat();
        let parts = [&self.firsts, self.starts.as_flattened(), self.occurs.bytes(), &filter];
        let sizes = parts.map(|part| (part.len() as u32).to_le_bytes());
        [sizes.as_flattened(), &parts.concat(), self.entries.as_flattened()].concat()
    }

    /// Whether anything may stand where there is `window`. Costs the same whatever the window, and hardly a branch.
    #[inline(always)]
    pub(super) fn may_have(&self, window: u64) -> bool {
        let [first, number] = [window as u8, b'#'].map(|byte| self.firsts[usize::from(byte)]);
        let begins = (first != 0)
            & (self.occurs.has(hash(window, EIGHT))
                | self.occurs.has(hash(window & first_word(window), WORD))
                | has_byte(first, window));
        begins | (number != 0) & (window as u8).is_ascii_digit()
    }

    /// Adds the groups of phrases that may stand at `at`, where a word begins.
    #[inline(always)]
    pub(super) fn look_up(&self, line: &[u8], at: usize, out: &mut Vec<Place>) {
        let rest = &line[at..];
        let first = rest[0];
        if self.firsts[usize::from(first)] != 0 {
            self.look_up_window(load(rest), first, [at, at + 8], out);
        }
        if first.is_ascii_digit() && self.firsts[usize::from(b'#')] != 0 {
            let (bare, end) = number_end(line, at);
            for end in [bare, end].into_iter().take(1 + usize::from(end > bare)) {
                // The window of a phrase that begins with a number.
                self.look_up_window(load(&line[end..]) << 8 | u64::from(b'#'), b'#', [at, end + 7], out);
            }
        }
    }

    #[inline(always)]
    fn look_up_window(&self, window: u64, first: u8, at: [usize; 2], out: &mut Vec<Place>) {
        let first_word = first_word(window);
        let (eight, word) = (hash(window, EIGHT), hash(window & first_word, WORD));
        if self.occurs.has(eight) {
            out.push(self.place(eight, window, at));
        }
        if self.occurs.has(word) {
            out.push(self.place(word, window, at));
            if let Some(pair) = first_pair(window, first_word) {
                let pair = hash(window & pair, PAIR);
                if self.occurs.has(pair) {
                    out.push(self.place(pair, window, at));
                }
            }
        }
        let firsts = self.firsts[usize::from(first)];
        // Of a window that begins with a number as `#`, what stands where is not to be seen here.
        if has_byte(firsts, window) || firsts & NUMBER != 0 && first == b'#' {
            out.push(self.place(hash(window & FIRST[1], BYTE), window, at));
        }
    }

    /// Where the phrases of a key lie.
    #[inline(always)]
    fn place(&self, hash: u32, window: u64, [at, more]: [usize; 2]) -> Place {
        let group = group(hash, self.starts.len() - 1);
        let [start, end] = [0, 1].map(|next| u32::from_le_bytes(self.starts[group + next]));
        // Nobody waits for what is read here, but it is at hand when `follow` asks for it.
        let first = self.entries.get(start as usize).is_some_and(|entry| Entry::read(entry).head as u8 == window as u8);
        Place { window, at: at as u32, more: more as u32, start: start + u32::from(!first && start < end), end }
    }

    /// Calls `each` with the phrases of a group that begin like the place.
    #[inline(always)]
    pub(super) fn follow(&self, line: &[u8], place: &Place, mut each: impl FnMut(Candidate)) {
        for entry in self.entries[place.start as usize..place.end as usize].iter().map(Entry::read) {
            let (fixed, more) = (usize::from(entry.fixed), place.more as usize);
            if place.window & FIRST[fixed.min(8)] == entry.head
                && (fixed <= 8 || load_at(line, more) & FIRST[fixed - 8] == u64::from(entry.more))
                && (entry.length == 0
                    || load_at(line, more + usize::from(entry.length) - 8 - TAIL) as u32 == entry.tail)
            {
                let length = entry.whole.then_some(fixed.max(usize::from(entry.length)));
                each(Candidate { name: entry.name, length, last: entry.last, kind: entry.kind });
            }
        }
    }
}

/// A place in a line where the phrases of a group may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// What stands there, a number at its beginning as `#`.
    window: u64,
    pub(super) at: u32,
    /// Where what comes after the window begins.
    more: u32,
    /// The group: entries from here …
    start: u32,
    /// … to here.
    end: u32,
}

/// Whether phrases of which `firsts` tells, and that have but one byte as their key, may stand where there is `window`.
#[inline(always)]
fn has_byte(firsts: u8, window: u64) -> bool {
    (firsts & SOME != 0) | (firsts & NUMBER != 0) & (bytes::digits(window) & 0x80_8000 != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::key::{number_end, phrase_end};
    use super::*;

    /// The phrases that stand at the beginning of `line` and end where a word does.
    fn found(phrases: &[&str], line: &str) -> Vec<u32> {
        let mut all = Phrases::new(phrases.len());
        phrases.iter().zip(0..).for_each(|(phrase, name)| all.push(phrase, false, name, 0));
        let mut ids = Vec::new();
        let (index, mut places) = (all.index(), Vec::new());
        index.look_up(line.as_bytes(), 0, &mut places);
        let window = load(line.as_bytes());
        assert!(places.is_empty() || index.may_have(window));
        for place in &places {
            index.follow(line.as_bytes(), place, |candidate| {
                let phrase = phrases[candidate.name as usize];
                assert!(candidate.length.is_none_or(|length| length == phrase.len() && line.starts_with(phrase)));
                ids.push(candidate.name);
            });
        }
        ids.retain(|&id| stands(phrases[id as usize], line));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn stands(phrase: &str, line: &str) -> bool {
        let Some(end) = phrase_end(line.as_bytes(), 0, phrase.as_bytes()) else { return false };
        let is_word = |c: Option<char>| c.is_some_and(|c| c == 'é' || c.is_ascii_alphanumeric());
        !(is_word(line[..end].chars().next_back()) && is_word(line[end..].chars().next()))
    }

    #[test]
    fn phrases_of_every_length_are_found() {
        let phrases =
            ["a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "©", "x", "a b", "(", "(ab", "( c"];
        assert_eq!(found(&phrases, "abcdefghij"), [0; 0]);
        assert_eq!(found(&phrases, "abcdefghi"), [6]);
        assert_eq!(found(&phrases, "abcdefgh"), [5]);
        assert_eq!(found(&phrases, "abcdefg"), [4]);
        assert_eq!(found(&phrases, "abc"), [2]);
        assert_eq!(found(&phrases, "a b c"), [0, 9]);
        assert_eq!(found(&phrases, "(ab"), [10, 11]);
        assert_eq!(found(&phrases, "( c"), [10, 12]);
        assert_eq!(found(&phrases, "©"), [7]);
        assert_eq!(found(&[], "a"), [0; 0]);
        assert_eq!(found(&["", "a"], "a"), [1]);
    }

    proptest::proptest! {
        /// Every phrase that stands at the place and ends with a word, whatever is in the index beside it.
        #[test]
        fn what_stands_there_is_found(
            phrases in prop::collection::vec("[ab0é記(#]{1,2}([ab0é記( #]{0,8}|[ab ]{7,14})[ab0é記(#]", 0..12),
            line in "[ab0é記(]([ab0é記( .,k]|[ab] |1 ){0,14}",
        ) {
            let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
            let expected: Vec<u32> = (0..phrases.len() as u32).filter(|id| stands(phrases[*id as usize], &line)).collect();
            prop_assert_eq!(found(&phrases, &line), expected);
        }
    }

    #[test]
    fn phrases_that_begin_alike_are_told_apart_by_their_ends() {
        let long = "sign up for our news ".repeat(20);
        let phrases = ["sign up for our news", "sign up for our view", "sign up for its news", "sign up for o", &long];
        assert_eq!(found(&phrases, "sign up for our news today"), [0]);
        assert_eq!(found(&phrases, "sign up for our view"), [1]);
        assert_eq!(found(&phrases, "sign up for our ne"), [0; 0]);
        assert_eq!(found(&phrases, &format!("{long}and more")), [0, 4]);
        let numbers = ["# people signed up here", "# people signed up then", "sign up for # weeks of it"];
        assert_eq!(found(&numbers, "1,204 people signed up here"), [0]);
        assert_eq!(found(&numbers, "5 people signed up there"), [0; 0]);
        assert_eq!(found(&numbers, "sign up for 12 weeks of it"), [2]);
    }

    #[test]
    fn a_hash_stands_for_a_number() {
        let phrases = ["# likes", "#", "page # of #", "p#", "#:# uhr", "5 likes", "#m ago"];
        assert_eq!(found(&phrases, "5 likes"), [0, 1, 5]);
        assert_eq!(found(&phrases, "12,345 likes"), [0, 1]);
        assert_eq!(found(&phrases, "1.2k likes"), [0, 1]);
        assert_eq!(found(&phrases, "page 3 of 17"), [2]);
        assert_eq!(found(&phrases, "page of 17"), [0; 0]);
        assert_eq!(found(&phrases, "p1"), [3]);
        assert_eq!(found(&phrases, "07:50 uhr"), [1, 4]);
        assert_eq!(found(&phrases, "5m ago"), [1, 6]);
        assert_eq!(found(&phrases, "5m likes"), [0, 1]);
        assert_eq!(number_end(b"5km", 0), (1, 1));
        assert_eq!(number_end("9".repeat(1000).as_bytes(), 10), (34, 34));
    }
}
