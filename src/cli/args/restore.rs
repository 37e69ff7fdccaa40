//! What may be typed to get an input back.

use std::path::PathBuf;

use clap::Args;

use super::color::ColorArgs;

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The clean text; `-` is standard input
    pub(crate) clean: PathBuf,
    /// Its report, as .diff or .jsonl
    pub(crate) report: PathBuf,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a file that is already there
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
