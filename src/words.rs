//! Counts words, that is runs between white space, at a cost that does not show.

use fearless_simd::{Level, Simd, SimdBase, SimdMask, dispatch, u8x64};

use crate::sets::{WINDOW, run_at};

/// Counts the words of lines that may come in pieces.
#[derive(Clone, Debug)]
pub(crate) struct WordCounter {
    level: Level,
    /// Whether the last piece ended inside a word.
    inside: bool,
}

impl Default for WordCounter {
    fn default() -> WordCounter {
        WordCounter { level: Level::new(), inside: false }
    }
}

/// Counters are equal that would count the same.
impl PartialEq for WordCounter {
    fn eq(&self, other: &WordCounter) -> bool {
        self.inside == other.inside
    }
}

impl Eq for WordCounter {}

impl WordCounter {
    /// How many words start in `text`. Where a line goes on (`begins` is false), a word that goes on is not a new one.
    pub(crate) fn count(&mut self, text: &str, begins: bool) -> u64 {
        let goes_on = !begins && self.inside && text.chars().next().is_some_and(|c| !c.is_whitespace());
        self.inside = text.chars().next_back().map_or(self.inside && !begins, |c| !c.is_whitespace());
        dispatch!(self.level, simd => count(simd, text)) - u64::from(goes_on)
    }
}

/// Counts the bytes behind white space, or at the beginning, that are none themselves.
#[inline(always)]
fn count<S: Simd>(simd: S, text: &str) -> u64 {
    let (mut at, mut words, mut before) = (0, 0, 1);
    // Bytes of a white character that goes on from a window into the next.
    let mut over = 0;
    while at < text.len() {
        let mut short = [0; WINDOW];
        let (window, there) = run_at(text.as_bytes(), at, &mut short);
        let first = there.trailing_zeros() as usize;
        let all = |byte| u8x64::splat(simd, byte);
        let bytes = u8x64::load_array_ref(simd, window);
        let mut white = (bytes.simd_eq(all(b' ')) | (bytes - all(b'\t')).simd_lt(all(5))).to_bitmask() & there;
        white |= over << first;
        over = 0;
        // No white space beyond ASCII begins with another byte, and few characters begin with these.
        let leads = bytes.simd_eq(all(0xc2)) | (bytes - all(0xe1)).simd_lt(all(3));
        let mut leads = leads.to_bitmask() & there;
        while leads != 0 {
            let lane = leads.trailing_zeros() as usize;
            let c = text[at + lane - first..].chars().next().filter(|c| c.is_whitespace());
            let bytes = c.map_or(0, |c| (1u64 << c.len_utf8()) - 1);
            white |= bytes << lane;
            over |= bytes.unbounded_shr((WINDOW - lane) as u32);
            leads &= leads - 1;
        }
        words += u64::from((there & !white & (white << 1 | before << first)).count_ones());
        before = white >> 63;
        at += there.count_ones() as usize;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lanes::levels;

    #[test]
    fn words_are_runs_between_white_space() {
        let long = " two\twords\u{b}and  ".repeat(300);
        let wide = "a\u{a0}b \u{85}\u{2003}é—’x\u{3000}\u{1680}\u{2029}y\u{205f}".repeat(40);
        for text in [
            "",
            " ",
            "a",
            " a ",
            &wide,
            &wide[1..],
            &wide[3..],
            "a b",
            "a\u{a0}b ç",
            "\u{3000}x",
            &long,
            &long[1..],
            &long.replace('a', "ä"),
        ] {
            let expected = text.split_whitespace().count() as u64;
            for level in levels() {
                assert_eq!(dispatch!(level, simd => count(simd, text)), expected, "{text:?}");
            }
            assert_eq!(WordCounter::default().count(text, true), expected, "{text:?}");
            for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
                let mut counter = WordCounter { inside: true, ..WordCounter::default() };
                let words = counter.count(&text[..cut], true) + counter.count(&text[cut..], false);
                assert_eq!(words, expected, "{text:?} cut at {cut}");
            }
        }
    }
}
