//! Ensembles of oblivious trees: every node of a level asks the same question, so a tree is a few byte comparisons
//! and one look-up (Kohavi and Li, "Oblivious decision trees", 1995; the shape that CatBoost trains).
//!
//! Questions are "is the byte of this view larger than that"; rows are judged in batches, one comparison over all
//! rows of a batch at a time, which compilers turn into vector instructions.

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::columns::View;
use crate::features::{BATCH, Sheet};

/// The deepest tree.
pub(crate) const MOST_DEPTH: usize = 8;

/// Leaf values are in 1/4096 logits.
const LEAF_SHIFT: u32 = 4;

#[derive(Clone, Copy, Debug)]
struct Split {
    view: View,
    /// The answer is yes above this byte.
    above: u8,
}

#[derive(Clone, Debug)]
struct Tree {
    splits: std::ops::Range<usize>,
    leaves: usize,
}

/// Trees whose leaves hold one value for each output.
#[derive(Clone, Debug)]
pub(crate) struct Ensemble {
    outputs: usize,
    bias: Vec<i32>,
    splits: Vec<Split>,
    trees: Vec<Tree>,
    leaves: Vec<i16>,
}

impl Ensemble {
    pub(crate) fn read(section: &mut Reader) -> Result<Ensemble> {
        let outputs = section.u16()? as usize;
        if !(1..=32).contains(&outputs) {
            return Err(Error::Model("an ensemble has no outputs, or too many".into()));
        }
        let bias = (0..outputs).map(|_| section.i32()).collect::<Result<_>>()?;
        let views = (0..section.u16()?)
            .map(|_| {
                let name = section.text()?;
                View::parse(&name).ok_or_else(|| {
                    Error::Model(format!("it asks for the feature {name:?}, which this version does not have"))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut ensemble = Ensemble { outputs, bias, splits: Vec::new(), trees: Vec::new(), leaves: Vec::new() };
        for _ in 0..section.u16()? {
            let depth = section.u8()? as usize;
            if depth > MOST_DEPTH {
                return Err(Error::Model("a tree is too deep".into()));
            }
            let start = ensemble.splits.len();
            for _ in 0..depth {
                let view = section.u16()? as usize;
                let above = section.u8()?;
                let view = *views
                    .get(view)
                    .ok_or_else(|| Error::Model("a tree asks for a feature that is not listed".into()))?;
                ensemble.splits.push(Split { view, above });
            }
            ensemble.trees.push(Tree { splits: start..ensemble.splits.len(), leaves: ensemble.leaves.len() });
            for _ in 0..outputs << depth {
                ensemble.leaves.push(section.i16()?);
            }
        }
        Ok(ensemble)
    }

    /// Number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Writes each row's outputs, in 1/256 logits, to `out` (cleared first), row by row.
    pub(crate) fn score(&self, sheet: &Sheet, out: &mut Vec<i32>) {
        let rows = sheet.rows.len();
        out.clear();
        out.reserve(rows * self.outputs);
        let mut sums = vec![0i32; BATCH * self.outputs];
        for start in (0..rows).step_by(BATCH) {
            for row in sums.chunks_exact_mut(self.outputs) {
                row.copy_from_slice(&self.bias);
            }
            for tree in &self.trees {
                let leaf = self.leaves_of(tree, sheet, start);
                if self.outputs == 1 {
                    let leaves = &self.leaves[tree.leaves..][..1 << tree.splits.len()];
                    for (sum, leaf) in sums.iter_mut().zip(leaf) {
                        *sum += i32::from(leaves[leaf as usize]);
                    }
                } else {
                    for (row, leaf) in sums.chunks_exact_mut(self.outputs).zip(leaf) {
                        let values = &self.leaves[tree.leaves + leaf as usize * self.outputs..][..self.outputs];
                        for (sum, value) in row.iter_mut().zip(values) {
                            *sum += i32::from(*value);
                        }
                    }
                }
            }
            let count = (rows - start).min(BATCH);
            out.extend(sums[..count * self.outputs].iter().map(|sum| sum >> LEAF_SHIFT));
        }
    }

    /// Adds one row's outputs to `out`, in 1/256 logits: what [`Ensemble::score`] says of it, for a few rows of a page.
    pub(crate) fn score_row(&self, sheet: &Sheet, row: usize, out: &mut Vec<i32>) {
        let start = out.len();
        out.extend(&self.bias);
        for tree in &self.trees {
            let splits = self.splits[tree.splits.clone()].iter().enumerate();
            let leaf = splits.fold(0, |leaf, (bit, s)| leaf | usize::from(sheet.cell(s.view, row) > s.above) << bit);
            let values = &self.leaves[tree.leaves + leaf * self.outputs..][..self.outputs];
            out[start..].iter_mut().zip(values).for_each(|(sum, value)| *sum += i32::from(*value));
        }
        out[start..].iter_mut().for_each(|sum| *sum >>= LEAF_SHIFT);
    }

    fn leaves_of(&self, tree: &Tree, sheet: &Sheet, start: usize) -> [u8; BATCH] {
        let mut leaf = [0u8; BATCH];
        for (bit, split) in self.splits[tree.splits.clone()].iter().enumerate() {
            let cells = sheet.batch(split.view, start);
            for (leaf, cell) in leaf.iter_mut().zip(cells) {
                *leaf |= u8::from(*cell > split.above) << bit;
            }
        }
        leaf
    }

    /// How much each view moved one output of one row, in 1/256 logits: the change of the mean of the leaves that
    /// are still possible, question by question (Saabas, "Interpreting random forests", 2014). Largest first.
    pub(crate) fn explain(&self, sheet: &Sheet, row: usize, output: usize) -> Vec<(View, i32)> {
        let mut moved: Vec<(View, i64)> = Vec::new();
        for tree in &self.trees {
            let splits = &self.splits[tree.splits.clone()];
            let leaf = splits
                .iter()
                .enumerate()
                .fold(0, |leaf, (bit, s)| leaf | usize::from(sheet.cell(s.view, row) > s.above) << bit);
            let mean = |known: usize| {
                let mask = (1 << known) - 1;
                let values = (0..1usize << splits.len()).filter(|l| l & mask == leaf & mask);
                let (sum, count) = values.fold((0i64, 0i64), |(s, c), l| {
                    (s + i64::from(self.leaves[tree.leaves + l * self.outputs + output]), c + 1)
                });
                sum / count
            };
            let mut before = mean(0);
            for (bit, split) in splits.iter().enumerate() {
                let after = mean(bit + 1);
                match moved.iter_mut().find(|(view, _)| *view == split.view) {
                    Some((_, sum)) => *sum += after - before,
                    None => moved.push((split.view, after - before)),
                }
                before = after;
            }
        }
        let mut moved: Vec<(View, i32)> =
            moved.into_iter().map(|(view, sum)| (view, (sum >> LEAF_SHIFT) as i32)).collect();
        moved.sort_by_key(|(view, sum)| (std::cmp::Reverse(sum.abs()), view.column, view.shift));
        moved
    }
}
