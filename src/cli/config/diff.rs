//! A document to look at in the terminal.

use chaffinch::LabelSet;

use super::look;
use super::{Config, Look, Task};
use crate::cli::Usage;
use crate::cli::args::DiffArgs;

/// A document to look at in the terminal.
#[derive(Debug)]
pub(crate) struct Diff {
    pub(crate) look: Look,
    /// Every line, whole.
    pub(crate) full: bool,
    pub(crate) side_by_side: bool,
    /// Removed lines of these labels; all where there is none.
    pub(crate) only: LabelSet,
    /// Kept lines on both sides of removed ones.
    pub(crate) context: usize,
    /// Through a pager, if a person is looking.
    pub(crate) paged: bool,
}

/// Settles what was typed.
pub(super) fn settle(args: DiffArgs) -> Result<Config, Usage> {
    let DiffArgs { input, full, side_by_side, only, context, no_pager, look, judging, color } = args;
    let (only, context, paged) = (only.into_iter().collect(), usize::from(context), !no_pager);
    let look = look::settle(input, "diff", look, &judging)?;
    let task = look.map(|look| Task::Diff(Diff { look, full, side_by_side, only, context, paged }));
    Config::settled(task, Some(judging), false, color.color)
}
