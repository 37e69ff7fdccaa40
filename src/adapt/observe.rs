//! Looking over the classifier's shoulder: what the model says of each line, and what a person answered about it.

use std::ops::Range;
use std::sync::Arc;

use super::Example;
use crate::answers::{Answers, Matcher, Scope};
use crate::classify::Classifier;
use crate::fold::fold;
use crate::label::Label;
use crate::line::Page;
use crate::sink::{Document, Needs};
use crate::verdict::{Evidence, Verdict};
use crate::window::{Judge, Span};

/// From this score a line nobody asked about is taken to be right.
pub(super) const SURE: f32 = 0.9;

/// A line, what became of it, and what a person said.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its folded text.
    pub folded: String,
    /// Whether it is kept.
    pub keep: bool,
    /// What it is taken for.
    pub label: Label,
    /// How sure that is.
    pub score: f32,
    /// Whether the model decided, so that a correction of the model would change something.
    pub by_model: bool,
    /// What a person said: whether it stays, and what it is.
    pub answer: Option<(bool, Option<Label>)>,
    /// Whether it was said of more than one document.
    pub(super) wide: bool,
    margin: i32,
    pub(super) labels: [i32; 19],
}

impl Seen {
    /// A line of which the model says nothing.
    #[cfg(test)]
    pub(super) fn new(text: &str, keep: bool, label: Label, answer: Option<(bool, Option<Label>)>) -> Seen {
        let (folded, labels) = (text.to_owned(), [0; 19]);
        Seen { folded, keep, label, score: 1.0, by_model: true, answer, wide: false, margin: 0, labels }
    }

    /// Whether nobody was asked about it and it is sure all the same.
    pub fn is_sure(&self) -> bool {
        self.answer.is_none() && self.by_model && self.score >= SURE
    }

    /// The line as one to learn from: as it was answered, or as it is where nobody was asked. Lines of one `group`,
    /// such as a document, have more in common than others. `None` where the model had no say.
    pub fn example(&self, weight: f64, group: usize) -> Option<Example> {
        let (keep, label) = self.answer.unwrap_or((self.keep, None));
        let Seen { folded, margin, labels, .. } = self;
        let answered = self.answer.is_some();
        let example =
            Example { folded: folded.clone(), margin: *margin, labels: *labels, keep, label, weight, answered, group };
        self.by_model.then_some(example)
    }
}

/// A judge that decides as the classifier does, without obeying the answers, and remembers the document's lines.
#[derive(Debug)]
pub struct Observer {
    classifier: Classifier,
    answers: Matcher,
    seen: Vec<Seen>,
}

impl Observer {
    /// Watches a classifier that obeys no answers.
    pub fn new(classifier: Classifier, answers: Arc<Answers>) -> Observer {
        Observer { classifier, answers: Matcher::new(answers), seen: Vec::new() }
    }

    /// The lines of the document that was judged last: those that are not blank, in order.
    pub fn take(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }
}

impl Judge for Observer {
    fn start(&mut self, document: &Document) {
        self.classifier.start(document);
        self.answers.start(document);
        self.seen.clear();
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, _: Needs, out: &mut Vec<Verdict>) {
        let needs = Needs { labels: true, evidence: true };
        self.classifier.judge(page, fresh.clone(), span, needs, out);
        let outputs = self.classifier.outputs();
        self.answers.read(page, outputs.clone().map(|output| output.line), &fresh);
        for (row, output) in outputs.enumerate().filter(|(_, output)| fresh.contains(&output.line)) {
            let verdict = &out[output.line - fresh.start];
            let answer = self.answers.of(row).map(|(_, answer)| &answer.entry);
            let mut folded = String::new();
            fold(page.line(output.line).text, &mut folded);
            self.seen.push(Seen {
                folded,
                keep: verdict.keep,
                label: verdict.label.unwrap_or(Label::Body),
                score: verdict.score,
                by_model: !output.asked && verdict.evidence.iter().all(is_of_model),
                answer: answer.map(|entry| (entry.keep, entry.label)),
                wide: answer.is_some_and(|entry| !matches!(entry.scope, Scope::Document(_))),
                margin: output.margin,
                labels: output.labels,
            });
        }
    }
}

/// Whether a reason is one of the model's.
fn is_of_model(evidence: &Evidence) -> bool {
    matches!(
        evidence,
        Evidence::Seed { .. }
            | Evidence::Feature { .. }
            | Evidence::Words { .. }
            | Evidence::Template { .. }
            | Evidence::Learned { .. }
    )
}
