//! The words of a line, sixty-four bytes at a time.
//!
//! Nearly all lines are ASCII once they are folded, and most are so before, with single spaces and no controls: of such
//! a line the folded form is the lower case. Here they are read by sets of bytes, see [`crate::sets`]. What can't be read
//! like that is left to [`super::normal`], which gives the same.

use std::ops::Range;

use fearless_simd::Simd;

use super::shape::{self, SIGNS, Shape};
use super::token::{Spelling, Token, append, close};
use crate::sets::{WINDOW, Window};

/// Bytes of a block.
pub(super) const BLOCK: usize = WINDOW;
/// Most words of a block.
const WORDS: usize = BLOCK / 2;
/// Bytes that are loaded of a word; longer ones are spelt.
const LOADED: usize = 16;
/// Words that room is made for at once.
const ROOM: usize = 256;
/// What must stand behind the last line that is scanned: blocks and words are loaded whole.
pub(super) const PAD: &str = match str::from_utf8(&[0; BLOCK + LOADED]) {
    Ok(pad) => pad,
    Err(_) => unreachable!(),
};

/// The bytes of a block, by kind; a bit for each.
#[derive(Clone, Copy)]
struct Kinds {
    letters: u64,
    digits: u64,
    spaces: u64,
    apostrophes: u64,
    /// Controls and what is not ASCII.
    strange: u64,
}

impl Kinds {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Kinds {
        let window = Window::new(simd, block);
        Kinds {
            letters: window.lower(),
            digits: window.digits(),
            spaces: window.equal(b' '),
            apostrophes: window.equal(b'\''),
            strange: !window.between(b' ', b'~'),
        }
    }
}

/// How many spaces `text` begins with, as far as a block goes; there must be one.
#[inline(always)]
pub(super) fn leading_spaces<S: Simd>(simd: S, text: &[u8]) -> usize {
    text.first_chunk().map_or(0, |block| Window::new(simd, block).equal(b' ').trailing_ones() as usize)
}

/// What was read of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) shape: Shape,
    /// Of its words, in order.
    pub(super) hash: u64,
    /// How many words there are now.
    pub(super) words: usize,
}

/// Puts the words of a folded line, which is `text[range]`, behind the `first` words of `out`, and any behind them. At
/// least [`PAD`] must stand behind the line.
///
/// `None` when the line can't be read in this way, or is not the folded form of anything, because there are controls in
/// it, or several spaces in a row.
#[inline(always)]
pub(super) fn scan<S: Simd>(
    simd: S,
    text: &str,
    range: Range<usize>,
    out: &mut Vec<Token>,
    first: usize,
) -> Option<Scanned> {
    let folded = &text[range.clone()];
    let bytes = text.as_bytes();
    let (mut used, end) = (first, range.end);
    let (flags, mark) = shape::begin(folded);
    let mut at = range.start + mark;
    let (mut head, mut signs, mut digits, mut hash) = (end, 0, 0, 0);
    let mut spaced = 0;
    while at < end {
        let window: &[u8; BLOCK + LOADED] = bytes[at..].first_chunk()?;
        let kinds = Kinds::of(simd, window.first_chunk()?);
        let valid = u64::MAX >> (BLOCK - (end - at).min(BLOCK));
        let doubled = kinds.spaces & (kinds.spaces << 1 | spaced) | kinds.apostrophes & kinds.apostrophes << 1;
        if (kinds.strange | doubled) & valid != 0 {
            return None;
        }
        if head == end && kinds.spaces != 0 {
            head = end.min(at + kinds.spaces.trailing_zeros() as usize);
        }
        let words = (kinds.letters | kinds.digits | kinds.apostrophes) & valid;
        let others = !(words | kinds.spaces) & valid;
        // The last word goes on in the next block, which begins with it.
        let open = words.leading_ones() as usize;
        if open == BLOCK {
            let (token, behind) = long(&bytes[..end], at)?;
            room(out, used)[0] = token;
            hash = append(hash, token);
            digits += u32::from(token.has(Token::DIGIT));
            (at, used, spaced) = (behind, used + 1, 0);
            continue;
        }
        let words = words & u64::MAX >> open;
        // Without the apostrophes that stand alone each run is a word, and each word a run.
        let words = words & !(kinds.apostrophes & !(words << 1) & !(words >> 1));
        let (starts, ends) = (words & !(words << 1), !words & words << 1);
        // Any bit added to a run is carried to its end.
        let carried = |set: u64| words.wrapping_add(words & set) & ends;
        let with_digit = carried(kinds.digits);
        let count = starts.count_ones() as usize;
        let tokens = &mut room(out, used)[..count];
        let (mut begins, mut behind, before) = (starts, ends, hash);
        for token in &mut *tokens {
            let (start, end) = (begins.trailing_zeros() as usize, behind.trailing_zeros() as usize);
            (begins, behind) = (begins & begins.wrapping_sub(1), behind & behind.wrapping_sub(1));
            let spelling = window[start % BLOCK..].first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
            *token = Token::short(spelling & FIRST[(end - start) % BLOCK], (with_digit >> end & 1) * Token::DIGIT);
            hash = append(hash, *token);
        }
        let mut odd = carried(kinds.apostrophes | longer(words));
        let respelt = odd != 0;
        while odd != 0 {
            let end = odd.trailing_zeros() as usize;
            odd &= odd - 1;
            let before = u64::MAX >> (BLOCK - end);
            let start = (starts & before).ilog2() as usize;
            let digit = if with_digit >> end & 1 != 0 { Token::DIGIT } else { 0 };
            tokens[(ends & before).count_ones() as usize] = spelt(&window[start..end], digit);
        }
        if respelt {
            hash = tokens.iter().fold(before, |hash, token| append(hash, *token));
        }
        digits += with_digit.count_ones();
        let mut left = others;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            left &= left - 1;
            let sign = window[place];
            signs += usize::from(SIGNS[usize::from(sign)]);
            let before = (ends & u64::MAX >> (BLOCK - 1 - place)).count_ones() as usize;
            // The word that it stands behind.
            if let Some(token) = out[first..used + before].last_mut() {
                token.mark(marks(sign, &bytes[at + place + 1..end]));
            }
        }
        spaced = if open == 0 { kinds.spaces >> (BLOCK - 1) } else { 0 };
        (at, used) = (at + BLOCK - open, used + count);
    }
    let words = used - first;
    if let Some(token) = out[first..used].last_mut() {
        token.mark(Token::BREAK);
    }
    let shape = Shape {
        weight: 2 * words as u32,
        chars: folded.len() as u32,
        head: (head - range.start) as u32,
        digits,
        flags: flags | shape::end(folded, words, signs),
    };
    Some(Scanned { shape, hash: close(hash, words), words: used })
}

/// Where the words of a block go, behind the first `used`.
#[inline(always)]
fn room(out: &mut Vec<Token>, used: usize) -> &mut [Token] {
    if out.len() < used + WORDS {
        out.resize(used + ROOM, Token::default());
    }
    &mut out[used..used + WORDS]
}

/// Bytes of a set of words that have more than are loaded before them in their word.
#[inline(always)]
fn longer(words: u64) -> u64 {
    let two = words & words << 1;
    let four = two & two << 2;
    let eight = four & four << 4;
    eight & eight << 8 & words << 16
}

/// Ones for the first n bytes.
const FIRST: [u128; BLOCK] = {
    let (mut table, mut n) = ([u128::MAX; BLOCK], 0);
    while n < LOADED {
        table[n] = !(u128::MAX << (8 * n));
        n += 1;
    }
    table
};

/// A word whatever its length, without its apostrophes.
#[inline(never)]
fn spelt(bytes: &[u8], marks: u64) -> Token {
    let mut spelling = Spelling::default();
    for byte in bytes.iter().filter(|byte| **byte != b'\'') {
        spelling.push((*byte).into(), 1);
    }
    Token::new(spelling, marks)
}

/// Reads a word that is a block or longer, and gives where it ends.
#[cold]
fn long(bytes: &[u8], start: usize) -> Option<(Token, usize)> {
    let is_inside = |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || **byte == b'\'';
    let length = bytes[start..].iter().take_while(is_inside).count();
    let word = &bytes[start..start + length];
    if word.windows(2).any(|two| two == b"''") {
        return None;
    }
    let digit = if word.iter().any(u8::is_ascii_digit) { Token::DIGIT } else { 0 };
    Some((spelt(word, digit), start + length))
}

/// What a sign says of the word before it; `after` is what follows.
#[inline(always)]
fn marks(sign: u8, after: &[u8]) -> u64 {
    match sign {
        b'.' if !is_full_stop(after) => 0,
        b'.' | b'!' | b'?' => Token::END | Token::BREAK,
        b'/' => Token::SLASH | Token::BREAK,
        b'(' | b'[' => Token::BRACKET | Token::BREAK,
        b'"' => Token::QUOTE | Token::BREAK,
        _ => Token::BREAK,
    }
}

/// Whether a full stop before `after` ends a sentence, as far as no sign behind it says so for it.
#[inline(always)]
fn is_full_stop(after: &[u8]) -> bool {
    let closing = |byte: &&u8| matches!(byte, b'"' | b'\'' | b')' | b']' | b'}');
    let next = after.iter().find(|byte| !closing(byte)).copied().unwrap_or(0);
    !(next.is_ascii_alphanumeric() || matches!(next, b'.' | b'!' | b'?'))
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;
    use crate::model::lanes::{self, Random};
    use crate::repeats::normal::tokens;
    use crate::repeats::token::hash;

    /// Words with their marks, shape and hash.
    type Read = Option<(Vec<(u64, u64)>, Shape, u64)>;

    fn scan_on(level: Level, folded: &str) -> Read {
        let mut out = vec![Token::default()];
        // What stands before and behind is none of the line's.
        let text = format!("ab{folded}cd {PAD}");
        let range = 2..2 + folded.len();
        let scanned = dispatch!(level, simd => scan(simd, &text, range, &mut out, 1))?;
        Some((plain(&out[1..scanned.words]), scanned.shape, scanned.hash))
    }

    fn plain(words: &[Token]) -> Vec<(u64, u64)> {
        let marks = |word: &Token| (0..8).map(|bit| 1 << bit).filter(|mark| word.has(*mark)).sum();
        words.iter().map(|word| (word.word(), marks(word))).collect()
    }

    /// What the definition gives.
    fn read(folded: &str) -> Read {
        let mut out = Vec::new();
        let shape = tokens(folded, &mut out);
        Some((plain(&out), shape, hash(&out)))
    }

    #[test]
    fn blocks_and_characters_give_the_same_words() {
        const PIECES: [&str; 24] = [
            " ",
            " ",
            " ",
            "harbour",
            "a",
            "pier",
            "don't",
            "'tis'",
            "sixteen-letters",
            "abcdefghijklmnop",
            "3",
            "4.50",
            ".",
            ". ",
            "...",
            ".\"",
            ")",
            "(",
            "!",
            "?",
            "/",
            ", ",
            "; ",
            "'",
        ];
        let (random, levels) = (&mut Random(7), lanes::levels());
        let mut scanned = 0;
        for n in 0..4000 {
            let mut text = String::new();
            for _ in 0..random.below(if n % 4 == 0 { 8 } else { 60 }) {
                text.push_str(PIECES[random.below(24) as usize]);
            }
            if n % 50 == 0 {
                text.push_str(&"word9".repeat(random.below(40) as usize));
                text.push_str(". ");
            }
            let folded = text.trim();
            let expected = read(folded);
            for level in &levels {
                let found = scan_on(*level, folded);
                scanned += usize::from(found.is_some());
                let doubled = folded.contains("  ") || folded.contains("''");
                assert!(found == expected || found.is_none() && doubled, "{folded:?}");
            }
        }
        assert!(scanned > 4000);
    }

    #[test]
    fn where_blocks_end_does_not_show() {
        for length in 1..200 {
            for sign in [" ", ".", ". ", "'", "' ", "-", "b", ".)", "7"] {
                for rest in ["", "next", "it's", "next word.", &"x".repeat(70)] {
                    let text = format!("{}{sign}{rest}", "a".repeat(length));
                    let folded = text.trim();
                    assert_eq!(scan_on(Level::new(), folded), read(folded), "{folded:?}");
                    let text = format!("{}{sign}{rest}", "ab ".repeat(length));
                    let folded = text.trim();
                    let found = scan_on(Level::new(), folded);
                    assert!(found == read(folded) || found.is_none() && folded.contains("  "), "{folded:?}");
                }
            }
        }
    }

    #[test]
    fn what_folding_changes_is_left_alone() {
        let long = "a harbour ".repeat(20);
        for odd in ["\t", "\u{1}", "\u{7f}", "  ", "é", "“"] {
            assert_eq!(scan_on(Level::new(), &format!("a{odd}b")), None, "{odd:?}");
            for cut in 0..70 {
                assert_eq!(scan_on(Level::new(), &format!("{}{odd}{long}", &long[..cut].trim_end())), None, "{odd:?}");
            }
        }
        assert!(scan_on(Level::new(), "a ~ b").is_some());
    }
}
