//! The words and figures of a line whose words are ASCII, sixty-four bytes at a time.
//!
//! Most lines are ASCII but for quotation marks and dashes. Here they are read by sets of bytes, see [`crate::sets`]. What
//! can't be read like that is left to [`super::token::read`], which gives the same.

use std::ops::Range;

use fearless_simd::Simd;

use super::character::{class, class_of, is_alphanumeric, is_plain};
use super::token::{Figures, MOST_BYTES, Reader, WORD, Word, kind, mix, step, symbol};
use crate::bytes::load;
use crate::sets::{WINDOW, Window, window_at};

/// Bytes of a block.
const BLOCK: usize = WINDOW;

/// The bytes of a block, by kind; a bit for each.
#[derive(Clone, Copy)]
struct Kinds {
    lower: u64,
    upper: u64,
    digits: u64,
    spaces: u64,
    /// Bytes of characters beyond ASCII but the first of each.
    further: u64,
    controls: u64,
}

impl Kinds {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Kinds {
        let window = Window::new(simd, block);
        Kinds {
            lower: window.lower(),
            upper: window.between(b'A', b'Z'),
            digits: window.digits(),
            spaces: window.equal(b' '),
            further: window.between(0x80, 0xbf),
            controls: window.between(0, 0x1f) | window.equal(0x7f),
        }
    }

    /// Of the first bytes only.
    #[inline(always)]
    fn only(self, valid: u64) -> Kinds {
        Kinds {
            lower: self.lower & valid,
            upper: self.upper & valid,
            digits: self.digits & valid,
            spaces: self.spaces & valid,
            further: self.further & valid,
            controls: self.controls & valid,
        }
    }
}

/// Letters of a word that are hashed without a loop.
const LETTERS: usize = 8;

/// The hash of a word of so many letters at the beginning of `window`. Where a word ends is what nobody foresees, so all
/// steps are made, and those behind its end not taken.
#[inline(always)]
fn spelled(mut window: u64, length: usize) -> u32 {
    let mut hash = WORD;
    for letter in 0..LETTERS {
        let next = step(hash, u32::from(window as u8));
        hash = if letter < length { next } else { hash };
        window >>= 8;
    }
    hash
}

/// Puts the words of the line `page[range]` behind those in `words` and gives the line's figures. `lower` is the page in
/// lower case. `None` when the line can't be read in this way; what was put into `words` is to be taken out again then.
#[inline(always)]
pub(crate) fn read<S: Simd>(
    simd: S,
    page: &str,
    lower: &[u8],
    range: Range<usize>,
    words: &mut Vec<Word>,
    is_function: impl Fn(u32) -> bool,
) -> Option<Figures> {
    let (bytes, text) = (page.as_bytes(), &page[range.clone()]);
    if text.len() > MOST_BYTES {
        return None;
    }
    let indent = text.bytes().take_while(|byte| *byte == b' ').count();
    let (start, end) = (range.start + indent, range.end);
    let lower = &lower[..end];
    let mut reader = Reader::new(words);
    reader.figures.plain = true;
    let (mut at, mut chars) = (start, 0);
    while at < end {
        let mut last = [0; BLOCK];
        let block = window_at(bytes, at, &mut last);
        let length = (end - at).min(BLOCK);
        let kinds = Kinds::of(simd, block).only(u64::MAX >> (BLOCK - length));
        if kinds.controls != 0 {
            return None;
        }
        let alphanumeric = kinds.lower | kinds.upper | kinds.digits;
        // The last word goes on in the next block, which begins with it.
        let open = if at + BLOCK < end { alphanumeric.leading_ones() as usize } else { 0 };
        if open == BLOCK {
            return None;
        }
        let whole = u64::MAX >> open;
        let kinds = kinds.only(whole);
        let alphanumeric = alphanumeric & whole;
        let figures = &mut reader.figures;
        figures.letters += (kinds.lower | kinds.upper).count_ones();
        figures.upper += kinds.upper.count_ones();
        figures.digits += kinds.digits.count_ones();
        let valid = whole & u64::MAX >> (BLOCK - length);
        chars += (valid & !kinds.further).count_ones();
        let signs = !(alphanumeric | kinds.spaces | kinds.further) & valid;
        let (starts, ends) = (alphanumeric & !(alphanumeric << 1), !alphanumeric & alphanumeric << 1);
        // Any bit added to a run is carried to its end, which is behind the block where the last word ends with it.
        let carried = |set: u64| alphanumeric.wrapping_add(alphanumeric & set);
        let over = |set: u64| u64::from(alphanumeric.checked_add(alphanumeric & set).is_none());
        let (with_digit, with_lower) = (carried(kinds.digits), carried(kinds.lower));
        let (last_digit, last_lower) = (over(kinds.digits), over(kinds.lower));
        let (mut left, mut behind) = (starts | signs, ends);
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            left &= left - 1;
            if signs >> place & 1 != 0 {
                let (before, after) = text.split_at(at + place - range.start);
                match block[place] {
                    byte if byte.is_ascii() => symbol(char::from(byte), before, &mut reader),
                    _ => match after.chars().next()? {
                        c if !is_plain(c) || is_alphanumeric(c) => return None,
                        c if c.is_whitespace() => {}
                        c => symbol(c, before, &mut reader),
                    },
                }
                continue;
            }
            let stop = behind.trailing_zeros() as usize;
            behind &= behind.wrapping_sub(1);
            let word = &lower[at + place..at + stop];
            let (digit, small) = match stop {
                BLOCK => (last_digit, last_lower),
                _ => (with_digit >> stop & 1, with_lower >> stop & 1),
            };
            let capital = kinds.upper >> place & 1;
            let mut look = capital as u8 * kind::CAPITAL;
            if digit != 0 {
                look |= kind::DIGIT;
                reader.figures.has_year |= word.len() == 4 && word.iter().all(u8::is_ascii_digit);
            }
            let hash = if digit == 0 && word.len() <= LETTERS {
                spelled(load(&lower[at + place..]), word.len())
            } else {
                let masked = |byte: &u8| u32::from(if byte.is_ascii_digit() { b'0' } else { *byte });
                word.iter().fold(WORD, |hash, byte| step(hash, masked(byte)))
            };
            if digit | small == 0 && word.len() > 1 {
                look |= kind::UPPER;
            }
            reader.word(mix(hash, 7), word.len(), look, &is_function);
        }
        at += BLOCK - open;
    }
    let line = &text[indent..];
    let (first, last) = (line.chars().next(), line.chars().rev().find(|c| !c.is_whitespace()));
    if first.is_some_and(char::is_whitespace) {
        return None;
    }
    let class = |c: Option<char>| c.map_or(class::NONE, class_of);
    reader.figures.chars = chars;
    reader.figures.marks = line.bytes().take_while(|byte| *byte == b'#').count() as u32;
    reader.figures.indent = indent as u32;
    (reader.figures.first, reader.figures.last) = (class(first), class(last));
    Some(reader.end())
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::super::token;
    use super::*;
    use crate::model::lanes::{self, Random};

    type Read = Option<(Figures, Vec<Word>)>;

    fn is_function(hash: u32) -> bool {
        hash.is_multiple_of(3)
    }

    fn scan(level: Level, line: &str, behind: &str) -> Read {
        let text = format!("a1 B{line}{behind}");
        let range = 4..4 + line.len();
        let mut words = vec![Word { hash: 0, chars: 0, kind: kind::FUNCTION }];
        let lower = text.to_ascii_lowercase();
        let lower = lower.as_bytes();
        let figures = dispatch!(level, simd => read(simd, &text, lower, range, &mut words, is_function))?;
        Some((figures, words.split_off(1)))
    }

    fn slowly(line: &str) -> Read {
        let mut words = Vec::new();
        let figures = token::read(line, &mut words, is_function);
        Some((figures, words))
    }

    #[test]
    fn blocks_and_characters_give_the_same() {
        let pieces = [
            " ", " ", " ", "Harbour", "pier", "THE", "A", "b", "3", "2031", "1st", "12:40", "a@b", "http://", "don't",
            ".", ". ", "...", "?", "!\"", ")", "](", "#", "##", "|", ", ", "; ", "$4", "%", "x.", "No.", ">", "~",
        ];
        let (random, levels) = (&mut Random(5), lanes::levels());
        let mut read = 0;
        for n in 0..6000 {
            let mut line = String::new();
            for _ in 0..random.below(if n % 3 == 0 { 6 } else { 70 }) {
                line.push_str(pieces[random.below(pieces.len() as u64) as usize]);
            }
            if n % 50 == 0 {
                line.push_str(&"Word9".repeat(random.below(20) as usize));
            }
            let behind = &" 7x."[..random.below(5) as usize];
            for level in &levels {
                let found = scan(*level, &line, behind);
                read += usize::from(found.is_some());
                let left =
                    found.is_none() && (line.len() > BLOCK || line.trim_start_matches(' ').starts_with('\u{a0}'));
                assert!(found == slowly(&line) || left, "{line:?}");
            }
        }
        assert!(read > 6000 * levels.len() * 9 / 10, "{read}");
    }

    #[test]
    fn where_blocks_end_does_not_show() {
        for length in 0..140 {
            for end in [
                "",
                " ",
                "b",
                "B ",
                "7",
                ".",
                ". ",
                "END",
                " 2031",
                "!?",
                "next word, and on it goes to the end of it.",
            ] {
                for behind in
                    ["", "x", " behind it there is more than a block of other text, which is not the line's own"]
                {
                    for line in [
                        format!("{}{end}", "’".repeat(length / 3)),
                        format!("a{}{end} – “", "b’".repeat(length / 3)),
                        format!("{}{end}", "Ab ".repeat(length)),
                        format!("{}{end}", " ".repeat(length)),
                        format!("a {}{end}", "C".repeat(length.min(50))),
                    ] {
                        assert_eq!(scan(Level::new(), &line, behind), slowly(&line), "{line:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        for odd in ["\t", "\u{1}", "\u{7f}", "é", "記", "\u{200b}", "²"] {
            for before in [0, 1, 63, 64, 100] {
                assert_eq!(scan(Level::new(), &format!("{}{odd} b", "a ".repeat(before)), ""), None, "{odd:?}");
            }
        }
        assert_eq!(scan(Level::new(), &"a ".repeat(MOST_BYTES), ""), None);
    }
}
