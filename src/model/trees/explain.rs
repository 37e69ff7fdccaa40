//! What moved an estimate: the means of the leaves that are still possible, question by question.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i32x16, u8x64};

use super::run::{Table, first_leaf, leaf_of, sum};
use super::{DEPTH, Ensemble, LEAF_SHIFT, LEAVES, runs};
use crate::features::columns::{COLUMNS, View};
use crate::features::{BATCH, PAD, Sheet};

/// So many views are told.
pub(crate) const MOST: usize = 3;
/// A view is told from the others by so many bits of a key, and what it moved takes the rest.
const VIEW_BITS: u32 = 12;
const _: () = assert!(COLUMNS * (2 * PAD + 1) < 1 << VIEW_BITS, "every view of every column can be told");
/// The most that a view is said to have moved a row, in 1/256 logits.
const MOST_MOVED: i32 = (1 << (31 - VIEW_BITS)) - 1;

/// The views that moved the rows of one batch most, the way these went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved {
    /// The first row of the batch.
    start: Option<usize>,
    /// Tree after tree, the leaf of each row.
    leaves: Vec<[u8; BATCH]>,
    /// By rank, the key of a view for each row: what it moved, then its place from behind, so that of equals the first
    /// has the larger key. 0 for none.
    best: [Keys; MOST],
}

#[derive(Clone, Debug)]
struct Keys([i32; BATCH]);

impl Default for Keys {
    fn default() -> Keys {
        Keys([0; BATCH])
    }
}

impl Moved {
    /// Another page begins.
    pub(crate) fn forget(&mut self) {
        self.start = None;
    }
}

impl Ensemble {
    /// How much each view moved the only output of one row, in 1/256 logits: the change of the mean of the leaves that
    /// are still possible, question by question (Saabas, "Interpreting random forests", 2014). Views that moved it up,
    /// where `up` says so of the row, or else down, by `least` or more; largest first, [`MOST`] of them.
    ///
    /// Every line of a report asks this, so the means are worked out once (see [`Moves`]), and the views for a whole
    /// batch of rows when the first of them is asked about.
    pub(crate) fn explain(
        &self,
        sheet: &Sheet,
        moved: &mut Moved,
        row: usize,
        (up, least): (&[bool], i32),
    ) -> impl Iterator<Item = (View, i32)> {
        let start = row / BATCH * BATCH;
        let moves = self.moves.get_or_init(|| Moves::new(self));
        if moved.start != Some(start) {
            self.move_on(Level::new(), sheet, start, (up, least), moved);
        }
        let sign = if up[row] { 1 } else { -1 };
        let keys = moved.best.each_ref().map(|keys| keys.0[row - start]);
        keys.into_iter().take_while(|key| *key > 0).map(move |key| {
            let view = (1 << VIEW_BITS) - 1 - (key & ((1 << VIEW_BITS) - 1));
            (moves.of[view as usize].view, (key >> VIEW_BITS) * sign)
        })
    }

    /// Works out what moved the rows of a batch, with this set of instructions.
    pub(super) fn move_on(
        &self,
        level: Level,
        sheet: &Sheet,
        start: usize,
        (up, least): (&[bool], i32),
        moved: &mut Moved,
    ) {
        let moves = self.moves.get_or_init(|| Moves::new(self));
        let mut signs = [1; BATCH];
        for (sign, up) in signs.iter_mut().zip(&up[start..]) {
            *sign = if *up { 1 } else { -1 };
        }
        moved.start = Some(start);
        moved.leaves.resize(self.trees.len(), [0; BATCH]);
        moved.best = Default::default();
        dispatch!(level, simd => self.run_moves(simd, sheet, start, (&signs, least), moves, moved));
    }

    /// View by view, so that what one moved is summed in registers.
    #[inline(always)]
    fn run_moves<S: Simd>(
        &self,
        simd: S,
        sheet: &Sheet,
        start: usize,
        (signs, least): (&[i32; BATCH], i32),
        moves: &Moves,
        moved: &mut Moved,
    ) {
        let none = first_leaf(simd);
        for (tree, leaf) in self.trees.iter().zip(&mut moved.leaves) {
            leaf_of(simd, none, tree, sheet, start).store_slice(leaf);
        }
        let signs = signs.as_chunks::<16>().0;
        let none = i32x16::splat(simd, 0);
        let least = i32x16::splat(simd, least.max(1));
        for (at, of) in moves.of.iter().enumerate() {
            let mut sums = [none; BATCH / 16];
            let mut first = 0;
            for end in &of.runs {
                let leaf = |tree: u16| u8x64::load_array_ref(simd, &moved.leaves[usize::from(tree)]);
                let part = sum(simd, of.steps[first..*end].iter().map(|step| (&step.table, leaf(step.tree))));
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                first = *end;
            }
            let place = i32x16::splat(simd, (1 << VIEW_BITS) - 1 - at as i32);
            for (part, (sum, sign)) in sums.iter().zip(signs).enumerate() {
                let by = (*sum >> LEAF_SHIFT) * i32x16::load_array_ref(simd, sign);
                let enough = by.simd_ge(least);
                if !enough.any_true() {
                    continue;
                }
                let by = by.min(i32x16::splat(simd, MOST_MOVED));
                let mut key = enough.select(by << VIEW_BITS | place, none);
                for keys in &mut moved.best {
                    let keys = &mut keys.0.as_chunks_mut::<16>().0[part];
                    let old = i32x16::load_array_ref(simd, keys);
                    old.max(key).store_slice(keys);
                    key = old.min(key);
                }
            }
        }
    }
}

/// What each answer in an ensemble of one output does to the mean of the leaves that are still possible.
#[derive(Clone, Debug)]
pub(super) struct Moves {
    /// Every view that is asked about, in order of column and shift.
    of: Vec<OfView>,
}

#[derive(Clone, Debug)]
struct OfView {
    view: View,
    steps: Vec<Step>,
    /// Runs of steps, by their ends, that can be summed in 16 bits.
    runs: Vec<usize>,
}

/// What a question of a tree moves.
#[derive(Clone, Debug)]
struct Step {
    tree: u16,
    /// By leaf, in 1/4096 logits. Moves of more than eight logits are cut.
    table: Table,
}

impl Moves {
    fn new(ensemble: &Ensemble) -> Moves {
        let mut of: Vec<OfView> = Vec::new();
        let leaves = ensemble.leaves.as_chunks::<LEAVES>().0;
        for (number, (tree, leaves)) in ensemble.trees.iter().zip(leaves).enumerate() {
            for (view, moved) in tree.views.into_iter().zip(steps(leaves)) {
                let step = Step { tree: number as u16, table: Table::new(moved) };
                match of.binary_search_by_key(&view, |of| of.view) {
                    Ok(at) => of[at].steps.push(step),
                    Err(at) => of.insert(at, OfView { view, steps: vec![step], runs: Vec::new() }),
                }
            }
        }
        for of in &mut of {
            of.runs = runs(of.steps.iter().map(|step| step.table.peak()));
        }
        Moves { of }
    }
}

/// By question of a tree and by leaf, how much the answer moves the mean.
pub(super) fn steps(leaves: &[i16; LEAVES]) -> [[i16; LEAVES]; DEPTH] {
    let mean = |known: usize, answers: usize| {
        let sum: i64 = leaves[answers..].iter().step_by(1 << known).map(|leaf| i64::from(*leaf)).sum();
        (sum / (1 << (DEPTH - known))) as i32
    };
    let means: [[i32; LEAVES]; DEPTH + 1] = std::array::from_fn(|known| {
        let of: Vec<i32> = (0..1 << known).map(|answers| mean(known, answers)).collect();
        std::array::from_fn(|leaf| of[leaf % of.len()])
    });
    std::array::from_fn(|at| {
        let step = |leaf: usize| means[at + 1][leaf] - means[at][leaf];
        std::array::from_fn(|leaf| step(leaf).clamp(i16::MIN.into(), i16::MAX.into()) as i16)
    })
}
