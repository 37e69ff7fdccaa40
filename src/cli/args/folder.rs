//! What may be typed about folders of documents: which of them, how many at a time, and how to go on.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct FolderArgs {
    /// How many documents are cleaned at the same time; the result does not depend on it
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Clean only files whose names fit, such as '*.txt', or with ! in front only others; may be given several times
    #[arg(short, long, value_name = "PATTERN")]
    pub(crate) glob: Vec<String>,
    /// Clean hidden files too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Clean what .gitignore and .ignore files name, too
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Go on with an earlier run: leave alone what is done and has not changed since
    #[arg(long)]
    pub(crate) resume: bool,
    /// List what would be cleaned, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// When to show progress on standard error; auto is at a terminal
    #[arg(long, value_name = "WHEN")]
    pub(crate) progress: Option<ProgressWhen>,
}

impl FolderArgs {
    /// The first of the options that mean nothing for a single document.
    pub(crate) fn first_for_folders(&self) -> Option<&'static str> {
        let given = [
            ("--glob", !self.glob.is_empty()),
            ("--hidden", self.hidden),
            ("--no-ignore", self.no_ignore),
            ("--resume", self.resume),
            ("--dry-run", self.dry_run),
            ("--progress", self.progress.is_some_and(|when| when == ProgressWhen::Always)),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressWhen {
    Auto,
    Always,
    Never,
}
