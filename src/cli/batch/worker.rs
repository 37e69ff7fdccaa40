//! What a thread does with one document after the other: open, clean, write both outputs, note it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use chaffinch::formats::pack::Pack;
use chaffinch::formats::{Compression, StreamFormat, unpack};
use chaffinch::report::{self, CleanText, Stats};
use chaffinch::{Cleaner, Document, Error, Judge, Sink};

use super::fingerprint::MadeWith;
use super::plan::Job;
use super::record::Record;
use super::state::{Event, Known, State};
use super::tally::Tally;
use super::watched::Watched;
use crate::cli::config::{Batch, Judging};
use crate::cli::files::Resolver;
use crate::cli::input;
use crate::cli::output::{OutFile, shown};
use crate::cli::records::{self, Outputs, Source};
use crate::cli::rejects::Rejects;

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
    pub(crate) judging: &'b Judging,
    /// How many threads clean a stream of records, while as many of these are at work on other files.
    pub(crate) jobs_each: usize,
    pub(crate) state: Mutex<State>,
    /// What outputs depend on besides their documents.
    pub(crate) made_with: MadeWith,
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
pub(crate) struct Worker<'b, J, F> {
    shared: &'b Shared<'b>,
    /// Makes a judge.
    judge: &'b F,
    cleaner: Cleaner<J>,
    tally: Tally,
    resolver: Resolver,
    /// The folder below both output folders that was made last; the next document is mostly in the same one.
    folder: Option<PathBuf>,
}

impl<'b, J: Judge, F: Fn() -> J + Sync> Worker<'b, J, F> {
    pub(crate) fn new(shared: &'b Shared<'b>, judge: &'b F) -> Worker<'b, J, F> {
        let cleaner = Cleaner::new(judge(), &shared.judging.options);
        Worker { shared, judge, cleaner, tally: Tally::default(), resolver: Resolver::default(), folder: None }
    }

    /// Does a document, unless it is known to be done. What is wrong with single records is told.
    pub(crate) fn work(&mut self, job: &Job, known: Option<Known>, tell: &dyn Fn(&str)) -> Result<Outcome> {
        let ours = known.is_some();
        let document = input::document(&job.input, &job.name, job.plain, &mut self.resolver);
        if let Some(Known::Done(record)) = known
            && is_unchanged(job, &document, &record, &self.shared.made_with, &self.shared.bytes)
        {
            return Ok(Outcome::Unchanged(*record));
        }
        self.clean(job, document, self.shared.batch.overwrite || ours, tell).map(Outcome::Cleaned)
    }

    fn clean(&mut self, job: &Job, mut document: Document, replace: bool, tell: &dyn Fn(&str)) -> Result<Record> {
        let Shared { batch, made_with, bytes, .. } = self.shared;
        let mut source = Watched::new(File::open(&job.input).context("cannot read")?, bytes);
        document.bytes = source.len();
        self.make_folders(job)?;
        self.shared.state().note(&Event::Begun { key: job.key.clone() }).context("cannot write the state")?;
        let mut record = Record::of(made_with.of(&document));
        let mut clean = OutFile::create(&job.clean, replace)?;
        let mut report = job.report.as_ref().map(|(_, path)| OutFile::create(path, replace)).transpose()?;
        let format = batch.formats.of_file(&job.name);
        if batch.formats.is_stream(format) {
            let rejects = job.rejects.as_ref().map(|path| Rejects::create(path, format.compression, replace));
            let mut rejects = rejects.transpose()?;
            let outputs = Outputs {
                clean: &mut clean,
                compression: format.compression,
                report: report.as_mut().map(|file| file as _),
                rejects: rejects.as_mut().map(|file| file as _),
                tell,
            };
            self.stream(&mut source, document, format, outputs, &mut record)?;
            rejects.map_or(Ok(()), Rejects::finish)?;
        } else {
            self.text(&mut source, document, format.compression, &mut clean, report.as_mut(), &mut record)?;
        }
        // A compressed file may have something behind its end.
        source.drain()?;
        record.source = source.finish()?;
        record.clean_bytes = clean.len();
        record.report_bytes = report.as_ref().map(OutFile::len);
        // In this order, a clean text is never there without its report.
        report.map_or(Ok(()), OutFile::finish)?;
        clean.finish()?;
        let text = |hash| self.tally.text(hash);
        self.shared.state().done(job.key.clone(), &record, text).context("cannot write the state")?;
        Ok(record)
    }

    /// Cleans a file that is one text.
    fn text(
        &mut self,
        source: &mut Watched<'_>,
        mut document: Document,
        compression: Compression,
        clean: &mut OutFile,
        report: Option<&mut OutFile>,
        record: &mut Record,
    ) -> Result<()> {
        if compression != Compression::None {
            document.bytes = None;
        }
        let reader = unpack(source, compression)?;
        let mut clean = Pack::new(clean, compression).map_err(Error::Write)?;
        if let Some((report, reports)) = report.zip(self.shared.batch.reports.as_ref()) {
            let mut sinks: Vec<Box<dyn Sink + '_>> = vec![
                Box::new(CleanText::new(&mut clean)),
                report::sink(reports.format, report),
                Box::new(&mut self.tally),
            ];
            let summary = self.cleaner.clean(reader, document, &mut sinks)?;
            drop(sinks);
            self.tally.fill(record, &summary);
        } else {
            let summary = self.cleaner.clean(reader, document, &mut CleanText::new(&mut clean))?;
            let mut stats = Stats::new();
            stats.finish(&summary)?;
            record.count(&stats, &summary);
        }
        clean.finish().map_err(Error::Write)?;
        Ok(())
    }

    /// Cleans a file that is a stream of records.
    fn stream(
        &self,
        source: &mut Watched<'_>,
        document: Document,
        format: StreamFormat,
        outputs: Outputs<'_>,
        record: &mut Record,
    ) -> Result<()> {
        let Shared { batch, judging, jobs_each, .. } = self.shared;
        let source = Source {
            reader: unpack(source, format.compression)?,
            shown: shown(Path::new(&document.name)),
            document,
            layout: format.layout,
            formats: &batch.formats,
            jobs: *jobs_each,
        };
        let tally = records::clean_stream(source, outputs, self.judge, judging)?;
        let mut stats = tally.stats;
        (stats.documents, stats.alarms) = (tally.records, tally.alarms);
        record.count(&stats, &tally.summary);
        record.bad = tally.failures;
        Ok(())
    }

    fn make_folders(&mut self, job: &Job) -> Result<()> {
        let folder = job.name.parent().unwrap_or(Path::new(""));
        if self.folder.as_deref() == Some(folder) {
            return Ok(());
        }
        let Batch { out, reports, rejects, .. } = self.shared.batch;
        create_folder(&out.join(folder))?;
        if let Some(reports) = reports {
            create_folder(&reports.folder.join(folder))?;
        }
        if let Some(rejects) = rejects {
            create_folder(&rejects.join(folder))?;
        }
        self.folder = Some(folder.to_owned());
        Ok(())
    }
}

/// Whether a document and its outputs are what they were when it was done, and it would be done the same way. What is
/// read for this counts as read if so.
pub(crate) fn is_unchanged(
    job: &Job,
    document: &Document,
    record: &Record,
    made_with: &MadeWith,
    bytes: &AtomicU64,
) -> bool {
    let size = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|data| data.len());
    let report = job.report.as_ref().map(|(_, path)| size(path));
    if size(&job.clean) != Some(record.clean_bytes)
        || report.unwrap_or(None) != record.report_bytes
        || size(&job.input).is_none()
        || record.made_with != made_with.of(document)
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
