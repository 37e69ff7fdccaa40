//! What may be typed to change the decisions, the same for every command that makes some.

use std::path::PathBuf;
use std::str::FromStr;

use chaffinch::Label;
use chaffinch::template::GroupBy;
use clap::{Args, ValueEnum};

use super::values::{probability, share};

/// What changes the decisions.
#[derive(Debug, Args)]
#[command(next_help_heading = "Decisions")]
pub(crate) struct JudgingArgs {
    /// Labels to keep in the clean text that would be dropped
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    pub(crate) keep: Vec<Label>,
    /// Labels to drop from the clean text that would be kept
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    pub(crate) drop: Vec<Label>,
    /// Read the input in this encoding instead of detecting it
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// File of your own phrases, which win over the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) seeds: Vec<PathBuf>,
    /// Judge so many lines together, blank ones not counted, 16 to 2048 [default: 2048]; fewer come through sooner on a
    /// live pipe
    #[arg(long, value_name = "LINES", value_parser = clap::value_parser!(u16).range(16..=2048))]
    pub(crate) window: Option<u16>,
    /// What to care for when in doubt: `precision` removes more, `recall` keeps more
    #[arg(long, value_name = "SIDE", default_value = "balanced", conflicts_with_all = ["threshold", "max_loss"])]
    pub(crate) favor: FavorArg,
    /// Keep a line from this probability of being editorial text, 0 to 1, instead of choosing for each page
    #[arg(long, value_name = "P", value_parser = probability, conflicts_with = "max_loss")]
    pub(crate) threshold: Option<f32>,
    /// Bound the share of editorial words that may be lost, such as 0.5%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) max_loss: Option<f32>,
    /// What counts as content: `article` drops reader comments, `page` keeps forum posts, product texts and listings
    #[arg(long, value_name = "MODE", default_value = "auto")]
    pub(crate) mode: ModeArg,
    /// Obey the answers in this file; may be given several times [default: chaffinch.answers.toml, here and beside the
    /// input, where there is one]
    #[arg(long, value_name = "FILE", conflicts_with = "no_answers")]
    pub(crate) answers: Vec<PathBuf>,
    /// Obey no answers
    #[arg(long)]
    pub(crate) no_answers: bool,
    /// Weigh what this template file says of the site, see --learn; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Vec<PathBuf>,
    /// Which documents are from one site, so that lines which they share are taken for its template: those of one
    /// `folder`, `host` or `prefix` (what the files' names begin with), or `none`
    #[arg(long, value_name = "BY", default_value = "folder", value_parser = GroupBy::from_str)]
    pub(crate) group_by: GroupBy,
    /// Correct the model by what `chaffinch learn` wrote: its folder, seeds and all, or the file adaptation.txt
    #[arg(long, value_name = "PATH")]
    pub(crate) adapt: Option<PathBuf>,
    /// Use this model file instead of the built-in model
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) model: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FavorArg {
    Precision,
    #[default]
    Balanced,
    Recall,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    Article,
    Page,
    #[default]
    Auto,
}
