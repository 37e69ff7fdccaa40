//! Adapting the model to what a person answered: a small correction on top of it, learned from answers.
//!
//! The built-in model stays as it is. An [`Adaptation`] adds to what it says of a line, by the words of the line and by
//! what the model itself takes the line for: a weight in logits for keep or drop, and one for each label. So it can be
//! read by a person, costs next to nothing, and goes away by leaving out its file. [`Observer`] sees what the model says
//! of the lines that answers are about, [`learn`] fits the correction, [`phrases`] finds what is plain enough to be a
//! seed.
//!
//! An adaptation outlives the model it was learned on: what it says of words holds for any model. What it says of the
//! habits of one model (lines that *it* takes for navigation) is left out with another one, see
//! [`Adaptation::for_model`].

mod features;
mod file;
mod observe;
mod phrases;
mod train;

use std::collections::HashMap;

use crate::label::Label;

pub use observe::{Observer, Seen};
pub use phrases::phrases;
pub use train::{Example, learn};

use features::{Feature, Tokens};

/// The largest correction, in 1/256 logits: enough to turn a sure verdict, not enough to end all doubt.
const MOST: i32 = 5 * 256;

/// What is added for one feature, in 1/256 logits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Weights {
    keep: i32,
    labels: Vec<(Label, i32)>,
}

/// A correction of the model, learned from answers.
#[derive(Clone, Debug, Default)]
pub struct Adaptation {
    /// Version of the model it was learned on.
    model: String,
    /// How many answered lines it was learned from.
    lines: u32,
    /// Features as the file writes them, sorted, and their weights.
    rows: Vec<(String, Weights)>,
    /// Where each feature's row is, by its hash.
    index: HashMap<u64, u32>,
}

/// What an adaptation adds to the model's outputs for a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Correction {
    /// To the logit of keeping it, in 1/256.
    pub keep: i32,
    /// To that of each label, in 1/256.
    pub labels: [i32; 19],
}

impl Adaptation {
    fn new(model: String, lines: u32, rows: Vec<(String, Weights)>) -> Adaptation {
        let index = rows.iter().zip(0..).map(|((name, _), at)| (features::hash_of(name), at)).collect();
        Adaptation { model, lines, rows, index }
    }

    /// Version of the model it was learned on.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many answered lines it was learned from.
    pub fn lines(&self) -> u32 {
        self.lines
    }

    /// How many features have a weight.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The adaptation as it may be used with the model of this version: without what it says of the habits of the
    /// model it was learned on, where that is another one.
    #[must_use]
    pub fn for_model(self, version: &str) -> Adaptation {
        if self.model == version {
            return self;
        }
        let rows = self.rows.into_iter().filter(|(name, _)| !features::is_habit(name)).collect();
        Adaptation::new(self.model, self.lines, rows)
    }

    fn weights(&self, hash: u64) -> Option<&Weights> {
        self.index.get(&hash).map(|at| &self.rows[*at as usize].1)
    }

    /// The correction for a line, from its folded text and the model's label outputs.
    pub(crate) fn correct(&self, folded: &str, labels: &[i32]) -> Correction {
        let tokens = Tokens::of(folded);
        let mut text = [0i64; 20];
        let mut habit = [0i64; 20];
        let mut count = 0u32;
        features::each(&tokens, labels, |feature| {
            let sums = if matches!(feature, Feature::Words(..)) { &mut text } else { &mut habit };
            count += u32::from(matches!(feature, Feature::Words(..)));
            let Some(weights) = self.weights(feature.hash()) else { return };
            sums[19] += i64::from(weights.keep);
            for (label, weight) in &weights.labels {
                sums[label.index()] += i64::from(*weight);
            }
        });
        let scale = features::scale(count);
        let sum = |i: usize| ((text[i] as f64 * scale) as i32).saturating_add(habit[i] as i32).clamp(-MOST, MOST);
        Correction { keep: sum(19), labels: std::array::from_fn(sum) }
    }

    /// The words of a line that speak most for keeping it, or against that.
    pub(crate) fn words(&self, folded: &str, keep: bool) -> Option<String> {
        let tokens = Tokens::of(folded);
        let sign = if keep { 1 } else { -1 };
        let mut best: Option<(i32, String)> = None;
        features::each(&tokens, &[], |feature| {
            let Feature::Words(_, words) = &feature else { return };
            let Some(weights) = self.weights(feature.hash()) else { return };
            let weight = weights.keep * sign;
            if weight > best.as_ref().map_or(0, |(best, _)| *best) {
                best = Some((weight, words.join(" ")));
            }
        });
        best.map(|(_, words)| words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adaptation(rows: &[(&str, i32)]) -> Adaptation {
        let weights = |keep: i32| Weights { keep, labels: vec![(Label::Legal, keep / 2)] };
        let rows = rows.iter().map(|(name, keep)| ((*name).to_owned(), weights(*keep))).collect();
        Adaptation::new("m1".into(), 7, rows)
    }

    #[test]
    fn weights_are_added_and_bounded() {
        let labels = [0; 19];
        let a = adaptation(&[("=read our briefing", -512), ("briefing", -256), ("@as title", 128)]);
        let none = a.correct("something else", &labels);
        assert_eq!((none.keep, none.labels[Label::Legal.index()]), (128, 64));
        let some = a.correct("read our briefing", &labels);
        assert!(some.keep < 0 && some.labels[Label::Legal.index()] < 0, "{some:?}");
        assert_eq!(a.words("read our briefing", false).as_deref(), Some("read our briefing"));
        assert_eq!(a.words("read our briefing", true), None);
        let wild = adaptation(&[("x", i32::MAX), ("@as title", i32::MIN / 2)]);
        assert_eq!(wild.correct("y", &labels).keep, -MOST);
    }

    #[test]
    fn another_model_keeps_the_words_only() {
        let a = adaptation(&[("briefing", -256), ("@as body", 128), ("@as navigation", 5)]);
        assert_eq!(a.clone().for_model("m1").len(), 3);
        let other = a.for_model("m2");
        assert_eq!((other.len(), other.model()), (1, "m1"));
        assert!(other.correct("briefing", &[0; 19]).keep < 0);
    }
}
