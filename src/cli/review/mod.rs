//! `chaffinch review`: the doubtful lines of a file or folder, least certain first, to be kept or dropped for good.
//!
//! A person answers at the terminal, a script by key; both ways an answer goes to the answers file before anything
//! else happens, so a review can be left at any moment and gone on with later: what is answered is certain, and is
//! not asked about again.

mod ask;
mod collect;
mod list;
mod store;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chaffinch::answers::{self, Entry, Scope, What, place_in};
use chaffinch::formats::StreamFormat;
use chaffinch::formats::pack::Pack;
use chaffinch::report::{CleanText, escape};
use chaffinch::{Answers, Classifier, Document, Error, Label};

use super::batch::{Earlier, Item, Plan, Selection};
use super::config::{Asking, Batch, Config, Judging, Reach, Review};
use super::files::{self, Failure};
use super::output::{OutFile, shown};
use super::{FAILURE, answers as read_answers, classifier, cleaner, complain, describe, input, learn};
use collect::Run;
pub(super) use collect::{hash, key_of};
use store::Store;

/// A document under review.
struct Reviewed {
    input: PathBuf,
    name: PathBuf,
    out: Option<PathBuf>,
    /// What the answers know of it.
    document: Document,
    /// Hashes of its folded lines, sorted; only where a clean text is written.
    lines: Vec<u64>,
}

/// All that a review works on.
struct Desk<'c> {
    judging: &'c Judging,
    classifier: Classifier,
    documents: Vec<Reviewed>,
    /// Least certain first.
    runs: Vec<Run>,
    store: Store,
    answers: Arc<Answers>,
    /// Whether some document could not be read.
    failed: bool,
}

/// Reviews.
pub(crate) fn review(review: &Review, config: &Config) -> Result<ExitCode> {
    let mut desk = Desk::new(review, config)?;
    match &review.how {
        Asking::List { json } => list::show(&desk, *json)?,
        Asking::Given { keys, reach } => desk.answer_all(keys, *reach)?,
        Asking::Terminal => {
            let all: Vec<usize> = (0..desk.documents.len()).collect();
            desk.write(&all)?;
            ask::ask(&mut desk, config)?;
        }
    }
    Ok(ExitCode::from(if desk.failed { FAILURE } else { 0 }))
}

impl<'c> Desk<'c> {
    fn new(review: &Review, config: &'c Config) -> Result<Desk<'c>> {
        let classifier = classifier(&config.judging)?;
        let answers = Arc::new(read_answers(&config.judging.answers)?);
        let mut desk = Desk {
            judging: &config.judging,
            classifier,
            documents: Vec::new(),
            runs: Vec::new(),
            store: Store::new(review.answers.clone(), config.judging.answers.clone()),
            answers,
            failed: false,
        };
        let (jobs, failures) = jobs(review)?;
        for failure in failures {
            desk.fail(&shown(&failure.name), &failure.message);
        }
        let documents = jobs.iter().map(|(path, name, _)| (path.as_path(), name.as_path()));
        desk.classifier = learn::taught(desk.classifier, &review.input, documents, desk.judging)?;
        let mut cleaner = cleaner(&desk.classifier, desk.judging);
        let mut collector = collect::Collector::new(review.below, review.out.is_some());
        for (path, name, out) in jobs {
            let opened = input::open_text(&path, &name).and_then(|(reader, document)| {
                collector.begin(desk.documents.len());
                cleaner.clean(reader, document.clone(), &mut collector)?;
                Ok(document)
            });
            match opened {
                Ok(document) => {
                    let lines = collector.end(&document.name);
                    desk.documents.push(Reviewed { input: path, name, out, document, lines });
                }
                Err(error) => {
                    collector.forget();
                    desk.fail(&shown(&name), &describe(&error));
                }
            }
        }
        desk.runs = collector.into_runs();
        Ok(desk)
    }

    fn fail(&mut self, name: &str, message: &str) {
        self.failed = true;
        complain(&format!("{name}: {message}"));
    }

    /// Whether every line of a run is answered.
    fn is_answered(&self, run: &Run) -> bool {
        let selection = self.answers.select(&self.documents[run.document].document);
        run.lines.iter().all(|line| self.answers.find(&selection, &line.folded, line.copy).is_some())
    }

    /// The answers that say it of a run's lines.
    fn entries(&self, run: &Run, keep: bool, label: Option<Label>, reach: Reach) -> Vec<Entry> {
        let document = &self.documents[run.document].document;
        let scope = self.scope(document, reach);
        // A label stays what it is where only its side was confirmed.
        let label = label.or((run.keep == keep).then_some(run.label));
        let repeat = matches!(run.label, Label::Duplicate | Label::DuplicateCaption | Label::DuplicateQuote);
        let mut entries: Vec<Entry> = Vec::new();
        for line in &run.lines {
            // A repeat goes because the line stands there already; the line it repeats must not go with it.
            let copy = (line.copies > 1 && (reach == Reach::Document || repeat)).then_some(line.copy);
            let entry = Entry { what: What::Line(line.folded.clone()), keep, label, scope: scope.clone(), copy };
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    fn scope(&self, document: &Document, reach: Reach) -> Scope {
        let base = answers::folder_of(self.store.path());
        match (reach, &document.path) {
            (Reach::Everywhere, _) => Scope::Everywhere,
            (Reach::Document, Some(path)) => Scope::Document(place_in(&base, path)),
            (Reach::Document, None) => Scope::Document(document.name.clone()),
            (Reach::Site, path) => match path.as_deref().and_then(answers::host) {
                Some(host) => Scope::Host(host),
                None => {
                    let folder = path.as_deref().and_then(|path| path.parent());
                    let place = folder.map(|folder| place_in(&base, folder)).unwrap_or_default();
                    Scope::Folder(if place.is_empty() { ".".into() } else { place })
                }
            },
        }
    }

    /// Reads the answers again after the file has changed.
    fn reload(&mut self) -> Result<()> {
        self.answers = Arc::new(read_answers(&self.store.files())?);
        self.classifier = self.classifier.clone().with_answers(self.answers.clone());
        Ok(())
    }

    /// The documents that answers about these lines, of a run of the document `own`, can change.
    fn touched(&self, own: usize, entries: &[Entry]) -> Vec<usize> {
        let hashes: Vec<u64> = entries
            .iter()
            .map(|entry| match &entry.what {
                What::Line(text) | What::Pattern(text) => collect::hash(text),
            })
            .collect();
        let wide = entries.iter().any(|entry| !matches!(entry.scope, Scope::Document(_)));
        let holds = |index: &usize| {
            let lines = &self.documents[*index].lines;
            *index == own || wide && hashes.iter().any(|hash| lines.binary_search(hash).is_ok())
        };
        (0..self.documents.len()).filter(holds).collect()
    }

    /// Writes the clean texts of these documents, where clean texts are written.
    fn write(&mut self, documents: &[usize]) -> Result<()> {
        let mut cleaner = cleaner(&self.classifier, self.judging);
        for &index in documents {
            let Reviewed { input: path, name, out: Some(out), .. } = &self.documents[index] else { continue };
            if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", shown(folder)))?;
            }
            // Whether it may be replaced was settled before the first was written.
            let compression = StreamFormat::from_path(out).compression;
            let mut file = Pack::new(OutFile::create(out, true)?, compression).map_err(Error::Write)?;
            let (reader, document) = input::open_text(path, name).with_context(|| shown(path))?;
            cleaner.clean(reader, document, &mut CleanText::new(&mut file)).with_context(|| shown(path))?;
            file.finish().map_err(Error::Write)?.finish()?;
        }
        Ok(())
    }

    fn answer_all(&mut self, keys: &[(String, bool)], reach: Reach) -> Result<()> {
        let mut entries = Vec::new();
        for (key, keep) in keys {
            let Some(run) = self.runs.iter().find(|run| run.key == *key) else {
                bail!(
                    "no doubtful run has the key {}; --list shows those that are left to be answered",
                    escape::terminal(key)
                );
            };
            entries.extend(self.entries(run, *keep, None, reach));
        }
        self.store.add(&entries)?;
        self.reload()?;
        let all: Vec<usize> = (0..self.documents.len()).collect();
        self.write(&all)
    }
}

/// Path, name and clean text of each document, and what can not be read.
type Jobs = (Vec<(PathBuf, PathBuf, Option<PathBuf>)>, Vec<Failure>);

fn jobs(review: &Review) -> Result<Jobs> {
    let folder_out = review.out.as_ref().filter(|_| review.input.is_dir());
    if let Some(out) = folder_out {
        let mut batch = Batch::new(vec![review.input.clone()], out.clone());
        batch.overwrite = review.overwrite;
        let (mut jobs, mut failures) = (Vec::new(), Vec::new());
        for item in Plan::new(&batch, &Earlier::nothing())?.items() {
            match item? {
                Item::Job(job) => jobs.push((job.input, job.name, Some(job.clean))),
                Item::Unreadable(name, message) => failures.push(Failure { name, message }),
            }
        }
        return Ok((jobs, failures));
    }
    let (found, failures) = files::documents(&review.input, &Selection::default());
    Ok((found.into_iter().map(|(path, name)| (path, name, review.out.clone())).collect(), failures))
}
