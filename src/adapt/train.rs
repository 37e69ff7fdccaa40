//! Fitting a correction: logistic regressions on top of what the model says, held near zero.
//!
//! The model's own output is a fixed offset, so without evidence the weights stay at zero and nothing changes; an L2
//! penalty says how much evidence a weight costs. How large it must be depends on how alike the documents are, and so
//! does whether the model's habits say anything: both are chosen by cross-validation over documents, and where nothing
//! makes clearly more decisions right than it makes wrong there is no correction. Keep or drop is one
//! regression, and so is each label that was answered often enough, against the others of its side. They are solved by coordinate descent with the bound 1/4 on
//! the curvature (Böhning and Lindsay, "Monotonicity of quadratic-approximation algorithms", 1988), which only ever goes
//! downhill, in an order that depends on the features' names alone: the same on every machine.

use std::collections::{BTreeMap, BTreeSet};

use super::features::{self, Feature, Tokens};
use super::{Adaptation, Weights};
use crate::label::{Label, LabelSet};

/// The penalties on squared weights that are tried, the most careful first: each starts from where the last one ended.
const PENALTIES: [f64; 3] = [4.0, 1.0, 0.25];
/// Parts that are held back one after the other to choose one.
const PARTS: usize = 5;
/// What a habit counts beside the words of a line, which together count 1.
const HABIT: f64 = 0.3;
/// Passes over all weights, at most.
const PASSES: usize = 30;
/// A pass that changes no weight by more than this is the last.
const STILL: f64 = 1e-2;
/// A label needs so many answered lines to be learned.
const LEAST_LABELS: usize = 5;
/// Weights below this, in 1/256 logits, are left out.
const LEAST: i32 = 6;

/// A line to learn from.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its folded text.
    pub(super) folded: String,
    /// What the model says of keeping it, in 1/256 logits above where it draws the line.
    pub(super) margin: i32,
    /// What it says of each label.
    pub(super) labels: [i32; 19],
    /// What it should say.
    pub(super) keep: bool,
    pub(super) label: Option<Label>,
    pub(super) weight: f64,
    /// Whether a person said so.
    pub(super) answered: bool,
    /// Lines of one group, such as a document, are held back together.
    pub(super) group: usize,
}

/// Learns a correction of the model of this version.
pub fn learn(examples: &[Example], model: &str) -> Adaptation {
    let columns = columns(examples);
    let parts = parts(examples);
    let mut rows: BTreeMap<&str, Weights> = BTreeMap::new();
    let keep = Problem {
        offsets: examples.iter().map(|example| f64::from(example.margin) / 256.0).collect(),
        targets: examples.iter().map(|example| example.keep).collect(),
        weights: examples.iter().map(|example| example.weight).collect(),
        counts: examples.iter().map(|example| example.answered).collect(),
    };
    for ((name, _), weight) in columns.iter().zip(keep.learn(&columns, &parts)) {
        rows.entry(name).or_default().keep = rounded(name, weight);
    }
    for label in Label::ALL {
        let Some(problem) = of_label(examples, label) else { continue };
        for ((name, _), weight) in columns.iter().zip(problem.learn(&columns, &parts)) {
            if rounded(name, weight).abs() >= LEAST {
                rows.entry(name).or_default().labels.push((label, rounded(name, weight)));
            }
        }
    }
    let rows = rows.into_iter().filter_map(|(name, mut weights)| {
        weights.keep = if weights.keep.abs() >= LEAST { weights.keep } else { 0 };
        (weights.keep != 0 || !weights.labels.is_empty()).then(|| (name.to_owned(), weights))
    });
    let answered = examples.iter().filter(|example| example.answered).count();
    Adaptation::new(model.to_owned(), u32::try_from(answered).unwrap_or(u32::MAX), rows.collect())
}

/// A weight as the file has it: that of a habit is what it adds.
fn rounded(name: &str, weight: f64) -> i32 {
    (weight * if features::is_habit(name) { HABIT } else { 1.0 } * 256.0).round() as i32
}

/// One label against the others of its side; `None` where too few lines have it, or all have.
fn of_label(examples: &[Example], label: Label) -> Option<Problem> {
    let side = LabelSet::KEPT.contains(label);
    let others = |other: &Label| *other != label && LabelSet::KEPT.contains(*other) == side;
    let asked = |example: &Example| match example.label {
        Some(said) if LabelSet::KEPT.contains(said) == side => example.weight,
        _ => 0.0,
    };
    let targets: Vec<bool> = examples.iter().map(|example| example.label == Some(label)).collect();
    let (with, all) = (targets.iter().filter(|t| **t).count(), examples.iter().filter(|e| asked(e) > 0.0).count());
    if with < LEAST_LABELS || with == all {
        return None;
    }
    let offset = |example: &Example| {
        let rival = Label::ALL.into_iter().filter(others).map(|other| example.labels[other.index()]).max();
        f64::from(example.labels[label.index()] - rival.unwrap_or(0)) / 256.0
    };
    let offsets = examples.iter().map(offset).collect();
    let counts = examples.iter().map(|example| example.answered).collect();
    Some(Problem { offsets, targets, weights: examples.iter().map(asked).collect(), counts })
}

/// A feature's value for each example that has it.
type Cells = Vec<(u32, f64)>;
/// A feature's name and its cells.
type Column = (String, Cells);

/// The features of the examples, by name: those of two different answered lines or more, and of two groups where there
/// are many. One line says nothing of others, and one document nothing of the next.
fn columns(examples: &[Example]) -> Vec<Column> {
    let mut columns: BTreeMap<String, Vec<(u32, f64)>> = BTreeMap::new();
    for (example, index) in examples.iter().zip(0..) {
        let mut names: Vec<(String, bool)> = Vec::new();
        features::each(&Tokens::of(&example.folded), &example.labels, |feature| {
            names.push((feature.name(), matches!(feature, Feature::Words(..))));
        });
        let words = names.iter().filter(|(_, words)| *words).count();
        let scale = features::scale(u32::try_from(words).unwrap_or(u32::MAX));
        for (name, words) in names {
            let value = if words { scale } else { HABIT };
            let column = columns.entry(name).or_default();
            match column.last_mut() {
                // A word that stands there twice counts twice.
                Some((last, sum)) if *last == index => *sum += value,
                _ => column.push((index, value)),
            }
        }
    }
    let many = groups(examples).len() >= PARTS;
    let tells = |column: &[(u32, f64)]| {
        let mut answered = column.iter().map(|(index, _)| &examples[*index as usize]).filter(|e| e.answered);
        let Some(first) = answered.next() else { return false };
        let (mut line, mut group) = (false, !many);
        for example in answered {
            line |= example.folded != first.folded;
            group |= example.group != first.group;
        }
        line && group
    };
    columns.into_iter().filter(|(_, column)| tells(column)).collect()
}

fn groups(examples: &[Example]) -> BTreeSet<usize> {
    examples.iter().filter(|example| example.answered).map(|example| example.group).collect()
}

/// The part in which each example is held back: groups stay together where there are enough of them.
fn parts(examples: &[Example]) -> Vec<usize> {
    let groups = groups(examples);
    let by_text = |example: &Example| (features::hash_of(&example.folded) % PARTS as u64) as usize;
    let part = |example: &Example| if groups.len() >= PARTS { example.group % PARTS } else { by_text(example) };
    examples.iter().map(part).collect()
}

/// A logistic regression.
struct Problem {
    offsets: Vec<f64>,
    targets: Vec<bool>,
    weights: Vec<f64>,
    /// The examples whose loss counts where a penalty is chosen.
    counts: Vec<bool>,
}

impl Problem {
    /// The weight of each column, learned in the way that is best for examples held back; all 0 if none is any good.
    fn learn(&self, columns: &[Column], parts: &[usize]) -> Vec<f64> {
        // Most examples say nothing about a label.
        let says = |cell: &&(u32, f64)| self.weights[cell.0 as usize] > 0.0;
        let cells = |column: &Column, habits: bool| -> Cells {
            let wanted = habits || !features::is_habit(&column.0);
            if wanted { column.1.iter().filter(says).copied().collect() } else { Vec::new() }
        };
        let mut best = (0.0, vec![0.0; columns.len()]);
        for habits in [false, true] {
            let columns: Vec<Cells> = columns.iter().map(|column| cells(column, habits)).collect();
            let mut flips = [(0.0, 0.0); PENALTIES.len()];
            for part in 0..PARTS {
                let held = |i: usize| parts[i] == part;
                let weights = self.weights.iter().enumerate().map(|(i, weight)| if held(i) { 0.0 } else { *weight });
                let weights: Vec<f64> = weights.collect();
                let mut state = State::new(self, columns.len());
                for (penalty, flips) in PENALTIES.iter().zip(&mut flips) {
                    state.descend(self, &columns, &weights, *penalty);
                    self.count(&state.margins, held, flips);
                }
            }
            let gain = |(mended, broken): &(f64, f64)| mended - broken;
            let chosen = flips.iter().enumerate().rev().max_by(|a, b| gain(a.1).total_cmp(&gain(b.1)));
            let Some((at, (mended, broken))) = chosen else { continue };
            let gain = mended - broken;
            // More than two standard errors of what would come about by chance.
            if gain > best.0 && gain * gain > 4.0 * (mended + broken) {
                let mut state = State::new(self, columns.len());
                for penalty in &PENALTIES[..=at] {
                    state.descend(self, &columns, &self.weights, *penalty);
                }
                best = (gain, state.solution);
            }
        }
        best.1
    }

    /// Adds up the answered examples of those `held` that are right now and were not, and the other way round.
    fn count(&self, margins: &[f64], held: impl Fn(usize) -> bool, (mended, broken): &mut (f64, f64)) {
        for i in (0..margins.len()).filter(|i| self.counts[*i] && self.weights[*i] > 0.0 && held(*i)) {
            let right = |margin: f64| (margin > 0.0) == self.targets[i];
            match (right(self.offsets[i]), right(margins[i])) {
                (false, true) => *mended += self.weights[i],
                (true, false) => *broken += self.weights[i],
                _ => {}
            }
        }
    }
}

/// A solution in the making.
struct State {
    solution: Vec<f64>,
    margins: Vec<f64>,
}

impl State {
    fn new(problem: &Problem, columns: usize) -> State {
        State { solution: vec![0.0; columns], margins: problem.offsets.clone() }
    }

    /// Goes down until nothing moves any more.
    fn descend(&mut self, problem: &Problem, columns: &[Cells], weights: &[f64], penalty: f64) {
        let curvature = |column: &[(u32, f64)]| -> f64 {
            let sum: f64 = column.iter().map(|(i, value)| weights[*i as usize] * value * value).sum();
            sum / 4.0 + penalty
        };
        let curvatures: Vec<f64> = columns.iter().map(|column| curvature(column)).collect();
        for _ in 0..PASSES {
            let mut largest = 0.0f64;
            for ((column, weight), curvature) in columns.iter().zip(&mut self.solution).zip(&curvatures) {
                let mut slope = penalty * *weight;
                for (i, value) in column {
                    let i = *i as usize;
                    if weights[i] > 0.0 {
                        let target = f64::from(u8::from(problem.targets[i]));
                        slope += weights[i] * value * (sigmoid(self.margins[i]) - target);
                    }
                }
                let step = -slope / curvature;
                *weight += step;
                for (i, value) in column {
                    self.margins[*i as usize] += step * value;
                }
                largest = largest.max(step.abs());
            }
            if largest < STILL {
                break;
            }
        }
    }
}

/// 1 / (1 + exp(-x)). Only sums and products, so the same everywhere.
fn sigmoid(x: f64) -> f64 {
    let y = x.clamp(-30.0, 30.0) / 1024.0;
    // exp(x) as (exp(x / 1024)) ^ 1024, the inner one by its series.
    let mut e = 1.0 + y * (1.0 + y * (0.5 + y / 6.0));
    for _ in 0..10 {
        e *= e;
    }
    e / (1.0 + e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(text: &str, margin: i32, keep: bool, label: Option<Label>) -> Example {
        let mut labels = [0; 19];
        labels[Label::Navigation.index()] = 100;
        Example { folded: text.into(), margin, labels, keep, label, weight: 1.0, answered: true, group: 0 }
    }

    /// Lines of which the model keeps all that speak of a briefing, wrongly.
    fn briefings() -> Vec<Example> {
        let topics = ["ferries", "harbours", "bells", "winters", "crowns", "bands", "clocks", "hulls"];
        let wrong = topics.map(|topic| example(&format!("our briefing on {topic}"), 400, false, Some(Label::Related)));
        let right = topics.map(|topic| example(&format!("she spoke of {topic} for long"), 400, true, None));
        let menu = topics.map(|topic| example(&format!("{topic} news"), -400, false, Some(Label::Navigation)));
        wrong.into_iter().chain(right).chain(menu).collect()
    }

    #[test]
    fn what_was_answered_carries_over_to_lines_like_it() {
        let learned = learn(&briefings(), "m");
        assert_eq!((learned.lines(), learned.model()), (24, "m"));
        let labels = briefings()[0].labels;
        let correction = learned.correct("our briefing on anchors", &labels);
        assert!(correction.keep < -300, "{correction:?}");
        assert!(correction.labels[Label::Related.index()] > 50, "{correction:?}");
        let other = learned.correct("she spoke of anchors", &labels);
        assert!(other.keep > -150, "{other:?}");
        // A word of one line alone has no weight of its own.
        assert!(!learned.to_text().contains("briefing on ferries"), "{}", learned.to_text());
        assert_eq!(learn(&briefings(), "m").to_text(), learned.to_text());
    }

    #[test]
    fn without_mistakes_little_changes() {
        let examples: Vec<Example> =
            briefings().into_iter().map(|e| Example { margin: if e.keep { 1500 } else { -1500 }, ..e }).collect();
        let learned = learn(&examples, "m");
        assert!(learned.correct("our briefing on anchors", &examples[0].labels).keep.abs() < 40);
        assert!(learn(&[], "m").is_empty());
    }

    #[test]
    fn the_curve_is_the_logistic_one() {
        for x in [-40.0f64, -5.0, -0.3, 0.0, 1.0, 20.0] {
            assert!((sigmoid(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-6, "{x}");
        }
    }
}
