//! The linear parts of the model: weights of hashed n-grams for lines, of hashed words for pages.

use std::borrow::Cow;

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::ngrams::{BITS, MOST, OUTPUTS, fingerprint, hashes, row};
use crate::features::token::{Figures, Word, kind};

/// Weights of word n-grams, one row a hash, one weight a label and one for keep or drop.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// Logits (in 1/256) that a weight of 1 is worth.
    pub scale: f32,
    /// Rows of [`ROW`] bytes: the weights, the fingerprint, padding.
    pub table: Cow<'static, [u8]>,
}

/// Bytes of a row of [`Linear::table`].
pub(crate) const ROW: usize = 24;

impl Linear {
    pub(crate) const BYTES: usize = ROW << BITS;

    pub(crate) fn read(section: &mut Reader) -> Result<Linear> {
        Ok(Linear { scale: scale(section)?, table: section.bytes(Linear::BYTES)? })
    }

    /// The weights of an n-gram, where the model knows it.
    pub(crate) fn weights(&self, hash: u32) -> Option<&[u8; OUTPUTS]> {
        let row: &[u8; ROW] = self.table[row(hash) * ROW..][..ROW].try_into().expect("a row has ROW bytes");
        (row[OUTPUTS] == fingerprint(hash)).then(|| row[..OUTPUTS].try_into().expect("a row has OUTPUTS weights"))
    }

    /// Outputs for a line in 1/256 logits. The sum is divided by the root of the number of known n-grams, so that long
    /// and short lines are on one scale.
    ///
    /// The table is larger than most caches, so nothing may wait for one row before it asks for the next: first all
    /// hashes, then which of them are known, then the sums.
    pub(crate) fn score(&self, words: &[Word], figures: &Figures) -> [i32; OUTPUTS] {
        let (mut asked, mut count) = ([0u32; MOST], 0);
        hashes(words, figures, |hash| {
            asked[count] = hash;
            count += 1;
        });
        let (mut known, mut found) = ([0usize; MOST], 0);
        for hash in &asked[..count] {
            let at = row(*hash) * ROW;
            known[found] = at;
            found += usize::from(self.table[at + OUTPUTS] == fingerprint(*hash));
        }
        let mut sums = [0i16; ROW];
        for at in &known[..found] {
            for (sum, weight) in sums.iter_mut().zip(&self.table[*at..][..ROW]) {
                *sum += i16::from(*weight as i8);
            }
        }
        let factor = self.scale / (found.max(1) as f32).sqrt();
        std::array::from_fn(|output| (f32::from(sums[output]) * factor) as i32)
    }
}

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
    pub(crate) fn row(word: &Word) -> Option<usize> {
        (word.kind & kind::SYMBOL == 0).then_some((word.hash >> (32 - TYPE_BITS)) as usize)
    }

    pub(crate) fn read(section: &mut Reader) -> Result<Types> {
        Ok(Types { scale: scale(section)?, weights: section.bytes(Types::BYTES)? })
    }

    /// Probabilities, 0 to 255, for a page with these words.
    pub(crate) fn score(&self, words: &[Word]) -> [u8; TYPES] {
        let mut sums = [0i64; TYPE_ROW];
        let mut count = 0u32;
        // In parts whose sums fit a smaller number, of which the processor adds more at a time.
        for words in words.chunks(i16::MAX as usize / 128) {
            let mut part = [0i16; TYPE_ROW];
            for row in words.iter().filter_map(Types::row) {
                count += 1;
                for (sum, weight) in part.iter_mut().zip(&self.weights[row * TYPE_ROW..][..TYPE_ROW]) {
                    *sum += i16::from(*weight as i8);
                }
            }
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum += i64::from(part);
            }
        }
        let factor = self.scale / count.max(1) as f32;
        let logits: Vec<i32> = sums[..TYPES].iter().map(|sum| (*sum as f32 * factor) as i32).collect();
        // Each type against the best other one: a soft maximum without exponentials.
        std::array::from_fn(|i| {
            let rival = (0..TYPES).filter(|j| *j != i).map(|j| logits[j]).max().unwrap_or(0);
            (crate::features::probability(logits[i] - rival) * 255 / 65536) as u8
        })
    }
}
