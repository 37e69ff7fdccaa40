//! What may be typed to clean documents.

use std::path::PathBuf;

use chaffinch::report::Format;
use clap::Args;

use super::color::ColorArgs;
use super::folder::FolderArgs;
use super::formats::FormatArgs;
use super::judging::JudgingArgs;

#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    /// Files or folders to clean; `-` or nothing is standard input
    #[arg(value_name = "FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Where the clean text goes: a file for one input, a folder for a folder or several inputs
    #[arg(short, long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Where the report of every removed line goes: a file for one input, a folder for many
    #[arg(short, long, value_name = "PATH")]
    pub(crate) report: Option<PathBuf>,
    /// Format of the report, where the file's extension does not say it; diff for a folder
    #[arg(long, value_name = "FORMAT", value_parser = format, requires = "report")]
    pub(crate) report_format: Option<Format>,
    /// Write what was learned of the sites' templates to this file, for --template in later runs
    #[arg(long, value_name = "FILE")]
    pub(crate) learn: Option<PathBuf>,
    /// Replace files that are already there
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Say nothing but errors: no alarms, no closing line
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    #[command(flatten)]
    pub(crate) formats: FormatArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| format!("the formats are {}", Format::ALL.map(Format::name).join(", ")))
}
