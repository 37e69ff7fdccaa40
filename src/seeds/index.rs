//! The phrases by their first bytes, and whether one stands at a place in a line.
//!
//! Start-up must cost next to nothing and lines are short, so this is no automaton: a table of chains, keyed by the
//! first eight bytes of a phrase or the first one to four of a short one, is filled in one pass and probed where words
//! begin. Hardly a word begins a phrase, so a bit for each key that occurs is asked first.

/// One phrase in the index. Small, because there are tens of thousands and start-up fills them all.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// The first bytes: as many as are fixed, eight at most.
    head: u64,
    /// The next key of the chain, plus one; 0 ends it.
    next: u32,
    /// The caller's name for the phrase, and in the lowest four bits how many bytes `head` has.
    name: u32,
}

impl Key {
    fn matches(&self, window: u64) -> bool {
        window & MASKS[(self.name & 15) as usize] == self.head
    }
}

/// Ones for the first n bytes.
const MASKS: [u64; 9] =
    [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, 0xffff_ffff_ffff, u64::MAX >> 8, u64::MAX];

/// Names of phrases are below this.
pub(super) const MAX_NAME: u32 = 1 << 28;

/// An index of phrases.
#[derive(Clone, Debug)]
pub(super) struct Index {
    keys: Vec<Key>,
    /// First key of each chain, plus one; the length is a power of two.
    chains: Vec<u32>,
    /// Bits of the hashes that occur; what is not here is in no chain.
    occurs: Vec<u64>,
    /// For each first byte which of [`LENGTHS`] occur, a bit for each.
    lengths: [u8; 256],
}

/// How many of a phrase's first bytes are its key. Those between are not worth a probe of their own.
const LENGTHS: [usize; 5] = [1, 2, 3, 4, 8];

impl Index {
    /// An empty index that works best with about `expected` phrases.
    pub(super) fn new(expected: usize) -> Index {
        // What is reserved and not used is never touched, so room to spare costs nothing.
        let keys = Vec::with_capacity(2 * expected);
        let chains = (2 * expected).next_power_of_two();
        Index { keys, chains: vec![0; chains], occurs: vec![0; chains.div_ceil(16)], lengths: [0; 256] }
    }

    /// Adds a phrase: its text as folding leaves it, with `#` for numbers, and the caller's name for it.
    pub(super) fn push(&mut self, text: &[u8], name: u32) {
        debug_assert!(name < MAX_NAME);
        // A number at the very start is in the key as `#`; what comes after a later one is not fixed.
        let first = &text[..text.len().min(8)];
        let fixed = first.iter().skip(1).position(|&b| b == b'#').map_or(first.len(), |i| i + 1);
        if fixed == 0 {
            return;
        }
        let head = load(text) & MASKS[fixed];
        let class = LENGTHS.iter().rposition(|length| *length <= fixed).unwrap_or(0);
        self.lengths[usize::from(text[0])] |= 1 << class;
        let hash = hash(head, class);
        let (word, bit) = self.bit(hash);
        self.occurs[word] |= bit;
        let chain = self.chain(hash);
        let next = std::mem::replace(&mut self.chains[chain], self.keys.len() as u32 + 1);
        self.keys.push(Key { head, next, name: name << 4 | fixed as u32 });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Where [`Index::occurs`] has the bit of `hash`.
    fn bit(&self, hash: u64) -> (usize, u64) {
        ((hash >> 38) as usize & (self.occurs.len() - 1), 1 << (hash >> 58))
    }

    fn chain(&self, hash: u64) -> usize {
        (hash >> 40) as usize & (self.chains.len() - 1)
    }

    /// Calls `each` with the names of the phrases that may stand at `at`: their first bytes do.
    pub(super) fn probe(&self, line: &[u8], at: usize, mut each: impl FnMut(u32)) {
        let first = line[at];
        if self.lengths[usize::from(first)] != 0 {
            self.probe_window(load(&line[at..]), first, &mut each);
        }
        if first.is_ascii_digit() && self.lengths[usize::from(b'#')] != 0 {
            let (bare, end) = number_end(line, at);
            self.probe_window(after_number(&line[bare..]), b'#', &mut each);
            if end > bare {
                self.probe_window(after_number(&line[end..]), b'#', &mut each);
            }
        }
    }

    fn probe_window(&self, window: u64, first: u8, each: &mut impl FnMut(u32)) {
        let lengths = self.lengths[usize::from(first)];
        for class in (0..LENGTHS.len()).filter(|class| lengths & 1 << class != 0) {
            let hash = hash(window, class);
            let (word, bit) = self.bit(hash);
            if self.occurs[word] & bit == 0 {
                continue;
            }
            let mut link = self.chains[self.chain(hash)];
            while let Some(key) = (link as usize).checked_sub(1).map(|i| &self.keys[i]) {
                if key.matches(window) {
                    each(key.name >> 4);
                }
                link = key.next;
            }
        }
    }
}

/// The hash of a key of length `LENGTHS[class]` that begins `window`.
fn hash(window: u64, class: usize) -> u64 {
    const ODD: [u64; LENGTHS.len()] = [
        0x9e37_79b9_7f4a_7c15,
        0xd6e8_feb8_6659_fd93,
        0xa076_1d64_78bd_642f,
        0xe703_7ed1_a0b4_28db,
        0x8ebc_6af0_9c88_c6e3,
    ];
    (window & MASKS[LENGTHS[class]]).wrapping_mul(ODD[class])
}

/// The first eight bytes, zeros where there are fewer.
fn load(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    bytes.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b))
}

/// The window of a phrase that begins with a number and goes on with `rest`.
fn after_number(rest: &[u8]) -> u64 {
    load(rest) << 8 | u64::from(b'#')
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
    use super::*;

    fn found(phrases: &[&str], line: &str) -> Vec<u32> {
        let mut index = Index::new(phrases.len());
        phrases.iter().zip(0..).for_each(|(phrase, name)| index.push(phrase.as_bytes(), name));
        let mut ids = Vec::new();
        index.probe(line.as_bytes(), 0, |id| ids.push(id));
        ids.retain(|&id| phrase_end(line.as_bytes(), 0, phrases[id as usize].as_bytes()).is_some());
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    #[test]
    fn phrases_of_every_length_are_found() {
        let phrases = ["a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "©", "x"];
        assert_eq!(found(&phrases, "abcdefghij"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(found(&phrases, "abc"), [0, 1, 2]);
        assert_eq!(found(&phrases, "©"), [7]);
        assert_eq!(found(&[], "a"), [0; 0]);
        assert_eq!(found(&["", "a"], "a"), [1]);
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
