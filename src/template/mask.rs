//! The words of a line and nothing else: in lower case, with one space between them, and every number as `0`.
//!
//! Every line of every page comes by here, most of them twice, so ASCII is read 64 bytes at a time: which of them are
//! letters and which digits is two numbers of 64 bits, what is not to stay follows from these, and it is taken out of
//! all of them at once. Characters beyond ASCII are few, and are read one by one.

use fearless_simd::{Level, Select, Simd, SimdBase, SimdMask, dispatch, mask8x64, u8x64};

use crate::features::character::is_ideograph;
use crate::fold::{fold_char, is_settled};
use crate::sets::{WINDOW, run_at};
use crate::unicode;

/// The words of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Masked {
    /// In `bytes[..end]`. Never shorter than it was, so that it is not filled anew.
    bytes: Vec<u8>,
    end: usize,
    /// Whether a space was written last (or nothing at all), or a number: 1 or 0.
    gap: u64,
    digit: u64,
    /// Not 0 where there was a letter.
    letters: u64,
    spaces: u32,
    /// Half words that characters of a script without spaces count more or less than a word each.
    more: i32,
    /// A character folded.
    folded: String,
}

impl Masked {
    /// Reads a line, `folded` or not; whether it is one that need not be folded before.
    pub(super) fn read(&mut self, level: Level, text: &str, folded: bool) -> bool {
        // A character never gets longer, and every space stands for one.
        if self.bytes.len() < text.len() + 2 * WINDOW {
            self.bytes.resize(text.len() + 2 * WINDOW, 0);
        }
        (self.end, self.gap, self.digit, self.letters, self.spaces, self.more) = (0, 1, 0, 0, 0, 0);
        let done = dispatch!(level, simd => self.run(simd, text, folded));
        if self.end > 0 && self.bytes[self.end - 1] == b' ' {
            (self.end, self.spaces) = (self.end - 1, self.spaces - 1);
        }
        done
    }

    /// The words, if there is a letter in them; behind them there is room for eight bytes more.
    pub(super) fn words(&self) -> Option<(&[u8], usize)> {
        (self.letters != 0).then_some((&self.bytes, self.end))
    }

    /// The words as text.
    pub(super) fn text(&self) -> &str {
        // Made of whole characters, so all of it is text.
        std::str::from_utf8(&self.bytes[..self.end]).unwrap_or_default()
    }

    /// How many words there are; of a script without spaces, half the characters.
    pub(super) fn count(&self) -> u8 {
        let halves = (2 * (self.spaces + 1)).saturating_add_signed(self.more);
        halves.div_ceil(2).min(255) as u8
    }

    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, text: &str, folded: bool) -> bool {
        let mut at = 0;
        while at < text.len() {
            at += self.ascii(simd, text.as_bytes(), at);
            let begin = at;
            for (place, c) in text[begin..].char_indices() {
                // Within text of another alphabet, a space is no reason to begin anew.
                if c.is_ascii() && text.as_bytes().get(begin + place + 1).is_none_or(u8::is_ascii) {
                    break;
                }
                if folded || c.is_ascii() {
                    self.put(c);
                } else if !self.fold_and_put(c) {
                    return false;
                }
                at = begin + place + c.len_utf8();
            }
        }
        true
    }

    /// Reads from byte `at` of a text on, up to 64 bytes that are ASCII; how many there were.
    #[inline(always)]
    fn ascii<S: Simd>(&mut self, simd: S, text: &[u8], at: usize) -> usize {
        let mut short = [0; WINDOW];
        let (window, there) = run_at(text, at, &mut short);
        self.block(simd, window, there)
    }

    /// Reads the bytes of a window that are `there`, which are a run, up to the first that is not ASCII.
    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, window: &[u8; WINDOW], there: u64) -> usize {
        let all = |byte| u8x64::splat(simd, byte);
        let bytes = u8x64::load_array_ref(simd, window);
        let lower = bytes | all(0x20);
        let letter = (lower - all(b'a')).simd_lt(all(26));
        let digit = (bytes - all(b'0')).simd_lt(all(10));
        let beyond = bytes.simd_ge(all(0x80)).to_bitmask() & there;
        let there = there & (beyond & beyond.wrapping_neg()).wrapping_sub(1);
        if there == 0 {
            return 0;
        }
        let white = (bytes - all(b'\t')).simd_lt(all(5));
        let control = bytes.simd_lt(all(b' ')) & !white | bytes.simd_eq(all(0x7f));
        // An apostrophe stands within a word, and some copies lack it.
        let nothing = (control | bytes.simd_eq(all(b'\''))).to_bitmask() & there;
        let (letters, digits) = (letter.to_bitmask() & there, digit.to_bitmask() & there);
        let gaps = there & !(letters | digits | nothing);

        // Neither spaces nor numbers are repeated, whatever that is nothing stands between.
        let first = there & there.wrapping_neg();
        let repeats = |set: u64, before: u64| {
            let before = before * first;
            // Adding carries the first of a run of nothings through it.
            let through = nothing & !nothing.wrapping_add((set << 1 | before) & nothing);
            (set & ((set | through) << 1 | before), set | through)
        };
        let (gap_again, gap) = repeats(gaps, self.gap);
        let (digit_again, digit_last) = repeats(digits, self.digit);
        let stay = there & !(nothing | gap_again | digit_again);

        let words = letter.select(lower, digit.select(all(b'0'), all(b' ')));
        let words = words.compress(mask8x64::from_bitmask(simd, stay));
        words.store_slice(&mut self.bytes[self.end..][..WINDOW]);
        self.end += stay.count_ones() as usize;
        self.spaces += (gaps & stay).count_ones();
        self.letters |= letters;
        let last = 63 - there.leading_zeros();
        (self.gap, self.digit) = (gap >> last & 1, digit_last >> last & 1);
        there.count_ones() as usize
    }

    /// Folds a character beyond ASCII and writes it; whether that may be done without looking at its neighbours.
    fn fold_and_put(&mut self, c: char) -> bool {
        if !is_settled(c) {
            return false;
        }
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        fold_char(c, false, &mut folded);
        folded.chars().for_each(|c| self.put(c));
        self.folded = folded;
        true
    }

    /// Writes a character of folded text, or one of ASCII.
    fn put(&mut self, c: char) {
        let spaceless = !c.is_ascii() && is_ideograph(c);
        if c == '\'' || c.is_ascii_control() && !c.is_whitespace() {
            return;
        }
        let bits = unicode::of(c);
        if bits & unicode::ALPHANUMERIC != 0 && (spaceless || bits & unicode::NUMERIC == 0) {
            if spaceless {
                self.more += if self.gap != 0 { -1 } else { 1 };
            }
            self.end += c.to_ascii_lowercase().encode_utf8(&mut self.bytes[self.end..]).len();
            (self.letters, self.gap, self.digit) = (1, 0, 0);
            return;
        }
        let digit = bits & unicode::NUMERIC != 0 && !spaceless;
        // What does not stay is written, too, and the next one goes over it.
        self.bytes[self.end] = if digit { b'0' } else { b' ' };
        let again = if digit { self.digit } else { self.gap } != 0;
        self.end += usize::from(!again);
        self.spaces += u32::from(!digit && !again);
        (self.gap, self.digit) = if digit { (0, 1) } else { (1, 0) };
    }
}
