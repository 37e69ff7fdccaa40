//! Scores and names the rows of a page, one part of the model after the other.

use std::ops::Range;

use super::{Classifier, Favor, naming, rescue, threshold};
use crate::features::probability;
use crate::label::{Label, LabelSet};
use crate::line::Page;
use crate::repeats;
use crate::window::Span;

impl Classifier {
    /// Scores the rows of a page: `Row::logit` is the probability of editorial text afterwards.
    pub(super) fn score(&mut self, page: &Page, fresh: Range<usize>, span: Span) {
        self.builder.read(page, fresh, &mut self.sheet, self.rows_before);
        let known = self.template.read(page, self.sheet.rows.iter().map(|row| row.line), span);
        self.builder.fill(&mut self.sheet, &self.model.linear, &self.model.types, self.settings.mode);
        self.model.first.score(&self.sheet, &mut self.outputs);
        self.estimate(true, known);
        self.core.fill(&mut self.sheet);
        self.model.second.score(&self.sheet, &mut self.outputs);
        self.model.net.score(&self.sheet, &mut self.net, &mut self.sequence);
        for (trees, net) in self.outputs.iter_mut().zip(self.sequence.of(0)) {
            *trees = self.model.blend.keep(*trees, *net);
        }
        self.estimate(false, known);
    }

    /// Scores the labels of every row.
    pub(super) fn score_labels(&mut self) {
        self.asked.clear();
        self.asked.extend(0..self.sheet.rows.len());
        let labels = std::mem::take(&mut self.labels);
        self.labels = self.labels_of_asked(labels);
    }

    /// Looks for titles and the like among the rows that would go.
    pub(super) fn rescue(&mut self, cut: i32, all_labels: bool) {
        rescue::possible(&self.sequence, &mut self.possible);
        let mut asked = std::mem::take(&mut self.asked);
        asked.clear();
        asked.extend(
            (0..self.sheet.rows.len()).filter(|row| {
                self.sheet.rows[*row].logit < cut && (self.possible[*row] || self.is_fullest_caption(*row))
            }),
        );
        self.asked = asked;
        self.rescued.clear();
        self.rescued.resize(self.sheet.rows.len(), None);
        if !all_labels {
            let labels = std::mem::take(&mut self.outputs);
            self.outputs = self.labels_of_asked(labels);
        }
        for (at, row) in self.asked.iter().enumerate() {
            let logits = if all_labels { &self.labels[row * 19..][..19] } else { &self.outputs[at * 19..][..19] };
            let repeats = self.repeats(*row);
            let possible = Label::ALL.into_iter().filter(|label| repeats || !label.is_repeat());
            let logits = possible.map(|label| (label, logits[label.index()]));
            self.rescued[*row] = rescue::label(logits, self.is_fullest_caption(*row));
        }
    }

    /// The outputs for the labels of the rows in `asked`, nineteen a row.
    fn labels_of_asked(&self, mut labels: Vec<i32>) -> Vec<i32> {
        self.model.labels.score_rows(&self.sheet, &self.asked, &mut labels);
        for (row, trees) in self.asked.iter().zip(labels.chunks_exact_mut(19)) {
            self.model.blend.labels(trees, &self.sequence.row(*row));
        }
        labels
    }

    /// Notes the lines that others repeat as their captions.
    pub(super) fn find_captions(&mut self, page: &Page) {
        let first = if page.is_empty() { 0 } else { page.line(0).number };
        self.captions.clear();
        let found = self.builder.found.iter().flatten();
        let sure = found.filter(|found| found.sure && found.kind == repeats::Kind::Caption);
        self.captions.extend(sure.filter_map(|found| found.of.checked_sub(first)));
        self.captions.sort_unstable();
    }

    /// Whether others repeat the row as a caption: it is the copy that stays, so no repeat itself.
    fn is_fullest_caption(&self, row: usize) -> bool {
        self.captions.binary_search(&(self.sheet.rows[row].line as u64)).is_ok()
    }

    /// Takes a stage's outputs as the rows' estimates, with what the template adds: to the first stage's too, as the
    /// second looks at where the first finds the article.
    pub(super) fn estimate(&mut self, first: bool, template: bool) {
        let rows = self.sheet.rows.iter_mut();
        if template {
            let is_article = self.builder.facts.types[0] >= 128;
            let estimates = self.template.weigh(&self.outputs, first, is_article);
            rows.zip(estimates).for_each(|(row, logit)| row.logit = logit);
        } else {
            rows.zip(&self.outputs).for_each(|(row, logit)| row.logit = *logit);
        }
    }

    /// The least logit that is kept on the page.
    pub(super) fn cut(&mut self) -> i32 {
        if let Some(threshold) = self.fixed {
            return threshold::least_above(threshold, probability);
        }
        let beta2 = match self.settings.favor {
            Favor::Precision => 4,
            Favor::Balanced => 16,
            Favor::Recall => 64,
        };
        let lines = self.sheet.rows.iter().map(|r| (threshold::soft(r.logit), r.figures.words));
        threshold::least_above(self.chooser.choose(lines, beta2), threshold::soft)
    }

    /// Names every row: by itself, then with an eye to its neighbours.
    pub(super) fn name(&mut self, cut: i32) {
        let rows = 0..self.sheet.rows.len();
        let mut sides = std::mem::take(&mut self.sides);
        sides.clear();
        sides.extend(rows.clone().map(|row| self.is_editorial(row, cut)));
        self.named.clear();
        let alone: Vec<Label> = rows.clone().map(|row| self.likeliest(row, sides[row])).collect();
        self.named.extend(rows.clone().map(|row| {
            let at = |row: usize| naming::Named {
                label: alone[row],
                editorial: sides[row],
                logits: &self.labels[row * 19..][..19],
            };
            let inside = row > 0 && row + 1 < rows.end;
            if inside { naming::between(at(row - 1), at(row), at(row + 1)) } else { alone[row] }
        }));
        self.sides = sides;
    }

    /// The label of a row that is kept or not.
    pub(super) fn label(&self, row: usize, keep: bool) -> Label {
        let named = self.named[row];
        if named.keep_by_default() == keep { named } else { self.likeliest(row, keep) }
    }

    /// The likeliest label on one side, by what is known of the row alone.
    pub(super) fn likeliest(&self, row: usize, keep: bool) -> Label {
        if keep && self.is_fullest_caption(row) {
            return Label::Caption;
        }
        let outputs = &self.labels[row * 19..][..19];
        let worth = |label: &Label| self.model.blend.named(*label, outputs[label.index()]);
        let repeats = self.repeats(row);
        let fits = |label: &Label| LabelSet::KEPT.contains(*label) == keep && (repeats || !label.is_repeat());
        // At equality the first: max_by_key would take the last.
        Label::ALL.into_iter().filter(fits).rev().max_by_key(worth).unwrap_or(Label::Body)
    }

    /// Whether anything was found that the row could repeat; a label that says so takes more than a likeness.
    pub(super) fn repeats(&self, row: usize) -> bool {
        let hints = &self.builder.hints[row];
        !self.is_fullest_caption(row) && (self.builder.found[row].is_some() || hints.copies > 1 || hints.inside)
    }
}
