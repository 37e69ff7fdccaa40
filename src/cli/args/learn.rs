//! What may be typed to have answers learned from.

use std::path::PathBuf;

use clap::Args;

use super::color::ColorArgs;
use super::judging::JudgingArgs;

#[derive(Debug, Args)]
pub(crate) struct LearnArgs {
    /// Files with the answers to learn from
    #[arg(value_name = "ANSWERS", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// File or folder that the answers are about; may be given several times [default: those that the answers name]
    #[arg(long, value_name = "PATH")]
    pub(crate) on: Vec<PathBuf>,
    /// Folder for what is learned, seeds.toml and adaptation.txt; without it only the table is shown
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Replace files that are already there
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    /// Write the table as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
