//! Documents of folders, to a folder.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use chaffinch::report::Format;

use crate::cli::Usage;
use crate::cli::output::shown;

/// Documents of folders, to a folder.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) out: PathBuf,
    pub(crate) reports: Option<Reports>,
    pub(crate) overwrite: bool,
    pub(crate) jobs: usize,
}

/// Where a batch's reports go.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(crate) folder: PathBuf,
    pub(crate) format: Format,
}

/// Settles what was typed.
pub(super) fn settle(
    inputs: Vec<PathBuf>,
    out: Option<PathBuf>,
    report: Option<PathBuf>,
    format: Option<Format>,
    overwrite: bool,
    jobs: Option<u16>,
) -> Result<Batch, Usage> {
    if inputs.iter().any(|input| input == Path::new("-")) {
        return Err(Usage("standard input can only be cleaned alone, to standard output or a file".into()));
    }
    let Some(out) = out else {
        let what = match inputs.iter().find(|input| input.is_dir()) {
            Some(folder) => format!("{} is a folder", shown(folder)),
            None => "there are several inputs".into(),
        };
        return Err(Usage(format!("{what}; name the folder for the clean texts with --out FOLDER")));
    };
    let reports = match report {
        None => None,
        // A folder called removed.diff is hardly what is wanted.
        Some(folder) if Format::from_path(&folder).is_some() && !folder.is_dir() => {
            return Err(Usage(format!(
                "--report {}: several documents need a folder for their reports; name one, and the format with \
                 --report-format",
                shown(&folder)
            )));
        }
        Some(folder) => Some(Reports { folder, format: format.unwrap_or(Format::Diff) }),
    };
    let jobs = jobs.map_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get), usize::from);
    Ok(Batch { inputs, out, reports, overwrite, jobs })
}
