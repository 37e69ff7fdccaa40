//! What may be typed to look at template files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::color::ColorArgs;

#[derive(Debug, Args)]
pub(crate) struct TemplateArgs {
    #[command(subcommand)]
    pub(crate) command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Put several template files into one, as if it had been learned in one run
    Merge {
        /// The files to put together
        #[arg(value_name = "FILE", required = true)]
        inputs: Vec<PathBuf>,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Replace a file that is already there
        #[arg(long)]
        overwrite: bool,
        #[command(flatten)]
        color: ColorArgs,
    },
    /// Show the lines that the pages of each group share, the most frequent first
    Show {
        /// The file to show
        #[arg(value_name = "FILE")]
        input: PathBuf,
        /// Show so many lines of each group; 0 for all
        #[arg(long, value_name = "N", default_value_t = 40)]
        lines: u32,
        #[command(flatten)]
        color: ColorArgs,
    },
}
