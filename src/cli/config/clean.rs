//! Cleaning: whether it is one document or many is settled here.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::paths::is_folder;
use super::single::Places;
use super::{Config, Task, batch, formats, single};
use crate::cli::Usage;
use crate::cli::args::CleanArgs;

/// Settles what was typed.
pub(super) fn settle(args: CleanArgs) -> Result<Config, Usage> {
    let CleanArgs { inputs, out, report, report_format, learn, overwrite, quiet, folder, formats, judging, color } =
        args;
    let (formats, rejects) = formats::settle(formats)?;
    let several = inputs.len() > 1
        || inputs.iter().any(|input| input.is_dir())
        || out.as_ref().is_some_and(|out| !inputs.is_empty() && is_folder(out));
    let places = Places { out, report, report_format, rejects, learn, overwrite };
    let task = if several {
        Some(Task::Batch(batch::settle(inputs, places, formats, folder)?))
    } else {
        if let Some(option) = folder.first_for_folders() {
            return Err(Usage(format!("{option} is for folders, or several files; there is one document")));
        }
        let input = inputs.into_iter().next();
        let jobs = folder.jobs.map_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get), usize::from);
        let single = single::settle(input, places, formats, jobs)?;
        if let Some(single) = &single {
            formats::refuse_encoding(single.format, &judging)?;
        }
        single.map(Task::Single)
    };
    Config::settled(task, Some(judging), quiet, color.color)
}
