//! The threads of a batch, and what they come to.
//!
//! Threads take one job after the other and note it when it is done; the main thread tells what goes wrong and how far
//! it is. Nothing is gathered in memory: results are read back from the state in the order of the names, so they do not
//! depend on how many threads there were or which of them was faster.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use chaffinch::Judge;

use super::guard::guarded;
use super::plan::{Item, Items, Job, Plan};
use super::progress::Progress;
use super::record::Record;
use super::sorted::Lookup;
use super::state::{Earlier, Event, Known, decode};
use super::stop;
use super::worker::{Outcome, Shared, Worker};
use crate::cli::output::shown;
use crate::cli::{describe, has_kind};

/// What a batch came to, in numbers that do not depend on the order.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cleaned: AtomicU64,
    pub(crate) unchanged: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) alarms: AtomicU64,
    pub(crate) text_lines: AtomicU64,
    pub(crate) kept_lines: AtomicU64,
    /// Documents in the files, of which a stream of records has many.
    pub(crate) documents: AtomicU64,
    /// Records that could not be cleaned.
    pub(crate) bad: AtomicU64,
    /// The disk is full.
    pub(crate) full: AtomicBool,
}

impl Counts {
    fn add(&self, record: &Record) {
        self.alarms.fetch_add(record.alarms, Ordering::Relaxed);
        self.documents.fetch_add(record.documents, Ordering::Relaxed);
        self.bad.fetch_add(record.bad, Ordering::Relaxed);
        self.text_lines.fetch_add(record.text_lines, Ordering::Relaxed);
        self.kept_lines.fetch_add(record.kept_lines, Ordering::Relaxed);
    }

    /// Documents that are there, cleaned now or before.
    pub(crate) fn done(&self) -> u64 {
        self.cleaned.load(Ordering::Relaxed) + self.unchanged.load(Ordering::Relaxed)
    }
}

/// Hands out jobs with what is known of them.
struct Feed<'p> {
    items: Items<'p>,
    known: Lookup<'p>,
}

impl Feed<'_> {
    fn next(&mut self) -> io::Result<Option<Task>> {
        let Some(item) = self.items.next().transpose()? else { return Ok(None) };
        Ok(Some(match item {
            Item::Unreadable(name, message) => Task::Tell(format!("{}: {message}", shown(&name))),
            Item::Job(job) => {
                let known = self.known.get(&job.key)?.map(|value| decode(&value)).transpose()?;
                Task::Do(job, known)
            }
        }))
    }
}

enum Task {
    Do(Job, Option<Known>),
    Tell(String),
}

/// Does all of it, or as much as can be done.
pub(crate) fn run<J: Judge>(
    plan: &Plan,
    earlier: &Earlier,
    shared: &Shared<'_>,
    judge: &(impl Fn() -> J + Sync),
    progress: &mut Progress,
) -> Result<Counts> {
    let counts = Counts::default();
    let feed = Mutex::new(Feed { items: plan.items(), known: Lookup::new(&earlier.documents)? });
    let crash = Mutex::new(None);
    // What is told must not pile up behind a terminal that is held.
    let (teller, told) = sync_channel::<String>(64);
    let work = |teller: SyncSender<String>| {
        let result = take_jobs(&feed, shared, judge, &counts, &teller);
        if let Err(error) = result {
            crash.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    };
    let threads = (shared.batch.jobs as u64).min(plan.documents + plan.failures);
    thread::scope(|scope| -> Result<()> {
        for i in 0..threads {
            let teller = teller.clone();
            let started = thread::Builder::new().spawn_scoped(scope, || work(teller));
            // Fewer threads than were asked for do it too.
            if let Err(error) = started {
                if i == 0 {
                    return Err(error).context("cannot start a thread");
                }
                break;
            }
        }
        drop(teller);
        let tick = |progress: &mut Progress| {
            progress.tick(counts.done() + counts.failed.load(Ordering::Relaxed), shared.bytes.load(Ordering::Relaxed));
        };
        loop {
            match told.recv_timeout(progress.pause()) {
                Ok(message) => progress.say(&message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
            tick(progress);
        }
    })?;
    progress.finish(counts.done() + counts.failed.load(Ordering::Relaxed), shared.bytes.load(Ordering::Relaxed));
    match crash.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(counts),
    }
}

/// What a thread does until there is nothing left, or a reason to stop.
fn take_jobs<J: Judge>(
    feed: &Mutex<Feed<'_>>,
    shared: &Shared<'_>,
    judge: &(impl Fn() -> J + Sync),
    counts: &Counts,
    teller: &SyncSender<String>,
) -> Result<()> {
    let mut worker = Worker::new(shared, judge);
    let tell = |message: &str| _ = teller.send(message.to_owned());
    while !counts.full.load(Ordering::Relaxed) && !stop::is_asked() {
        let task = feed.lock().unwrap_or_else(PoisonError::into_inner).next().context("cannot read the plan")?;
        let (job, known) = match task {
            None => break,
            Some(Task::Do(job, known)) => (job, known),
            Some(Task::Tell(message)) => {
                counts.failed.fetch_add(1, Ordering::Relaxed);
                _ = teller.send(message);
                continue;
            }
        };
        let result = guarded(|| worker.work(&job, known, &tell));
        let message = match result {
            Ok(Ok(outcome)) => {
                let (counter, record) = match &outcome {
                    Outcome::Cleaned(record) => (&counts.cleaned, record),
                    Outcome::Unchanged(record) => (&counts.unchanged, record),
                };
                counter.fetch_add(1, Ordering::Relaxed);
                counts.add(record);
                continue;
            }
            // It was dropped, not failed.
            Ok(Err(_)) if stop::is_asked() => break,
            Ok(Err(error)) => {
                if has_kind(&error, io::ErrorKind::StorageFull) || has_kind(&error, io::ErrorKind::QuotaExceeded) {
                    counts.full.store(true, Ordering::Relaxed);
                }
                describe(&error)
            }
            Err(said) => {
                worker = Worker::new(shared, judge);
                format!("this is a mistake in chaffinch, which you can help to mend by telling of it: {said}")
            }
        };
        counts.failed.fetch_add(1, Ordering::Relaxed);
        _ = teller.send(format!("{}: {message}", shown(&job.name)));
        let noted = shared.state().note(&Event::Failed { key: job.key, message });
        // On a full disk nothing is noted, and nothing need be.
        if !counts.full.load(Ordering::Relaxed) {
            noted.context("cannot write the state")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::Range;
    use std::path::Path;
    use std::sync::Arc;

    use chaffinch::{Document, Needs, Page, Span, Verdict};

    use super::*;
    use crate::cli::batch::fingerprint::{Fingerprint, MadeWith};
    use crate::cli::batch::guard;
    use crate::cli::batch::state::State;
    use crate::cli::config::{Batch, Judging, ProgressWhen};

    /// Keeps every line, and panics at one.
    struct Fussy;

    impl Judge for Fussy {
        fn start(&mut self, _: &Document) {}

        fn judge(&mut self, page: &Page, fresh: Range<usize>, _: Span, _: Needs, verdicts: &mut Vec<Verdict>) {
            for index in fresh {
                assert!(page.line(index).text != "panic", "line {index} is not to be borne");
                verdicts.push(Verdict::new(true, None, 1.0));
            }
        }
    }

    fn clean(folder: &Path, jobs: usize) -> Counts {
        let mut batch = Batch::new(vec![folder.join("in")], folder.join("out"));
        batch.jobs = jobs;
        let plan = Plan::new(&batch, &Earlier::nothing()).unwrap();
        fs::create_dir_all(&batch.out).unwrap();
        let state = Mutex::new(State::create(&batch.out).unwrap());
        let judging = Judging::default();
        let made_with = MadeWith::new(Fingerprint::of(&batch, &judging, "").unwrap(), Arc::default());
        let bytes = AtomicU64::new(0);
        let shared = Shared { batch: &batch, judging: &judging, jobs_each: 1, state, made_with, bytes };
        let mut progress = Progress::new(ProgressWhen::Never, true, "", plan.documents, plan.bytes);
        run(&plan, &Earlier::nothing(), &shared, &|| Fussy, &mut progress).unwrap()
    }

    #[test]
    fn a_panic_is_the_failure_of_one_document() {
        guard::install();
        for jobs in [1, 3] {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("in")).unwrap();
            for i in 0..20 {
                let text = if i % 7 == 3 { "one\npanic\n" } else { "one\ntwo\n" };
                fs::write(folder.path().join("in").join(i.to_string()), text).unwrap();
            }
            let counts = clean(folder.path(), jobs);
            assert_eq!((counts.done(), counts.failed.into_inner()), (17, 3));
            for i in 0..20 {
                let clean = fs::read_to_string(folder.path().join("out").join(i.to_string())).ok();
                assert_eq!(clean.as_deref(), (i % 7 != 3).then_some("one\ntwo\n"), "{i}");
            }
            // Seventeen clean texts and the state.
            assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 18);
        }
    }

    #[test]
    fn a_panic_is_told_with_its_place() {
        guard::install();
        let said = guarded(|| panic!("too many ferries")).unwrap_err();
        assert!(said.starts_with("too many ferries (src/cli/batch/run.rs:"), "{said}");
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
