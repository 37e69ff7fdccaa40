//! The form in which a line is remembered: its words, with every number as `0`, as a hash of 64 bits.
//!
//! Two pages of a site show the same line with another date, another count of comments, another bullet. What is left
//! when those are taken away is the same, and so is its hash, on every machine and in every version of the file format.

use crate::bytes::{self, load};
use crate::features::character::is_ideograph;
use crate::fold::fold;

/// Of a longer line so many bytes are looked at.
const MOST_BYTES: usize = 4096;
/// Characters of a remembered text, for people; the hash is of all of it.
const SHOWN: usize = 48;

/// A line's key and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The hash.
    pub(super) hash: u64,
    /// Words; of a script without spaces, half the characters.
    pub(super) words: u8,
}

/// Makes keys; owns what is reused from line to line.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    folded: String,
    /// The words of the last line, in `masked[..end]`. Never shorter than it was, so that it is not filled anew.
    masked: Vec<u8>,
    end: usize,
}

impl Keys {
    /// The key of a line; `None` where it has no letter, as such lines say nothing about a site.
    pub(super) fn key(&mut self, text: &str) -> Option<Key> {
        let mut folded = std::mem::take(&mut self.folded);
        fold(head(text, MOST_BYTES), &mut folded);
        let key = self.key_of_folded(&folded);
        self.folded = folded;
        key
    }

    /// The same, where the line's folded form may be there already.
    pub(super) fn key_with(&mut self, text: &str, folded: Option<&str>) -> Option<Key> {
        match folded {
            Some(folded) if text.len() <= MOST_BYTES => self.key_of_folded(folded),
            _ => self.key(text),
        }
    }

    fn key_of_folded(&mut self, folded: &str) -> Option<Key> {
        // A character never gets longer, and every space stands for one; words are written eight bytes at a time.
        if self.masked.len() < folded.len() + 8 {
            self.masked.resize(folded.len() + 8, 0);
        }
        let masked = &mut self.masked[..];
        let (mut end, mut before, mut letters) = (0, b' ', false);
        // Half words that characters of a script without spaces count more or less than a word each.
        let mut more = 0i32;
        let bytes = folded.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_lowercase() {
                let window = load(&bytes[at..]);
                let length = bytes::leading(bytes::letters(window));
                masked[end..end + 8].copy_from_slice(&window.to_le_bytes());
                (at, end, before, letters) = (at + length, end + length, byte, true);
                continue;
            }
            if byte.is_ascii() {
                at += 1;
                let now = match byte {
                    b'0'..=b'9' => b'0',
                    // An apostrophe stands within a word, and some copies lack it.
                    b'\'' => continue,
                    _ => b' ',
                };
                // Neither is repeated. What does not stay is written, too, and the next one goes over it.
                masked[end] = now;
                end += usize::from(now != before);
                before = now;
                continue;
            }
            let c = folded[at..].chars().next().unwrap_or_default();
            at += c.len_utf8();
            let spaceless = is_ideograph(c);
            if c.is_alphanumeric() && (spaceless || !c.is_numeric()) {
                letters = true;
                if spaceless {
                    more += if before == b' ' { -1 } else { 1 };
                }
                end += c.encode_utf8(&mut masked[end..]).len();
                before = b'a';
            } else {
                let now = if c.is_numeric() && !spaceless { b'0' } else { b' ' };
                masked[end] = now;
                end += usize::from(now != before);
                before = now;
            }
        }
        end -= usize::from(end > 0 && masked[end - 1] == b' ');
        self.end = end;
        let masked = &masked[..end];
        let spaces = masked.iter().filter(|byte| **byte == b' ').count();
        let halves = (2 * (spaces + 1)).saturating_add_signed(more as isize);
        letters.then(|| Key { hash: hash(masked), words: halves.div_ceil(2).min(255) as u8 })
    }

    /// The beginning of the text that the last key was made of, for people to read.
    pub(super) fn shown(&self) -> &str {
        // Made of whole characters, so all of it is text.
        let masked = std::str::from_utf8(&self.masked[..self.end]).unwrap_or_default();
        let end = masked.char_indices().nth(SHOWN).map_or(masked.len(), |(at, _)| at);
        masked[..end].trim_end()
    }
}

fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Hash of some bytes, spread over all bits: documents are chosen by such hashes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut chunks = bytes.chunks_exact(8);
    let mut hash = mix(0x9e37_79b9_7f4a_7c15, bytes.len() as u64);
    for chunk in &mut chunks {
        hash = mix(hash, u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
    }
    let rest = chunks.remainder().iter().fold(0u64, |rest, byte| rest << 8 | u64::from(*byte));
    finish(mix(hash, rest))
}

/// Folds `value` into a running hash.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(31)
}

/// Spreads a running hash over all bits.
pub(super) fn finish(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<Key> {
        Keys::default().key(text)
    }

    #[test]
    fn numbers_and_marks_do_not_count() {
        assert_eq!(key("  * 12 Comments"), key("3 comments (»"));
        assert_eq!(key("Updated 14th October, 06:00"), key("updated 3th October - 17.45"));
        assert_eq!(key("Don’t miss it!"), key("“DON'T miss it”"));
        assert_ne!(key("12 comments"), key("12 comment"));
        assert_ne!(key("a b"), key("ab"));
    }

    #[test]
    fn lines_without_letters_have_no_key() {
        for text in ["", " ", "* * *", "12", "14.10.2031, 06:00", "٣"] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }

    #[test]
    fn lengths_are_in_words() {
        assert_eq!(key("The 12 finches sang.").map(|key| key.words), Some(4));
        assert_eq!(key("新しい駅です").map(|key| key.words), Some(3));
        assert_eq!(key(&"word ".repeat(3000)).map(|key| key.words), Some(255));
    }

    /// The definition, character by character.
    fn slowly(text: &str) -> Option<Key> {
        let mut folded = String::new();
        fold(head(text, MOST_BYTES), &mut folded);
        let mut masked = String::new();
        let (mut halves, mut letters, mut before) = (0u32, false, ' ');
        for c in folded.chars() {
            let spaceless = !c.is_ascii() && is_ideograph(c);
            let now = if c.is_numeric() && !spaceless {
                '0'
            } else if c.is_alphanumeric() {
                letters = true;
                c
            } else if c == '\'' {
                continue;
            } else {
                ' '
            };
            if now == ' ' {
                before = ' ';
                continue;
            }
            if before == ' ' {
                if !masked.is_empty() {
                    masked.push(' ');
                }
                halves += if spaceless { 1 } else { 2 };
            } else if spaceless {
                halves += 1;
            } else if now == '0' && before == '0' {
                continue;
            }
            masked.push(now);
            before = now;
        }
        letters.then(|| Key { hash: hash(masked.as_bytes()), words: (halves.div_ceil(2)).min(255) as u8 })
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_slow_one(text in "[a-cA '.0-2#\t駅の가ü٣½²₂ไ๒，’“…\u{200b}\u{301}]{0,40}") {
            let mut folded = String::new();
            fold(&text, &mut folded);
            let mut keys = Keys::default();
            keys.key("a longer line that was there before this one, and leaves its letters in the buffer");
            proptest::prop_assert_eq!(keys.key(&text), slowly(&text));
            proptest::prop_assert_eq!(keys.key_with(&text, Some(&folded)), slowly(&text));
        }
    }

    #[test]
    fn keys_never_change() {
        // The template files of users hold them.
        assert_eq!(key("Sign in").map(|key| key.hash), Some(hash(b"sign in")));
        assert_eq!(hash(b"sign in"), SIGN_IN);
    }

    const SIGN_IN: u64 = 498_385_708_860_236_877;

    #[test]
    fn what_is_shown_is_short() {
        let mut keys = Keys::default();
        keys.key("Kommentare (12) – ältere zuerst").unwrap();
        assert_eq!(keys.shown(), "kommentare 0 ältere zuerst");
        keys.key(&"ä".repeat(500)).unwrap();
        assert_eq!(keys.shown().chars().count(), SHOWN);
    }
}
