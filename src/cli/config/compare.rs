//! Two runs to be compared.

use std::path::PathBuf;

use super::{Config, Task};
use crate::cli::Usage;
use crate::cli::args::CompareArgs;

/// Two runs to be compared.
#[derive(Debug)]
pub(crate) struct Compare {
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
    pub(crate) json: bool,
}

/// Settles what was typed.
pub(super) fn settle(args: CompareArgs) -> Result<Config, Usage> {
    let CompareArgs { old, new, json, color } = args;
    Config::settled(Some(Task::Compare(Compare { old, new, json })), None, false, color.color)
}
