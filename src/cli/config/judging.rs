//! What changes the decisions.

use std::fs;
use std::path::{Path, PathBuf};

use chaffinch::answers;
use chaffinch::decode::encoding_for_name;
use chaffinch::template::GroupBy;
use chaffinch::{Favor, LabelSet, Mode, Options, Settings};

use crate::cli::Usage;
use crate::cli::adapt::{ADAPTATION, SEEDS};
use crate::cli::args::{FavorArg, JudgingArgs, ModeArg};
use crate::cli::output::shown;

/// What changes the decisions.
#[derive(Debug, Default)]
pub(crate) struct Judging {
    /// The user's own seed files.
    pub(crate) seeds: Vec<PathBuf>,
    /// Dial, mode, bound on losses.
    pub(crate) settings: Settings,
    /// The answers files to obey, the later ones win.
    pub(crate) answers: Vec<PathBuf>,
    /// The template files to use.
    pub(crate) templates: Vec<PathBuf>,
    /// Which documents are from one site.
    pub(crate) group_by: GroupBy,
    /// The file of a correction of the model.
    pub(crate) adapt: Option<PathBuf>,
    /// A model file instead of the built-in model.
    pub(crate) model: Option<PathBuf>,
    /// Window and encoding.
    pub(crate) options: Options,
    /// Someone watches the stream, so lines are not held back to be written together.
    pub(crate) live: bool,
    /// Nothing is to be said but errors.
    pub(crate) quiet: bool,
}

pub(super) fn settle_judging(args: JudgingArgs) -> Result<Judging, Usage> {
    if let Some(label) = args.keep.iter().find(|label| args.drop.contains(label)) {
        return Err(Usage(format!("{label} is named by --keep and by --drop")));
    }
    let keep = args.keep.into_iter().fold(LabelSet::KEPT, LabelSet::with);
    let mut options = Options::default();
    if let Some(lines) = args.window {
        options.window = usize::from(lines);
    }
    options.encoding = args.encoding.as_deref().map(encoding_for_name).transpose().map_err(|e| Usage(e.to_string()))?;
    let mut settings = Settings::default();
    settings.keep = args.drop.into_iter().fold(keep, LabelSet::without);
    settings.favor = match args.favor {
        FavorArg::Precision => Favor::Precision,
        FavorArg::Balanced => Favor::Balanced,
        FavorArg::Recall => Favor::Recall,
    };
    settings.mode = match args.mode {
        ModeArg::Article => Mode::Article,
        ModeArg::Page => Mode::Page,
        ModeArg::Auto => Mode::Auto,
    };
    settings.threshold = args.threshold;
    settings.max_loss = args.max_loss;
    let mut seeds = args.seeds;
    let adapt = match args.adapt {
        Some(path) => learned(path, &mut seeds)?,
        None => None,
    };
    Ok(Judging {
        settings,
        answers: args.answers,
        templates: args.template,
        group_by: args.group_by,
        adapt,
        model: args.model,
        seeds,
        options,
        live: args.window.is_some(),
        quiet: false,
    })
}

/// The correction that `learn` wrote to `path`, its file or the folder; the folder's seeds are added to those there are.
fn learned(path: PathBuf, seeds: &mut Vec<PathBuf>) -> Result<Option<PathBuf>, Usage> {
    if !path.is_dir() {
        return Ok(Some(path));
    }
    let there = |name: &str| Some(path.join(name)).filter(|path| path.exists());
    let (own, adaptation) = (there(SEEDS), there(ADAPTATION));
    if own.is_none() && adaptation.is_none() {
        let what = format!("--adapt {}: neither {SEEDS} nor {ADAPTATION} is in this folder", shown(&path));
        return Err(Usage(format!("{what}; `chaffinch learn` writes them")));
    }
    seeds.extend(own);
    Ok(adaptation)
}

/// The answers files in the working folder and beside (or in) the inputs, each once.
pub(super) fn answers_beside(inputs: &[&Path]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut real = Vec::new();
    let folders = inputs.iter().map(|input| match input.is_dir() {
        true => input,
        false => input.parent().unwrap_or(Path::new("")),
    });
    for folder in std::iter::once(Path::new("")).chain(folders) {
        let path = folder.join(answers::FILE_NAME);
        // What is there but is no file is told when it is read.
        let Ok(whole) = fs::canonicalize(&path) else { continue };
        if !real.contains(&whole) {
            real.push(whole);
            found.push(path);
        }
    }
    found
}
