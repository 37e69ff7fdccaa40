//! What may be typed to compare two runs.

use std::path::PathBuf;

use clap::Args;

use super::color::ColorArgs;

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The .jsonl report of the earlier run, or a folder of them
    pub(crate) old: PathBuf,
    /// The .jsonl report of the later run, or a folder of them
    pub(crate) new: PathBuf,
    /// Write JSON Lines: a record for each change, the last one with the counts
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
