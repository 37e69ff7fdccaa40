//! The linear parts of the model: weights of hashed n-grams for lines, of hashed words for pages.

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fearless_simd::{Level, Simd, dispatch};

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::Sheet;
use crate::features::ngrams::{BITS, MOST, OUTPUTS, fingerprint, hashes, row};
use crate::features::token::{Word, kind};

/// Weights of word n-grams, one row a hash, one weight a label and one for keep or drop.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// Logits (in 1/256) that a weight of 1 is worth.
    pub scale: f32,
    /// Rows of [`ROW`] bytes: the weights, the fingerprint, padding.
    pub table: Cow<'static, [u8]>,
    prints: Prints,
}

/// The fingerprints of all rows side by side: small enough for a near cache, as the table is not. To collect them
/// takes as long as a few pages, so it is done when some lines have been scored.
#[derive(Debug, Default)]
struct Prints {
    lines: AtomicUsize,
    prints: OnceLock<Box<[u8; 1 << BITS]>>,
}

impl Prints {
    /// Lines after which it pays.
    const PAYS: usize = 2000;

    /// They, if it pays to have them when these lines are scored.
    fn get(&self, table: &[[u8; ROW]; 1 << BITS], lines: usize) -> Option<&[u8; 1 << BITS]> {
        let prints = self.prints.get();
        if prints.is_none() && self.lines.fetch_add(lines, Ordering::Relaxed) < Prints::PAYS {
            return None;
        }
        let collect = || {
            let prints: Box<[u8]> = table.iter().map(|row| row[OUTPUTS]).collect();
            prints.try_into().expect("a row has one")
        };
        Some(prints.unwrap_or_else(|| self.prints.get_or_init(collect)))
    }
}

impl Clone for Prints {
    fn clone(&self) -> Prints {
        Prints::default()
    }
}

/// Bytes of a row of [`Linear::table`].
pub(crate) const ROW: usize = 24;

impl Linear {
    pub(crate) const BYTES: usize = ROW << BITS;

    pub(crate) fn read(section: &mut Reader) -> Result<Linear> {
        Ok(Linear::new(scale(section)?, section.bytes(Linear::BYTES)?))
    }

    /// One with this scale and a table of [`Linear::BYTES`].
    pub(crate) fn new(scale: f32, table: Cow<'static, [u8]>) -> Linear {
        Linear { scale, table, prints: Prints::default() }
    }

    /// Whether the model knows an n-gram.
    pub(crate) fn knows(&self, hash: u32) -> bool {
        let at = row(hash);
        let print = self.prints.prints.get().map_or_else(|| self.table[at * ROW + OUTPUTS], |prints| prints[at]);
        print == fingerprint(hash)
    }

    /// The weights of an n-gram that the model knows.
    pub(crate) fn weights(&self, hash: u32) -> &[u8; OUTPUTS] {
        self.table[row(hash) * ROW..][..OUTPUTS].try_into().expect("a row has OUTPUTS weights")
    }

    /// Writes the outputs for every row of a page, in 1/256 logits. A sum is divided by the root of the number of known
    /// n-grams, so that long and short lines are on one scale.
    pub(crate) fn score(&self, sheet: &mut Sheet) {
        self.score_on(Level::new(), sheet);
    }

    /// The same with this set of instructions.
    fn score_on(&self, level: Level, sheet: &mut Sheet) {
        let table = self.table.as_chunks::<ROW>().0;
        let table: &[[u8; ROW]; 1 << BITS] = table.try_into().expect("a table has as many rows");
        match self.prints.get(table, sheet.rows.len()) {
            Some(prints) => {
                dispatch!(level, simd => self.run(simd, table, |row| prints[row], sheet));
            }
            None => dispatch!(level, simd => self.run(simd, table, |row| table[row][OUTPUTS], sheet)),
        }
    }

    /// The table is larger than most caches, so nothing may wait for one row before it asks for the next: first all
    /// hashes of some lines and which of them are known, then both ends of each row, so that all are on their way before
    /// the first is needed, then the sums.
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, table: &[[u8; ROW]; 1 << BITS], print: impl Fn(usize) -> u8, sheet: &mut Sheet) {
        let (mut asked, mut known) = ([0u32; MOST], [[0u32; MOST]; TOGETHER]);
        for lines in sheet.rows.chunks_mut(TOGETHER) {
            let mut counts = [0; TOGETHER];
            for (line, (known, found)) in lines.iter().zip(known.iter_mut().zip(&mut counts)) {
                let count = hashes(&sheet.words[line.words.clone()], &line.figures, &mut asked);
                for hash in &asked[..count] {
                    known[*found] = *hash;
                    *found += usize::from(print(row(*hash)) == fingerprint(*hash));
                }
            }
            let known = known.iter().zip(counts).map(|(known, found)| &known[..found]);
            let touched =
                known.clone().flatten().fold(0, |sum, hash| sum ^ table[row(*hash)][0] ^ table[row(*hash)][OUTPUTS]);
            black_box(touched);
            for (line, known) in lines.iter_mut().zip(known) {
                let mut sums = [0i16; ROW];
                for hash in known {
                    for (sum, weight) in sums.iter_mut().zip(&table[row(*hash)]) {
                        *sum += i16::from(*weight as i8);
                    }
                }
                let factor = self.scale / (known.len().max(1) as f32).sqrt();
                line.linear = std::array::from_fn(|output| (f32::from(sums[output]) * factor) as i32);
            }
        }
    }
}

/// Lines whose rows are asked for together.
const TOGETHER: usize = 8;

/// Reads a scale, which must be small enough for any sum of weights to stay a number that can be reckoned with.
fn scale(section: &mut Reader) -> Result<f32> {
    let scale = section.f32()?;
    if scale.abs() <= 1e4 { Ok(scale) } else { Err(Error::Model("a scale in it is out of bounds".into())) }
}

const _: () = assert!(MOST * 128 < i16::MAX as usize, "the sums of a line's weights fit");

/// Weights of words for telling what type of page one is on.
#[derive(Clone, Debug)]
pub(crate) struct Types {
    pub scale: f32,
    pub weights: Cow<'static, [u8]>,
}

/// Page types: article, forum, product, collection, listing, documentation, service.
pub(crate) const TYPES: usize = 7;
/// Bytes of a row, one spare.
pub(crate) const TYPE_ROW: usize = 8;
const TYPE_BITS: u32 = 14;

impl Types {
    pub(crate) const BYTES: usize = TYPE_ROW << TYPE_BITS;

    /// The table row of a word, if it counts.
    #[cfg(feature = "train")]
    pub(crate) fn row(word: &Word) -> Option<usize> {
        Types::counts(word).then_some(Types::row_of(word))
    }

    fn counts(word: &Word) -> bool {
        word.kind & kind::SYMBOL == 0
    }

    fn row_of(word: &Word) -> usize {
        (word.hash >> (32 - TYPE_BITS)) as usize
    }

    pub(crate) fn read(section: &mut Reader) -> Result<Types> {
        Ok(Types { scale: scale(section)?, weights: section.bytes(Types::BYTES)? })
    }

    /// Adds the weights of the words that count to `sums`, and their number to `count`.
    #[inline(always)]
    fn sum<S: Simd>(&self, _: S, words: &[Word], sums: &mut [i64; TYPE_ROW], count: &mut u32) {
        let weights = self.weights.as_chunks::<TYPE_ROW>().0;
        // In parts whose sums fit a smaller number, of which the processor adds more at a time.
        for words in words.chunks(i16::MAX as usize / 128) {
            let mut part = [0i16; TYPE_ROW];
            for word in words {
                let counts = Types::counts(word);
                *count += u32::from(counts);
                let mask = -i16::from(counts);
                for (sum, weight) in part.iter_mut().zip(&weights[Types::row_of(word)]) {
                    *sum += i16::from(*weight as i8) & mask;
                }
            }
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum += i64::from(part);
            }
        }
    }

    /// Probabilities, 0 to 255, for a page with these words.
    pub(crate) fn score(&self, words: &[Word]) -> [u8; TYPES] {
        let (mut sums, mut count) = ([0; TYPE_ROW], 0);
        dispatch!(Level::new(), simd => self.sum(simd, words, &mut sums, &mut count));
        let factor = self.scale / count.max(1) as f32;
        let logits: Vec<i32> = sums[..TYPES].iter().map(|sum| (*sum as f32 * factor) as i32).collect();
        // Each type against the best other one: a soft maximum without exponentials.
        std::array::from_fn(|i| {
            let rival = (0..TYPES).filter(|j| *j != i).map(|j| logits[j]).max().unwrap_or(0);
            (crate::features::probability(logits[i] - rival) * 255 / 65536) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Row;
    use crate::features::token::Figures;
    use crate::model::lanes::{self, Random};

    #[test]
    fn any_instructions_give_the_same_outputs() {
        let random = &mut Random(11);
        let mut table: Vec<u8> = (0..Linear::BYTES).map(|_| random.below(256) as u8).collect();
        let (mut sheet, mut expected) = (Sheet::default(), Vec::new());
        for line in 0..Prints::PAYS {
            let count = random.below(50) as usize;
            let words = (0..count).map(|_| Word {
                hash: random.below(1 << 32) as u32,
                chars: 5,
                kind: [0, kind::CAPITAL, kind::DIGIT, kind::SYMBOL][random.below(4) as usize],
            });
            let start = sheet.words.len();
            sheet.words.extend(words);
            let figures = Figures { words: count as u32, first: 7, last: 9, ..Figures::default() };
            let mut asked = [0; MOST];
            let count = hashes(&sheet.words[start..], &figures, &mut asked);
            // Half of what is asked is known.
            for hash in &asked[..count] {
                table[row(*hash) * ROW + OUTPUTS] = fingerprint(hash.wrapping_add(hash >> 9 & 1));
            }
            sheet.rows.push(Row { line, words: start..sheet.words.len(), figures, ..Row::default() });
        }
        let linear = Linear::new(3.7, table.into());
        for line in &sheet.rows {
            let mut asked = [0; MOST];
            let count = hashes(&sheet.words[line.words.clone()], &line.figures, &mut asked);
            let known: Vec<&[u8; OUTPUTS]> =
                asked[..count].iter().filter(|hash| linear.knows(**hash)).map(|hash| linear.weights(*hash)).collect();
            let factor = 3.7 / (known.len().max(1) as f32).sqrt();
            let sum = |output: usize| known.iter().map(|weights| i32::from(weights[output] as i8)).sum::<i32>();
            expected.push(std::array::from_fn::<i32, OUTPUTS, _>(|output| (sum(output) as f32 * factor) as i32));
        }
        // Before and after the fingerprints lie side by side.
        for _ in 0..2 {
            for level in lanes::levels() {
                sheet.rows.iter_mut().for_each(|line| line.linear = [0; OUTPUTS]);
                linear.score_on(level, &mut sheet);
                assert!(sheet.rows.iter().map(|line| line.linear).eq(expected.iter().copied()), "{level:?}");
            }
        }
    }
}
