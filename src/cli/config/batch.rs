//! Documents of folders, to a folder.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use chaffinch::report::{Format, escape};

use super::Formats;
use super::paths::{file_not_folder, refuse_present};
use super::single::Places;
use crate::cli::Usage;
use crate::cli::args::FolderArgs;
pub(crate) use crate::cli::args::ProgressWhen;
use crate::cli::batch::{Selection, check_globs};
use crate::cli::output::shown;

/// Documents of folders, to a folder.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) out: PathBuf,
    pub(crate) reports: Option<Reports>,
    pub(crate) overwrite: bool,
    /// Leave alone what an earlier run has done.
    pub(crate) resume: bool,
    /// Say what would be done, and do nothing.
    pub(crate) dry_run: bool,
    pub(crate) jobs: usize,
    /// How documents lie in the files.
    pub(crate) formats: Formats,
    /// The folder for records that can not be cleaned.
    pub(crate) rejects: Option<PathBuf>,
    /// Which files of the folders are documents.
    pub(crate) selection: Selection,
    pub(crate) progress: ProgressWhen,
    /// Where what was learned of the sites goes.
    pub(crate) learn: Option<PathBuf>,
}

impl Batch {
    /// All documents of `inputs`, to `out`, replacing nothing.
    pub(crate) fn new(inputs: Vec<PathBuf>, out: PathBuf) -> Batch {
        Batch {
            inputs,
            out,
            reports: None,
            overwrite: false,
            resume: false,
            dry_run: false,
            jobs: available_parallelism().map_or(1, NonZeroUsize::get),
            formats: Formats::default(),
            rejects: None,
            selection: Selection::default(),
            progress: ProgressWhen::Auto,
            learn: None,
        }
    }
}

/// Where a batch's reports go.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    pub(crate) folder: PathBuf,
    pub(crate) format: Format,
}

/// Settles what was typed.
pub(super) fn settle(inputs: Vec<PathBuf>, places: Places, formats: Formats, args: FolderArgs) -> Result<Batch, Usage> {
    let Places { out, report, report_format, rejects, learn, overwrite } = places;
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
        Some(folder) => Some(Reports { folder, format: report_format.unwrap_or(Format::Diff) }),
    };
    if let Some(learn) = &learn {
        file_not_folder("--learn", learn)?;
        refuse_present(learn, overwrite)?;
    }
    let FolderArgs { jobs, glob: globs, hidden, no_ignore, resume, dry_run, progress } = args;
    check_globs(&globs).map_err(|error| Usage(format!("--glob: {}", escape::terminal(&error))))?;
    let mut batch = Batch::new(inputs, out);
    batch.jobs = jobs.map_or(batch.jobs, usize::from);
    batch.selection = Selection { globs, hidden, no_ignore };
    Ok(Batch {
        reports,
        formats,
        rejects,
        learn,
        overwrite,
        resume,
        dry_run,
        progress: progress.unwrap_or(ProgressWhen::Auto),
        ..batch
    })
}
