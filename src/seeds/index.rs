//! The phrases by their first bytes, and whether one stands at a place in a line.
//!
//! Start-up must cost next to nothing and lines are short, so this is no automaton: phrases are put into groups by a
//! key, and groups are looked up where words begin. A phrase of eight fixed bytes or more has the first eight as its
//! key. A shorter one has its first word, which the line must have as a whole, since phrases stand between word
//! boundaries. So two keys are looked for at each place. What costs here is memory that is not at hand: hardly a word
//! begins a phrase, so bits for the keys that occur are asked first; a group lies together; and of the phrases, which
//! lie elsewhere, so many bytes stand in it that most are told apart by them.

use std::borrow::Cow;

use crate::bytes::{self, FIRST, load};

/// One phrase in the index. Small, because there are tens of thousands.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The first bytes: as many as are fixed, eight at most.
    head: u64,
    /// Those after them: as many as are fixed, four at most.
    more: u32,
    /// The caller's name for the phrase.
    name: u32,
    /// The upper half of the key's hash.
    hash: u32,
    /// How many bytes `head` and `more` have.
    fixed: u8,
    /// Whether they are all of the phrase.
    whole: bool,
    /// Whether the phrase must stand at the line's end.
    last: bool,
}

/// An entry as it lies in memory, and in the file that is compiled in.
type Stored = [u8; 24];

impl Entry {
    fn store(&self) -> Stored {
        let mut out = [0; 24];
        out[..8].copy_from_slice(&self.head.to_le_bytes());
        for (at, number) in [(8, self.more), (12, self.name), (16, self.hash)] {
            out[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        out[20..23].copy_from_slice(&[self.fixed, self.whole.into(), self.last.into()]);
        out
    }

    #[inline]
    fn read(stored: &Stored) -> Entry {
        let number = |at: usize| u32::from_le_bytes([stored[at], stored[at + 1], stored[at + 2], stored[at + 3]]);
        Entry {
            head: load(&stored[..8]),
            more: number(8),
            name: number(12),
            hash: number(16),
            fixed: stored[20],
            whole: stored[21] != 0,
            last: stored[22] != 0,
        }
    }
}

/// Bytes of a phrase that stand in the index.
const FIXED: usize = 12;

/// Names of phrases are below this.
pub(super) const MAX_NAME: u32 = 1 << 28;

/// What a key is made of. Multiplying by numbers of their own keeps the kinds apart.
const EIGHT: u64 = 0x8ebc_6af0_9c88_c6e3;
const WORD: u64 = 0x9e37_79b9_7f4a_7c15;
const BYTE: u64 = 0xd6e8_feb8_6659_fd93;

/// Phrases on their way into an index.
#[derive(Debug)]
pub(super) struct Phrases {
    entries: Vec<Entry>,
    firsts: Firsts,
}

/// For each byte what of the phrases that have only their first byte as a key begins with it.
type Firsts = [u8; 256];
/// Nothing.
const NONE: u8 = 0;
/// Phrases with a number as their second or third character.
const NUMBER: u8 = 1;
/// Others.
const SOME: u8 = 2;

impl Phrases {
    /// None yet, and room for `expected`.
    pub(super) fn new(expected: usize) -> Phrases {
        Phrases { entries: Vec::with_capacity(expected), firsts: [NONE; 256] }
    }

    /// Adds a phrase: its text as folding leaves it, with `#` for numbers, whether it must stand at the line's end, and
    /// the caller's name for it.
    pub(super) fn push(&mut self, text: &[u8], last: bool, name: u32) {
        debug_assert!(name < MAX_NAME);
        // A number at the very start is in the key as `#`; what comes after a later one is not fixed.
        let first = &text[..text.len().min(FIXED)];
        let fixed = first.iter().skip(1).position(|&b| b == b'#').map_or(first.len(), |i| i + 1);
        if fixed == 0 {
            return;
        }
        let head = load(text) & FIRST[fixed.min(8)];
        let more = load(&text[fixed.min(8)..fixed]) as u32;
        let word = word_length(head);
        // Where the phrase does not show that the word ends there, the line's may be longer.
        let ends = text[0] >= 0x80 || word < fixed || fixed == text.len() && text[word - 1].is_ascii_alphanumeric();
        let hash = if fixed >= 8 {
            hash(head, EIGHT)
        } else if ends {
            hash(head & FIRST[word], WORD)
        } else {
            let kind = if fixed < text.len() && fixed < 3 { NUMBER } else { SOME };
            let first = &mut self.firsts[usize::from(text[0])];
            *first = kind.max(*first);
            hash(head & FIRST[1], BYTE)
        };
        let whole = fixed == text.len() && text[0] != b'#';
        self.entries.push(Entry { head, more, name, hash, fixed: fixed as u8, whole, last });
    }

    /// All of them in an index.
    pub(super) fn index(self) -> Index {
        let Phrases { entries, firsts } = self;
        let groups = (entries.len() / 2).next_power_of_two();
        let mut occurs = vec![0u64; (entries.len() / 8).next_power_of_two()];
        let mut starts = vec![0u32; groups + 1];
        for entry in &entries {
            let (at, bits) = bits(entry.hash, occurs.len());
            occurs[at] |= bits;
            starts[group(entry.hash, groups) + 1] += 1;
        }
        for group in 1..=groups {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut stored = vec![Stored::default(); entries.len()];
        for entry in entries {
            let at = &mut next[group(entry.hash, groups)];
            stored[*at as usize] = entry.store();
            *at += 1;
        }
        Index {
            entries: stored.into(),
            starts: starts.into_iter().map(u32::to_le_bytes).collect(),
            occurs: occurs.into_iter().map(u64::to_le_bytes).collect(),
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
    /// Two bits in one number for each key that occurs; what is not here is in no group. As many as a power of two.
    occurs: Cow<'static, [[u8; 8]]>,
    firsts: Firsts,
}

/// Where [`Index::occurs`], when it is of this length, has the bits of a hash.
#[inline]
fn bits(hash: u32, length: usize) -> (usize, u64) {
    (hash as usize & (length - 1), 1 << (hash >> 26) | 1 << (hash >> 20 & 63))
}

/// The group of a hash, when there are so many.
#[inline]
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
        let (sizes, rest) = parts.split_at(8);
        let [starts, occurs] = [0, 4].map(|at| load(&sizes[at..at + 4]) as usize);
        let (firsts, rest) = rest.split_at(256);
        let (starts, rest) = rest.split_at(4 * starts);
        let (occurs, entries) = rest.split_at(8 * occurs);
        Index {
            entries: entries.as_chunks().0.into(),
            starts: starts.as_chunks().0.into(),
            occurs: occurs.as_chunks().0.into(),
            firsts: firsts.try_into().expect("it has just been cut to 256"),
        }
    }

    /// The bytes that [`Index::built_in`] reads.
    #[allow(dead_code, reason = "it is the build script that writes them")]
    pub(super) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let (starts, occurs) = (self.starts.as_flattened(), self.occurs.as_flattened());
        [&self.firsts, starts, occurs, self.entries.as_flattened()].into_iter()
    }

    /// How many numbers the second and the third of its parts have, which stand before the first.
    #[allow(dead_code, reason = "it is the build script that writes them")]
    pub(super) fn sizes(&self) -> [u32; 2] {
        [self.starts.len() as u32, self.occurs.len() as u32]
    }

    /// Whether nothing stands where `window` begins with a letter. Told quickly, of most words; `false` says nothing.
    #[inline]
    pub(super) fn has_nothing(&self, window: u64) -> bool {
        let first = window as u8;
        if !first.is_ascii_lowercase() || self.firsts[usize::from(first)] != NONE {
            return false;
        }
        let word = bytes::leading(bytes::letters(window) | bytes::digits(window));
        !(self.occurs(hash(window, EIGHT)) | self.occurs(hash(window & FIRST[word], WORD)))
    }

    #[inline]
    fn occurs(&self, hash: u32) -> bool {
        let (at, bits) = bits(hash, self.occurs.len());
        u64::from_le_bytes(self.occurs[at]) & bits == bits
    }

    /// Calls `each` with the phrases that may stand at `at`, where a word begins, and end where one ends: their first
    /// bytes are there.
    #[inline]
    pub(super) fn probe(&self, line: &[u8], at: usize, mut each: impl FnMut(Candidate)) {
        let rest = &line[at..];
        self.probe_window(load(rest), rest[0], || load_more(rest, 8), &mut each);
        if rest[0].is_ascii_digit() {
            self.probe_number(line, at, &mut each);
        }
    }

    fn probe_number(&self, line: &[u8], at: usize, each: &mut impl FnMut(Candidate)) {
        let (bare, end) = number_end(line, at);
        for end in [bare, end].into_iter().take(1 + usize::from(end > bare)) {
            let rest = &line[end..];
            // The window of a phrase that begins with a number.
            self.probe_window(load(rest) << 8 | u64::from(b'#'), b'#', || load_more(rest, 7), each);
        }
    }

    #[inline]
    fn probe_window(&self, window: u64, first: u8, more: impl Fn() -> u32, each: &mut impl FnMut(Candidate)) {
        let (eight, word) = (hash(window, EIGHT), hash(window & FIRST[word_length(window)], WORD));
        if self.occurs(eight) {
            self.follow(eight, window, more(), each);
        }
        if self.occurs(word) {
            self.follow(word, window, more(), each);
        }
        let byte_occurs = match self.firsts[usize::from(first)] {
            NONE => false,
            // Of a window that begins with a number as `#`, what stands where is not to be seen here.
            NUMBER => first == b'#' || bytes::digits(window) & 0x80_8000 != 0,
            _ => true,
        };
        if byte_occurs {
            self.follow(hash(window & FIRST[1], BYTE), window, more(), each);
        }
    }

    /// Calls `each` with the phrases of a group that begin like `window` and what comes after it.
    fn follow(&self, hash: u32, window: u64, more: u32, each: &mut impl FnMut(Candidate)) {
        let group = group(hash, self.starts.len() - 1);
        let [start, end] = [0, 1].map(|next| u32::from_le_bytes(self.starts[group + next]) as usize);
        for entry in self.entries[start..end].iter().map(Entry::read) {
            let fixed = usize::from(entry.fixed);
            if entry.hash == hash
                && window & FIRST[fixed.min(8)] == entry.head
                && (fixed <= 8 || u64::from(more) & FIRST[fixed - 8] == u64::from(entry.more))
            {
                let length = entry.whole.then_some(fixed);
                each(Candidate { name: entry.name, length, last: entry.last });
            }
        }
    }
}

/// The hash of a key of the kind that this odd number stands for.
#[inline]
fn hash(key: u64, kind: u64) -> u32 {
    (key.wrapping_mul(kind) >> 32) as u32
}

/// Four bytes from `at` on, zeros where there are fewer.
fn load_more(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).map_or(0, load) as u32
}

/// How many bytes of `window` its first word has, in a sense that serves as a key: letters and digits of ASCII, before
/// them another ASCII character and one space, where they are there; or a first byte that is not ASCII and the rest of
/// its character.
#[inline]
const fn word_length(window: u64) -> usize {
    let first = window as u8;
    if first >= 0x80 {
        return match first {
            0xf0.. => 4,
            0xe0.. => 3,
            _ => 2,
        };
    }
    let words = bytes::letters(window) | bytes::digits(window);
    let lead = if words & 0x80 != 0 { 0 } else { 1 + (window >> 8 & 0xff == b' ' as u64) as usize };
    // What is shifted in from above ends the word.
    lead + bytes::leading(words >> (8 * lead))
}

/// The end of the number at `at`, where a digit stands, without and with its unit: `1,234`, `4.5`, `12k`.
///
/// At most 24 bytes of it, so that a line of nothing but digits costs no more than another.
fn number_end(line: &[u8], at: usize) -> (usize, usize) {
    let digit = |i: usize| line.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = at + 1;
    while end < at + 24 {
        if digit(end) || (matches!(line.get(end), Some(b'.' | b',' | b'\'')) && digit(end + 1)) {
            end += 1;
        } else {
            break;
        }
    }
    let unit = matches!(line.get(end), Some(b'k' | b'm')) && !line.get(end + 1).is_some_and(|b| is_latin(*b));
    (end, end + usize::from(unit))
}

fn is_latin(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Where `phrase`, in which `#` stands for a number, ends if it begins at `at`.
pub(super) fn phrase_end(line: &[u8], at: usize, phrase: &[u8]) -> Option<usize> {
    let mut end = at;
    for (i, piece) in phrase.split(|&b| b == b'#').enumerate() {
        if i > 0 {
            if !line.get(end)?.is_ascii_digit() {
                return None;
            }
            let (bare, with_unit) = number_end(line, end);
            // `#m ago` reads `5m ago` as minutes; to every other phrase `5m` is five millions.
            end = if !piece.is_empty() && line[bare..].starts_with(piece) { bare } else { with_unit };
        }
        if !line[end..].starts_with(piece) {
            return None;
        }
        end += piece.len();
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The phrases that stand at the beginning of `line` and end where a word does.
    fn found(phrases: &[&str], line: &str) -> Vec<u32> {
        let mut all = Phrases::new(phrases.len());
        phrases.iter().zip(0..).for_each(|(phrase, name)| all.push(phrase.as_bytes(), false, name));
        let mut ids = Vec::new();
        all.index().probe(line.as_bytes(), 0, |candidate| {
            let phrase = phrases[candidate.name as usize];
            assert!(candidate.length.is_none_or(|length| length == phrase.len() && line.starts_with(phrase)));
            ids.push(candidate.name);
        });
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
