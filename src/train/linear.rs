//! Training of the linear parts: stochastic gradient descent with a step size for each n-gram (AdaGrad, Duchi et al.
//! 2011), deterministic, a few seconds a model.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::corpus::{Document, Truth};
use crate::classify::sheet::Builder;
use crate::features::Sheet;
use crate::features::ngrams::{BITS, KEEP, MOST, OUTPUTS, fingerprint, hashes};
use crate::label::{Label, LabelSet};
use crate::model::linear::{Linear, ROW, TYPE_ROW, TYPES, Types};
use crate::seeds::Seeds;

/// Rows are trained for twice as many n-grams as there is room for, as a power of two: which of two say more is known
/// only when they have been trained.
const TRAINED: u32 = BITS + 1;

/// An n-gram must occur on so many sites of the training part.
const LEAST_SITES: u32 = 3;

/// The n-grams of every line of every document.
pub(crate) struct Lines {
    grams: Vec<u32>,
    /// For each line: range of `grams`, document, side, label.
    lines: Vec<(usize, usize, u32, Truth, Option<u8>)>,
    /// Hash of each n-gram, sites by fold.
    vocabulary: Vec<(u32, [u16; 5])>,
    /// For each document: rows of the type table, with repeats.
    types: Vec<Vec<u16>>,
}

impl Lines {
    pub(crate) fn new(documents: &[Document]) -> Lines {
        let mut builder = Builder::new(Arc::new(Seeds::built_in()));
        let mut sheet = Sheet::default();
        let mut ids: HashMap<u32, u32> = HashMap::new();
        let mut counts: Vec<(u32, u32, [u16; 5])> = Vec::new();
        let (mut grams, mut lines, mut types) = (Vec::new(), Vec::new(), Vec::new());
        let mut order: Vec<usize> = (0..documents.len()).collect();
        order.sort_by_key(|i| (documents[*i].site, *i));
        let mut by_document: Vec<Vec<u16>> = vec![Vec::new(); documents.len()];
        for at in order {
            let document = &documents[at];
            builder.start();
            builder.read(&document.page, 0..document.page.len(), &mut sheet, 0);
            by_document[at] = sheet.words.iter().filter_map(Types::row).map(|r| r as u16).collect();
            for row in &sheet.rows {
                let start = grams.len();
                let mut asked = [0; MOST];
                let count = hashes(&sheet.words[row.words.clone()], &row.figures, &mut asked);
                for hash in &asked[..count] {
                    let id = *ids.entry(*hash).or_insert_with(|| {
                        counts.push((*hash, u32::MAX, [0; 5]));
                        counts.len() as u32 - 1
                    });
                    let entry = &mut counts[id as usize];
                    if entry.1 != document.site {
                        entry.1 = document.site;
                        entry.2[document.fold as usize] += 1;
                    }
                    grams.push(id);
                }
                let truth = document.truth[row.line];
                if truth != Truth::Unknown {
                    lines.push((start, grams.len(), at as u32, truth, document.labels[row.line]));
                } else {
                    grams.truncate(start);
                }
            }
        }
        types.append(&mut by_document);
        let vocabulary = counts.into_iter().map(|(hash, _, sites)| (hash, sites)).collect();
        Lines { grams, lines, vocabulary, types }
    }

    /// Which table row each n-gram has when only these folds are known: the one on most sites wins a row.
    fn winners(&self, folds: [bool; 5]) -> (Vec<u32>, Vec<u8>) {
        let sites = |s: &[u16; 5]| (0..5).filter(|f| folds[*f]).map(|f| u32::from(s[f])).sum::<u32>();
        let mut best: Vec<(u32, u32)> = vec![(0, u32::MAX); 1 << TRAINED];
        for (id, (hash, by_fold)) in self.vocabulary.iter().enumerate() {
            let (count, slot) = (sites(by_fold), &mut best[(*hash >> (32 - TRAINED)) as usize]);
            if count >= LEAST_SITES && count > slot.0 {
                *slot = (count, id as u32);
            }
        }
        let mut rows = vec![u32::MAX; self.vocabulary.len()];
        let mut prints = vec![0; 1 << TRAINED];
        for (at, (_, id)) in best.iter().enumerate().filter(|(_, b)| b.1 != u32::MAX) {
            rows[*id as usize] = at as u32;
            prints[at] = fingerprint(self.vocabulary[*id as usize].0);
        }
        (rows, prints)
    }

    /// Trains on the documents of the folds that are set.
    pub(crate) fn train(&self, documents: &[Document], folds: [bool; 5], epochs: u32) -> Linear {
        let (rows, prints) = self.winners(folds);
        let mut weights = vec![0f32; OUTPUTS << TRAINED];
        let mut squares = vec![1e-3f32; 1 << TRAINED];
        let mut order: Vec<u32> = (0..self.lines.len() as u32)
            .filter(|i| folds[documents[self.lines[*i as usize].2 as usize].fold as usize])
            .collect();
        let mut per_document = vec![0u32; documents.len()];
        for line in &self.lines {
            per_document[line.2 as usize] += 1;
        }
        let mut random = Random(12345);
        let mut known = Vec::new();
        for epoch in 0..epochs {
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i as u64 + 1) as usize);
            }
            let rate = 0.35 * (1.0 - epoch as f32 / epochs as f32);
            for &i in &order {
                let (start, end, document, truth, label) = self.lines[i as usize];
                known.clear();
                known.extend(self.grams[start..end].iter().map(|id| rows[*id as usize]).filter(|r| *r != u32::MAX));
                if known.is_empty() {
                    continue;
                }
                let norm = 1.0 / (known.len() as f32).sqrt();
                let mut outputs = [0f32; OUTPUTS];
                for r in &known {
                    for (o, w) in outputs.iter_mut().zip(&weights[*r as usize * OUTPUTS..][..OUTPUTS]) {
                        *o += w * norm;
                    }
                }
                let mut gradient = gradient(&outputs, truth, label);
                let mut weight = (60.0 / (per_document[document as usize] as f32 + 20.0)).sqrt().min(1.5);
                if label.is_some() {
                    weight *= 2.0;
                }
                gradient.iter_mut().for_each(|g| *g *= weight);
                let size = gradient.iter().map(|g| g * g).sum::<f32>() * norm * norm;
                for r in &known {
                    let r = *r as usize;
                    squares[r] += size;
                    let step = rate * norm / squares[r].sqrt().max(0.5);
                    for (w, g) in weights[r * OUTPUTS..][..OUTPUTS].iter_mut().zip(&gradient) {
                        // A little decay, so that what is seen seldom says little.
                        *w -= step * (g + 2e-4 * *w);
                    }
                }
            }
        }
        quantise(&weights, &prints)
    }

    /// Trains the page types likewise, on whole pages.
    pub(crate) fn train_types(&self, documents: &[Document], folds: [bool; 5]) -> Types {
        let rows = Types::BYTES / TYPE_ROW;
        let mut weights = vec![0f32; rows * TYPE_ROW];
        let mut squares = vec![1e-4f32; rows];
        let mut order: Vec<usize> = (0..documents.len())
            .filter(|i| folds[documents[*i].fold as usize] && !documents[*i].labelled && !self.types[*i].is_empty())
            .collect();
        let mut random = Random(54321);
        let epochs = 12;
        for epoch in 0..epochs {
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i as u64 + 1) as usize);
            }
            let rate = 40.0 * (1.0 - epoch as f32 / epochs as f32);
            for &i in &order {
                let words = &self.types[i];
                let norm = 1.0 / words.len() as f32;
                let mut outputs = [0f32; TYPES];
                for r in words {
                    for (o, w) in outputs.iter_mut().zip(&weights[*r as usize * TYPE_ROW..]) {
                        *o += w * norm;
                    }
                }
                let p = softmax(&outputs);
                let weight = if documents[i].source == "wcxb" { 1.0 } else { 0.4 };
                for r in words {
                    let r = *r as usize;
                    let mut size = 0.0;
                    for k in 0..TYPES {
                        let g = (p[k] - f32::from(u8::from(documents[i].kind as usize == k))) * norm * weight;
                        size += g * g;
                        weights[r * TYPE_ROW + k] -= rate * g / squares[r].sqrt() * 0.05;
                    }
                    squares[r] += size;
                }
            }
        }
        let most = weights.iter().fold(1e-6f32, |m, w| m.max(w.abs()));
        Types {
            scale: most / 127.0 * 256.0,
            weights: Cow::Owned(weights.iter().map(|w| (w / most * 127.0).round() as i8 as u8).collect()),
        }
    }
}

fn quantise(weights: &[f32], prints: &[u8]) -> Linear {
    // Weights beyond four standard deviations or so are cut, which costs less than coarse steps for all others.
    let used: Vec<f32> = weights.iter().copied().filter(|w| *w != 0.0).collect();
    let deviation = (used.iter().map(|w| w * w).sum::<f32>() / used.len().max(1) as f32).sqrt();
    let most = (deviation * 6.0).max(1e-6);
    let mut table = vec![[0u8; ROW]; 1 << TRAINED];
    for (r, (row, print)) in table.iter_mut().zip(prints).enumerate() {
        for (byte, w) in row[..OUTPUTS].iter_mut().zip(&weights[r * OUTPUTS..]) {
            *byte = (w / most * 127.0).round().clamp(-127.0, 127.0) as i8 as u8;
        }
        row[OUTPUTS] = *print;
    }
    Linear::new(most / 127.0 * 256.0, Cow::Owned(shrink(&table)))
}

/// Of each rows that share one in the table that is used, the one with the larger weights; at equality the first.
fn shrink(trained: &[[u8; ROW]]) -> Vec<u8> {
    let says = |row: &[u8; ROW]| {
        let weights: u32 = row[..OUTPUTS].iter().map(|byte| u32::from((*byte as i8).unsigned_abs())).sum();
        if row[OUTPUTS] == 0 { 0 } else { 1 + weights }
    };
    let rows = trained.chunks_exact(1 << (TRAINED - BITS));
    rows.filter_map(|rows| rows.iter().rev().max_by_key(|row| says(row))).flatten().copied().collect::<Vec<u8>>()
}

fn softmax(outputs: &[f32]) -> Vec<f32> {
    let most = outputs.iter().fold(f32::MIN, |m, o| m.max(*o));
    let e: Vec<f32> = outputs.iter().map(|o| (o - most).exp()).collect();
    let sum: f32 = e.iter().sum();
    e.into_iter().map(|e| e / sum).collect()
}

/// Gradient of the loss by the outputs. Where only keep or drop is known, the labels share the blame: the loss is
/// that of the sum of the probabilities of all labels on the right side.
fn gradient(outputs: &[f32; OUTPUTS], truth: Truth, label: Option<u8>) -> [f32; OUTPUTS] {
    let mut gradient = [0f32; OUTPUTS];
    let p = softmax(&outputs[..KEEP]);
    let is_kept = |label: usize| LabelSet::KEPT.contains(Label::ALL[label]);
    let keep = match truth {
        Truth::Keep => true,
        Truth::Drop => false,
        Truth::Label(label) => is_kept(label as usize),
        Truth::Unknown => return gradient,
    };
    gradient[KEEP] = 1.0 / (1.0 + (-outputs[KEEP]).exp()) - f32::from(u8::from(keep));
    if let Some(label) = label {
        for k in 0..KEEP {
            gradient[k] = p[k] - f32::from(u8::from(k == label as usize));
        }
    } else {
        let right: f32 = (0..KEEP).filter(|k| is_kept(*k) == keep).map(|k| p[k]).sum::<f32>().max(1e-6);
        for k in 0..KEEP {
            let target = if is_kept(k) == keep { p[k] / right } else { 0.0 };
            gradient[k] = 0.3 * (p[k] - target);
        }
    }
    gradient
}

/// A small generator, so that training gives the same model each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_rows_the_one_that_says_more_stays() {
        let row = |print: u8, weights: [i8; 2]| {
            let mut row = [0; ROW];
            (row[0], row[KEEP], row[OUTPUTS]) = (weights[0] as u8, weights[1] as u8, print);
            row
        };
        let mut trained = vec![row(0, [0, 0]); 1 << TRAINED];
        (trained[0], trained[1]) = (row(3, [-5, 6]), row(4, [5, -6]));
        (trained[2], trained[3]) = (row(0, [9, 9]), row(5, [0, 0]));
        (trained[4], trained[5]) = (row(6, [1, -1]), row(7, [-128, 1]));
        let shrunk = shrink(&trained);
        assert_eq!(shrunk.len(), Linear::BYTES);
        assert_eq!(shrunk[..3 * ROW], [trained[0], trained[3], trained[5]].concat());
    }
}
