//! The model's outputs, corrected by what was learned from a person's answers.

use std::sync::Arc;

use crate::adapt::Adaptation;
use crate::features::Sheet;
use crate::fold::fold;
use crate::line::Page;
use crate::verdict::Evidence;

/// Corrections below this, in 1/256 logits, are no reason for anything.
const LEAST: i32 = 26;

/// Corrects the rows of page after page; does nothing without an adaptation.
#[derive(Clone, Debug, Default)]
pub(super) struct Adapted {
    adaptation: Option<Arc<Adaptation>>,
    folded: String,
    /// What was added to keep or drop, one a row.
    added: Vec<i32>,
}

impl Adapted {
    pub(super) fn new(adaptation: Adaptation) -> Adapted {
        let adaptation = (!adaptation.is_empty()).then(|| Arc::new(adaptation));
        Adapted { adaptation, ..Adapted::default() }
    }

    pub(super) fn is_some(&self) -> bool {
        self.adaptation.is_some()
    }

    /// Corrects the rows' logits and the outputs for their labels.
    pub(super) fn correct(&mut self, page: &Page, sheet: &mut Sheet, labels: &mut [i32]) {
        let Some(adaptation) = &self.adaptation else { return };
        self.added.clear();
        for (row, labels) in sheet.rows.iter_mut().zip(labels.chunks_exact_mut(19)) {
            fold(page.line(row.line).text, &mut self.folded);
            let correction = adaptation.correct(&self.folded, labels);
            row.logit = row.logit.saturating_add(correction.keep);
            for (label, added) in labels.iter_mut().zip(correction.labels) {
                *label = label.saturating_add(added);
            }
            self.added.push(correction.keep);
        }
    }

    /// The correction of a row as a reason, where it went the way that was decided.
    pub(super) fn reason(&mut self, row: usize, text: &str, keep: bool) -> Option<Evidence> {
        let adaptation = self.adaptation.as_ref()?;
        let added = *self.added.get(row)?;
        if (added > 0) != keep || added.abs() < LEAST {
            return None;
        }
        fold(text, &mut self.folded);
        let words = adaptation.words(&self.folded, keep).unwrap_or_default();
        Some(Evidence::Learned { words, weight: added as f32 / 256.0 })
    }
}
