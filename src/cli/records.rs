//! Streams of documents: JSON Lines, web archives, split texts.
//!
//! A thread reads and cuts the stream into records, others clean and compress them, and the calling thread writes what
//! they made, in the order of the input. A record that can not be cleaned is told and set aside, and the rest goes on.
//! When the stream itself breaks off, what came before is whole, and the file that was to be written does not appear.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use chaffinch::formats::pack::{Joiner, Packer, Piece};
use chaffinch::formats::{
    Batch, Compression, Editing, Editor, Failure, JsonLines, Layout, Product, Records, Split, Warc, in_order,
};
use chaffinch::report::Stats;
use chaffinch::{Classifier, Document, Error, Judge, Summary};

use super::config::{Config, Formats, Input, Judging, Single, Stream, compression};
use super::input::Opened;
use super::learn::{Scrape, Sites};
use super::output::{packed, shown};
use super::rejects::Rejects;
use super::single::CleanOut;
use super::{FAILURE, complain};

/// So many bad records of a stream are told one by one; all of them are in the report.
const TOLD: u64 = 20;

/// What is to be cleaned, and how.
pub(crate) struct Source<'s> {
    /// The stream, decompressed.
    pub(crate) reader: Box<dyn Read + Send + 's>,
    /// What the stream is called, in reports and for answers.
    pub(crate) document: Document,
    /// What messages call it.
    pub(crate) shown: String,
    pub(crate) layout: Layout,
    pub(crate) formats: &'s Formats,
    /// How many threads clean.
    pub(crate) jobs: usize,
}

/// Where everything goes.
pub(crate) struct Outputs<'o> {
    pub(crate) clean: &'o mut dyn Write,
    /// What the clean stream is compressed with.
    pub(crate) compression: Compression,
    pub(crate) report: Option<&'o mut dyn Write>,
    pub(crate) rejects: Option<&'o mut dyn Write>,
    /// Who is told of bad records.
    pub(crate) tell: &'o dyn Fn(&str),
}

/// What became of a stream.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Records that were cleaned.
    pub(crate) records: u64,
    /// How many of them have an alarm.
    pub(crate) alarms: u64,
    /// Records that could not be cleaned.
    pub(crate) failures: u64,
    /// The sum of the documents' summaries.
    pub(crate) summary: Summary,
    /// Counted only where a report is written.
    pub(crate) stats: Stats,
}

/// Cleans the stream of a single input.
pub(crate) fn clean_single(
    single: &Single,
    stream: &Stream,
    opened: Opened,
    classifier: &Classifier,
    config: &Config,
) -> Result<ExitCode> {
    let name = single.input.shown();
    let mut clean = CleanOut::create(single, config)?;
    let mut report = single.report.as_ref().map(|(path, _)| packed(path, single.overwrite)).transpose()?;
    let named = |path: &PathBuf| Rejects::create(path, compression(path, single.format), single.overwrite);
    let mut rejects = stream.rejects.as_ref().map(named).transpose()?;
    let source = Source {
        reader: opened.reader,
        document: opened.document,
        shown: name.clone(),
        layout: single.format.layout,
        formats: &stream.formats,
        jobs: stream.jobs,
    };
    let outputs = Outputs {
        clean: &mut clean,
        compression: single.compression(),
        report: report.as_mut().map(|file| file as &mut dyn Write),
        rejects: rejects.as_mut().map(|file| file as &mut dyn Write),
        tell: &complain,
    };
    let sites = Sites::new(single.learn.as_deref(), single.overwrite, &config.judging)?;
    let tally = match &single.input {
        Input::File(path) if path.is_file() => {
            sites.learn(
                std::iter::once(Scrape { path: path.clone(), name: path.clone(), plain: false }),
                &stream.formats,
                1,
                stream.jobs,
            )?;
            let classifier = classifier.clone().with_template(sites.template());
            clean_stream(source, outputs, &|| classifier.clone(), &config.judging)
        }
        // What can not be read twice is learned from on its way, for later runs.
        _ => clean_stream(source, outputs, &|| sites.on_the_way(classifier.clone()), &config.judging),
    };
    let tally = tally.with_context(|| name.clone())?;
    // In this order, a clean stream is never there without its report.
    report.map_or(Ok(()), |file| file.finish().map_err(Error::Write)?.finish_synced())?;
    rejects.map_or(Ok(()), Rejects::finish)?;
    clean.finish()?;
    sites.finish()?;
    if !config.quiet {
        complain(&format!("{name}: {}", closing_line(&tally, single)));
    }
    Ok(ExitCode::from(if tally.failures == 0 { 0 } else { FAILURE }))
}

/// Cleans a stream.
///
/// # Errors
/// When reading or writing fails, and with `--strict` at the first bad record. What was written by then is whole
/// records.
pub(crate) fn clean_stream<J: Judge>(
    source: Source<'_>,
    outputs: Outputs<'_>,
    judge: &(impl Fn() -> J + Sync),
    judging: &Judging,
) -> Result<Tally> {
    let Source { reader, document, shown, layout, formats, jobs } = source;
    let editing = editing(document, layout, formats, &outputs);
    let mut records = records(layout, formats, reader, judging);
    let mut broken = None;
    let at_once = if judging.live { 1 } else { usize::MAX };
    let produce = || {
        let mut batch = Batch::new();
        while broken.is_none() && batch.is_empty() {
            match records.fill(&mut batch, at_once) {
                Ok(true) => {}
                Ok(false) => broken = Some(Ok(())),
                Err(error) => broken = Some(Err(error)),
            }
        }
        let size = batch.len();
        (!batch.is_empty()).then_some((batch, size))
    };
    let compression = outputs.compression;
    let setup = || {
        let editor = Editor::new(judge(), &judging.options, editing.clone());
        Packer::new(compression).map(|packer| (editor, packer))
    };
    let work = |worker: &mut io::Result<(Editor<J>, Packer)>, batch: Batch| {
        let (editor, packer) = worker.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
        let mut product = editor.edit(&batch)?;
        let piece = packer.pack(std::mem::take(&mut product.clean), &product.ends);
        Ok((product, piece.map_err(Error::Write)?))
    };
    let mut writer =
        Writer { shown, tell: outputs.tell, joiner: Joiner::new(outputs.clean, compression), tally: Tally::default() };
    let (mut report, mut rejects) = (outputs.report, outputs.rejects);
    let consume = |made: Result<(Product, Piece)>| {
        let (product, piece) = made?;
        writer.write(&product, &piece, report.as_deref_mut(), rejects.as_deref_mut())?;
        match product.failures.first() {
            Some(first) if formats.strict => Err(anyhow!("stopped at record {}, as it was asked for", first.number)),
            _ => Ok(()),
        }
    };
    let done = in_order(jobs, produce, setup, work, consume);
    // Whatever happened, what was written is to be a whole stream.
    let tally = writer.finish()?;
    done?;
    match broken {
        Some(Err(error)) => Err(Error::Read(error)).with_context(|| format!("after {} records", tally.records)),
        _ => Ok(tally),
    }
}

fn editing(document: Document, layout: Layout, formats: &Formats, outputs: &Outputs<'_>) -> Editing {
    let mut editing = Editing::default();
    editing.layout = layout;
    editing.name = document.name;
    editing.path = document.path;
    editing.text_field.clone_from(&formats.text_field);
    editing.labels_field.clone_from(&formats.labels_field);
    editing.report = outputs.report.is_some();
    editing.rejects = outputs.rejects.is_some();
    editing.strict = formats.strict;
    editing
}

/// Cuts a stream into records.
pub(crate) fn records<'r>(
    layout: Layout,
    formats: &Formats,
    reader: Box<dyn Read + Send + 'r>,
    judging: &Judging,
) -> Box<dyn Records + Send + 'r> {
    match (layout, &formats.splitter) {
        (Layout::Jsonl, _) => Box::new(JsonLines::new(reader)),
        (Layout::Warc, _) => Box::new(Warc::new(reader)),
        (_, Some(splitter)) => Box::new(Split::new(reader, splitter.clone(), judging.options.encoding)),
        (_, None) => unreachable!("a text without a splitter is no stream of records"),
    }
}

struct Writer<'o> {
    shown: String,
    tell: &'o dyn Fn(&str),
    joiner: Joiner<&'o mut dyn Write>,
    tally: Tally,
}

impl Writer<'_> {
    fn write(
        &mut self,
        product: &Product,
        piece: &Piece,
        report: Option<&mut (dyn Write + '_)>,
        rejects: Option<&mut (dyn Write + '_)>,
    ) -> Result<()> {
        if let Some(report) = report {
            report.write_all(&product.report).map_err(Error::Write)?;
        }
        if let Some(rejects) = rejects {
            rejects.write_all(&product.rejects).map_err(Error::Write)?;
        }
        self.joiner.join(piece).map_err(Error::Write)?;
        for Failure { number, message, .. } in &product.failures {
            self.tally.failures += 1;
            match self.tally.failures {
                count if count <= TOLD => (self.tell)(&format!("{}:{number}: {message}", self.shown)),
                count if count == TOLD + 1 => {
                    (self.tell)(&format!("{}: more such records are only counted", self.shown))
                }
                _ => {}
            }
        }
        self.tally.records += product.records;
        self.tally.alarms += product.alarms;
        self.tally.summary.add(&product.summary);
        self.tally.stats.merge(&product.stats);
        Ok(())
    }

    fn finish(self) -> Result<Tally> {
        self.joiner.finish().and_then(Write::flush).map_err(Error::Write)?;
        Ok(self.tally)
    }
}

fn closing_line(tally: &Tally, single: &Single) -> String {
    let Tally { records, alarms, failures, summary, .. } = tally;
    let s = |count: &u64| if *count == 1 { "" } else { "s" };
    let (kept, lines) = (summary.kept_lines, summary.text_lines);
    let mut line = format!("{records} record{} cleaned, {kept} of {lines} lines kept", s(records));
    if *alarms > 0 {
        let hint = match &single.report {
            Some((path, _)) => format!("see {}", shown(path)),
            None => "--report FILE says which".into(),
        };
        line += &format!("; {alarms} alarm{} ({hint})", s(alarms));
    }
    if *failures > 0 {
        line += &format!("; {failures} could not be cleaned");
    }
    line
}
