//! What may be typed to have doubtful lines answered.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::color::ColorArgs;
use super::judging::JudgingArgs;
use super::values::probability;

#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// File or folder to review
    #[arg(value_name = "FILE|FOLDER")]
    pub(crate) input: PathBuf,
    /// Where the clean text goes, which every answer writes anew: a file for a file, a folder for a folder
    #[arg(short, long, value_name = "PATH", conflicts_with = "list")]
    pub(crate) out: Option<PathBuf>,
    /// Replace files that are already there
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    /// Ask about lines that are less certain than this, 0 to 1
    #[arg(long, value_name = "P", value_parser = probability, default_value = "0.9")]
    pub(crate) below: f32,
    /// Ask nothing and list the doubtful runs: key, document, lines, verdict, label, score, text
    #[arg(long, conflicts_with_all = ["keep_keys", "drop_keys"])]
    pub(crate) list: bool,
    /// List as JSON Lines instead of text with tabs
    #[arg(long, requires = "list")]
    pub(crate) json: bool,
    /// Ask nothing and keep the run with this key; may be given several times
    #[arg(long = "keep", value_name = "KEY")]
    pub(crate) keep_keys: Vec<String>,
    /// Ask nothing and drop the run with this key; may be given several times
    #[arg(long = "drop", value_name = "KEY")]
    pub(crate) drop_keys: Vec<String>,
    /// Where --keep and --drop hold
    #[arg(long, value_name = "REACH", default_value = "document")]
    pub(crate) scope: ReachArg,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

/// How far an answer reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReachArg {
    /// In this document
    #[default]
    Document,
    /// In documents from the same host, or in the same folder where the path names no host
    Site,
    /// In every document
    Everywhere,
}
