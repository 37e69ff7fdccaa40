//! Many documents at once: a folder of scrapes becomes a folder of articles.
//!
//! [`plan`] settles what is read and written, [`run`] has threads do it, [`state`] notes what is done, and when all of it
//! is, [`results`] are read back in the order of the names and told by [`summary`] and [`index`]. What comes out does
//! not depend on how many threads there are, and memory does not depend on how many documents there are: what the pages
//! of a site have in common is learned first, into a memory of bounded size, then each document is cleaned by itself, and
//! what there is one of for each lies on disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use chaffinch::Template;

use super::config::{Batch, Config, Reports};
use super::files::Resolver;
use super::learn::{Scrape, Sites};
use super::output::{OutFile, Stdout, shown};
use super::{FAILURE, complain, input, named_classifier};

mod collisions;
mod fingerprint;
mod frequent;
mod guard;
mod index;
mod keyed;
mod lock;
mod names;
mod notes;
mod plan;
mod present;
mod progress;
mod record;
mod results;
mod run;
mod sightings;
mod sorted;
mod state;
mod stop;
mod summary;
mod tally;
mod walk;
mod watched;
mod worker;

pub(crate) use guard::guarded;
pub(crate) use plan::{Item, Plan};
pub(crate) use state::Earlier;
pub(crate) use stop::Stoppable;
pub(crate) use walk::{Found, Selection, check as check_globs, walk};

use fingerprint::{Fingerprint, MadeWith};
use lock::hold;
use plan::{INDEX, Job, SUMMARY};
use progress::Progress;
use results::Results;
use run::Counts;
use sorted::Lookup;
use state::{Event, Known, State, decode};
use worker::{Shared, create_folder, is_unchanged};

/// Cleans them.
pub(crate) fn clean(batch: &Batch, config: &Config) -> Result<ExitCode> {
    let (classifier, model) = named_classifier(&config.judging)?;
    let print = Fingerprint::of(batch, &config.judging, &model)?;
    let mut state = if batch.dry_run { None } else { State::open(&batch.out)? };
    let earlier = match (&mut state, batch.resume) {
        (Some(state), true) => state.earlier()?,
        (None, true) if batch.dry_run => State::peek(&batch.out)?,
        _ => Earlier::nothing(),
    };
    let mut finding = Progress::new(batch.progress, config.quiet, "", 0, 0);
    let plan = Plan::with(batch, &earlier, &mut |found| finding.found(found))?;
    drop(finding);
    let sites = Sites::new(batch.learn.as_deref(), batch.overwrite, &config.judging)?;
    let progress = |what| Progress::new(batch.progress, config.quiet, what, plan.documents, plan.bytes);
    if batch.dry_run {
        if batch.resume {
            learn(&sites, &plan, batch, progress("learning sites, "))?;
        }
        let made_with = MadeWith::new(print, sites.template());
        return dry_run(&plan, &earlier, batch, config, &made_with);
    }
    create_folder(&batch.out)?;
    let state = match state {
        Some(state) => {
            let reports = batch.reports.as_ref().map(|reports| reports.folder.as_path());
            let rejects = batch.rejects.as_deref();
            state.sweep(&std::iter::once(batch.out.as_path()).chain(reports).chain(rejects).collect::<Vec<_>>())?;
            state
        }
        None => State::create(&batch.out)?,
    };
    let reports = batch.reports.as_ref().map(|reports| &reports.folder);
    let _held = reports.map(|folder| create_folder(folder).and_then(|()| hold(folder))).transpose()?;
    stop::listen()?;
    guard::install();
    learn(&sites, &plan, batch, progress("learning sites, "))?;
    let template = sites.template();
    let classifier = classifier.with_template(Arc::clone(&template));
    let made_with = MadeWith::new(print, Arc::clone(&template));
    let shared = Shared {
        batch,
        judging: &config.judging,
        jobs_each: jobs_each(batch, &plan),
        state: Mutex::new(state),
        made_with,
        bytes: AtomicU64::new(0),
    };
    let mut progress = progress("");
    let counts = run::run(&plan, &earlier, &shared, &|| classifier.clone(), &mut progress)?;
    drop(progress);
    let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failed = counts.failed.load(Ordering::Relaxed);
    let left = plan.documents + plan.failures - counts.done() - failed;
    if left > 0 {
        complain(&left_off(&counts, left));
        return Ok(ExitCode::from(if stop::is_asked() { stop::STATUS } else { FAILURE }));
    }
    sites.finish()?;
    conclude(state, &plan, &earlier, batch, config, &model, &template)?;
    if !config.quiet {
        complain(&closing_line(&counts, batch, &plan));
    }
    let bad = counts.bad.load(Ordering::Relaxed);
    Ok(ExitCode::from(if failed == 0 && bad == 0 { 0 } else { FAILURE }))
}

/// How many threads work on a stream of records: as many as other files leave idle.
fn jobs_each(batch: &Batch, plan: &Plan) -> usize {
    (batch.jobs as u64 / plan.documents.max(1)).max(1) as usize
}

/// Learns from the documents what their sites' pages have in common, as far as they can be read, and read twice.
fn learn(sites: &Sites<'_>, plan: &Plan, batch: &Batch, mut progress: Progress) -> Result<()> {
    let (mut files, mut bytes) = (0, 0);
    let jobs = plan.items().take_while(|_| !stop::is_asked()).filter_map(|item| match item {
        Ok(Item::Job(job)) => {
            progress.tick(files, bytes);
            files += 1;
            bytes += job.bytes;
            let is_file = job.plain || fs::metadata(&job.input).is_ok_and(|data| data.is_file());
            is_file.then_some(Scrape { path: job.input, name: job.name, plain: job.plain })
        }
        _ => None,
    });
    sites.learn(jobs, &batch.formats, batch.jobs, jobs_each(batch, plan))
}

/// Writes what is told of all documents together, and the state anew.
fn conclude(
    mut state: State,
    plan: &Plan,
    earlier: &Earlier,
    batch: &Batch,
    config: &Config,
    model: &str,
    template: &Template,
) -> Result<()> {
    let (documents, texts) = state.results()?;
    let results = Results { plan, documents, texts };
    if let Some(Reports { folder, .. }) = &batch.reports {
        create_folder(folder)?;
        state.note(&Event::Index).context("cannot write the state")?;
        let overview = results.overview()?;
        let replace = batch.overwrite || earlier.index;
        let mut file = OutFile::create(&folder.join(SUMMARY), replace)?;
        summary::write(&mut file, &results, &overview, batch, &config.judging, model, template)?;
        file.finish_synced()?;
        let mut file = OutFile::create(&folder.join(INDEX), replace)?;
        index::write(&mut file, &results, &overview)?;
        file.finish_synced()?;
        sync(folder);
    }
    // What the state says is done must be there after a power cut, too.
    sync(&batch.out);
    let Results { documents, texts, .. } = results;
    state.compact(&documents, &texts)
}

/// Has the file system of a folder write down what it holds. Where that fails the outputs are there all the same.
#[cfg(target_os = "linux")]
fn sync(folder: &Path) {
    _ = File::open(folder).map(rustix::fs::syncfs);
}

/// Has the folder written down; there is no call for all that lies in it.
#[cfg(not(target_os = "linux"))]
fn sync(folder: &Path) {
    _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Says what would be done.
fn dry_run(plan: &Plan, earlier: &Earlier, batch: &Batch, config: &Config, made_with: &MadeWith) -> Result<ExitCode> {
    let mut out = Stdout::new(false, false);
    let mut known = Lookup::new(&earlier.documents)?;
    let mut resolver = Resolver::default();
    let mut document = |job: &Job| input::document(&job.input, &job.name, job.plain, &mut resolver);
    let (mut to_clean, mut unchanged, mut unreadable) = (0_u64, 0_u64, 0_u64);
    for item in plan.items() {
        let job = match item? {
            Item::Job(job) => job,
            Item::Unreadable(name, message) => {
                unreadable += 1;
                complain(&format!("{}: {message}", shown(&name)));
                continue;
            }
        };
        let known = known.get(&job.key)?.map(|value| decode(&value)).transpose()?;
        if let Some(Known::Done(record)) = known
            && is_unchanged(&job, &document(&job), &record, made_with, &AtomicU64::new(0))
        {
            unchanged += 1;
            continue;
        }
        to_clean += 1;
        writeln!(out, "{} -> {}", shown(&job.input), shown(&job.clean)).map_err(chaffinch::Error::Write)?;
    }
    out.flush().map_err(chaffinch::Error::Write)?;
    if !config.quiet {
        let mut line = format!("{} would be cleaned into {}", counted(to_clean, "document"), shown(&batch.out));
        if batch.resume {
            line += &format!("; {unchanged} left alone, as they have not changed");
        }
        complain(&format!("{line}; nothing was written"));
    }
    Ok(ExitCode::from(if unreadable == 0 { 0 } else { FAILURE }))
}

/// What is said when a batch was stopped, or the disk is full.
fn left_off(counts: &Counts, left: u64) -> String {
    let done = counted(counts.done(), "document");
    let why = match counts.full.load(Ordering::Relaxed) {
        true => "there is no space left; make some, and",
        false => "stopped;",
    };
    format!("{why} the same command with --resume goes on: {done} done, {left} left")
}

fn closing_line(counts: &Counts, batch: &Batch, plan: &Plan) -> String {
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    let (lines, kept) = (count(&counts.text_lines), count(&counts.kept_lines));
    let unchanged = count(&counts.unchanged);
    let (files, documents) = (count(&counts.cleaned), count(&counts.documents));
    let mut line = match documents == counts.done() {
        true => counted(files, "document"),
        false => format!("{} with {}", counted(files, "file"), counted(documents, "document")),
    } + " cleaned";
    if unchanged > 0 {
        line += &format!(", {unchanged} left alone, as they have not changed");
    }
    line += &format!(", {kept} of {lines} lines kept");
    let alarms = count(&counts.alarms);
    if alarms > 0 {
        let hint = match &batch.reports {
            Some(reports) => format!("see {}", shown(&reports.folder.join(INDEX))),
            None => "--report FOLDER says which".into(),
        };
        line += &format!("; {} ({hint})", counted(alarms, "alarm"));
    }
    let failed = count(&counts.failed);
    if failed > 0 {
        line += &format!("; {failed} could not be cleaned");
    }
    let bad = count(&counts.bad);
    if bad > 0 {
        line += &format!("; {} could not be cleaned", counted(bad, "record"));
    }
    if plan.documents == 0 && plan.failures == 0 && !(batch.selection.hidden && batch.selection.no_ignore) {
        line += "; hidden files and what ignore files name are passed over (--hidden, --no-ignore)";
    }
    line
}

fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
