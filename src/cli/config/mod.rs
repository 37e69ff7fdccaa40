//! The settled configuration: what the words on the command line mean together.
//!
//! Everything that can be found wrong without looking into an input is found here, so that a run that starts has
//! a meaning. Code behind this module knows [`Config`] and not how it was typed. There is a file for each task: what is
//! to be done, and how that follows from the words.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;

use super::Usage;
use super::args::{Args, ColorWhen, Command, ExplainArgs, JudgingArgs};

mod audit;
mod batch;
mod clean;
mod compare;
mod diff;
mod formats;
mod judging;
mod learn;
mod look;
mod paths;
mod restore;
mod review;
mod single;
mod template;

pub(crate) use audit::Audit;
pub(crate) use batch::{Batch, ProgressWhen, Reports};
pub(crate) use compare::Compare;
pub(crate) use diff::Diff;
pub(crate) use formats::{Formats, compression};
pub(crate) use judging::Judging;
pub(crate) use learn::Learn;
pub(crate) use look::Look;
pub(crate) use restore::Restore;
pub(crate) use review::{Asking, Reach, Review};
pub(crate) use single::{Single, Stream};
pub(crate) use template::TemplateTask;

use judging::{answers_beside, settle_judging};

/// What to do and how.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) task: Task,
    pub(crate) judging: Judging,
    /// No alarms and no closing line on standard error.
    pub(crate) quiet: bool,
    pub(crate) color: ColorChoice,
}

/// The one thing to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Say how the program is used: nothing was asked for, and a terminal can't be meant as input.
    Help,
    Single(Single),
    Batch(Batch),
    Diff(Diff),
    Explain(Look),
    Restore(Restore),
    Review(Review),
    Compare(Compare),
    Audit(Audit),
    Template(TemplateTask),
    Learn(Learn),
}

/// Where one document comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

impl Config {
    /// Settles what was typed.
    pub(crate) fn new(args: Args) -> Result<Config, Usage> {
        match args.command {
            None => clean::settle(args.clean),
            Some(Command::Clean(args)) => clean::settle(args),
            Some(Command::Diff(args)) => diff::settle(args),
            Some(Command::Explain(ExplainArgs { input, look, judging, color })) => {
                let look = look::settle(input, "explain", look, &judging)?;
                Config::settled(look.map(Task::Explain), Some(judging), false, color.color)
            }
            Some(Command::Restore(args)) => restore::settle(args),
            Some(Command::Review(args)) => review::settle(args),
            Some(Command::Compare(args)) => compare::settle(args),
            Some(Command::Audit(args)) => audit::settle(args),
            Some(Command::Template(args)) => template::settle(args),
            Some(Command::Learn(args)) => learn::settle(args),
        }
    }

    fn settled(
        task: Option<Task>,
        judging: Option<JudgingArgs>,
        quiet: bool,
        color: ColorWhen,
    ) -> Result<Config, Usage> {
        let color = match color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        let search = judging.as_ref().is_some_and(|args| args.answers.is_empty() && !args.no_answers);
        let mut judging = judging.map(settle_judging).transpose()?.unwrap_or_default();
        if let (true, Some(task)) = (search, &task) {
            judging.answers = answers_beside(&task.inputs());
        }
        judging.quiet = quiet;
        Ok(Config { task: task.unwrap_or(Task::Help), judging, quiet, color })
    }
}

impl Task {
    /// The files and folders it reads, as they were named.
    fn inputs(&self) -> Vec<&Path> {
        match self {
            Task::Single(Single { input, .. })
            | Task::Diff(Diff { look: Look { input, .. }, .. })
            | Task::Explain(Look { input, .. }) => match input {
                Input::File(path) => vec![path],
                Input::Stdin => Vec::new(),
            },
            Task::Batch(batch) => batch.inputs.iter().map(PathBuf::as_path).collect(),
            Task::Review(Review { input, .. }) | Task::Audit(Audit { input, .. }) => vec![input],
            Task::Help | Task::Restore(_) | Task::Compare(_) | Task::Template(_) | Task::Learn(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chaffinch::report::Format;
    use chaffinch::{Label, LabelSet};
    use clap::Parser;

    use super::*;

    fn config(words: &[&str]) -> Result<Config, Usage> {
        Config::new(Args::try_parse_from(std::iter::once(&"chaffinch").chain(words)).unwrap())
    }

    #[test]
    fn the_word_clean_may_be_left_out() {
        for words in [&["raw.txt", "--report", "x.jsonl"][..], &["clean", "raw.txt", "--report", "x.jsonl"]] {
            let Task::Single(single) = config(words).unwrap().task else { panic!("{words:?}") };
            assert_eq!(single.input, Input::File("raw.txt".into()));
            assert_eq!(single.report, Some(("x.jsonl".into(), Format::Jsonl)));
        }
        let Task::Single(single) = config(&["./diff"]).unwrap().task else { panic!() };
        assert_eq!(single.input, Input::File("./diff".into()));
    }

    #[test]
    fn the_format_follows_the_extension_unless_it_is_said() {
        let Task::Single(single) = config(&["-", "--report", "x.txt", "--report-format", "html"]).unwrap().task else {
            panic!()
        };
        assert_eq!(single.report, Some(("x.txt".into(), Format::Html)));
        let error = config(&["-", "--report", "x.txt"]).unwrap_err().to_string();
        assert!(error.contains(".diff, .jsonl or .html"), "{error}");
        assert!(config(&["-", "--report", "-"]).unwrap_err().to_string().contains("standard output"));
    }

    #[test]
    fn labels_are_added_and_taken_away() {
        let judging = config(&["-", "--keep", "byline,about", "--drop", "caption"]).unwrap().judging;
        let expected = LabelSet::KEPT.with(Label::Byline).with(Label::About).without(Label::Caption);
        assert_eq!(judging.settings.keep, expected);
        assert!(config(&["-", "--keep", "body", "--drop", "body"]).unwrap_err().to_string().contains("body"));
        let error = Args::try_parse_from(["chaffinch", "--keep", "headline"]).unwrap_err().to_string();
        assert!(error.contains("duplicate-caption"), "{error}");
    }

    #[test]
    fn several_inputs_need_a_folder() {
        assert!(config(&["a", "b"]).unwrap_err().to_string().contains("--out"));
        assert!(config(&["a", "-", "--out", "x"]).unwrap_err().to_string().contains("standard input"));
        assert!(config(&["a", "b", "--out", "x", "--report", "r.diff"]).unwrap_err().to_string().contains("folder"));
        let Task::Batch(batch) = config(&["a", "b", "--out", "x", "--report", "r", "--jobs", "3"]).unwrap().task else {
            panic!()
        };
        assert_eq!((batch.jobs, batch.reports.unwrap().format), (3, Format::Diff));
    }
}
