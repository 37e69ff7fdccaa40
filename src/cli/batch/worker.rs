//! What a thread does with one document after the other: open, clean, write both outputs, note it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use chaffinch::report::{self, CleanText};
use chaffinch::{Cleaner, Decided, Document, Judge, Needs, Sink, Summary};

use super::plan::Job;
use super::record::Record;
use super::state::{Event, Known, State};
use super::tally::Tally;
use super::watched::Watched;
use crate::cli::config::Batch;
use crate::cli::input;
use crate::cli::output::{OutFile, shown};

/// What became of a document.
#[derive(Debug)]
pub(crate) enum Outcome {
    Cleaned(Record),
    /// It was done before, and neither it nor what it is cleaned with has changed.
    Unchanged(Record),
}

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Shared<'b> {
    pub(crate) batch: &'b Batch,
    pub(crate) state: Mutex<State>,
    /// What outputs depend on besides their documents.
    pub(crate) made_with: [u8; 16],
    /// Bytes that were read.
    pub(crate) bytes: AtomicU64,
}

impl Shared<'_> {
    /// The state, for one note. A thread that panicked with it in its hands had no half note written.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a thread has for itself.
pub(crate) struct Worker<'b, J> {
    shared: &'b Shared<'b>,
    cleaner: Cleaner<J>,
    tally: Tally,
    /// The folder below both output folders that was made last; the next document is mostly in the same one.
    folder: Option<PathBuf>,
}

impl<'b, J: Judge> Worker<'b, J> {
    pub(crate) fn new(shared: &'b Shared<'b>, cleaner: Cleaner<J>) -> Worker<'b, J> {
        Worker { shared, cleaner, tally: Tally::default(), folder: None }
    }

    /// Does a document, unless it is known to be done.
    pub(crate) fn work(&mut self, job: &Job, known: Option<Known>) -> Result<Outcome> {
        let ours = known.is_some();
        if let Some(Known::Done(record)) = known
            && self.is_unchanged(job, &record)
        {
            return Ok(Outcome::Unchanged(*record));
        }
        self.clean(job, self.shared.batch.overwrite || ours).map(Outcome::Cleaned)
    }

    fn is_unchanged(&self, job: &Job, record: &Record) -> bool {
        is_unchanged(job, record, &self.shared.made_with, &self.shared.bytes)
    }

    fn clean(&mut self, job: &Job, replace: bool) -> Result<Record> {
        let Shared { batch, made_with, bytes, .. } = self.shared;
        let (file, document) = input::open(&job.input, &job.name)?;
        let mut source = Watched::new(file, bytes);
        self.make_folders(job)?;
        self.shared.state().note(&Event::Begun { key: job.key.clone() }).context("cannot write the state")?;
        let mut record = Record::of(*made_with);
        let mut clean = OutFile::create(&job.clean, replace)?;
        let mut texts = Vec::new();
        if let Some(((_, path), reports)) = job.report.as_ref().zip(batch.reports.as_ref()) {
            let mut report = OutFile::create(path, replace)?;
            let mut sinks: Vec<Box<dyn Sink + '_>> = vec![
                Box::new(CleanText::new(&mut clean)),
                report::sink(reports.format, &mut report),
                Box::new(Lent(&mut self.tally)),
            ];
            let summary = self.cleaner.clean(&mut source, document, &mut sinks)?;
            drop(sinks);
            record.source = source.finish()?;
            record.report_bytes = Some(report.len());
            texts = self.tally.take(&mut record, &summary);
            // In this order, a clean text is never there without its report.
            report.finish()?;
        } else {
            let summary = self.cleaner.clean(&mut source, document, &mut CleanText::new(&mut clean))?;
            record.source = source.finish()?;
            record.count(&report::Stats::new(), &summary);
        }
        record.clean_bytes = clean.len();
        clean.finish()?;
        self.shared.state().done(job.key.clone(), record.clone(), texts).context("cannot write the state")?;
        Ok(record)
    }

    fn make_folders(&mut self, job: &Job) -> Result<()> {
        let folder = job.name.parent().unwrap_or(Path::new(""));
        if self.folder.as_deref() == Some(folder) {
            return Ok(());
        }
        let Batch { out, reports, .. } = self.shared.batch;
        create_folder(&out.join(folder))?;
        if let Some(reports) = reports {
            create_folder(&reports.folder.join(folder))?;
        }
        self.folder = Some(folder.to_owned());
        Ok(())
    }
}

/// Whether a document and its outputs are what they were when it was done, and it would be done the same way. What is
/// read for this counts as read if so.
pub(crate) fn is_unchanged(job: &Job, record: &Record, made_with: &[u8; 16], bytes: &AtomicU64) -> bool {
    let size = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|data| data.len());
    let report = job.report.as_ref().map(|(_, path)| size(path));
    if record.made_with != *made_with
        || size(&job.clean) != Some(record.clean_bytes)
        || report.unwrap_or(None) != record.report_bytes
        || size(&job.input).is_none()
    {
        return false;
    }
    let read = AtomicU64::new(0);
    let hash = || {
        let mut source = Watched::new(File::open(&job.input)?, &read);
        source.drain()?;
        source.finish()
    };
    let same = hash().is_ok_and(|hash| hash == record.source);
    if same {
        bytes.fetch_add(read.into_inner(), Ordering::Relaxed);
    }
    same
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", shown(path)))
}

/// A tally that is wanted back when the sinks are gone.
struct Lent<'s>(&'s mut Tally);

impl Sink for Lent<'_> {
    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn begin(&mut self, document: &Document) -> chaffinch::Result<()> {
        self.0.begin(document)
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        self.0.line(decided)
    }

    fn finish(&mut self, summary: &Summary) -> chaffinch::Result<()> {
        self.0.finish(summary)
    }
}
