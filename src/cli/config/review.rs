//! Doubtful lines to be answered.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use chaffinch::answers;
use chaffinch::report::escape;

use super::paths::file_not_folder;
use super::single::distinct;
use super::{Config, Input, Task};
use crate::cli::Usage;
use crate::cli::args::ReviewArgs;

/// Doubtful lines to be answered.
#[derive(Debug)]
pub(crate) struct Review {
    pub(crate) input: PathBuf,
    pub(crate) out: Option<PathBuf>,
    pub(crate) overwrite: bool,
    /// The file that answers are added to.
    pub(crate) answers: PathBuf,
    /// Lines less certain than this are doubtful.
    pub(crate) below: f32,
    pub(crate) how: Asking,
}

/// Who is asked about doubtful lines.
#[derive(Debug)]
pub(crate) enum Asking {
    /// The person at the terminal.
    Terminal,
    /// Nobody; they are listed.
    List { json: bool },
    /// The command line has the answers: keys, and whether to keep.
    Given { keys: Vec<(String, bool)>, reach: Reach },
}

pub(crate) use crate::cli::args::ReachArg as Reach;

/// Settles what was typed.
pub(super) fn settle(args: ReviewArgs) -> Result<Config, Usage> {
    let ReviewArgs { input, out, overwrite, below, list, json, keep_keys, drop_keys, scope, judging, color } = args;
    if input == Path::new("-") {
        return Err(Usage("review takes a file or a folder; what comes from a pipe can not be gone back to".into()));
    }
    if let Some(key) = keep_keys.iter().find(|key| drop_keys.contains(key)) {
        return Err(Usage(format!("{} is named by --keep and by --drop", escape::terminal(key))));
    }
    let folder = input.is_dir();
    let out = match out {
        Some(out) if !folder => {
            file_not_folder("--out", &out)?;
            distinct(&Input::File(input.clone()), &[("--out", Some(&out))], overwrite)?;
            Some(out)
        }
        out => out,
    };
    let how = if list {
        Asking::List { json }
    } else if keep_keys.is_empty() && drop_keys.is_empty() {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            let other = "without one, --list shows what is doubtful, and --keep KEY and --drop KEY answer";
            return Err(Usage(format!("review asks at a terminal; {other}")));
        }
        Asking::Terminal
    } else {
        let keep = keep_keys.into_iter().map(|key| (key, true));
        Asking::Given { keys: keep.chain(drop_keys.into_iter().map(|key| (key, false))).collect(), reach: scope }
    };
    if judging.no_answers && !list {
        return Err(Usage("--no-answers: a review obeys the answers it writes; with --list it can be used".into()));
    }
    if judging.answers.len() > 1 {
        return Err(Usage("a review writes to one answers file; name one with --answers".into()));
    }
    let named = judging.answers.first().cloned();
    let task = Review { input, out, overwrite, answers: PathBuf::new(), below, how };
    let mut config = Config::settled(Some(Task::Review(task)), Some(judging), false, color.color)?;
    let found = config.judging.answers.first().cloned();
    let path = named.or(found).unwrap_or_else(|| answers::FILE_NAME.into());
    // A file that is not there yet has no answers to obey.
    config.judging.answers.retain(|path| path.exists());
    if let Task::Review(review) = &mut config.task {
        review.answers = path;
    }
    Ok(config)
}
