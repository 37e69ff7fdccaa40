//! A clean text and its report, to be made the input again.

use std::path::{Path, PathBuf};

use chaffinch::formats::{Layout, StreamFormat};
use chaffinch::report::Format;

use super::paths::{file_not_folder, refuse_present};
use super::single::format_of;
use super::{Config, Input, Task};
use crate::cli::Usage;
use crate::cli::args::RestoreArgs;
use crate::cli::output::shown;

/// A clean text and its report, to be made the input again.
#[derive(Debug)]
pub(crate) struct Restore {
    pub(crate) clean: Input,
    pub(crate) report: PathBuf,
    pub(crate) out: Option<PathBuf>,
    pub(crate) overwrite: bool,
}

/// Settles what was typed.
pub(super) fn settle(args: RestoreArgs) -> Result<Config, Usage> {
    let RestoreArgs { clean, report, out, overwrite, color } = args;
    for path in [&clean, &report] {
        if path.is_dir() {
            return Err(Usage(format!("{} is a folder; restore takes a clean text and its report", shown(path))));
        }
    }
    if format_of(&report) == Some(Format::Html) {
        return Err(Usage(format!("{} is for reading; restore takes a .diff or .jsonl report", shown(&report))));
    }
    if StreamFormat::from_path(&clean).layout != Layout::Text {
        return Err(Usage(format!(
            "{} holds many documents; restore takes one clean text and its report",
            shown(&clean)
        )));
    }
    if let Some(out) = &out {
        file_not_folder("--out", out)?;
        refuse_present(out, overwrite)?;
    }
    let clean = if clean == Path::new("-") { Input::Stdin } else { Input::File(clean) };
    let task = Task::Restore(Restore { clean, report, out, overwrite });
    Config::settled(Some(task), None, false, color.color)
}
