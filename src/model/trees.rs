//! Ensembles of oblivious trees: every node of a level asks the same question, so a tree is a few byte comparisons
//! and one look-up (Kohavi and Li, "Oblivious decision trees", 1995; the shape that CatBoost trains).
//!
//! Questions are "is the byte of this view larger than that"; rows are judged in batches, one comparison over all
//! rows of a batch at a time, which compilers turn into vector instructions.

use std::sync::OnceLock;

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::columns::View;
use crate::features::{BATCH, Sheet};

/// The deepest tree.
pub(crate) const MOST_DEPTH: usize = 8;

/// The most trees, and the largest bias: with them, no sum of leaves goes over.
const MOST_TREES: u16 = 1 << 14;
const MOST_BIAS: u32 = 1 << 30;

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
    /// Worked out when the first line is to be explained.
    moves: OnceLock<Moves>,
}

impl Ensemble {
    pub(crate) fn read(section: &mut Reader) -> Result<Ensemble> {
        let outputs = section.u16()? as usize;
        if !(1..=32).contains(&outputs) {
            return Err(Error::Model("an ensemble has no outputs, or too many".into()));
        }
        let bias = (0..outputs).map(|_| section.i32()).collect::<Result<Vec<_>>>()?;
        if bias.iter().any(|bias| bias.unsigned_abs() > MOST_BIAS) {
            return Err(Error::Model("an ensemble begins out of bounds".into()));
        }
        let views = (0..section.u16()?)
            .map(|_| {
                let name = section.text()?;
                View::parse(&name).ok_or_else(|| {
                    Error::Model(format!("it asks for the feature {name:?}, which this version does not have"))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut ensemble = Ensemble {
            outputs,
            bias,
            splits: Vec::new(),
            trees: Vec::new(),
            leaves: Vec::new(),
            moves: OnceLock::new(),
        };
        let trees = section.u16()?;
        if trees > MOST_TREES {
            return Err(Error::Model("an ensemble has too many trees".into()));
        }
        for _ in 0..trees {
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
            let values = section.bytes(2 * (outputs << depth))?;
            let (values, _) = values.as_chunks::<2>();
            ensemble.leaves.extend(values.iter().map(|value| i16::from_le_bytes(*value)));
        }
        Ok(ensemble)
    }

    /// Number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Writes each row's outputs, in 1/256 logits, to `out` (cleared first), row by row.
    pub(crate) fn score(&self, sheet: &Sheet, out: &mut Vec<i32>) {
        out.clear();
        out.reserve(sheet.rows.len() * self.outputs);
        match self.outputs {
            1 => self.score_one(sheet, out),
            19 => self.score_several::<19>(sheet, out),
            _ => unreachable!("the model was read with one output or nineteen"),
        }
    }

    fn score_one(&self, sheet: &Sheet, out: &mut Vec<i32>) {
        for start in (0..sheet.rows.len()).step_by(BATCH) {
            let mut sums = [self.bias[0]; BATCH];
            for tree in &self.trees {
                let leaf = self.leaves_of(tree, sheet, start);
                let values = &self.leaves[tree.leaves..][..1 << tree.splits.len()];
                // Nearly all trees are of this depth; that a leaf is one of the 64 needs no check then.
                if let Ok(values) = <&[i16; 64]>::try_from(values) {
                    for (sum, leaf) in sums.iter_mut().zip(leaf) {
                        *sum += i32::from(values[usize::from(leaf & 63)]);
                    }
                } else {
                    for (sum, leaf) in sums.iter_mut().zip(leaf) {
                        *sum += i32::from(values[usize::from(leaf)]);
                    }
                }
            }
            let count = (sheet.rows.len() - start).min(BATCH);
            out.extend(sums[..count].iter().map(|sum| sum >> LEAF_SHIFT));
        }
    }

    fn score_several<const OUTPUTS: usize>(&self, sheet: &Sheet, out: &mut Vec<i32>) {
        let bias: [i32; OUTPUTS] = std::array::from_fn(|output| self.bias[output]);
        for start in (0..sheet.rows.len()).step_by(BATCH) {
            let count = (sheet.rows.len() - start).min(BATCH);
            let mut sums = [bias; BATCH];
            for tree in &self.trees {
                let leaf = self.leaves_of(tree, sheet, start);
                let (values, _) = self.leaves[tree.leaves..][..OUTPUTS << tree.splits.len()].as_chunks::<OUTPUTS>();
                for (sums, leaf) in sums.iter_mut().zip(leaf).take(count) {
                    for (sum, value) in sums.iter_mut().zip(&values[usize::from(leaf)]) {
                        *sum += i32::from(*value);
                    }
                }
            }
            out.extend(sums[..count].as_flattened().iter().map(|sum| sum >> LEAF_SHIFT));
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
        // From the last question to the first, doubling: vector instructions can add bytes, but not shift them.
        for split in self.splits[tree.splits.clone()].iter().rev() {
            let cells = sheet.batch(split.view, start);
            for (leaf, cell) in leaf.iter_mut().zip(cells) {
                *leaf = leaf.wrapping_add(*leaf) | u8::from(*cell > split.above);
            }
        }
        leaf
    }

    /// How much each view moved the only output of one row, in 1/256 logits: the change of the mean of the leaves that
    /// are still possible, question by question (Saabas, "Interpreting random forests", 2014). Views that moved it in
    /// the direction of `sign` by `least` or more, largest first, `most` of them.
    ///
    /// Every line of a report asks this, so the means are worked out once (see [`Moves`]).
    pub(crate) fn explain(&self, sheet: &Sheet, row: usize, sign: i32, least: i32, most: usize) -> Vec<(View, i32)> {
        let moves = self.moves.get_or_init(|| Moves::new(self));
        let mut moved = vec![0i64; moves.views.len()];
        let mut steps = moves.steps.as_slice();
        for tree in &self.trees {
            let mut leaf = 0;
            for (bit, (split, view)) in
                self.splits[tree.splits.clone()].iter().zip(&moves.view_of[tree.splits.clone()]).enumerate()
            {
                leaf |= usize::from(sheet.cell(split.view, row) > split.above) << bit;
                let (now, later) = steps.split_at(2 << bit);
                moved[usize::from(*view)] += i64::from(now[leaf]);
                steps = later;
            }
        }
        let mut best: Vec<(View, i32)> = Vec::with_capacity(most + 1);
        let before =
            |a: &(View, i32), b: &(View, i32)| (b.1.abs(), a.0.column, a.0.shift) < (a.1.abs(), b.0.column, b.0.shift);
        for (view, sum) in moves.views.iter().zip(moved) {
            let new = (*view, (sum >> LEAF_SHIFT) as i32);
            if new.1.saturating_mul(sign) >= least && best.get(most - 1).is_none_or(|last| before(&new, last)) {
                let at = best.iter().position(|old| before(&new, old)).unwrap_or(best.len());
                best.insert(at, new);
                best.truncate(most);
            }
        }
        best
    }
}

/// What each answer in an ensemble of one output does to the mean of the leaves that are still possible.
#[derive(Clone, Debug)]
struct Moves {
    /// Every view that is asked about, once.
    views: Vec<View>,
    /// By split: its view's place in `views`.
    view_of: Vec<u16>,
    /// Tree after tree, question after question: by the answers up to and with this one, how much it moves the mean.
    steps: Vec<i32>,
}

impl Moves {
    fn new(ensemble: &Ensemble) -> Moves {
        let mut moves = Moves { views: Vec::new(), view_of: Vec::new(), steps: Vec::new() };
        for split in &ensemble.splits {
            let at = moves.views.iter().position(|view| *view == split.view).unwrap_or_else(|| {
                moves.views.push(split.view);
                moves.views.len() - 1
            });
            moves.view_of.push(at as u16);
        }
        for tree in &ensemble.trees {
            let depth = tree.splits.len();
            let leaves = &ensemble.leaves[tree.leaves..][..1 << depth];
            let mean = |known: usize, answers: usize| {
                let sum: i64 = leaves[answers..].iter().step_by(1 << known).map(|leaf| i64::from(*leaf)).sum();
                (sum / (1 << (depth - known))) as i32
            };
            for known in 1..=depth {
                let earlier = (1 << (known - 1)) - 1;
                moves.steps.extend((0..1 << known).map(|now| mean(known, now) - mean(known - 1, now & earlier)));
            }
        }
        moves
    }
}
