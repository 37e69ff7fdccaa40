//! The labels of a text's lines as a JSON value: the field that is added to a record where that is asked for.

use std::fmt::Write as _;

use crate::error::Result;
use crate::line::Part;
use crate::sink::{Decided, Needs, Sink};

/// Collects an array with an object for each line of the text, blank ones included:
/// `{"line":1,"verdict":"drop","label":"navigation","score":0.98}`, as in the report.
#[derive(Debug)]
pub(super) struct Labels<'a>(pub(super) &'a mut String);

impl Labels<'_> {
    /// Begins the array.
    pub(super) fn new(out: &mut String) -> Labels<'_> {
        out.clear();
        out.push('[');
        Labels(out)
    }

    /// Ends it.
    pub(super) fn end(self) {
        self.0.push(']');
    }
}

impl Sink for Labels<'_> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: false }
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        // An over-long line is one line, whatever pieces it comes in.
        let label = match line.part {
            Part::Whole => verdict.label_name(),
            Part::Last => "unjudged",
            Part::First | Part::Middle => return Ok(()),
        };
        if self.0.len() > 1 {
            self.0.push(',');
        }
        let word = if verdict.keep { "keep" } else { "drop" };
        let score = verdict.score.clamp(0.0, 1.0);
        // Writing to a string can not fail.
        _ = write!(
            self.0,
            "{{\"line\":{},\"verdict\":\"{word}\",\"label\":\"{label}\",\"score\":{score:.3}}}",
            line.number
        );
        Ok(())
    }
}
