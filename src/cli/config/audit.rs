//! A sample to be judged by a person.

use std::path::PathBuf;

use super::{Config, Task};
use crate::cli::Usage;
use crate::cli::args::AuditArgs;

/// A sample to be judged by a person.
#[derive(Debug)]
pub(crate) struct Audit {
    pub(crate) input: PathBuf,
    pub(crate) sample: usize,
    pub(crate) list: bool,
    pub(crate) answers_from: Option<PathBuf>,
}

/// Settles what was typed.
pub(super) fn settle(args: AuditArgs) -> Result<Config, Usage> {
    let AuditArgs { input, sample, list, answers_from, judging, color } = args;
    let task = Task::Audit(Audit { input, sample: sample as usize, list, answers_from });
    Config::settled(Some(task), Some(judging), false, color.color)
}
