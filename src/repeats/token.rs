//! A word as a number: what repeats are compared by.
//!
//! What stood between the words of a line survives as bits beside them, since it tells where sentences end and credits
//! begin.

use super::hash::{finish, mix};
use crate::bytes::load;

/// A word as 56 bits of hash and 8 bits about what follows it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token(u64);

impl Token {
    /// A sentence ends here.
    pub(super) const END: u64 = 1;
    /// Some mark stands between this word and the next.
    pub(super) const BREAK: u64 = 2;
    /// A slash follows, as in `Name/AGENCY`.
    pub(super) const SLASH: u64 = 4;
    /// An opening bracket follows.
    pub(super) const BRACKET: u64 = 8;
    /// A quotation mark follows.
    pub(super) const QUOTE: u64 = 16;
    /// The word has a digit.
    pub(super) const DIGIT: u64 = 32;
    /// A single character of a script without spaces.
    pub(super) const CHAR: u64 = 64;
    /// A sign of copyright follows.
    pub(super) const RIGHTS: u64 = 128;

    /// The word spelt so, with the bits `marks`.
    #[inline]
    pub(super) fn new(spelling: Spelling, marks: u64) -> Token {
        Token(spelling.finish() & !0xff | marks)
    }

    /// A word of at most 16 bytes; those behind it must be 0.
    #[inline]
    pub(super) fn short(bytes: u128, marks: u64) -> Token {
        Token(add(0, bytes) & !0xff | marks)
    }

    /// Sets the bits `marks`.
    #[inline]
    pub(super) fn mark(&mut self, marks: u64) {
        self.0 |= marks;
    }

    /// Whether both are the same word.
    #[inline]
    pub(super) fn same(self, other: Token) -> bool {
        (self.0 ^ other.0) >> 8 == 0
    }

    /// Whether one of the bits `marks` is set.
    #[inline]
    pub(super) fn has(self, marks: u64) -> bool {
        self.0 & marks != 0
    }

    /// The word without the bits beside it.
    #[inline]
    pub(super) fn word(self) -> u64 {
        self.0 >> 8
    }

    /// The same in the high bits, and zeros in the low ones.
    #[inline]
    pub(super) fn high(self) -> u64 {
        self.0 & !0xff
    }

    /// What the token counts, in half words: two characters of a script without spaces are about one word.
    #[inline]
    pub(super) fn weight(self) -> u32 {
        if self.has(Token::CHAR) { 1 } else { 2 }
    }
}

/// The hash of a lower-case word, as [`Token::word`] gives it.
pub(super) fn word(text: &str) -> u64 {
    let mut spelling = Spelling::default();
    text.as_bytes().chunks(8).for_each(|bytes| spelling.push(load(bytes), bytes.len()));
    Token::new(spelling, 0).word()
}

/// The hash of a row of words. A wrapped copy and an unwrapped one of the same text differ here and meet through their
/// passages.
pub(super) fn hash(words: &[Token]) -> u64 {
    close(words.iter().fold(0, |hash, word| append(hash, *word)), words.len())
}

/// Adds a word to the hash of those before it.
#[inline]
pub(super) fn append(hash: u64, word: Token) -> u64 {
    (hash ^ word.high()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// The hash of a row of `words` words that were added.
#[inline]
pub(super) fn close(hash: u64, words: usize) -> u64 {
    finish(mix(hash, words as u64))
}

/// The bytes of a word, hashed sixteen at a time however they come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spelling {
    hash: u64,
    /// The last bytes, fewer than sixteen.
    rest: u128,
    /// How many there are.
    count: usize,
    /// Bytes in all.
    pub(super) length: usize,
}

impl Spelling {
    /// Adds the first `length` bytes of `window`; the others must be 0.
    #[inline]
    pub(super) fn push(&mut self, window: u64, length: usize) {
        self.length += length;
        self.rest |= u128::from(window) << (8 * self.count);
        self.count += length;
        if self.count >= 16 {
            self.hash = add(self.hash, self.rest);
            self.count -= 16;
            // What did not fit.
            self.rest = window.checked_shr(8 * (length - self.count) as u32).unwrap_or(0).into();
        }
    }

    #[inline]
    fn finish(self) -> u64 {
        if self.count > 0 { add(self.hash, self.rest) } else { self.hash }
    }
}

/// Folds sixteen bytes into a running hash, of which the high bits are the most mixed.
#[inline]
fn add(hash: u64, bytes: u128) -> u64 {
    mix(hash, bytes as u64) ^ ((bytes >> 64) as u64).wrapping_mul(0xa076_1d64_78bd_642f).rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_however_its_bytes_come() {
        let text = "donaudampfschifffahrtsgesellschaftskapitän";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let text = &text[..end];
            for size in 1..=8 {
                let mut spelling = Spelling::default();
                text.as_bytes().chunks(size).for_each(|bytes| spelling.push(load(bytes), bytes.len()));
                assert_eq!(Token::new(spelling, 0).word(), word(text), "{text} by {size}");
            }
            if end <= 16 {
                let bytes = text.bytes().rev().fold(0, |bytes, byte| bytes << 8 | u128::from(byte));
                assert_eq!(Token::short(bytes, 0).word(), word(text), "{text}");
            }
        }
    }
}
