//! `summary.json`: a batch in numbers, for programs.
//!
//! It says what was done and not when, where or how fast, so the same documents cleaned the same way give the same file.

use std::cell::RefCell;
use std::io::{self, Write};

use anyhow::{Context, Result};
use chaffinch::report::Stats;
use chaffinch::{Alarm, Label, Template};
use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};

use super::plan::SUMMARY;
use super::results::{Overview, Results, Told};
use crate::cli::config::{Batch, Judging};
use crate::cli::output::{OutFile, shown};

#[derive(Serialize)]
#[serde(bound = "Each<A>: Serialize, Each<F>: Serialize")]
struct Record<'a, A, F> {
    schema: u32,
    chaffinch: &'static str,
    model: &'a str,
    options: Options<'a>,
    documents: u64,
    /// Lines, bytes and words, kept and removed, and by label.
    totals: &'a Stats,
    /// What the pages of a site have in common.
    templates: Vec<Site<'a>>,
    alarms: Each<A>,
    failures: Each<F>,
}

/// What the decisions were asked to be.
#[derive(Serialize)]
struct Options<'a> {
    report_format: Option<&'static str>,
    group_by: &'static str,
    keep: Vec<&'static str>,
    favor: String,
    threshold: Option<f32>,
    max_loss: Option<f32>,
    mode: String,
    window: usize,
    encoding: Option<&'static str>,
    seeds: Vec<String>,
    answers: Vec<String>,
    model_file: Option<String>,
    globs: &'a [String],
    hidden: bool,
    no_ignore: bool,
}

impl<'a> Options<'a> {
    fn of(batch: &'a Batch, judging: &Judging) -> Options<'a> {
        let settings = &judging.settings;
        let keep = Label::ALL.into_iter().filter(|label| settings.keep.contains(*label)).map(Label::name);
        Options {
            report_format: batch.reports.as_ref().map(|reports| reports.format.name()),
            group_by: judging.group_by.name(),
            keep: keep.collect(),
            favor: format!("{:?}", settings.favor).to_lowercase(),
            threshold: settings.threshold,
            max_loss: settings.max_loss,
            mode: format!("{:?}", settings.mode).to_lowercase(),
            window: judging.options.window,
            encoding: judging.options.encoding.map(|encoding| encoding.name()),
            seeds: judging.seeds.iter().map(|path| shown(path)).collect(),
            answers: judging.answers.iter().map(|path| shown(path)).collect(),
            model_file: judging.model.as_ref().map(|path| shown(path)),
            globs: &batch.selection.globs,
            hidden: batch.selection.hidden,
            no_ignore: batch.selection.no_ignore,
        }
    }
}

/// Pages of a group that were looked at, and the lines that stand on more than one of them.
#[derive(Serialize)]
struct Site<'a> {
    group: &'a str,
    pages: u32,
    lines: usize,
}

#[derive(Serialize)]
struct Alarmed {
    name: String,
    report: Option<String>,
    alarm: Alarm,
    message: String,
}

#[derive(Serialize)]
struct Failed {
    name: String,
    message: String,
}

/// A list that is written as it is read, however long it is.
struct Each<I>(RefCell<Option<I>>);

impl<I> Each<I> {
    fn of(items: I) -> Each<I> {
        Each(RefCell::new(Some(items)))
    }
}

impl<T: Serialize, I: Iterator<Item = io::Result<T>>> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for item in self.0.take().into_iter().flatten() {
            list.serialize_element(&item.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

/// Writes it.
pub(crate) fn write(
    out: &mut OutFile,
    results: &Results<'_>,
    overview: &Overview,
    batch: &Batch,
    judging: &Judging,
    model: &str,
    template: &Template,
) -> Result<()> {
    let alarms = results.iter()?.filter_map(|told| match told {
        Ok(Told::Done(job, record)) => record.alarm().map(|alarm| {
            Ok(Alarmed {
                name: job.name.to_string_lossy().into_owned(),
                report: job.report.map(|(name, _)| name.to_string_lossy().into_owned()),
                alarm,
                message: alarm.to_string(),
            })
        }),
        Ok(Told::Failed(..)) => None,
        Err(error) => Some(Err(error)),
    });
    let failures = results.iter()?.filter_map(|told| match told {
        Ok(Told::Done(job, record)) => {
            record.bad_records().map(|message| Ok(Failed { name: job.name.to_string_lossy().into_owned(), message }))
        }
        Ok(Told::Failed(name, message)) => Some(Ok(Failed { name: name.to_string_lossy().into_owned(), message })),
        Err(error) => Some(Err(error)),
    });
    let record = Record {
        schema: 1,
        chaffinch: env!("CARGO_PKG_VERSION"),
        model,
        options: Options::of(batch, judging),
        documents: overview.documents,
        totals: &overview.stats,
        templates: template.found().map(|(group, pages, lines)| Site { group, pages, lines }).collect(),
        alarms: Each::of(alarms),
        failures: Each::of(failures),
    };
    serde_json::to_writer_pretty(&mut *out, &record)
        .map_err(io::Error::from)
        .with_context(|| format!("cannot write {SUMMARY}"))?;
    Ok(out.write_all(b"\n")?)
}
