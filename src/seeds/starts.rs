//! Where words and signs begin in a line, as bits: what is done for each of them then needs no look at the bytes before.

use std::ops::Range;

use fearless_simd::Simd;

use super::key::is_word;
use crate::sets::{WINDOW, Window, window_at};

/// Bytes in a block: as many as there are bits in a number.
pub(super) const BLOCK: usize = WINDOW;

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
    pub(super) fn read<S: Simd>(&mut self, simd: S, line: &str, range: Range<usize>) {
        self.0.clear();
        let piece = &line[range.clone()];
        let mut in_word = line[..range.start].chars().next_back().is_some_and(is_word);
        let bytes = piece.as_bytes();
        for at in (0..bytes.len()).step_by(BLOCK) {
            let mut last = [b' '; BLOCK];
            let block = window_at(bytes, at, &mut last);
            let (marks, goes_on) = read_block(simd, piece, at, block, in_word);
            self.0.push(marks);
            in_word = goes_on;
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

/// Reads the block of `piece` from `at` on. Takes and gives whether a word goes on.
#[inline(always)]
fn read_block<S: Simd>(simd: S, piece: &str, at: usize, block: &[u8; BLOCK], in_word: bool) -> (Block, bool) {
    let window = Window::new(simd, block);
    let mut inside = window.lower() | window.digits();
    // Bytes of characters behind their first ones: nothing begins there.
    let mut further = 0;
    let beyond = window.between(0x80, 0xff);
    if beyond != 0 {
        further = window.between(0x80, 0xbf);
        // The first may be of a character that began in the block before.
        inside |= if in_word { further & !(further + 1) } else { 0 };
        let mut first = beyond & !further;
        while first != 0 {
            let place = first.trailing_zeros();
            first &= first - 1;
            let c = piece[at + place as usize..].chars().next().filter(|c| is_word(*c));
            inside |= c.map_or(0, |c| (1 << c.len_utf8()) - 1) << place;
        }
    }
    let words = inside & !(inside << 1 | u64::from(in_word));
    let all = words | !(inside | further | window.equal(b' '));
    (Block { all, words }, inside >> (BLOCK - 1) == 1)
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    use super::*;
    use crate::model::lanes;

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
            for level in lanes::levels() {
                dispatch!(level, simd => {
                    starts.read(simd, "abc abc", 0..7);
                    starts.read(simd, &line, range.clone());
                });
                let mut found = Vec::new();
                for (block, marks) in starts.blocks().iter().enumerate() {
                    for bit in (0..BLOCK).filter(|bit| marks.all >> bit & 1 == 1) {
                        found.push((block * BLOCK + bit, marks.words >> bit & 1 == 1));
                    }
                }
                prop_assert_eq!(starts.words(), found.iter().filter(|(_, word)| *word).count());
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
