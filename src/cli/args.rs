//! The raw command line: what may be typed, and the help that explains it.
//!
//! Nothing here is decided yet. [`Config`](super::config::Config) settles what the words mean together, and the rest
//! of the program has never heard of clap.

use std::path::PathBuf;

use chaffinch::Label;
use chaffinch::report::Format;
use clap::{Args as Group, Parser, Subcommand, ValueEnum};

/// Takes the raw text a scraper dumped and gives back the article.
///
/// Reads FILE (or standard input), removes whole lines that are not part of the article, and writes the rest to
/// standard output. A folder is cleaned into another one with --out.
#[derive(Debug, Parser)]
#[command(
    name = "chaffinch",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "A file that is called like a command is reached as ./diff.\n\
                  Exit status: 0 all done, 1 some input could not be cleaned (the rest was), 2 wrong usage."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) clean: CleanArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the clean text; the word may be left out
    Clean(CleanArgs),
    /// Show in the terminal what is removed, with its label and a little of what stands around it
    Diff(DiffArgs),
    /// Show every line with its verdict, label, score and reasons
    Explain(ExplainArgs),
    /// Give the input back from a clean text and its report
    Restore(RestoreArgs),
    /// Step through the doubtful lines, keep or drop them, and have the answers remembered
    // Here --keep and --drop take a run's key, so the labels need other names.
    #[command(mut_arg("keep", |arg| arg.long("keep-labels")), mut_arg("drop", |arg| arg.long("drop-labels")))]
    Review(ReviewArgs),
    /// Show which lines two runs decided differently, and why
    Compare(CompareArgs),
    /// Estimate from a sample of lines how good the result is on a folder
    Audit(AuditArgs),
}

#[derive(Debug, Group)]
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
    /// Replace files that are already there
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// How many documents are cleaned at the same time; the result does not depend on it
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Say nothing but errors: no alarms, no closing line
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

#[derive(Debug, Group)]
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
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

#[derive(Debug, Group)]
pub(crate) struct ExplainArgs {
    /// File to explain; `-` or nothing is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

#[derive(Debug, Group)]
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

#[derive(Debug, Group)]
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

#[derive(Debug, Group)]
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

#[derive(Debug, Group)]
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

/// What changes the decisions, the same for every command that makes some.
#[derive(Debug, Group)]
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
    /// Judge so many lines together, 16 to 2048 [default: 2048]; fewer come through sooner on a live pipe
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

#[derive(Debug, Group)]
pub(crate) struct ColorArgs {
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| format!("the formats are {}", Format::ALL.map(Format::name).join(", ")))
}

fn probability(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "write a number from 0 to 1, such as 0.3".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("it must be from 0 to 1".to_owned()) }
}

fn share(text: &str) -> Result<f32, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let value: f32 = number.trim().parse().map_err(|_| "write a share such as 0.5% or 0.005".to_owned())?;
    let value = value / unit;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("it must be above 0 and below 100%".to_owned()) }
}
