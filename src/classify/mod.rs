//! The classifier: from the lines of a page to a label, a score and the evidence for each.

pub(crate) mod sheet;
