//! Answers to be learned from.

use std::path::PathBuf;

use super::paths::refuse_present;
use super::{Config, Task};
use crate::cli::Usage;
use crate::cli::adapt::{ADAPTATION, SEEDS};
use crate::cli::args::LearnArgs;
use crate::cli::output::shown;

/// Answers to be learned from.
#[derive(Debug)]
pub(crate) struct Learn {
    pub(crate) answers: Vec<PathBuf>,
    /// What the answers are about; what they name themselves where there is none.
    pub(crate) on: Vec<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) overwrite: bool,
    pub(crate) json: bool,
}

/// Settles what was typed.
pub(super) fn settle(args: LearnArgs) -> Result<Config, Usage> {
    let LearnArgs { files, on, out, overwrite, json, mut judging, color } = args;
    if !judging.answers.is_empty() {
        return Err(Usage("learn takes its answers as FILE and obeys none; leave --answers out".into()));
    }
    if judging.adapt.is_some() {
        return Err(Usage("learn corrects the model alone, not another correction of it; leave --adapt out".into()));
    }
    if let Some(out) = &out {
        if out.exists() && !out.is_dir() {
            return Err(Usage(format!("--out {}: a folder is needed, and that is a file", shown(out))));
        }
        for name in [SEEDS, ADAPTATION] {
            refuse_present(&out.join(name), overwrite)?;
        }
    }
    judging.no_answers = true;
    let task = Task::Learn(Learn { answers: files, on, out, overwrite, json });
    Config::settled(Some(task), Some(judging), false, color.color)
}
