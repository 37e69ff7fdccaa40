//! Runs ensembles, with the widest instructions that the machine has (`fearless_simd` picks them when the program runs).
//!
//! Every lane of a vector is a row. The leaves of a tree fit two vectors, one for the low bytes and one for the high
//! ones, in which the leaves of a whole batch are looked up at once. All of it is integers, so any width gives the same
//! outputs.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i16x32, mask8x64, u8x64, u16x32};

use super::{Ensemble, LEAF_SHIFT, LEAVES, MOST_OUTPUTS, Tree};
use crate::features::{BATCH, Sheet};

const _: () = assert!(BATCH == 64 && LEAVES == 64, "a batch and a tree's leaves fit the vectors");

impl Ensemble {
    /// Writes each row's only output, in 1/256 logits, to `out` (cleared first).
    pub(crate) fn score(&self, sheet: &Sheet, out: &mut Vec<i32>) {
        self.score_on(Level::new(), sheet, out);
    }

    /// Writes the outputs of some rows (in order), in 1/256 logits, to `out` (cleared first), row by row.
    pub(crate) fn score_rows(&self, sheet: &Sheet, rows: &[usize], out: &mut Vec<i32>) {
        self.score_rows_on(Level::new(), sheet, rows, out);
    }

    pub(super) fn score_on(&self, level: Level, sheet: &Sheet, out: &mut Vec<i32>) {
        out.clear();
        dispatch!(level, simd => self.run(simd, sheet, out));
    }

    pub(super) fn score_rows_on(&self, level: Level, sheet: &Sheet, rows: &[usize], out: &mut Vec<i32>) {
        out.clear();
        dispatch!(level, simd => self.run_rows(simd, sheet, rows, out));
    }

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, sheet: &Sheet, out: &mut Vec<i32>) {
        let leaves = self.leaves.as_chunks::<LEAVES>().0;
        for start in (0..sheet.rows.len()).step_by(BATCH) {
            let mut sums = [self.bias[0]; BATCH];
            let mut first = 0;
            for end in &self.runs {
                // Sums of the rows of even and odd number.
                let (mut even, mut odd) = (i16x32::splat(simd, 0), i16x32::splat(simd, 0));
                for (tree, leaves) in self.trees[first..*end].iter().zip(&leaves[first..*end]) {
                    let leaf = leaf_of(simd, tree, sheet, start);
                    let (of_even, of_odd) = look_up(simd, leaves, leaf);
                    even += of_even;
                    odd += of_odd;
                }
                let rows = even.as_slice().iter().zip(odd.as_slice());
                for (sums, (even, odd)) in sums.as_chunks_mut::<2>().0.iter_mut().zip(rows) {
                    sums[0] += i32::from(*even);
                    sums[1] += i32::from(*odd);
                }
                first = *end;
            }
            let count = (sheet.rows.len() - start).min(BATCH);
            out.extend(sums[..count].iter().map(|sum| sum >> LEAF_SHIFT));
        }
    }

    #[inline(always)]
    fn run_rows<S: Simd>(&self, simd: S, sheet: &Sheet, rows: &[usize], out: &mut Vec<i32>) {
        let outputs = self.outputs();
        let mut leaf = [[0; BATCH]; FEW];
        let mut sums: Vec<[i32; MOST_OUTPUTS]> = Vec::new();
        for rows in rows.chunk_by(|a, b| a / BATCH == b / BATCH) {
            let start = rows[0] / BATCH * BATCH;
            sums.clear();
            sums.resize(rows.len(), std::array::from_fn(|output| self.bias.get(output).copied().unwrap_or(0)));
            for (first, end) in self.few() {
                for (leaf, tree) in leaf.iter_mut().zip(&self.trees[first..end]) {
                    leaf_of(simd, tree, sheet, start).store_slice(leaf);
                }
                for (sums, row) in sums.iter_mut().zip(rows) {
                    let mut sum = i16x32::splat(simd, 0);
                    for (at, leaf) in (first..end).zip(&leaf) {
                        let from = (at * LEAVES + usize::from(leaf[row - start])) * outputs;
                        sum += i16x32::from_slice(simd, &self.leaves[from..][..MOST_OUTPUTS]);
                    }
                    sums.iter_mut().zip(sum.as_slice()).for_each(|(sums, sum)| *sums += i32::from(*sum));
                }
            }
            out.extend(sums.iter().flat_map(|sums| &sums[..outputs]).map(|sum| sum >> LEAF_SHIFT));
        }
    }

    /// Runs of trees, cut where the leaves are more than the nearest memory holds.
    fn few(&self) -> impl Iterator<Item = (usize, usize)> {
        let runs = self.runs.iter().scan(0, |first, end| Some((std::mem::replace(first, *end), *end)));
        runs.flat_map(|(first, end)| (first..end).step_by(FEW).map(move |first| (first, end.min(first + FEW))))
    }
}

/// Trees whose leaves are looked up together, row by row.
const FEW: usize = 12;

/// The leaf of each row of a batch.
#[inline(always)]
pub(super) fn leaf_of<S: Simd>(simd: S, tree: &Tree, sheet: &Sheet, start: usize) -> u8x64<S> {
    let mut leaf = u8x64::splat(simd, 0);
    for (bit, split) in tree.iter().enumerate() {
        let cells = u8x64::load_array_ref(simd, sheet.batch::<BATCH>(split.view, start));
        let above: mask8x64<S> = cells.simd_gt(u8x64::splat(simd, split.above));
        leaf = above.select(leaf + u8x64::splat(simd, 1 << bit), leaf);
    }
    leaf
}

/// What a table holds for the leaves of a batch: for the rows of even and of odd number.
#[inline(always)]
pub(super) fn look_up<S: Simd>(simd: S, table: &[i16; LEAVES], leaf: u8x64<S>) -> (i16x32<S>, i16x32<S>) {
    let (a, b) = table.split_at(LEAVES / 2);
    let (a, b): (u8x64<S>, u8x64<S>) = (i16x32::from_slice(simd, a).bitcast(), i16x32::from_slice(simd, b).bitcast());
    let (low, high) = a.deinterleave(b);
    let (low, high): (u16x32<S>, u16x32<S>) = (low.swizzle_dyn(leaf).bitcast(), high.swizzle_dyn(leaf).bitcast());
    let bytes = u16x32::splat(simd, 0xff);
    ((low & bytes | high << 8).bitcast(), (low >> 8 | high & !bytes).bitcast())
}
