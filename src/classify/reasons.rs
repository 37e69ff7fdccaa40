//! The reasons for a verdict, as a person can read them: phrases, words, features.

use std::borrow::Cow;
use std::ops::Range;

use crate::features::Sheet;
use crate::features::character::{is_alphanumeric, is_ideograph};
use crate::features::columns::{NAMES, View, col};
use crate::features::ngrams::{KEEP, pair, single};
use crate::features::token::{Word, kind};
use crate::label::Label;
use crate::model::Model;
use crate::model::linear::Linear;
use crate::model::trees::Moved;
use crate::seeds::{Hit, Seeds};
use crate::verdict::Evidence;

/// Most phrases that are given.
const SEEDS: usize = 2;
/// Reasons that moved the decision by less than a tenth of a logit are none.
pub(super) const LEAST: i32 = 26;

/// Seed phrases that speak for `label`, the strongest first.
pub(super) fn seeds((seeds, hits): (&Seeds, &[Hit]), label: Label, out: &mut Vec<Evidence>) {
    let fitting = hits.iter().filter(|hit| hit.label == label);
    out.extend(fitting.take(SEEDS).map(|hit| {
        let seed = seeds.seed(hit.id);
        Evidence::Seed { phrase: seed.phrase.to_owned(), label: seed.label, source: seed.source.to_owned() }
    }));
}

/// Features that moved the second stage the way it went; where that is "its words", the words themselves. `sides` says
/// of every row whether it was kept.
pub(super) fn features(
    model: &Model,
    sheet: &Sheet,
    moved: &mut Moved,
    (row, text): (usize, &str),
    sides: &[bool],
    out: &mut Vec<Evidence>,
) {
    for (view, weight) in model.second.explain(sheet, moved, row, (sides, LEAST)) {
        out.push(Evidence::Feature { name: described(view, sheet, row), weight: weight as f32 / 256.0 });
    }
    out.extend(words(&model.linear, &sheet.words[sheet.rows[row].words.clone()], text, sides[row]));
    if out.is_empty() {
        let weight = sheet.rows[row].logit as f32 / 256.0;
        out.push(Evidence::Feature { name: "all features together".into(), weight });
    }
}

/// A feature's name, and what it is compared with.
fn described(view: View, sheet: &Sheet, row: usize) -> Cow<'static, str> {
    let name = NAMES[view.column as usize];
    // Scales of bytes mean nothing to a person; plain counts do.
    const COUNTS: [usize; 5] = [col::Sentences, col::Commas, col::Links, col::Copies, col::Questions];
    match view.shift {
        0 if COUNTS.contains(&(view.column as usize)) => format!("{name}: {}", sheet.cell(view, row)).into(),
        0 => name.into(),
        -1 => format!("{name} of the line before").into(),
        1 => format!("{name} of the line after").into(),
        n if n < 0 => format!("{name} {} lines before", -n).into(),
        n => format!("{name} {n} lines after").into(),
    }
}

/// The word, or pair of words, that the linear part weighs most. Long lines are not told by their words alone: their
/// first ones will do.
fn words(linear: &Linear, words: &[Word], text: &str, keep: bool) -> Option<Evidence> {
    const MOST: usize = 40;
    let mut words = words.iter().filter(|word| word.kind & kind::SYMBOL == 0).map(|word| word.hash).take(MOST);
    // First which are known, without a branch that no one can foretell; then what they weigh.
    let (mut known, mut count) = ([(0, 0, 0); 2 * MOST], 0);
    let mut next = words.next();
    for at in 0..MOST {
        let Some(word) = next else { break };
        next = words.next();
        known[count] = (single(word), at, 1);
        count += usize::from(linear.knows(known[count].0));
        if let Some(next) = next {
            known[count] = (pair(word, next), at, 2);
            count += usize::from(linear.knows(known[count].0));
        }
    }
    let sign = if keep { 1 } else { -1 };
    let (mut best, mut place) = (0, 0..0);
    for (hash, at, length) in &known[..count] {
        let weight = i32::from(linear.weights(*hash)[KEEP] as i8);
        if weight * sign > best * sign {
            (best, place) = (weight, *at..at + length);
        }
    }
    let weight = best as f32 * linear.scale / 256.0;
    if weight.abs() < 0.5 {
        return None;
    }
    let mut spans = spans(text).skip(place.start).take(place.len());
    let first = spans.next()?;
    let end = spans.last().map_or(first.end, |last| last.end);
    Some(Evidence::Words { words: text[first.start..end].to_owned(), weight })
}

/// Where the words of a line stand: runs of letters and digits, and each character that stands for a word.
fn spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(|c| is_ideograph(c) || is_alphanumeric(c))?;
        let mut rest = text[start..].chars();
        let first = rest.next()?;
        let goes_on = |c: &char| is_alphanumeric(*c) && !is_ideograph(*c);
        let more = if is_ideograph(first) { 0 } else { rest.take_while(goes_on).map(char::len_utf8).sum() };
        from = start + first.len_utf8() + more;
        Some(start..from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::token;

    #[test]
    fn words_stand_where_they_were_read() {
        for text in ["", " » Read  more…", "a·b", "動画・音声 x写y", "« L’été 2019 »", "ทั้ง a", "*_*", "é"]
        {
            let mut words = Vec::new();
            token::read(text, &mut words, |_| false);
            words.retain(|word| word.kind & kind::SYMBOL == 0);
            let found: Vec<_> = spans(text).map(|span| token::word_hash(&text[span].to_lowercase())).collect();
            assert_eq!(found, words.iter().map(|word| word.hash).collect::<Vec<_>>(), "{text}");
        }
    }
}
