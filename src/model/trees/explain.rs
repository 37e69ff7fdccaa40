//! What moved an estimate: the means of the leaves that are still possible, question by question.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i16x32, i32x16};

use super::run::{leaf_of, look_up};
use super::{DEPTH, Ensemble, LEAF_SHIFT, LEAVES};
use crate::features::columns::View;
use crate::features::{BATCH, Sheet};

/// How much each view moved the only output of the rows of one batch, as far as they have been asked about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved {
    /// The first row of the batch.
    start: Option<usize>,
    /// View after view, row after row, in 1/4096 logits.
    values: Vec<[i32; BATCH]>,
}

impl Moved {
    /// Another page begins.
    pub(crate) fn forget(&mut self) {
        self.start = None;
    }
}

impl Ensemble {
    /// How much each view moved the only output of one row, in 1/256 logits: the change of the mean of the leaves that
    /// are still possible, question by question (Saabas, "Interpreting random forests", 2014). Views that moved it in
    /// the direction of `sign` by `least` or more, largest first, `most` of them.
    ///
    /// Every line of a report asks this, so the means are worked out once (see [`Moves`]), and how they moved a whole
    /// batch of rows when the first of them is asked about.
    pub(crate) fn explain(
        &self,
        sheet: &Sheet,
        moved: &mut Moved,
        row: usize,
        (sign, least, most): (i32, i32, usize),
    ) -> Vec<(View, i32)> {
        let start = row / BATCH * BATCH;
        if moved.start != Some(start) {
            self.move_on(Level::new(), sheet, start, moved);
        }
        let mut best: Vec<(View, i32)> = Vec::with_capacity(most + 1);
        let before =
            |a: &(View, i32), b: &(View, i32)| (b.1.abs(), a.0.column, a.0.shift) < (a.1.abs(), b.0.column, b.0.shift);
        let views = self.moves.get().into_iter().flat_map(|moves| &moves.views);
        for (view, sums) in views.zip(&moved.values) {
            let new = (*view, sums[row - start] >> LEAF_SHIFT);
            if new.1.saturating_mul(sign) >= least && best.get(most - 1).is_none_or(|last| before(&new, last)) {
                let at = best.iter().position(|old| before(&new, old)).unwrap_or(best.len());
                best.insert(at, new);
                best.truncate(most);
            }
        }
        best
    }

    /// Works out how much each view moved the rows of a batch, with this set of instructions.
    pub(super) fn move_on(&self, level: Level, sheet: &Sheet, start: usize, moved: &mut Moved) {
        let moves = self.moves.get_or_init(|| Moves::new(self));
        moved.start = Some(start);
        moved.values.clear();
        moved.values.resize(moves.views.len(), [0; BATCH]);
        dispatch!(level, simd => self.run_moves(simd, sheet, start, moves, &mut moved.values));
    }

    #[inline(always)]
    fn run_moves<S: Simd>(&self, simd: S, sheet: &Sheet, start: usize, moves: &Moves, values: &mut [[i32; BATCH]]) {
        for (tree, (views, steps)) in self.trees.iter().zip(moves.view_of.iter().zip(&moves.steps)) {
            let leaf = leaf_of(simd, tree, sheet, start);
            for (view, step) in views.iter().zip(steps) {
                let (even, odd) = look_up(simd, step, leaf);
                let (first, second): (i16x32<S>, i16x32<S>) = even.interleave(odd);
                let values = values[usize::from(*view)].as_chunks_mut::<16>().0;
                let (a, b): (i32x16<S>, i32x16<S>) = first.widen();
                let (c, d): (i32x16<S>, i32x16<S>) = second.widen();
                for (values, moved) in values.iter_mut().zip([a, b, c, d]) {
                    (i32x16::load_array_ref(simd, values) + moved).store_slice(values);
                }
            }
        }
    }
}

/// What each answer in an ensemble of one output does to the mean of the leaves that are still possible.
#[derive(Clone, Debug)]
pub(super) struct Moves {
    /// Every view that is asked about, once.
    views: Vec<View>,
    /// By tree and question: its view's place in `views`.
    view_of: Vec<[u16; DEPTH]>,
    /// By tree and question: by leaf, how much the answer moves the mean. Moves of more than eight logits are cut.
    steps: Vec<[[i16; LEAVES]; DEPTH]>,
}

impl Moves {
    fn new(ensemble: &Ensemble) -> Moves {
        let mut moves = Moves { views: Vec::new(), view_of: Vec::new(), steps: Vec::new() };
        for tree in &ensemble.trees {
            moves.view_of.push(tree.map(|split| {
                let at = moves.views.iter().position(|view| *view == split.view).unwrap_or_else(|| {
                    moves.views.push(split.view);
                    moves.views.len() - 1
                });
                at as u16
            }));
        }
        for leaves in ensemble.leaves.as_chunks::<LEAVES>().0.iter().take(ensemble.trees.len()) {
            let mean = |known: usize, answers: usize| {
                let sum: i64 = leaves[answers..].iter().step_by(1 << known).map(|leaf| i64::from(*leaf)).sum();
                (sum / (1 << (DEPTH - known))) as i32
            };
            let means: [[i32; LEAVES]; DEPTH + 1] = std::array::from_fn(|known| {
                let of: Vec<i32> = (0..1 << known).map(|answers| mean(known, answers)).collect();
                std::array::from_fn(|leaf| of[leaf % of.len()])
            });
            moves.steps.push(std::array::from_fn(|at| {
                let step = |leaf: usize| means[at + 1][leaf] - means[at][leaf];
                std::array::from_fn(|leaf| step(leaf).clamp(i16::MIN.into(), i16::MAX.into()) as i16)
            }));
        }
        moves
    }

    /// How much each view moves a row, by the view's place.
    #[cfg(test)]
    pub(super) fn of(&self, ensemble: &Ensemble, sheet: &Sheet, row: usize) -> Vec<i32> {
        let mut moved = vec![0; self.views.len()];
        for (tree, (views, steps)) in ensemble.trees.iter().zip(self.view_of.iter().zip(&self.steps)) {
            let mut leaf = 0;
            for (bit, ((split, view), step)) in tree.iter().zip(views).zip(steps).enumerate() {
                leaf |= usize::from(sheet.cell(split.view, row) > split.above) << bit;
                moved[usize::from(*view)] += i32::from(step[leaf]);
            }
        }
        moved
    }
}

impl Moved {
    /// The values of a row.
    #[cfg(test)]
    pub(super) fn of(&self, row: usize) -> Vec<i32> {
        self.values.iter().map(|values| values[row % BATCH]).collect()
    }
}
