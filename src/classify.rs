//! A stand-in for the classifier: long lines are the article.

use std::ops::Range;

use crate::label::{Label, LabelSet};
use crate::line::Page;
use crate::sink::{Document, Needs};
use crate::verdict::{Evidence, Verdict};
use crate::window::{Judge, Span};

/// Takes lines of 80 characters or more for body, all others for navigation.
#[derive(Clone, Debug)]
pub struct LongLines {
    keep: LabelSet,
}

impl LongLines {
    /// A judge that keeps the labels `keep`.
    pub fn new(keep: LabelSet) -> LongLines {
        LongLines { keep }
    }
}

impl Judge for LongLines {
    fn start(&mut self, _: &Document) {}

    fn judge(&mut self, page: &Page, fresh: Range<usize>, _: Span, needs: Needs, out: &mut Vec<Verdict>) {
        for index in fresh {
            let line = page.line(index);
            if line.is_blank() {
                out.push(Verdict::new(true, None, 1.0));
                continue;
            }
            let length = line.text.chars().count();
            let label = if length >= 80 { Label::Body } else { Label::Navigation };
            let mut verdict = Verdict::new(self.keep.contains(label), Some(label), 0.8);
            if needs.evidence {
                let weight = if length >= 80 { 1.4 } else { -1.4 };
                verdict.evidence.push(Evidence::Feature { name: format!("{length} characters"), weight });
            }
            out.push(verdict);
        }
    }
}
