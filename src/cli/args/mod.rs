//! The raw command line: what may be typed, and the help that explains it.
//!
//! Nothing here is decided yet. [`Config`](super::config::Config) settles what the words mean together, and the rest
//! of the program has never heard of clap. There is a file for each command, and for each group of options that
//! commands share.

use clap::{Parser, Subcommand};

mod audit;
mod clean;
mod color;
mod compare;
mod diff;
mod explain;
mod folder;
mod formats;
mod judging;
mod learn;
mod restore;
mod review;
mod template;
mod values;

pub(crate) use audit::AuditArgs;
pub(crate) use clean::CleanArgs;
pub(crate) use color::ColorWhen;
pub(crate) use compare::CompareArgs;
pub(crate) use diff::DiffArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use folder::{FolderArgs, ProgressWhen};
pub(crate) use formats::{FormatArgs, LookArgs, ReadingArgs};
pub(crate) use judging::{FavorArg, JudgingArgs, ModeArg};
pub(crate) use learn::LearnArgs;
pub(crate) use restore::RestoreArgs;
pub(crate) use review::{ReachArg, ReviewArgs};
pub(crate) use template::{TemplateArgs, TemplateCommand};

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
    /// Turn many answers into seeds and a correction of the model, and show on answers held back what it is worth
    // It takes its answers as files, obeys none, and has no correction to begin with.
    #[command(mut_arg("answers", |arg| arg.hide(true)), mut_arg("no_answers", |arg| arg.hide(true)),
              mut_arg("adapt", |arg| arg.hide(true)))]
    Learn(LearnArgs),
    /// Estimate from a sample of lines how good the result is on a folder
    Audit(AuditArgs),
    /// Show what template files hold, or put several into one
    Template(TemplateArgs),
}
