//! Where words and signs begin in a line, as bits: what is done for each of them then needs no look at the bytes before.

use std::ops::Range;

use crate::bytes::{self, HIGH, load};

/// Bytes in a block: as many as there are bits in a number.
pub(super) const BLOCK: usize = 64;

/// Where phrases may begin in a block: a bit for each byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    pub(super) all: u64,
    /// Those of them where words do; at the others are signs.
    pub(super) words: u64,
}

/// Where phrases may begin in a piece of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Starts(Vec<Block>);

impl Starts {
    /// Reads the bytes of `range` in `line`, which is folded.
    #[inline(always)]
    pub(super) fn read(&mut self, line: &str, range: Range<usize>) {
        self.0.clear();
        let piece = &line[range.clone()];
        let mut in_word = line[..range.start].chars().next_back().is_some_and(is_word);
        for (block, bytes) in piece.as_bytes().chunks(BLOCK).enumerate() {
            let mut marks = Block::default();
            for (part, bytes) in bytes.chunks(8).enumerate() {
                let window = load(bytes);
                // Most text is ASCII, of which eight bytes are looked at together.
                let part = if window & HIGH == 0 {
                    let words = bytes::letters(window) | bytes::digits(window);
                    // There may be nothing in the last bytes.
                    let signs = bytes::no_spaces(window) & !words & bytes::no_zeros(window);
                    let starts = words & !(words << 8 | u64::from(in_word) << 7);
                    in_word = words >> 63 == 1;
                    let starts = bytes::bits(starts) << (8 * part);
                    Block { all: bytes::bits(signs) << (8 * part) | starts, words: starts }
                } else {
                    read_characters(piece, block * BLOCK + 8 * part, &mut in_word)
                };
                marks.all |= part.all;
                marks.words |= part.words;
            }
            self.0.push(marks);
        }
    }

    /// Block by block.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// How many words begin.
    #[inline(always)]
    pub(super) fn words(&self) -> usize {
        self.0.iter().map(|block| block.words.count_ones() as usize).sum()
    }
}

/// Reads the characters that begin in the eight bytes from `at` on. Takes and gives whether a word goes on.
fn read_characters(piece: &str, at: usize, in_word: &mut bool) -> Block {
    let mut marks = Block::default();
    for at in (at..piece.len().min(at + 8)).filter(|at| piece.is_char_boundary(*at)) {
        let Some(c) = piece[at..].chars().next() else { break };
        let word = is_word(c);
        let start = !(word && *in_word) && c != ' ';
        marks.all |= u64::from(start) << (at % BLOCK);
        marks.words |= u64::from(start && word) << (at % BLOCK);
        *in_word = word;
    }
    marks
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
    combining || (!unspaced && c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest::proptest! {
        /// What the bits say is what the characters are, wherever the piece begins and ends.
        #[test]
        fn starts_are_those_of_the_characters(
            line in "([ab0 .#é記·]|abc |[a-z]{1,12} ){0,60}",
            ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let places: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
            let [a, b] = [ends.0, ends.1].map(|at| places[at.index(places.len())]);
            let range = a.min(b)..a.max(b);
            let mut expected = Vec::new();
            let mut before = line[..range.start].chars().next_back();
            for (at, c) in line[range.clone()].char_indices() {
                if c != ' ' && !(is_word(c) && before.is_some_and(is_word)) {
                    expected.push((at, is_word(c)));
                }
                before = Some(c);
            }
            let mut starts = Starts::default();
            starts.read("abc abc", 0..7);
            starts.read(&line, range);
            let mut found = Vec::new();
            for (block, marks) in starts.blocks().iter().enumerate() {
                for bit in (0..BLOCK).filter(|bit| marks.all >> bit & 1 == 1) {
                    found.push((block * BLOCK + bit, marks.words >> bit & 1 == 1));
                }
            }
            assert_eq!(starts.words(), found.iter().filter(|(_, word)| *word).count());
            prop_assert_eq!(found, expected);
        }
    }
}
