//! What may be typed to look at a document in the terminal.

use std::path::PathBuf;

use chaffinch::Label;
use clap::Args;

use super::color::ColorArgs;
use super::formats::LookArgs;
use super::judging::JudgingArgs;

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// File to look at; `-` or nothing is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Show every line: nothing folded, nothing cut
    #[arg(long)]
    pub(crate) full: bool,
    /// The page on the left, and what is left of it on the right
    #[arg(short = 'y', long)]
    pub(crate) side_by_side: bool,
    /// Show only the lines that were removed as one of these labels
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    pub(crate) only: Vec<Label>,
    /// Kept lines to show before and after removed ones
    #[arg(short = 'U', long, value_name = "N", default_value_t = 2)]
    pub(crate) context: u16,
    /// Do not go through $PAGER (by default `less -R`) where standard output is a terminal
    #[arg(long)]
    pub(crate) no_pager: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
