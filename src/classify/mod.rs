//! The classifier: from the lines of a page to a label, a score and the evidence for each.
//!
//! The model's two stages say how likely each line is to be editorial text; where the line between keep and drop is
//! drawn depends on the page (`threshold`); repeats inside the page are computed, not learned, and overrule it. Then,
//! when someone asks, the model's third part names the kind of text or boilerplate, and the reasons are collected.

mod adapted;
mod naming;
mod reasons;
mod rescue;
mod score;
mod settings;
pub(crate) mod sheet;
mod threshold;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::adapt::Adaptation;
use crate::answers::{Answers, Matcher};
use crate::error::Result;
use crate::features::core::Core;
use crate::features::{Sheet, probability};
use crate::label::{Label, LabelSet};
use crate::line::Page;
use crate::model::trees::Moved;
use crate::model::{Model, net};
use crate::repeats::{self, Found};
use crate::seeds::Seeds;
use crate::sink::{Basis, Document, Needs};
use crate::template::{Lookup, Repeated, Template};
use crate::verdict::{Evidence, Verdict};
use crate::window::{Judge, Span};
use adapted::Adapted;
pub use settings::{Favor, Mode, Settings};
use sheet::Builder;
use threshold::Chooser;

/// The score of what was computed rather than learned.
const SURE: f32 = 0.99;

/// What was decided about a row.
#[derive(Clone, Copy, Debug)]
struct Decision {
    editorial: bool,
    label: Option<Label>,
    score: f32,
    why: Why,
}

#[derive(Clone, Copy, Debug)]
enum Why {
    Seed,
    Repeat(Found),
    /// The answer of this index.
    Answer(usize),
    /// The kind of line that it is, see `rescue`.
    Kind,
    Model,
}

/// What the model says of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// The line's index on the page.
    pub line: usize,
    /// Of keeping it, in 1/256 logits above the page's threshold.
    pub margin: i32,
    /// Of each label.
    pub labels: [i32; 19],
    /// Whether a user's seed has decided.
    pub asked: bool,
}

/// Judges the lines of documents. Cheap to clone: what is large is shared.
#[derive(Clone, Debug)]
pub struct Classifier {
    model: Arc<Model>,
    settings: Settings,
    builder: Builder,
    answers: Matcher,
    template: Lookup,
    adapted: Adapted,
    sheet: Sheet,
    core: Core,
    chooser: Chooser,
    outputs: Vec<i32>,
    net: net::Buffers,
    /// The net's outputs for each row.
    sequence: net::Outputs,
    labels: Vec<i32>,
    moved: Moved,
    /// Rows whose labels are asked for.
    asked: Vec<usize>,
    /// Whether a row may have a label that keeps it, one a row.
    possible: Vec<bool>,
    /// Labels that keep a row which would go, and their probabilities, one a row.
    rescued: Vec<Option<(Label, f32)>>,
    /// Whether the rows are kept, and their labels, where someone asks for these.
    sides: Vec<bool>,
    named: Vec<Label>,
    /// Indexes of lines that others repeat as captions, in order.
    captions: Vec<u64>,
    rows_before: u32,
    /// Whether the last lines were kept; the first of them has the number `kept_from`.
    kept: VecDeque<bool>,
    kept_from: u64,
    /// The threshold, in 1/65536, where it does not depend on the page.
    fixed: Option<u32>,
    /// Where losses are bounded so tightly that not even repeats may go.
    repeats_stay: bool,
    /// The least logit that is kept on the page that was judged last.
    drawn_at: i32,
    basis: Basis,
}

impl Classifier {
    /// A classifier with this model.
    ///
    /// # Errors
    /// [`Error::Loss`](crate::Error::Loss) when `max_loss` asks for less than the model was calibrated for.
    pub fn new(model: Arc<Model>, seeds: Arc<Seeds>, settings: Settings) -> Result<Classifier> {
        let limit = settings.max_loss.map(|bound| model.limit_for_loss(bound, settings.mode)).transpose()?;
        let asked = settings.threshold.map(|threshold| (threshold.clamp(0.0, 1.0) * 65536.0) as u32);
        Ok(Classifier {
            fixed: limit.map(|limit| limit.threshold).or(asked),
            repeats_stay: limit.is_some_and(|limit| limit.repeats_stay),
            model,
            settings,
            builder: Builder::new(seeds),
            answers: Matcher::default(),
            template: Lookup::default(),
            adapted: Adapted::default(),
            sheet: Sheet::default(),
            core: Core::default(),
            chooser: Chooser::default(),
            outputs: Vec::new(),
            net: net::Buffers::default(),
            sequence: net::Outputs::default(),
            labels: Vec::new(),
            moved: Moved::default(),
            asked: Vec::new(),
            possible: Vec::new(),
            rescued: Vec::new(),
            sides: Vec::new(),
            named: Vec::new(),
            captions: Vec::new(),
            rows_before: 0,
            kept: VecDeque::new(),
            kept_from: 0,
            drawn_at: 0,
            basis: Basis::default(),
        })
    }

    /// The same classifier, which obeys these answers before anything else.
    #[must_use]
    pub fn with_answers(mut self, answers: Arc<Answers>) -> Classifier {
        self.answers = Matcher::new(answers);
        self
    }

    /// The same classifier, which weighs what is known of the sites that documents come from.
    #[must_use]
    pub fn with_template(mut self, template: Arc<Template>) -> Classifier {
        self.template = Lookup::new(template);
        self
    }

    /// The same classifier, which says in reports what its verdicts depend on.
    #[must_use]
    pub fn with_basis(mut self, basis: Basis) -> Classifier {
        self.basis = basis;
        self
    }

    /// The same classifier with its model corrected.
    #[must_use]
    pub fn with_adaptation(mut self, adaptation: Adaptation) -> Classifier {
        self.adapted = Adapted::new(adaptation.for_model(self.model.version()));
        self
    }

    /// What the model said of the rows of the page that was judged last, labels asked for.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = Output> + Clone {
        let drawn_at = self.drawn_at.min(4096);
        let labels = self.labels.chunks_exact(19).map(|labels| labels.try_into().expect("as many as there are labels"));
        let rows = self.sheet.rows.iter().zip(&self.builder.hints).zip(labels);
        rows.map(move |((row, hints), labels)| Output {
            line: row.line,
            margin: row.logit - drawn_at,
            labels,
            asked: hints.asked.is_some(),
        })
    }

    /// What a row is, from the model, the user's seeds and the repeats.
    fn decide(&self, row: usize, page: &Page, cut: i32, with_label: bool) -> Decision {
        if let Some((index, answer)) = self.answers.of(row) {
            let keep = answer.entry.keep;
            let label = answer.entry.label.or_else(|| with_label.then(|| self.label(row, keep)));
            return Decision { editorial: keep, label, score: 1.0, why: Why::Answer(index) };
        }
        let hints = &self.builder.hints[row];
        if let Some(label) = hints.asked {
            return Decision { editorial: label.keep_by_default(), label: Some(label), score: 1.0, why: Why::Seed };
        }
        let editorial = self.is_editorial(row, cut);
        if let Some(found) = self.builder.found[row].filter(|found| found.sure && !self.repeats_stay)
            && self.stays(found.of, page, cut)
        {
            let label = match found.kind {
                repeats::Kind::Caption => Label::DuplicateCaption,
                repeats::Kind::Quote => Label::DuplicateQuote,
                _ => Label::Duplicate,
            };
            return Decision { editorial: false, label: Some(label), score: SURE, why: Why::Repeat(found) };
        }
        if let Some((label, score)) = self.rescued[row] {
            return Decision { editorial, label: Some(label), score, why: Why::Kind };
        }
        let p = probability(self.sheet.rows[row].logit);
        let score = if editorial { p } else { 65536 - p } as f32 / 65536.0;
        let label = with_label.then(|| self.label(row, editorial));
        Decision { editorial, label, score, why: Why::Model }
    }

    fn is_editorial(&self, row: usize, cut: i32) -> bool {
        let again = || self.repeats_stay && self.builder.found[row].is_some_and(|found| found.sure);
        self.sheet.rows[row].logit >= cut || self.rescued[row].is_some() || again()
    }

    /// Whether the line of this number is kept, so that its repeats may go.
    fn stays(&self, number: u64, page: &Page, cut: i32) -> bool {
        let first = page.line(0).number;
        let Some(index) = number.checked_sub(first).filter(|i| *i < page.len() as u64) else {
            return number
                .checked_sub(self.kept_from)
                .and_then(|at| self.kept.get(at as usize).copied())
                .unwrap_or(false);
        };
        let row = self.sheet.rows.binary_search_by_key(&(index as usize), |row| row.line);
        row.is_ok_and(|row| match (self.answers.of(row), self.builder.hints[row].asked) {
            (Some((_, answer)), _) => answer.entry.keep,
            (None, Some(label)) => label.keep_by_default(),
            (None, None) => self.is_editorial(row, cut),
        })
    }

    /// Remembers whether a line was kept, for repeats of it in later windows.
    fn remember(&mut self, number: u64, kept: bool) {
        const MOST: usize = 1 << 16;
        if self.kept.is_empty() || number >= self.kept_from + (self.kept.len() + MOST) as u64 {
            self.kept.clear();
            self.kept_from = number;
        }
        let at = (number - self.kept_from) as usize;
        self.kept.resize(at.max(self.kept.len()), false);
        self.kept.push_back(kept);
        while self.kept.len() > MOST {
            self.kept.pop_front();
            self.kept_from += 1;
        }
    }

    fn reasons(&mut self, row: usize, text: &str, decision: &Decision, out: &mut Vec<Evidence>) {
        if let Why::Repeat(found) = decision.why {
            out.push(Evidence::Repeats { how: found.how, line: found.of });
            return;
        }
        if let Why::Answer(index) = decision.why {
            out.push(self.answers.evidence(index));
            return;
        }
        if let Some(label) = decision.label {
            reasons::seeds(self.builder.hits(row), label, out);
        }
        if let (Why::Kind, Some(label)) = (decision.why, decision.label) {
            out.push(Evidence::Feature { name: format!("reads like a {label}").into(), weight: decision.score });
        }
        if let Why::Model = decision.why {
            let template = self.template_reason(row);
            let (first, last) = if decision.editorial { (None, template) } else { (template, None) };
            out.extend(first);
            let told = out.len();
            reasons::features(&self.model, &self.sheet, &mut self.moved, (row, text), &self.sides, out);
            if let Some(learned) = self.adapted.reason(row, text, decision.editorial) {
                out.insert(told, learned);
            }
            out.extend(last);
        }
    }

    /// What other pages say of a row, where it moved the decision.
    fn template_reason(&self, row: usize) -> Option<Evidence> {
        let (Repeated { on, of, place }, weight) = self.template.repeated(row)?;
        (weight <= -reasons::LEAST).then(|| Evidence::Template { on, of, place, weight: weight as f32 / 256.0 })
    }
}

impl Judge for Classifier {
    fn basis(&self) -> Basis {
        self.basis.clone()
    }

    fn start(&mut self, document: &Document) {
        self.answers.start(document);
        self.template.start(document);
        self.rows_before = 0;
        self.kept.clear();
        self.builder.start();
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        self.score(page, fresh.clone(), span);
        self.moved.forget();
        self.answers.read(page, self.sheet.rows.iter().map(|row| row.line), &fresh);
        // Where the line is drawn is the model's own choice; a correction moves lines across it, not the line.
        let cut = self.cut();
        let with_labels = needs.labels || needs.evidence || self.settings.keep != LabelSet::KEPT;
        let all_labels = with_labels || self.adapted.is_some();
        if all_labels {
            self.score_labels();
            self.adapted.correct(page, &mut self.sheet, &mut self.labels);
        }
        self.drawn_at = cut;
        self.find_captions(page);
        self.rescue(cut, all_labels);
        if with_labels {
            self.name(cut);
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
            let text = page.line(line).text;
            let decision = self.decide(row, page, cut, with_labels);
            self.remember(page.line(line).number, decision.editorial);
            let keep = match decision.label {
                // Someone looked at this very line; that is more than a choice of labels.
                _ if matches!(decision.why, Why::Answer(_)) => decision.editorial,
                Some(label) => self.settings.keep.contains(label),
                None => decision.editorial,
            };
            // Where no one asks for the label, its side is enough.
            let side = if decision.editorial { Label::Body } else { Label::Navigation };
            let mut verdict = Verdict::new(keep, Some(decision.label.unwrap_or(side)), decision.score);
            if needs.evidence {
                if keep != decision.editorial {
                    verdict.evidence.push(Evidence::Asked);
                }
                self.reasons(row, text, &decision, &mut verdict.evidence);
            }
            out.push(verdict);
        }
        self.rows_before += self.sheet.rows.iter().filter(|r| fresh.contains(&r.line)).count() as u32;
    }
}
