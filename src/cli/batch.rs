//! Many documents at once: a folder of scrapes becomes a folder of articles.
//!
//! Threads take documents one after the other, each with a cleaner whose buffers it uses again. What comes out does
//! not depend on how many threads there are: a document is cleaned by itself, and numbers are added up in the
//! documents' order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};
use chaffinch::report::{self, CleanText, Stats};
use chaffinch::{Cleaner, Decided, Document, Needs, Sink, Summary};

use super::config::{Batch, Config, Reports};
use super::files::{Failure, INDEX, Job, Plan};
use super::output::{OutFile, shown};
use super::{Classifier, FAILURE, classifier, cleaner, complain, describe, has_kind, index, input};

/// A document that was cleaned.
pub(crate) struct Done<'a> {
    pub(crate) job: &'a Job,
    pub(crate) summary: Summary,
}

/// All that is to be told of a batch.
#[derive(Default)]
pub(crate) struct Outcome<'a> {
    /// In the order of their names.
    pub(crate) done: Vec<Done<'a>>,
    /// In the order of their names.
    pub(crate) failures: Vec<Failure>,
    /// Counted only where reports are written.
    pub(crate) stats: Stats,
    /// Documents that were not tried any more, as the disk was full.
    pub(crate) left: usize,
}

/// Cleans it.
pub(crate) fn clean(batch: &Batch, config: &Config) -> Result<ExitCode> {
    let classifier = classifier(&config.judging)?;
    let Plan { jobs, failures } = Plan::new(batch)?;
    for failure in &failures {
        complain(&format!("{}: {}", shown(&failure.name), failure.message));
    }
    create_folder(&batch.out)?;
    let mut outcome = clean_all(&jobs, batch, config, &classifier);
    outcome.failures.extend(failures);
    outcome.failures.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(reports) = &batch.reports {
        create_folder(&reports.folder)?;
        index::write(&reports.folder, &outcome, batch.overwrite)?;
    }
    if !config.quiet {
        complain(&closing_line(&outcome, batch.reports.as_ref()));
    }
    Ok(ExitCode::from(if outcome.failures.is_empty() && outcome.left == 0 { 0 } else { FAILURE }))
}

fn clean_all<'a>(jobs: &'a [Job], batch: &Batch, config: &Config, classifier: &Classifier) -> Outcome<'a> {
    let next = AtomicUsize::new(0);
    let full = AtomicBool::new(false);
    let work = || {
        let mut worker = Worker { cleaner: cleaner(classifier, &config.judging), batch, folder: None };
        let mut done = Vec::new();
        let mut failures = Vec::new();
        let mut stats = Stats::new();
        while !full.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            match worker.clean(job) {
                Ok((summary, counted)) => {
                    stats.merge(&counted);
                    done.push((index, Done { job, summary }));
                }
                Err(error) => {
                    let message = describe(&error);
                    complain(&format!("{}: {message}", shown(&job.name)));
                    failures.push(Failure { name: job.name.clone(), message });
                    if has_kind(&error, io::ErrorKind::StorageFull) || has_kind(&error, io::ErrorKind::QuotaExceeded) {
                        full.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        (done, failures, stats)
    };
    let mut outcome = Outcome::default();
    let mut all = Vec::with_capacity(jobs.len());
    thread::scope(|scope| {
        let threads: Vec<_> = (1..batch.jobs.min(jobs.len())).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let others =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        for (done, failures, stats) in std::iter::once(mine).chain(others) {
            all.extend(done);
            outcome.failures.extend(failures);
            outcome.stats.merge(&stats);
        }
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    outcome.left = jobs.len() - all.len() - outcome.failures.len();
    outcome.done = all.into_iter().map(|(_, done)| done).collect();
    outcome
}

/// What a thread has for itself.
struct Worker<'b> {
    cleaner: Cleaner<Classifier>,
    batch: &'b Batch,
    /// The folder below both output folders that was made last; the next document is mostly in the same one.
    folder: Option<PathBuf>,
}

impl Worker<'_> {
    fn clean(&mut self, job: &Job) -> Result<(Summary, Stats)> {
        let (reader, document) = input::open(&job.input, &job.name)?;
        self.make_folders(job)?;
        let mut clean = OutFile::create(&job.clean, self.batch.overwrite)?;
        let Some(((_, path), reports)) = job.report.as_ref().zip(self.batch.reports.as_ref()) else {
            let summary = self.cleaner.clean(reader, document, &mut CleanText::new(&mut clean))?;
            clean.finish()?;
            return Ok((summary, Stats::new()));
        };
        let mut report = OutFile::create(path, self.batch.overwrite)?;
        let mut stats = Stats::new();
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![
            Box::new(CleanText::new(&mut clean)),
            report::sink(reports.format, &mut report),
            Box::new(Lent(&mut stats)),
        ];
        let summary = self.cleaner.clean(reader, document, &mut sinks)?;
        drop(sinks);
        // In this order, a clean text is never there without its report.
        report.finish()?;
        clean.finish()?;
        Ok((summary, stats))
    }

    fn make_folders(&mut self, job: &Job) -> Result<()> {
        let folder = job.name.parent().unwrap_or(Path::new(""));
        if self.folder.as_deref() == Some(folder) {
            return Ok(());
        }
        create_folder(&self.batch.out.join(folder))?;
        if let Some(reports) = &self.batch.reports {
            create_folder(&reports.folder.join(folder))?;
        }
        self.folder = Some(folder.to_owned());
        Ok(())
    }
}

/// Counts that are wanted back when the sinks are gone.
struct Lent<'s>(&'s mut Stats);

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

fn closing_line(outcome: &Outcome<'_>, reports: Option<&Reports>) -> String {
    let sum = |of: fn(&Summary) -> u64| outcome.done.iter().map(|done| of(&done.summary)).sum::<u64>();
    let (lines, kept) = (sum(|summary| summary.text_lines), sum(|summary| summary.kept_lines));
    let mut line = format!("{} cleaned, {kept} of {lines} lines kept", counted(outcome.done.len(), "document"));
    let alarms = outcome.done.iter().filter(|done| done.summary.alarm.is_some()).count();
    if alarms > 0 {
        let hint = match reports {
            Some(reports) => format!("see {}", shown(&reports.folder.join(INDEX))),
            None => "--report FOLDER says which".into(),
        };
        line += &format!("; {} ({hint})", counted(alarms, "alarm"));
    }
    if !outcome.failures.is_empty() {
        line += &format!("; {} could not be cleaned", outcome.failures.len());
    }
    if outcome.left > 0 {
        line += &format!("; {} not tried, as there is no space left", outcome.left);
    }
    line
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", shown(path)))
}
