//! The settled configuration: what the words on the command line mean together.
//!
//! Everything that can be found wrong without looking into an input is found here, so that a run that starts has
//! a meaning. Code behind this module knows [`Config`] and not how it was typed.

use std::fs;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anstream::ColorChoice;
use chaffinch::answers;
use chaffinch::decode::encoding_for_name;
use chaffinch::report::{Format, escape};
use chaffinch::{Favor, LabelSet, Mode, Options, Settings};

use super::Usage;
use super::args::{
    Args, AuditArgs, CleanArgs, ColorWhen, Command, CompareArgs, DiffArgs, ExplainArgs, FavorArg, JudgingArgs, ModeArg,
    RestoreArgs, ReviewArgs,
};
use super::output::shown;

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
    Explain {
        input: Input,
    },
    Restore(Restore),
    Review(Review),
    Compare(Compare),
    Audit(Audit),
}

/// Where one document comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

/// A document to look at in the terminal.
#[derive(Debug)]
pub(crate) struct Diff {
    pub(crate) input: Input,
    /// Every line, whole.
    pub(crate) full: bool,
    pub(crate) side_by_side: bool,
    /// Removed lines of these labels; all where there is none.
    pub(crate) only: LabelSet,
    /// Kept lines on both sides of removed ones.
    pub(crate) context: usize,
    /// Through a pager, if a person is looking.
    pub(crate) paged: bool,
}

/// One document, to a file or standard output.
#[derive(Debug)]
pub(crate) struct Single {
    pub(crate) input: Input,
    /// Standard output where there is none.
    pub(crate) out: Option<PathBuf>,
    pub(crate) report: Option<(PathBuf, Format)>,
    pub(crate) overwrite: bool,
}

/// Documents of folders, to a folder.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) out: PathBuf,
    pub(crate) reports: Option<Reports>,
    pub(crate) overwrite: bool,
    pub(crate) jobs: usize,
}

/// Where a batch's reports go.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(crate) folder: PathBuf,
    pub(crate) format: Format,
}

/// A clean text and its report, to be made the input again.
#[derive(Debug)]
pub(crate) struct Restore {
    pub(crate) clean: Input,
    pub(crate) report: PathBuf,
    pub(crate) out: Option<PathBuf>,
    pub(crate) overwrite: bool,
}

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

pub(crate) use super::args::ReachArg as Reach;

/// Two runs to be compared.
#[derive(Debug)]
pub(crate) struct Compare {
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
    pub(crate) json: bool,
}

/// A sample to be judged by a person.
#[derive(Debug)]
pub(crate) struct Audit {
    pub(crate) input: PathBuf,
    pub(crate) sample: usize,
    pub(crate) list: bool,
    pub(crate) answers_from: Option<PathBuf>,
}

/// What changes the decisions.
#[derive(Debug, Default)]
pub(crate) struct Judging {
    /// The user's own seed files.
    pub(crate) seeds: Vec<PathBuf>,
    /// Dial, mode, bound on losses.
    pub(crate) settings: Settings,
    /// The answers files to obey, the later ones win.
    pub(crate) answers: Vec<PathBuf>,
    /// A model file instead of the built-in model.
    pub(crate) model: Option<PathBuf>,
    /// Window and encoding.
    pub(crate) options: Options,
    /// Someone watches the stream, so lines are not held back to be written together.
    pub(crate) live: bool,
}

impl Config {
    /// Settles what was typed.
    pub(crate) fn new(args: Args) -> Result<Config, Usage> {
        match args.command {
            None => Config::clean(args.clean),
            Some(Command::Clean(args)) => Config::clean(args),
            Some(Command::Diff(args)) => {
                let DiffArgs { input, full, side_by_side, only, context, no_pager, judging, color } = args;
                let (only, context, paged) = (only.into_iter().collect(), usize::from(context), !no_pager);
                let task = one_file(input, "diff")?
                    .map(|input| Task::Diff(Diff { input, full, side_by_side, only, context, paged }));
                Config::settled(task, Some(judging), false, color.color)
            }
            Some(Command::Explain(ExplainArgs { input, judging, color })) => {
                let input = one_file(input, "explain")?;
                Config::settled(input.map(|input| Task::Explain { input }), Some(judging), false, color.color)
            }
            Some(Command::Restore(args)) => {
                let color = args.color.color;
                Config::settled(Some(Task::Restore(restore(args)?)), None, false, color)
            }
            Some(Command::Review(args)) => review(args),
            Some(Command::Compare(CompareArgs { old, new, json, color })) => {
                let task = Task::Compare(Compare { old, new, json });
                Config::settled(Some(task), None, false, color.color)
            }
            Some(Command::Audit(AuditArgs { input, sample, list, answers_from, judging, color })) => {
                let task = Task::Audit(Audit { input, sample: sample as usize, list, answers_from });
                Config::settled(Some(task), Some(judging), false, color.color)
            }
        }
    }

    fn clean(args: CleanArgs) -> Result<Config, Usage> {
        let CleanArgs { inputs, out, report, report_format, overwrite, jobs, quiet, judging, color } = args;
        let several = inputs.len() > 1
            || inputs.iter().any(|input| input.is_dir())
            || out.as_ref().is_some_and(|out| !inputs.is_empty() && is_folder(out));
        let task = if several {
            let jobs = jobs.map_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get), usize::from);
            Some(Task::Batch(batch(inputs, out, report, report_format, overwrite, jobs)?))
        } else {
            let input = input_of(inputs.into_iter().next());
            let report = report.map(|path| report_file(path, report_format)).transpose()?;
            if let Some(out) = &out {
                file_not_folder("--out", out)?;
            }
            input.map(|input| Task::Single(Single { input, out, report, overwrite }))
        };
        if let Some(Task::Single(single)) = &task {
            distinct(single)?;
        }
        Config::settled(task, Some(judging), quiet, color.color)
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
        Ok(Config { task: task.unwrap_or(Task::Help), judging, quiet, color })
    }
}

impl Task {
    /// The files and folders it reads, as they were named.
    fn inputs(&self) -> Vec<&Path> {
        match self {
            Task::Single(Single { input, .. }) | Task::Diff(Diff { input, .. }) | Task::Explain { input } => {
                match input {
                    Input::File(path) => vec![path],
                    Input::Stdin => Vec::new(),
                }
            }
            Task::Batch(batch) => batch.inputs.iter().map(PathBuf::as_path).collect(),
            Task::Review(Review { input, .. }) | Task::Audit(Audit { input, .. }) => vec![input],
            Task::Help | Task::Restore(_) | Task::Compare(_) => Vec::new(),
        }
    }
}

/// The answers files in the working folder and beside (or in) the inputs, each once.
fn answers_beside(inputs: &[&Path]) -> Vec<PathBuf> {
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

fn review(args: ReviewArgs) -> Result<Config, Usage> {
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
            let single = Single { input: Input::File(input.clone()), out: Some(out), report: None, overwrite };
            distinct(&single)?;
            single.out
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

fn settle_judging(args: JudgingArgs) -> Result<Judging, Usage> {
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
    let answers = args.answers;
    Ok(Judging { settings, answers, model: args.model, seeds: args.seeds, options, live: args.window.is_some() })
}

/// `None` where nothing is named and standard input is a terminal: nobody types a web page.
fn input_of(path: Option<PathBuf>) -> Option<Input> {
    match path {
        Some(path) if path == Path::new("-") => Some(Input::Stdin),
        Some(path) => Some(Input::File(path)),
        None if io::stdin().is_terminal() => None,
        None => Some(Input::Stdin),
    }
}

fn one_file(path: Option<PathBuf>, command: &str) -> Result<Option<Input>, Usage> {
    match &path {
        Some(path) if path.is_dir() => Err(Usage(format!("{} is a folder; {command} takes a file", shown(path)))),
        _ => Ok(input_of(path)),
    }
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

fn file_not_folder(option: &str, path: &Path) -> Result<(), Usage> {
    match is_folder(path) {
        true => {
            Err(Usage(format!("{option} {}: that is a folder, and a file is needed for one document", shown(path))))
        }
        false => Ok(()),
    }
}

fn report_file(path: PathBuf, format: Option<Format>) -> Result<(PathBuf, Format), Usage> {
    if path == Path::new("-") {
        return Err(Usage("--report -: standard output is for the clean text; name a file".into()));
    }
    file_not_folder("--report", &path)?;
    match format.or_else(|| Format::from_path(&path)) {
        Some(format) => Ok((path, format)),
        None => Err(Usage(format!(
            "--report {}: no format has that extension; use .diff, .jsonl or .html, or --report-format",
            shown(&path)
        ))),
    }
}

fn batch(
    inputs: Vec<PathBuf>,
    out: Option<PathBuf>,
    report: Option<PathBuf>,
    format: Option<Format>,
    overwrite: bool,
    jobs: usize,
) -> Result<Batch, Usage> {
    if inputs.iter().any(|input| input == Path::new("-")) {
        return Err(Usage("standard input can only be cleaned alone, to standard output or a file".into()));
    }
    let Some(out) = out else {
        let what = match inputs.iter().find(|input| input.is_dir()) {
            Some(folder) => format!("{} is a folder", shown(folder)),
            None => "there are several inputs".into(),
        };
        return Err(Usage(format!("{what}; name the folder for the clean texts with --out FOLDER")));
    };
    let reports = match report {
        None => None,
        // A folder called removed.diff is hardly what is wanted.
        Some(folder) if Format::from_path(&folder).is_some() && !folder.is_dir() => {
            return Err(Usage(format!(
                "--report {}: several documents need a folder for their reports; name one, and the format with \
                 --report-format",
                shown(&folder)
            )));
        }
        Some(folder) => Some(Reports { folder, format: format.unwrap_or(Format::Diff) }),
    };
    Ok(Batch { inputs, out, reports, overwrite, jobs })
}

/// Refuses what would end up in one file, or in the input, and what is there already.
fn distinct(single: &Single) -> Result<(), Usage> {
    let report = single.report.as_ref().map(|(path, _)| path);
    let outputs: Vec<&PathBuf> = single.out.iter().chain(report).collect();
    let real = |path: &Path| super::files::resolve(path).ok();
    if let [out, report] = outputs[..]
        && is_plain(out)
        && real(out) == real(report)
    {
        return Err(Usage(format!("--out and --report are both {}", shown(out))));
    }
    for path in outputs {
        if matches!(&single.input, Input::File(input) if is_plain(input) && real(input) == real(path)) {
            return Err(Usage(format!("{} is the input and would be overwritten", shown(path))));
        }
        refuse_present(path, single.overwrite)?;
    }
    Ok(())
}

/// Refuses a file that is there, if nobody allowed to replace it. Devices and pipes are written to, not replaced.
fn refuse_present(path: &Path, overwrite: bool) -> Result<(), Usage> {
    let special = fs::metadata(path).is_ok_and(|data| !data.is_file());
    match !overwrite && !special && fs::symlink_metadata(path).is_ok() {
        true => Err(Usage(format!("{} already exists; --overwrite replaces it", shown(path)))),
        false => Ok(()),
    }
}

/// Whether the path is a regular file, or nothing yet.
fn is_plain(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |data| data.is_file())
}

fn restore(args: RestoreArgs) -> Result<Restore, Usage> {
    let RestoreArgs { clean, report, out, overwrite, color: _ } = args;
    for path in [&clean, &report] {
        if path.is_dir() {
            return Err(Usage(format!("{} is a folder; restore takes a clean text and its report", shown(path))));
        }
    }
    if Format::from_path(&report) == Some(Format::Html) {
        return Err(Usage(format!("{} is for reading; restore takes a .diff or .jsonl report", shown(&report))));
    }
    if let Some(out) = &out {
        file_not_folder("--out", out)?;
        refuse_present(out, overwrite)?;
    }
    let clean = if clean == Path::new("-") { Input::Stdin } else { Input::File(clean) };
    Ok(Restore { clean, report, out, overwrite })
}

#[cfg(test)]
mod tests {
    use chaffinch::Label;
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
