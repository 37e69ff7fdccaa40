//! The form in which a line is remembered: its words, with every number as `0`, as a hash of 64 bits.
//!
//! Two pages of a site show the same line with another date, another count of comments, another bullet. What is left
//! when those are taken away is the same, and so is its hash, on every machine and in every version of the file format.

use fearless_simd::Level;

use super::mask::Masked;
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
#[derive(Clone, Debug)]
pub(super) struct Keys {
    level: Level,
    masked: Masked,
    folded: String,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { level: Level::new(), masked: Masked::default(), folded: String::new() }
    }
}

impl Keys {
    /// The key of a line; `None` where it has no letter, as such lines say nothing about a site.
    pub(super) fn key(&mut self, text: &str) -> Option<Key> {
        let text = head(text, MOST_BYTES);
        // Most lines are folded on the way. What has to be normalised is folded first.
        if !self.masked.read(self.level, text, false) {
            fold(text, &mut self.folded);
            self.masked.read(self.level, &self.folded, true);
        }
        let (words, end) = self.masked.words()?;
        Some(Key { hash: hash_of_first(end, words), words: self.masked.count() })
    }

    /// The beginning of the text that the last key was made of, for people to read.
    pub(super) fn shown(&self) -> &str {
        let text = self.masked.text();
        let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
        text[..end].trim_end()
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
    let (chunks, rest) = bytes.as_chunks::<8>();
    let hash = chunks.iter().fold(begun(bytes.len()), |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    finish(mix(hash, rest.iter().fold(0, |rest, byte| rest << 8 | u64::from(*byte))))
}

/// The same of the first `length` bytes, behind which there are eight more.
fn hash_of_first(length: usize, bytes: &[u8]) -> u64 {
    let (chunks, _) = bytes[..length + 8].as_chunks::<8>();
    let (rest, left) = (chunks[length / 8], length % 8);
    let hash = chunks[..length / 8].iter().fold(begun(length), |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    // The last ones count from the highest down.
    finish(mix(hash, u64::from_be_bytes(rest).unbounded_shr(64 - 8 * left as u32)))
}

/// The beginning of a hash of so many bytes.
fn begun(length: usize) -> u64 {
    mix(0x9e37_79b9_7f4a_7c15, length as u64)
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
    use crate::features::character::is_ideograph;
    use crate::fold::is_settled;
    use crate::model::lanes::levels;

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

    /// Whether the vectors of every kind that this machine has give what the definition gives.
    fn all_agree(text: &str) -> Result<(), String> {
        for level in levels() {
            let mut keys = Keys { level, ..Keys::default() };
            keys.key("a longer line that was there before this one, and leaves its letters in the buffer");
            let (quick, slow) = (keys.key(text), slowly(text));
            if quick != slow {
                return Err(format!("{level:?}: {text:?} gives {quick:?}, not {slow:?}"));
            }
        }
        Ok(())
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_slow_one(
            text in "[a-cA '.0-2#\t\u{7f}\u{b}\0駅の가ü٣½²₂ไ๒，’“…\u{200b}\u{301}]{0,40}|[a-cAZ@`\\[{ '.,0-29/:\t\0ü’]{0,200}"
        ) {
            proptest::prop_assert_eq!(all_agree(&text), Ok(()));
        }
    }

    #[test]
    fn windows_do_not_show() {
        // A quote, a number and its neighbours, and what is not ASCII, at each place of a window and over its end.
        let filler =
            "words and more words, 16 of them or so, and so on till two windows are full of them, and the third";
        for at in 0..filler.len() {
            for length in [at, 63, 64, 65, filler.len()] {
                for what in ["'", "12", " ' ", "1'2", "é", " — ", "'\u{0}'", "駅"] {
                    let (begin, end) = filler.split_at(at);
                    let text = format!("{begin}{what}{end}");
                    assert_eq!(all_agree(head(&text, length.max(at))), Ok(()));
                }
            }
        }
    }

    #[test]
    fn characters_fold_on_the_way_as_they_do_before() {
        let mut keys = Keys::default();
        for c in ('\0'..=char::MAX).filter(|c| is_settled(*c) || c.is_ascii()) {
            for text in [format!("a{c}"), c.to_string().repeat(9), format!("{c}1{c}{c}b1'{c}1,{c} {c}'")] {
                assert_eq!(keys.key(&text), slowly(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn hashes_are_those_of_the_bytes() {
        let bytes: Vec<u8> = (0..64).map(|i: u8| i.wrapping_mul(37)).collect();
        for length in 0..56 {
            assert_eq!(hash_of_first(length, &bytes), hash(&bytes[..length]));
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
