//! What may be typed to estimate how good a result is.

use std::path::PathBuf;

use clap::Args;

use super::color::ColorArgs;
use super::judging::JudgingArgs;

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// File or folder to audit
    #[arg(value_name = "FOLDER")]
    pub(crate) input: PathBuf,
    /// How many lines to look at
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sample: u32,
    /// Ask nothing and list the sample: key, document, line, text; add `keep` or `drop` to a key to answer
    #[arg(long, conflicts_with = "answers_from")]
    pub(crate) list: bool,
    /// Read answers from this file, a key, a tab and `keep` or `drop` a line; in a terminal the rest is asked and added
    #[arg(long, value_name = "FILE")]
    pub(crate) answers_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
