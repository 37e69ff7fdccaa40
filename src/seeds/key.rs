//! Keys: what is made of the first bytes of a phrase, or of a place in a line, to find one by the other.
//!
//! A window is eight bytes of folded text in one number, see [`crate::bytes`].

use crate::bytes::{self, FIRST, HIGH, load};
use crate::features::character::is_alphanumeric;

/// What a key is made of. Multiplying by numbers of their own keeps the kinds apart.
pub(super) const EIGHT: u64 = 0x8ebc_6af0_9c88_c6e3;
pub(super) const WORD: u64 = 0x9e37_79b9_7f4a_7c15;
pub(super) const PAIR: u64 = 0xa076_1d64_78bd_642f;
pub(super) const BYTE: u64 = 0xd6e8_feb8_6659_fd93;

/// The hash of a key of the kind that this odd number stands for.
#[inline(always)]
pub(super) fn hash(key: u64, kind: u64) -> u32 {
    (key.wrapping_mul(kind) >> 32) as u32
}

/// Eight bytes from `at` on, zeros where there are fewer.
#[inline(always)]
pub(super) fn load_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).map_or(0, load)
}

/// The bytes of `window` that are its first word, in a sense that serves as a key: letters and digits of ASCII, before
/// them another ASCII character and one space, where they are there; or a first byte that is not ASCII and the rest of
/// its character; or a number (`#`) and the sign that follows it.
#[inline(always)]
pub(super) const fn first_word(window: u64) -> u64 {
    if window & 0x80 != 0 {
        return FIRST[2 + (window & 0xf0 >= 0xe0) as usize + (window & 0xf0 >= 0xf0) as usize];
    }
    if is_counted(window) {
        return FIRST[2];
    }
    let words = bytes::letters(window) | bytes::digits(window);
    let sign = !words & 0x80;
    let space = sign << 8 & ((window >> 8 & 0xff == b' ' as u64) as u64) << 15;
    run(words | sign | space)
}

/// Whether `window` begins with a number (`#`) and a sign, which is then all of its first word.
#[inline(always)]
pub(super) const fn is_counted(window: u64) -> bool {
    let other = (bytes::letters(window) | bytes::digits(window)) & 0x8000 == 0;
    window & 0xff == b'#' as u64 && other && !matches!((window >> 8) as u8, 0 | b' ')
}

/// The bytes of `window` that are its first two words, where `first` are those of the first, one ASCII character stands
/// between them, and both are of ASCII. The second must be seen to end before the window does.
#[inline(always)]
pub(super) const fn first_pair(window: u64, first: u64) -> Option<u64> {
    let between = first << 8 & !first;
    if window & (0x80 | between & HIGH) != 0 {
        return None;
    }
    let words = bytes::letters(window) | bytes::digits(window);
    let pair = run(words | (first | between) & HIGH);
    if pair > first | between && pair != u64::MAX { Some(pair) } else { None }
}

/// The bytes from the first on that are in a set, up to one that is not.
#[inline(always)]
const fn run(set: u64) -> u64 {
    let others = !set & HIGH;
    // The lowest bit of those is moved to the lowest of its byte; one less has all below it. None gives all.
    ((others & others.wrapping_neg()) >> 7).wrapping_sub(1)
}

/// The end of the number at `at`, where a digit stands, without and with its unit: `1,234`, `4.5`, `12k`.
///
/// At most 24 bytes of it, so that a line of nothing but digits costs no more than another.
pub(super) fn number_end(line: &[u8], at: usize) -> (usize, usize) {
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

/// Whether `c` is of a word that has a beginning and an end.
///
/// Letters of scripts written without spaces are not, and Hangul neither: its particles cling to the word.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let combining = matches!(c, '\u{300}'..='\u{36f}');
    let unspaced = matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}');
    combining || (!unspaced && is_alphanumeric(c))
}
