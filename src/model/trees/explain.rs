//! What moved an estimate: the means of the leaves that are still possible, question by question.

use super::{DEPTH, Ensemble, LEAF_SHIFT, LEAVES};
use crate::features::Sheet;
use crate::features::columns::View;

impl Ensemble {
    /// How much each view moved the only output of one row, in 1/256 logits: the change of the mean of the leaves that
    /// are still possible, question by question (Saabas, "Interpreting random forests", 2014). Views that moved it in
    /// the direction of `sign` by `least` or more, largest first, `most` of them.
    ///
    /// Every line of a report asks this, so the means are worked out once (see [`Moves`]).
    pub(crate) fn explain(&self, sheet: &Sheet, row: usize, sign: i32, least: i32, most: usize) -> Vec<(View, i32)> {
        let moves = self.moves.get_or_init(|| Moves::new(self));
        let mut moved = vec![0i64; moves.views.len()];
        let mut steps = moves.steps.as_slice();
        for (tree, views) in self.trees.iter().zip(&moves.view_of) {
            let mut leaf = 0;
            for (bit, (split, view)) in tree.iter().zip(views).enumerate() {
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
pub(super) struct Moves {
    /// Every view that is asked about, once.
    views: Vec<View>,
    /// By tree and question: its view's place in `views`.
    view_of: Vec<[u16; DEPTH]>,
    /// Tree after tree, question after question: by the answers up to and with this one, how much it moves the mean.
    steps: Vec<i32>,
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
            for known in 1..=DEPTH {
                let earlier = (1 << (known - 1)) - 1;
                moves.steps.extend((0..1 << known).map(|now| mean(known, now) - mean(known - 1, now & earlier)));
            }
        }
        moves
    }
}
