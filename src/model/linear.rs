//! The linear parts of the model: weights of hashed n-grams for lines, of hashed words for pages.

use std::borrow::Cow;

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::ngrams::{BITS, OUTPUTS, fingerprint, hashes, row};
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
        let scale = section.f32()?;
        let table = section.bytes(Linear::BYTES)?;
        if !scale.is_finite() {
            return Err(Error::Model("a scale is not a number".into()));
        }
        Ok(Linear { scale, table })
    }

    /// The weights of an n-gram, where the model knows it.
    pub(crate) fn weights(&self, hash: u32) -> Option<&[u8; OUTPUTS]> {
        let row: &[u8; ROW] = self.table[row(hash) * ROW..][..ROW].try_into().expect("a row has ROW bytes");
        (row[OUTPUTS] == fingerprint(hash)).then(|| row[..OUTPUTS].try_into().expect("a row has OUTPUTS weights"))
    }

    /// Outputs for a line in 1/256 logits. The sum is divided by the root of the number of known n-grams, so that long
    /// and short lines are on one scale.
    pub(crate) fn score(&self, words: &[Word], figures: &Figures) -> [i32; OUTPUTS] {
        let mut sums = [0i32; OUTPUTS];
        let mut count = 0u32;
        hashes(words, figures, |hash| {
            if let Some(weights) = self.weights(hash) {
                count += 1;
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += i32::from(*weight as i8);
                }
            }
        });
        let factor = self.scale / (count.max(1) as f32).sqrt();
        sums.map(|sum| (sum as f32 * factor) as i32)
    }
}

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
        Ok(Types { scale: section.f32()?, weights: section.bytes(Types::BYTES)? })
    }

    /// Probabilities, 0 to 255, for a page with these words.
    pub(crate) fn score(&self, words: &[Word]) -> [u8; TYPES] {
        let mut sums = [0i64; TYPE_ROW];
        let mut count = 0u32;
        for row in words.iter().filter_map(Types::row) {
            count += 1;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[row * TYPE_ROW..][..TYPE_ROW]) {
                *sum += i64::from(*weight as i8);
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
