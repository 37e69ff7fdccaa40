//! Template files to be shown or put together.

use std::path::PathBuf;

use super::paths::{file_not_folder, refuse_present};
use super::{Config, Task};
use crate::cli::Usage;
use crate::cli::args::{TemplateArgs, TemplateCommand};

/// What to do with template files.
#[derive(Debug)]
pub(crate) enum TemplateTask {
    Merge { inputs: Vec<PathBuf>, out: PathBuf, overwrite: bool },
    Show { input: PathBuf, lines: usize },
}

/// Settles what was typed.
pub(super) fn settle(args: TemplateArgs) -> Result<Config, Usage> {
    let (task, color) = match args.command {
        TemplateCommand::Merge { inputs, out, overwrite, color } => {
            file_not_folder("--out", &out)?;
            refuse_present(&out, overwrite)?;
            (TemplateTask::Merge { inputs, out, overwrite }, color)
        }
        TemplateCommand::Show { input, lines, color } => {
            let lines = if lines == 0 { usize::MAX } else { lines as usize };
            (TemplateTask::Show { input, lines }, color)
        }
    };
    Config::settled(Some(Task::Template(task)), None, false, color.color)
}
