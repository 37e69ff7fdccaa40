//! The phrases by their first bytes, and whether one stands at a place in a line.
//!
//! Start-up must cost next to nothing and lines are short, so this is no automaton: phrases are put into groups by a
//! key, and groups are looked up where words begin. A phrase of eight fixed bytes or more has the first eight as its
//! key. A shorter one has its first word, which the line must have as a whole, since phrases stand between word
//! boundaries. So two keys are looked for at each place. What costs here is memory that is not at hand: hardly a word
//! begins a phrase, so bits for the keys that occur are asked first; a group lies together; and of the phrases, which
//! lie elsewhere, so many bytes stand in it that most are told apart by them.

use crate::bytes::{self, FIRST, load};

/// One phrase in the index. Small, because there are tens of thousands and start-up fills them all.
#[derive(Clone, Copy, Debug, Default)]
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

/// Bytes of a phrase that stand in the index.
const FIXED: usize = 12;

/// Names of phrases are below this.
pub(super) const MAX_NAME: u32 = 1 << 28;

/// What a key is made of. Multiplying by numbers of their own keeps the kinds apart.
const EIGHT: u64 = 0x8ebc_6af0_9c88_c6e3;
const WORD: u64 = 0x9e37_79b9_7f4a_7c15;
const BYTE: u64 = 0xd6e8_feb8_6659_fd93;

/// Phrases on their way into an index.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    entries: Vec<Entry>,
    bytes: Bytes,
}

/// For each byte what of the phrases that have only their first byte as a key begins with it.
#[derive(Clone, Debug)]
struct Bytes([First; 256]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum First {
    None,
    /// Phrases with a number as their second or third character.
    Number,
    Some,
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes([First::None; 256])
    }
}

impl Phrases {
    /// None yet, and room for `expected`.
    pub(super) fn new(expected: usize) -> Phrases {
        Phrases { entries: Vec::with_capacity(expected), bytes: Bytes::default() }
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
        let key = if fixed >= 8 {
            head.wrapping_mul(EIGHT)
        } else if ends {
            (head & FIRST[word]).wrapping_mul(WORD)
        } else {
            let kind = if fixed < text.len() && fixed < 3 { First::Number } else { First::Some };
            let first = &mut self.bytes.0[usize::from(text[0])];
            *first = kind.max(*first);
            (head & FIRST[1]).wrapping_mul(BYTE)
        };
        let whole = fixed == text.len() && text[0] != b'#';
        self.entries.push(Entry { head, more, name, hash: (key >> 32) as u32, fixed: fixed as u8, whole, last });
    }

    /// All of them in an index.
    pub(super) fn index(self) -> Index {
        let Phrases { entries, bytes } = self;
        let groups = (entries.len() / 2).next_power_of_two();
        let mut index = Index {
            entries: vec![Entry::default(); entries.len()],
            starts: vec![0; groups + 1],
            occurs: vec![0; (entries.len() / 8).next_power_of_two()],
            bytes,
        };
        for entry in &entries {
            let (at, bits) = index.bits(entry.hash);
            index.occurs[at] |= bits;
            let group = index.group(entry.hash);
            index.starts[group + 1] += 1;
        }
        for group in 1..=groups {
            index.starts[group] += index.starts[group - 1];
        }
        let mut next = index.starts.clone();
        for entry in entries {
            let at = &mut next[index.group(entry.hash)];
            index.entries[*at as usize] = entry;
            *at += 1;
        }
        index
    }
}

/// An index of phrases.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Group by group.
    entries: Vec<Entry>,
    /// Where each group begins, and the last one ends; one more than a power of two.
    starts: Vec<u32>,
    /// Two bits in one word for each key that occurs; what is not here is in no group. The length is a power of two.
    occurs: Vec<u64>,
    bytes: Bytes,
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

    /// Where [`Index::occurs`] has the bits of a hash.
    #[inline]
    fn bits(&self, hash: u32) -> (usize, u64) {
        (hash as usize & (self.occurs.len() - 1), 1 << (hash >> 26) | 1 << (hash >> 20 & 63))
    }

    #[inline]
    fn group(&self, hash: u32) -> usize {
        (hash >> 8) as usize & (self.starts.len() - 2)
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
        let eight = (window.wrapping_mul(EIGHT) >> 32) as u32;
        let word = ((window & FIRST[word_length(window)]).wrapping_mul(WORD) >> 32) as u32;
        let occurs = |hash| {
            let (at, bits) = self.bits(hash);
            self.occurs[at] & bits == bits
        };
        let (eight_occurs, word_occurs) = (occurs(eight), occurs(word));
        let byte_occurs = match self.bytes.0[usize::from(first)] {
            First::None => false,
            // Of a window that begins with a number as `#`, what stands where is not to be seen here.
            First::Number => first == b'#' || bytes::digits(window) & 0x80_8000 != 0,
            First::Some => true,
        };
        if eight_occurs | word_occurs | byte_occurs {
            let byte = ((window & FIRST[1]).wrapping_mul(BYTE) >> 32) as u32;
            for (hash, _) in
                [(eight, eight_occurs), (word, word_occurs), (byte, byte_occurs)].iter().filter(|key| key.1)
            {
                self.follow(*hash, window, more(), each);
            }
        }
    }

    /// Calls `each` with the phrases of a group that begin like `window` and what comes after it.
    fn follow(&self, hash: u32, window: u64, more: u32, each: &mut impl FnMut(Candidate)) {
        let group = self.group(hash);
        for entry in &self.entries[self.starts[group] as usize..self.starts[group + 1] as usize] {
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
