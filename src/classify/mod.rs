//! The classifier: from the lines of a page to a label, a score and the evidence for each.
//!
//! The model's two stages say how likely each line is to be editorial text; where the line between keep and drop is
//! drawn depends on the page ([`threshold`]); repeats inside the page are computed, not learned, and overrule it. Then,
//! when someone asks, the model's third part names the kind of text or boilerplate, and the reasons are collected.

pub(crate) mod sheet;
mod threshold;

use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::features::core::Core;
use crate::features::{Sheet, probability};
use crate::label::{Label, LabelSet};
use crate::line::Page;
use crate::model::Model;
use crate::sink::{Document, Needs};
use crate::verdict::{Evidence, Verdict};
use crate::window::{Judge, Span};
use sheet::Builder;
use threshold::Chooser;

/// What a user may ask of the classifier.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The labels that stay in the clean text.
    pub keep: LabelSet,
    /// What to care for where the threshold is chosen for each page.
    pub favor: Favor,
    /// A fixed probability, 0 to 1, from which a line is kept; `None` to choose it for each page.
    pub threshold: Option<f32>,
    /// The share of editorial words that may be lost, on average over documents; wins over the two before.
    pub max_loss: Option<f32>,
    /// What counts as content.
    pub mode: Mode,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { keep: LabelSet::KEPT, favor: Favor::Balanced, threshold: None, max_loss: None, mode: Mode::Auto }
    }
}

/// Which mistakes weigh more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Favor {
    /// Boilerplate that stays: F with β = ½.
    Precision,
    /// Both alike: F1.
    #[default]
    Balanced,
    /// Text that is lost: F with β = 2.
    Recall,
}

/// What counts as content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// One article; reader comments are not part of it.
    Article,
    /// The page: forum posts, product texts and listings are content.
    Page,
    /// As the page is taken to be.
    #[default]
    Auto,
}

/// Judges the lines of documents. Cheap to clone: what is large is shared.
#[derive(Clone, Debug)]
pub struct Classifier {
    model: Arc<Model>,
    settings: Settings,
    builder: Builder,
    sheet: Sheet,
    core: Core,
    chooser: Chooser,
    outputs: Vec<i32>,
    labels: Vec<i32>,
    rows_before: u32,
    /// The threshold, in 1/65536, where it does not depend on the page.
    fixed: Option<u32>,
}

impl Classifier {
    /// A classifier with this model.
    ///
    /// # Errors
    /// [`Error::Loss`] when `max_loss` asks for less than the model was calibrated for.
    pub fn new(model: Arc<Model>, settings: Settings) -> Result<Classifier> {
        let fixed = match (settings.max_loss, settings.threshold) {
            (Some(bound), _) => Some(model.threshold_for_loss(bound, settings.mode)?),
            (None, Some(threshold)) => Some((threshold.clamp(0.0, 1.0) * 65536.0) as u32),
            (None, None) => None,
        };
        Ok(Classifier {
            fixed,
            model,
            settings,
            builder: Builder::new(),
            sheet: Sheet::default(),
            core: Core::default(),
            chooser: Chooser::default(),
            outputs: Vec::new(),
            labels: Vec::new(),
            rows_before: 0,
        })
    }

    /// Scores the rows of a page: `Row::logit` is the probability of editorial text afterwards.
    fn score(&mut self, page: &Page) {
        self.builder.read(page, &mut self.sheet, self.rows_before);
        self.builder.fill(&mut self.sheet, &self.model.linear, &self.model.types, self.settings.mode);
        self.model.first.score(&self.sheet, &mut self.outputs);
        for (row, logit) in self.sheet.rows.iter_mut().zip(&self.outputs) {
            row.logit = *logit;
        }
        self.core.fill(&mut self.sheet);
        self.model.second.score(&self.sheet, &mut self.outputs);
        for (row, logit) in self.sheet.rows.iter_mut().zip(&self.outputs) {
            row.logit = *logit;
        }
    }

    fn threshold(&mut self) -> u32 {
        let beta2 = match self.settings.favor {
            Favor::Precision => 4,
            Favor::Balanced => 16,
            Favor::Recall => 64,
        };
        let lines = self.sheet.rows.iter().map(|r| (probability(r.logit), r.figures.words));
        self.fixed.unwrap_or_else(|| self.chooser.choose(lines, beta2))
    }

    /// The likeliest label on the side of the line that was decided.
    fn label(&self, row: usize, keep: bool) -> Label {
        let outputs = &self.labels[row * 19..][..19];
        let fits = |label: &Label| LabelSet::KEPT.contains(*label) == keep;
        // At equality the first: max_by_key would take the last.
        Label::ALL.into_iter().filter(fits).rev().max_by_key(|label| outputs[label.index()]).unwrap_or(Label::Body)
    }

    fn evidence(&self, row: usize, keep: bool) -> Vec<Evidence> {
        let sign = if keep { 1 } else { -1 };
        let moved = self.model.second.explain(&self.sheet, row, 0);
        let mut evidence: Vec<Evidence> = moved
            .into_iter()
            .filter(|(_, weight)| weight * sign > 0)
            .take(3)
            .map(|(view, weight)| Evidence::Feature { name: view.name(), weight: weight as f32 / 256.0 })
            .collect();
        if evidence.is_empty() {
            evidence.push(Evidence::Feature {
                name: "all together".into(),
                weight: self.sheet.rows[row].logit as f32 / 256.0,
            });
        }
        evidence
    }
}

impl Judge for Classifier {
    fn start(&mut self, _document: &Document) {
        self.rows_before = 0;
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, _span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        self.score(page);
        let threshold = self.threshold();
        let with_labels = needs.labels || needs.evidence || self.settings.keep != LabelSet::KEPT;
        if with_labels {
            self.model.labels.score(&self.sheet, &mut self.labels);
        }
        let mut row = 0;
        for line in fresh.clone() {
            while self.sheet.rows.get(row).is_some_and(|r| r.line < line) {
                row += 1;
            }
            if self.sheet.rows.get(row).is_none_or(|r| r.line != line) {
                out.push(Verdict::new(true, None, 1.0));
                continue;
            }
            let p = probability(self.sheet.rows[row].logit);
            let editorial = p > threshold;
            let score = if editorial { p } else { 65536 - p } as f32 / 65536.0;
            let label = with_labels.then(|| self.label(row, editorial));
            let keep = label.map_or(editorial, |label| self.settings.keep.contains(label));
            let mut verdict = Verdict::new(
                keep,
                Some(label.unwrap_or(if editorial { Label::Body } else { Label::Navigation })),
                score,
            );
            if needs.evidence {
                if keep != editorial {
                    verdict.evidence.push(Evidence::Asked);
                }
                verdict.evidence.extend(self.evidence(row, editorial));
            }
            out.push(verdict);
        }
        self.rows_before += self.sheet.rows.iter().filter(|r| fresh.contains(&r.line)).count() as u32;
    }
}
