//! The command line: from the words that were typed to an exit status.
//!
//! The way through: [`args`] is what may be typed, [`config`] settles what it means, and one module for each task
//! does it. Failing is said in one place, so every message is one line that is safe to print.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use chaffinch::report::escape;
use chaffinch::{Adaptation, Answers, Classifier, Cleaner, Error, Model, Seeds};
use clap::{CommandFactory, Parser};

mod adapt;
mod args;
mod audit;
mod basis;
mod batch;
mod compare;
mod config;
mod diff;
mod explain;
mod files;
mod input;
mod keyboard;
mod learn;
mod look;
mod output;
mod records;
mod rejects;
mod restore;
mod review;
mod single;
mod style;
mod template;
mod wrap;

use args::Args;
use config::{Config, Judging, Task};
use output::{plain, shown};

/// Some input could not be cleaned; the rest was.
const FAILURE: u8 = 1;
/// The command line means nothing that could be done.
const USAGE: u8 = 2;

/// What is wrong with the command line, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Does what the command line says.
pub(crate) fn run() -> Result<ExitCode> {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help is an "error" here too. If it can't be printed there is nobody to tell.
            _ = error.print();
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE)));
        }
    };
    let config = Config::new(args)?;
    match &config.task {
        Task::Help => {
            _ = write!(io::stderr(), "{}", Args::command().render_help());
            Ok(ExitCode::from(USAGE))
        }
        Task::Single(single) => single::clean(single, &config),
        Task::Batch(batch) => batch::clean(batch, &config),
        Task::Diff(diff) => diff::show(diff, &config),
        Task::Explain(look) => explain::show(look, &config),
        Task::Restore(task) => restore::restore(task),
        Task::Review(task) => review::review(task, &config),
        Task::Compare(task) => compare::compare(task, &config),
        Task::Audit(task) => audit::audit(task, &config),
        Task::Template(task) => template::run(task, &config),
        Task::Learn(task) => adapt::learn(task, &config),
    }
}

/// Says what went wrong and gives the exit status for it. A reader that has gone away is none of our troubles.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    if has_kind(error, io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    complain(&describe(error));
    let usage = error.is::<Usage>()
        || matches!(
            error.downcast_ref(),
            Some(
                Error::Seeds { .. }
                    | Error::Answers { .. }
                    | Error::Adaptation { .. }
                    | Error::Template(_)
                    | Error::Loss { .. }
            )
        );
    ExitCode::from(if usage { USAGE } else { FAILURE })
}

/// One line on standard error. If that is closed there is nobody to tell.
fn complain(message: &str) {
    _ = writeln!(io::stderr(), "chaffinch: {}", escape::terminal(message));
}

/// An error in one line, without the system's numbers.
fn describe(error: &anyhow::Error) -> String {
    let mut parts = Vec::new();
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            parts.push(plain(error));
            break;
        }
        match cause.downcast_ref::<Error>() {
            Some(Error::Read(error)) => parts.push(format!("cannot read: {}", plain(error))),
            Some(Error::Write(error)) => parts.push(format!("cannot write {}", plain(error))),
            Some(error) => parts.push(error.to_string()),
            None => {
                parts.push(cause.to_string());
                continue;
            }
        }
        // The library's errors tell their causes themselves.
        break;
    }
    parts.join(": ")
}

fn has_kind(error: &anyhow::Error, kind: io::ErrorKind) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| error.kind() == kind)
}

/// A cleaner for each thread.
fn cleaner(classifier: &Classifier, judging: &Judging) -> Cleaner<Classifier> {
    Cleaner::new(classifier.clone(), &judging.options)
}

/// The classifier that the command line asks for.
fn classifier(judging: &Judging) -> Result<Classifier> {
    Ok(named_classifier(judging)?.0)
}

/// The classifier that the command line asks for, and the name of its model.
fn named_classifier(judging: &Judging) -> Result<(Classifier, String)> {
    let model = model(judging)?;
    let mut classifier = Classifier::new(model.clone(), Arc::new(seeds(judging)?), judging.settings.clone())?;
    if let Some(path) = &judging.adapt {
        classifier = classifier.with_adaptation(adaptation(path, &model, judging.quiet)?);
    }
    if let Some(template) = learn::template(judging)? {
        classifier = classifier.with_template(Arc::new(template));
    }
    let classifier = classifier.with_answers(Arc::new(answers(&judging.answers)?));
    Ok((classifier.with_basis(basis::of(judging, model.version())?), model.version().to_owned()))
}

/// The model that the command line asks for.
fn model(judging: &Judging) -> Result<Arc<Model>> {
    let model = match &judging.model {
        None => Model::built_in()?,
        Some(path) => {
            let bytes = fs::read(path)
                .map_err(|e| Usage(format!("cannot read the model file {}: {}", shown(path), plain(&e))))?;
            Model::from_bytes(bytes).map_err(|e| Usage(format!("{}: {e}", shown(path))))?
        }
    };
    Ok(Arc::new(model))
}

/// The built-in seeds and those that the command line names.
fn seeds(judging: &Judging) -> Result<Seeds> {
    let mut seeds = Seeds::built_in();
    for path in &judging.seeds {
        let text = fs::read_to_string(path)
            .map_err(|e| Usage(format!("cannot read the seed file {}: {}", shown(path), plain(&e))))?;
        seeds.add_file(path, &text)?;
    }
    Ok(seeds)
}

/// A correction of the model; a word about it where the model is another one than it was learned on.
fn adaptation(path: &Path, model: &Model, quiet: bool) -> Result<Adaptation> {
    let text = fs::read_to_string(path)
        .map_err(|e| Usage(format!("cannot read the adaptation {}: {}", shown(path), plain(&e))))?;
    let adaptation = Adaptation::from_text(path, &text)?;
    if adaptation.model() != model.version() && !quiet {
        complain(&format!(
            "{} was learned on the model {}, this is {}: its words still count; `chaffinch learn` brings it up to date",
            shown(path),
            adaptation.model(),
            model.version()
        ));
    }
    Ok(adaptation)
}

/// The answers of these files.
fn answers(paths: &[PathBuf]) -> Result<Answers> {
    let mut answers = Answers::new();
    for path in paths {
        let text = fs::read_to_string(path)
            .map_err(|e| Usage(format!("cannot read the answers file {}: {}", shown(path), plain(&e))))?;
        answers.add_file(path, &text)?;
    }
    Ok(answers)
}
