//! What may be typed to see the reasons for every line.

use std::path::PathBuf;

use clap::Args;

use super::color::ColorArgs;
use super::formats::LookArgs;
use super::judging::JudgingArgs;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// File to explain; `-` or nothing is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
