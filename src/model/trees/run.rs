//! Runs ensembles, with the widest instructions that the machine has (`fearless_simd` picks them when the program runs).
//!
//! Every lane of a vector is a row. The leaves of a tree fit two vectors, one for the low bytes and one for the high
//! ones, in which the leaves of a whole batch are looked up at once. All of it is integers, so any width gives the same
//! outputs.

use std::hint::black_box;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i16x32, i32x16, mask8x64, u8x64, u16x32, u32x16};

use super::{DEPTH, Ensemble, LEAF_SHIFT, LEAVES, MOST_OUTPUTS, Tree};
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
        let tables = self.tables.get_or_init(|| self.by_output());
        let none = first_leaf(simd);
        for start in (0..sheet.rows.len()).step_by(BATCH) {
            let mut sums = [i32x16::splat(simd, self.bias[0]); BATCH / 16];
            let mut first = 0;
            for end in &self.runs {
                let trees = tables[first..*end].iter().zip(&self.trees[first..*end]);
                let part = sum(simd, trees.map(|(table, tree)| (table, leaf_of(simd, none, tree, sheet, start))));
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                first = *end;
            }
            let mut of = [0; BATCH];
            for (of, sum) in of.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
                (sum >> LEAF_SHIFT).store_slice(of);
            }
            out.extend_from_slice(&of[..(sheet.rows.len() - start).min(BATCH)]);
        }
    }

    #[inline(always)]
    fn run_rows<S: Simd>(&self, simd: S, sheet: &Sheet, rows: &[usize], out: &mut Vec<i32>) {
        let batches = rows.chunk_by(|a, b| a / BATCH == b / BATCH);
        if rows.len() >= MANY * batches.clone().count().max(1) {
            return self.run_many(simd, sheet, rows, out);
        }
        let mut sums = Vec::new();
        batches.for_each(|rows| self.run_few(simd, sheet, rows, &mut sums, out));
    }

    /// Some rows of one batch: row after row, all outputs at once. `sums` is reused.
    #[inline(always)]
    fn run_few<S: Simd>(
        &self,
        simd: S,
        sheet: &Sheet,
        rows: &[usize],
        sums: &mut Vec<[i32; MOST_OUTPUTS]>,
        out: &mut Vec<i32>,
    ) {
        let outputs = self.outputs();
        let start = rows[0] / BATCH * BATCH;
        sums.clear();
        sums.resize(rows.len(), std::array::from_fn(|output| self.bias.get(output).copied().unwrap_or(0)));
        let (mut leaf, none) = ([[0; BATCH]; FEW], first_leaf(simd));
        for (first, end) in self.parts(FEW) {
            for (leaf, tree) in leaf.iter_mut().zip(&self.trees[first..end]) {
                leaf_of(simd, none, tree, sheet, start).store_slice(leaf);
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

    /// Most rows of a page: output after output, all rows of a batch at once, and with a few trees all batches, as the
    /// leaves of all trees are more than the nearest memory holds.
    #[inline(always)]
    fn run_many<S: Simd>(&self, simd: S, sheet: &Sheet, rows: &[usize], out: &mut Vec<i32>) {
        let (tables, none) = (self.tables.get_or_init(|| self.by_output()), first_leaf(simd));
        let (outputs, trees) = (self.outputs(), self.trees.len());
        let starts = || rows.chunk_by(|a, b| a / BATCH == b / BATCH).map(|rows| rows[0] / BATCH * BATCH);
        let count = starts().count();
        let mut sums = vec![[0i32; BATCH]; outputs * count];
        for (sums, bias) in sums.chunks_exact_mut(count).zip(&self.bias) {
            sums.fill([*bias; BATCH]);
        }
        let mut leaves = vec![[0; BATCH]; PART * count];
        for (first, end) in self.parts(PART) {
            let part = end - first;
            for (start, leaves) in starts().zip(leaves.chunks_exact_mut(PART)) {
                for (leaf, tree) in leaves.iter_mut().zip(&self.trees[first..end]) {
                    leaf_of(simd, none, tree, sheet, start).store_slice(leaf);
                }
            }
            for (output, sums) in sums.chunks_exact_mut(count).enumerate() {
                let tables = &tables[output * trees + first..][..part];
                for (sums, leaves) in sums.iter_mut().zip(leaves.chunks_exact(PART)) {
                    let trees = tables.iter().zip(leaves);
                    let part = sum(simd, trees.map(|(table, leaf)| (table, u8x64::load_array_ref(simd, leaf))));
                    for (sums, part) in sums.as_chunks_mut::<16>().0.iter_mut().zip(part) {
                        (i32x16::load_array_ref(simd, sums) + part).store_slice(sums);
                    }
                }
            }
        }
        for (at, rows) in rows.chunk_by(|a, b| a / BATCH == b / BATCH).enumerate() {
            for row in rows {
                out.extend(sums[at..].iter().step_by(count).map(|sums| sums[row % BATCH] >> LEAF_SHIFT));
            }
        }
    }

    /// The leaves, output after output and tree after tree.
    fn by_output(&self) -> Vec<Table> {
        let of = |output: usize, tree: usize| {
            let leaves = self.leaves[tree * LEAVES * self.outputs()..].iter().skip(output).step_by(self.outputs());
            let mut table = [0; LEAVES];
            table.iter_mut().zip(leaves).for_each(|(to, leaf)| *to = *leaf);
            Table::new(table)
        };
        (0..self.outputs()).flat_map(|output| (0..self.trees.len()).map(move |tree| of(output, tree))).collect()
    }

    /// Runs of trees whose leaves can be summed in 16 bits, of no more than `most` trees.
    fn parts(&self, most: usize) -> impl Iterator<Item = (usize, usize)> {
        let runs = self.runs.iter().scan(0, |first, end| Some((std::mem::replace(first, *end), *end)));
        runs.flat_map(move |(first, end)| (first..end).step_by(most).map(move |first| (first, end.min(first + most))))
    }
}

/// Trees whose leaves are looked up together, row by row.
const FEW: usize = 12;
/// Trees whose leaves are looked up together for all batches of a page.
const PART: usize = 60;
/// So many rows a batch cost less together than one by one.
const MANY: usize = 16;

/// A number for each leaf of a tree, its low and its high byte apart, to look up a whole batch in.
#[derive(Clone, Debug)]
pub(super) struct Table {
    low: [u8; LEAVES],
    high: [u8; LEAVES],
}

impl Table {
    pub(super) fn new(of: [i16; LEAVES]) -> Table {
        let bytes = of.map(i16::to_le_bytes);
        Table { low: bytes.map(|bytes| bytes[0]), high: bytes.map(|bytes| bytes[1]) }
    }

    /// The largest number in it, its sign left out.
    pub(super) fn peak(&self) -> u16 {
        let of = self.low.iter().zip(&self.high).map(|(low, high)| i16::from_le_bytes([*low, *high]).unsigned_abs());
        of.max().unwrap_or(0)
    }
}

/// Sums what tables have for the leaves of a batch, row after row; the sums must fit 16 bits.
///
/// Rows of even and of odd number share words of 16 bits. Added to each other are the low bytes as they come, those of
/// the odd rows by themselves, which at the end are taken off the former, and the high bytes, of which what goes over a
/// byte goes over the sum: three additions and a shift for 64 rows.
#[inline(always)]
pub(super) fn sum<'t, S: Simd>(simd: S, of: impl Iterator<Item = (&'t Table, u8x64<S>)>) -> [i32x16<S>; BATCH / 16] {
    let (mut both, mut odd, mut high) = (u16x32::splat(simd, 0), u16x32::splat(simd, 0), u8x64::splat(simd, 0));
    for (table, leaf) in of {
        let low: u16x32<S> = u8x64::load_array_ref(simd, &table.low).swizzle_dyn(leaf).bitcast();
        both += low;
        odd += low >> 8;
        high += u8x64::load_array_ref(simd, &table.high).swizzle_dyn(leaf);
    }
    let high: u16x32<S> = high.bitcast();
    let even: i16x32<S> = (both + ((high - odd) << 8)).bitcast();
    let odd: i16x32<S> = (odd + (high & u16x32::splat(simd, 0xff00))).bitcast();
    let (first, second) = even.interleave(odd);
    let ((a, b), (c, d)) = (first.widen(), second.widen());
    [a, b, c, d]
}

/// The first leaf for a batch. That it is 0 is kept from the compiler, which would make an "or" of the additions in
/// [`leaf_of`]; processors have masks of bytes for the one and not for the other.
#[inline(always)]
pub(super) fn first_leaf<S: Simd>(simd: S) -> u8x64<S> {
    u8x64::splat(simd, black_box(0))
}

/// The leaf of each row of a batch; `first` is [`first_leaf`].
#[inline(always)]
pub(super) fn leaf_of<S: Simd>(simd: S, first: u8x64<S>, tree: &Tree, sheet: &Sheet, start: usize) -> u8x64<S> {
    let mut leaf = first;
    // All of them first: what comes between comparisons keeps bytes from being read as they are made into vectors.
    let of = |question: usize| sheet.batch::<BATCH>(tree.views[question], start);
    let cells: [&[u8; BATCH]; DEPTH] = [of(0), of(1), of(2), of(3), of(4), of(5)];
    for (bit, (cells, above)) in cells.iter().zip(&tree.above).enumerate() {
        let least: u8x64<S> = u32x16::splat(simd, u32::from_ne_bytes(*above)).bitcast();
        let above: mask8x64<S> = u8x64::load_array_ref(simd, cells).simd_gt(least);
        leaf = above.select(leaf + u8x64::splat(simd, 1 << bit), leaf);
    }
    leaf
}
