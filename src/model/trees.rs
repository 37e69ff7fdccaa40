//! Ensembles of oblivious trees: every node of a level asks the same question, so a tree is a few byte comparisons
//! and one look-up (Kohavi and Li, "Oblivious decision trees", 1995; the shape that CatBoost trains).
//!
//! Questions are "is the byte of this view larger than that"; rows are judged in batches, one comparison over all
//! rows of a batch at a time (`run`).

mod explain;
mod run;

use std::sync::OnceLock;

use super::file::Reader;
use crate::error::{Error, Result};
use crate::features::columns::View;
pub(crate) use explain::Moved;
use explain::Moves;
use run::Table;

/// Questions of a tree.
const DEPTH: usize = 6;
/// Leaves of a tree.
const LEAVES: usize = 1 << DEPTH;

/// The most outputs.
const MOST_OUTPUTS: usize = 32;
/// The most trees, and the largest bias: with them, no sum of leaves goes over.
const MOST_TREES: u16 = 1 << 14;
const MOST_BIAS: u32 = 1 << 30;

/// Leaf values are in 1/4096 logits.
const LEAF_SHIFT: u32 = 4;

/// The questions of a tree: of each the view and the byte above which the answer is yes. Answers that are yes are the
/// bits of a leaf's index, from the first.
#[derive(Clone, Copy, Debug)]
struct Tree {
    views: [View; DEPTH],
    /// Four times the same byte, of which processors make a vector for less than of one.
    above: [[u8; 4]; DEPTH],
}

/// Trees whose leaves hold one value for each output.
#[derive(Clone, Debug)]
pub(crate) struct Ensemble {
    bias: Vec<i32>,
    trees: Vec<Tree>,
    /// Runs of trees, by their ends, whose leaves can be summed in 16 bits.
    runs: Vec<usize>,
    /// Tree after tree, leaf after leaf, the outputs; then some zeros, so that vectors may be longer than a leaf.
    leaves: Vec<i16>,
    /// Worked out when the first line is to be explained.
    moves: OnceLock<Moves>,
    /// The leaves once more, output after output, for all that is not scored row by row.
    tables: OnceLock<Vec<Table>>,
}

impl Ensemble {
    pub(crate) fn read(section: &mut Reader) -> Result<Ensemble> {
        let outputs = section.u16()? as usize;
        if !(1..=MOST_OUTPUTS).contains(&outputs) {
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
        let trees = section.u16()?;
        if trees > MOST_TREES {
            return Err(Error::Model("an ensemble has too many trees".into()));
        }
        let mut ensemble = Ensemble {
            bias,
            trees: Vec::new(),
            runs: Vec::new(),
            leaves: Vec::new(),
            moves: OnceLock::new(),
            tables: OnceLock::new(),
        };
        for _ in 0..trees {
            ensemble.read_tree(section, &views)?;
        }
        let peak = |leaves: &[i16]| leaves.iter().map(|leaf| leaf.unsigned_abs()).max().unwrap_or(0);
        ensemble.runs = runs(ensemble.leaves.chunks_exact(outputs * LEAVES).map(peak));
        ensemble.leaves.resize(ensemble.leaves.len() + MOST_OUTPUTS, 0);
        Ok(ensemble)
    }

    fn read_tree(&mut self, section: &mut Reader, views: &[View]) -> Result<()> {
        let depth = section.u8()? as usize;
        if depth > DEPTH {
            return Err(Error::Model("a tree is too deep".into()));
        }
        // A question that a shallower tree does not ask: no byte is above the largest.
        let mut tree = Tree { views: [View { column: 0, shift: 0 }; DEPTH], above: [[u8::MAX; 4]; DEPTH] };
        for (view, above) in tree.views.iter_mut().zip(&mut tree.above).take(depth) {
            let listed = views.get(section.u16()? as usize);
            *view = *listed.ok_or_else(|| Error::Model("a tree asks for a feature that is not listed".into()))?;
            *above = [section.u8()?; 4];
        }
        self.trees.push(tree);
        let values = section.bytes(2 * (self.outputs() << depth))?;
        let values = values.as_chunks::<2>().0;
        // Whatever the answer to what is not asked, the leaf is the same.
        for _ in 0..LEAVES >> depth {
            self.leaves.extend(values.iter().map(|value| i16::from_le_bytes(*value)));
        }
        Ok(())
    }

    /// Number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }
}

/// The ends of runs of tables whose numbers can be summed in 16 bits; of each the largest is given, its sign left out.
fn runs(peaks: impl Iterator<Item = u16>) -> Vec<usize> {
    let (mut ends, mut sum, mut count) = (Vec::new(), 0, 0);
    for peak in peaks {
        sum += u32::from(peak);
        if sum > i16::MAX as u32 {
            ends.push(count);
            sum = peak.into();
        }
        count += 1;
    }
    ends.push(count);
    ends
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::features::{BATCH, Row, Sheet};
    use crate::model::lanes::{self, Random};

    const VIEWS: [&str; 4] = ["characters", "characters@-3", "words", "its words@+2"];

    /// The section of an ensemble of these depths.
    fn section(outputs: u16, depths: &[u8], leaf: i64, random: &mut Random) -> Vec<u8> {
        let mut data = outputs.to_le_bytes().to_vec();
        (0..outputs).for_each(|output| data.extend((i32::from(output) * 100).to_le_bytes()));
        data.extend((VIEWS.len() as u16).to_le_bytes());
        for view in VIEWS {
            data.push(view.len() as u8);
            data.extend(view.as_bytes());
        }
        data.extend((depths.len() as u16).to_le_bytes());
        for depth in depths {
            data.push(*depth);
            for _ in 0..*depth {
                data.extend((random.below(VIEWS.len() as u64) as u16).to_le_bytes());
                data.push(random.below(256) as u8);
            }
            for _ in 0..usize::from(outputs) << depth {
                data.extend((random.around(leaf) as i16).to_le_bytes());
            }
        }
        data
    }

    fn sheet(rows: usize, random: &mut Random) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.rows.resize(rows, Row::default());
        sheet.lay_out();
        for view in VIEWS {
            let column = View::parse(view).unwrap().column;
            (0..rows).for_each(|row| sheet.set(column.into(), row, random.below(256) as u8));
        }
        sheet
    }

    impl Tree {
        fn answer(&self, question: usize, sheet: &Sheet, row: usize) -> bool {
            sheet.cell(self.views[question], row) > self.above[question][0]
        }
    }

    /// The outputs of a row, tree by tree.
    fn outputs(ensemble: &Ensemble, sheet: &Sheet, row: usize) -> Vec<i32> {
        let mut sums = ensemble.bias.clone();
        for (at, tree) in ensemble.trees.iter().enumerate() {
            let leaf = (0..DEPTH).fold(0, |leaf, bit| leaf | usize::from(tree.answer(bit, sheet, row)) << bit);
            let values = &ensemble.leaves[(at * LEAVES + leaf) * sums.len()..];
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += i32::from(*value));
        }
        sums.iter().map(|sum| sum >> LEAF_SHIFT).collect()
    }

    /// The views that moved a row most, tree by tree.
    fn views_that_moved(ensemble: &Ensemble, sheet: &Sheet, row: usize, sign: i32) -> Vec<(View, i32)> {
        let mut moved = BTreeMap::new();
        for (tree, leaves) in ensemble.trees.iter().zip(ensemble.leaves.as_chunks::<LEAVES>().0) {
            let mut leaf = 0;
            for (bit, step) in explain::steps(leaves).into_iter().enumerate() {
                leaf |= usize::from(tree.answer(bit, sheet, row)) << bit;
                *moved.entry(tree.views[bit]).or_insert(0) += i32::from(step[leaf]);
            }
        }
        let moved = moved.into_iter().map(|(view, by)| (view, by >> LEAF_SHIFT));
        let mut most: Vec<(View, i32)> = moved.filter(|(_, by)| by * sign >= 26).collect();
        most.sort_by_key(|(_, by)| std::cmp::Reverse(by.abs()));
        most.truncate(explain::MOST);
        most
    }

    #[test]
    fn any_instructions_give_the_same_outputs() {
        let random = &mut Random(7);
        for (trees, leaf) in [(0, 9), (1, 1 << 15), (70, 2000), (9, 1 << 15)] {
            let depths: Vec<u8> =
                (0..trees).map(|_| if random.below(4) == 0 { random.below(6) as u8 } else { 6 }).collect();
            let read = |data: Vec<u8>| Ensemble::read(&mut Reader::new(data.into())).unwrap();
            let (one, many) = (read(section(1, &depths, leaf, random)), read(section(19, &depths, leaf, random)));
            for rows in [0, 1, 63, 64, 200, 200, 200] {
                let sheet = sheet(rows, random);
                let share = random.below(8);
                let some: Vec<usize> = (0..rows).filter(|_| random.below(8) < share).collect();
                let expected: Vec<i32> = (0..rows).flat_map(|row| outputs(&one, &sheet, row)).collect();
                let expected_many: Vec<i32> = some.iter().flat_map(|row| outputs(&many, &sheet, *row)).collect();
                let mut out = vec![1; 3];
                for level in lanes::levels() {
                    one.score_on(level, &sheet, &mut out);
                    assert_eq!(out, expected, "{level:?}, {trees} trees, {rows} rows");
                    let up: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
                    let mut moved = Moved::default();
                    for row in 0..rows {
                        if row % BATCH == 0 {
                            one.move_on(level, &sheet, row, (&up, 26), &mut moved);
                        }
                        let most: Vec<(View, i32)> = one.explain(&sheet, &mut moved, row, (&up, 26)).collect();
                        let expected = views_that_moved(&one, &sheet, row, if up[row] { 1 } else { -1 });
                        assert_eq!(most, expected, "{level:?}, {trees} trees, row {row}");
                    }
                    many.score_rows_on(level, &sheet, &some, &mut out);
                    assert_eq!(out, expected_many, "{level:?}, {trees} trees, {rows} rows");
                }
            }
        }
    }

    #[test]
    fn what_is_deep_or_short_is_refused() {
        let read = |data: &[u8]| Ensemble::read(&mut Reader::new(data.to_vec().into()));
        let data = section(2, &[6, 1], 100, &mut Random(1));
        assert!(read(&data).is_ok());
        for cut in 0..data.len() {
            assert!(read(&data[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read(&section(2, &[7], 100, &mut Random(1))).is_err());
    }
}
