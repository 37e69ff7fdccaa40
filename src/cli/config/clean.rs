//! Cleaning: whether it is one document or many is settled here.

use super::paths::is_folder;
use super::{Config, Task, batch, single};
use crate::cli::Usage;
use crate::cli::args::CleanArgs;

/// Settles what was typed.
pub(super) fn settle(args: CleanArgs) -> Result<Config, Usage> {
    let CleanArgs { inputs, out, report, report_format, overwrite, quiet, folder, judging, color } = args;
    let several = inputs.len() > 1
        || inputs.iter().any(|input| input.is_dir())
        || out.as_ref().is_some_and(|out| !inputs.is_empty() && is_folder(out));
    let task = if several {
        Some(Task::Batch(batch::settle(inputs, out, report, report_format, overwrite, folder)?))
    } else {
        if let Some(option) = folder.first_for_folders() {
            return Err(Usage(format!("{option} is for folders, or several files; there is one document")));
        }
        let input = inputs.into_iter().next();
        single::settle(input, out, report, report_format, overwrite)?.map(Task::Single)
    };
    Config::settled(task, Some(judging), quiet, color.color)
}
