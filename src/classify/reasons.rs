//! The reasons for a verdict, as a person can read them: phrases, words, features.

use crate::features::character::is_ideograph;
use crate::features::columns::{NAMES, col};
use crate::features::ngrams::{KEEP, pair, single};
use crate::features::token::word_hash;
use crate::features::{Sheet, columns::View};
use crate::label::Label;
use crate::model::Model;
use crate::model::trees::Moved;
use crate::seeds::{Hit, Seeds};
use crate::verdict::Evidence;

/// Most reasons of each sort that are given.
const SEEDS: usize = 2;
const FEATURES: usize = 3;
/// Reasons that moved the decision by less than a tenth of a logit are none.
pub(super) const LEAST: i32 = 26;

/// Seed phrases that speak for `label`, the strongest first.
pub(super) fn seeds(seeds: &Seeds, hits: &[Hit], label: Label, out: &mut Vec<Evidence>) {
    let fitting = hits.iter().filter(|hit| hit.label == label);
    out.extend(fitting.take(SEEDS).map(|hit| {
        let seed = seeds.seed(hit.id);
        Evidence::Seed { phrase: seed.phrase.to_owned(), label: seed.label, source: seed.source.to_owned() }
    }));
}

/// Features that moved the second stage the way it went; where that is "its words", the words themselves.
pub(super) fn features(
    model: &Model,
    sheet: &Sheet,
    moved: &mut Moved,
    (row, text): (usize, &str),
    keep: bool,
    out: &mut Vec<Evidence>,
) {
    let sign = if keep { 1 } else { -1 };
    for (view, weight) in model.second.explain(sheet, moved, row, (sign, LEAST, FEATURES)) {
        out.push(Evidence::Feature { name: described(view, sheet, row), weight: weight as f32 / 256.0 });
    }
    out.extend(words(model, text, sign));
    if out.is_empty() {
        let weight = sheet.rows[row].logit as f32 / 256.0;
        out.push(Evidence::Feature { name: "all features together".into(), weight });
    }
}

/// A feature's name, and what it is compared with.
fn described(view: View, sheet: &Sheet, row: usize) -> String {
    let name = NAMES[view.column as usize];
    let place = match view.shift {
        0 => String::new(),
        -1 => " of the line before".into(),
        1 => " of the line after".into(),
        n if n < 0 => format!(" {} lines before", -n),
        n => format!(" {n} lines after"),
    };
    // Scales of bytes mean nothing to a person; plain counts do.
    const COUNTS: [usize; 5] = [col::Sentences, col::Commas, col::Links, col::Copies, col::Questions];
    if view.shift == 0 && COUNTS.contains(&(view.column as usize)) {
        format!("{name}: {}", sheet.cell(view, row))
    } else {
        format!("{name}{place}")
    }
}

/// The word, or pair of words, that the linear part weighs most.
fn words(model: &Model, text: &str, sign: i32) -> Option<Evidence> {
    let spans = spans(text);
    let mut best: Option<(i32, std::ops::Range<usize>)> = None;
    let mut consider = |hash: u32, range: std::ops::Range<usize>| {
        let weight = model.linear.weights(hash).map_or(0, |w| i32::from(w[KEEP] as i8));
        if weight * sign > best.as_ref().map_or(0, |(w, _)| w * sign) {
            best = Some((weight, range));
        }
    };
    for (i, (hash, start, end)) in spans.iter().enumerate() {
        consider(single(*hash), *start..*end);
        if let Some((next, _, end)) = spans.get(i + 1) {
            consider(pair(*hash, *next), *start..*end);
        }
    }
    let (weight, range) = best?;
    let weight = weight as f32 * model.linear.scale / 256.0;
    (weight.abs() >= 0.5).then(|| Evidence::Words { words: text[range].to_owned(), weight })
}

/// Words of a line as hash, start and end. Long lines are not told by their words alone: their first ones will do.
fn spans(text: &str) -> Vec<(u32, usize, usize)> {
    const MOST: usize = 40;
    let mut spans = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let ideograph = is_ideograph(c);
        if c.is_alphanumeric() && !ideograph {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            spans.push((hash(&text[from..at]), from, at));
        }
        if ideograph {
            spans.push((hash(&text[at..at + c.len_utf8()]), at, at + c.len_utf8()));
        }
        if spans.len() >= MOST {
            break;
        }
    }
    spans
}

fn hash(word: &str) -> u32 {
    let folded: String = word.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    word_hash(&folded)
}
