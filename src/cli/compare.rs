//! `chaffinch compare`: which lines two runs decided differently, and why.
//!
//! Two reports of the same text are read side by side, a line at a time, so their size does not matter. The reasons
//! that each run gave stand in its report; what they have in common with the other's is left to the reader.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::batch::Selection;
use super::config::{Compare, Config, Input};
use super::output::{Stdout, shown};
use super::style::{self, DIM, fit, json_line};
use super::{FAILURE, Usage, complain, describe, files};

/// The version of the report that is understood.
const SCHEMA: u32 = chaffinch::report::SCHEMA;
/// Reasons shown of each run.
const REASONS: usize = 2;
/// Columns before the text of a line.
const MARGIN: usize = 8;

mod cause;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record {
    Document {
        schema: u32,
        #[serde(default)]
        name: String,
        chaffinch: String,
        #[serde(default)]
        basis: BTreeMap<String, String>,
    },
    Line(Line),
    Summary {},
    /// In place of a document, in the report of a stream.
    Failure {},
    /// What a later version may have added.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Line {
    line: u64,
    verdict: String,
    label: String,
    score: f64,
    #[serde(default)]
    evidence: Vec<Reason>,
    text: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Reason {
    kind: String,
    text: String,
    /// Where a seed comes from.
    #[serde(default, skip_serializing)]
    source: String,
}

/// A report being read.
struct Report {
    path: PathBuf,
    lines: BufReader<Box<dyn Read + Send>>,
    number: u64,
    buffer: String,
    /// What its verdicts depend on besides the text, the program's version included.
    basis: BTreeMap<String, String>,
}

impl Report {
    fn open(path: &Path) -> Result<Report> {
        let file = Input::File(path.to_owned()).open()?.reader;
        Ok(Report {
            path: path.to_owned(),
            lines: BufReader::new(file),
            number: 0,
            buffer: String::new(),
            basis: BTreeMap::new(),
        })
    }

    /// The name of the next document; `None` at the end. The report of a stream has many.
    fn document(&mut self) -> Result<Option<String>> {
        loop {
            return match self.record()? {
                Some(Record::Document { schema, name, chaffinch, basis }) if schema == SCHEMA => {
                    self.basis = basis;
                    self.basis.insert("version".into(), chaffinch);
                    Ok(Some(name))
                }
                Some(Record::Document { schema, .. }) => {
                    let name = shown(&self.path);
                    bail!("{name}: the report has format {schema}, and this program reads format {SCHEMA}")
                }
                Some(Record::Failure {}) => continue,
                None if self.number > 1 => Ok(None),
                _ if self.number > 1 => bail!("{}:{}: a document should begin here", shown(&self.path), self.number),
                _ => bail!("{}: it does not begin as a .jsonl report does", shown(&self.path)),
            };
        }
    }

    fn record(&mut self) -> Result<Option<Record>> {
        self.buffer.clear();
        self.number += 1;
        if self.lines.read_line(&mut self.buffer).with_context(|| shown(&self.path))? == 0 {
            return Ok(None);
        }
        let wrong =
            |e: serde_json::Error| anyhow!("{}:{}: not a record of a report: {e}", shown(&self.path), self.number);
        serde_json::from_str(&self.buffer).map(Some).map_err(wrong)
    }

    /// The next line; `None` after the last.
    fn next(&mut self) -> Result<Option<Line>> {
        loop {
            match self.record()? {
                Some(Record::Line(line)) => return Ok(Some(line)),
                Some(Record::Summary {}) => return Ok(None),
                Some(_) => {}
                None => bail!("{}: the report is cut short", shown(&self.path)),
            }
        }
    }
}

#[derive(Serialize)]
struct Change<'a> {
    r#type: &'static str,
    document: &'a str,
    line: u64,
    old: Side<'a>,
    new: Side<'a>,
    /// `null` where both runs kept the line, as their reports do not have it then.
    text: Option<&'a str>,
    /// What made the difference, as far as the reports tell.
    because: &'a str,
}

#[derive(Serialize)]
struct Side<'a> {
    verdict: &'a str,
    label: &'a str,
    score: f64,
    evidence: &'a [Reason],
}

impl<'a> Side<'a> {
    fn new(line: &'a Line) -> Side<'a> {
        Side { verdict: &line.verdict, label: &line.label, score: line.score, evidence: &line.evidence }
    }
}

/// What all of it comes to.
#[derive(Default, Serialize)]
struct Counts {
    r#type: &'static str,
    documents: u64,
    documents_changed: u64,
    only_in_old: u64,
    only_in_new: u64,
    /// Lines that hold something.
    lines: u64,
    now_kept: u64,
    now_dropped: u64,
    other_label: u64,
    /// Changes by what made the difference: `answers`, `seeds`, `repeats`, `template`, `adaptation`, `options`, `model`,
    /// `version`, or `context` where it is other lines of the page.
    because: BTreeMap<String, u64>,
    /// What the runs depend on and where they differ in it, as `model: old → new`, and for how many documents.
    basis: BTreeMap<String, u64>,
    /// Pairs that could not be compared.
    failed: u64,
}

/// Compares.
pub(crate) fn compare(task: &Compare, config: &Config) -> Result<ExitCode> {
    let mut view = View {
        out: Stdout::colored(config.color),
        json: task.json,
        columns: style::width().saturating_sub(MARGIN),
        counts: Counts { r#type: "summary", ..Counts::default() },
    };
    for (name, old, new) in pairs(task, &mut view.counts)? {
        view.counts.documents += 1;
        if let Err(error) = view.pair(&name, &old, &new) {
            if super::has_kind(&error, std::io::ErrorKind::BrokenPipe) {
                return Err(error);
            }
            view.counts.failed += 1;
            complain(&format!("{name}: {}", describe(&error)));
        }
    }
    view.end()?;
    Ok(ExitCode::from(if view.counts.failed == 0 { 0 } else { FAILURE }))
}

/// Name and both reports of each document that has two.
fn pairs(task: &Compare, counts: &mut Counts) -> Result<Vec<(String, PathBuf, PathBuf)>> {
    for path in [&task.old, &task.new] {
        std::fs::metadata(path).with_context(|| format!("cannot read {}", shown(path)))?;
    }
    match (task.old.is_dir(), task.new.is_dir()) {
        (false, false) => return Ok(vec![(shown(&task.new), task.old.clone(), task.new.clone())]),
        (true, true) => {}
        _ => return Err(Usage("compare takes two reports or two folders of them, not one of each".into()).into()),
    }
    let reports = |folder: &Path| {
        let (found, failures) = files::documents(folder, &Selection { no_ignore: true, ..Selection::default() });
        if let Some(failure) = failures.first() {
            bail!("{}: {}", shown(&failure.name), failure.message);
        }
        let named = found.into_iter().map(|(path, name)| (name, path));
        Ok(named.filter(|(name, _)| name.extension().is_some_and(|e| e == "jsonl")).collect::<BTreeMap<_, _>>())
    };
    let (old, mut new) = (reports(&task.old)?, reports(&task.new)?);
    let mut pairs = Vec::new();
    for (name, old) in old {
        match new.remove(&name) {
            Some(new) => pairs.push((shown(&name), old, new)),
            None => counts.only_in_old += 1,
        }
    }
    counts.only_in_new += new.len() as u64;
    if pairs.is_empty() {
        bail!("no .jsonl report is in both folders; --report-format jsonl writes them");
    }
    Ok(pairs)
}

/// What a document is called: as its report, with the number of the record where it is one of a stream.
fn numbered<'n>(name: &'n str, document: &str) -> Cow<'n, str> {
    match document.rsplit_once(':') {
        Some((_, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{name}:{number}").into()
        }
        _ => name.into(),
    }
}

struct View {
    out: Stdout,
    json: bool,
    columns: usize,
    counts: Counts,
}

impl View {
    fn pair(&mut self, name: &str, old_path: &Path, new_path: &Path) -> Result<()> {
        let mut old = Report::open(old_path).with_context(|| shown(old_path))?;
        let mut new = Report::open(new_path).with_context(|| shown(new_path))?;
        let mut first = true;
        loop {
            match (old.document()?, new.document()?) {
                (None, None) => return Ok(()),
                (Some(_), Some(document)) => {
                    // The caller has counted one.
                    self.counts.documents += u64::from(!std::mem::take(&mut first));
                    self.document(&numbered(name, &document), &mut old, &mut new)?;
                }
                (a, b) => {
                    let only = a.or(b).unwrap_or_default();
                    bail!(
                        "the reports are not of the same documents: only one of them has {} here",
                        fit(&only, usize::MAX)
                    );
                }
            }
        }
    }

    fn document(&mut self, name: &str, old: &mut Report, new: &mut Report) -> Result<()> {
        let (before, now) = (std::mem::take(&mut old.basis), std::mem::take(&mut new.basis));
        let differences = cause::differences(&before, &now);
        for (name, [before, now]) in &differences {
            *self.counts.basis.entry(format!("{name}: {before} → {now}")).or_default() += 1;
        }
        let mut changed = false;
        loop {
            let (a, b) = match (old.next()?, new.next()?) {
                (None, None) => break,
                (Some(a), Some(b)) if a.line == b.line => (a, b),
                (a, b) => {
                    let line = a.or(b).map_or(0, |line| line.line);
                    bail!("the reports are not of the same text: only one of them has line {line} here");
                }
            };
            if matches!((&a.text, &b.text), (Some(a), Some(b)) if a != b) {
                bail!("the reports are not of the same text: line {} differs", a.line);
            }
            // Blank lines go with their neighbours.
            if a.label == "blank" && b.label == "blank" {
                continue;
            }
            self.counts.lines += 1;
            if a.verdict == b.verdict && a.label == b.label {
                continue;
            }
            match (a.verdict == b.verdict, b.verdict.as_str()) {
                (true, _) => self.counts.other_label += 1,
                (false, "keep") => self.counts.now_kept += 1,
                (false, _) => self.counts.now_dropped += 1,
            }
            let because = cause::of(&a.evidence, &b.evidence, &differences);
            *self.counts.because.entry(because.clone()).or_default() += 1;
            if !changed && !self.json {
                writeln!(self.out, "{}", fit(name, usize::MAX))?;
            }
            changed = true;
            self.change(name, &a, &b, &because)?;
        }
        self.counts.documents_changed += u64::from(changed);
        Ok(())
    }

    fn change(&mut self, name: &str, a: &Line, b: &Line, because: &str) -> Result<()> {
        let text = a.text.as_deref().or(b.text.as_deref());
        if self.json {
            let (old, new) = (Side::new(a), Side::new(b));
            let change = Change { r#type: "change", document: name, line: a.line, old, new, text, because };
            writeln!(self.out, "{}", json_line(&change)?)?;
            return Ok(());
        }
        let two = |a: &str, b: &str| if a == b { a.to_owned() } else { format!("{a} → {b}") };
        let (verdict, label) = (two(&a.verdict, &b.verdict), two(&a.label, &b.label));
        let head = format!("{verdict}  {label}  {:.2} → {:.2}  because of: {because}", a.score, b.score);
        writeln!(self.out, "{DIM}{:>6}{DIM:#} {}", a.line, fit(&head, self.columns))?;
        if let Some(text) = text {
            writeln!(self.out, "{:MARGIN$}{}", "", fit(text, self.columns))?;
        }
        for (when, line) in [("before", a), ("now", b)] {
            let reasons: Vec<&str> = line.evidence.iter().take(REASONS).map(|reason| reason.text.as_str()).collect();
            if !reasons.is_empty() {
                let reasons = format!("{when}: {}", reasons.join(", "));
                writeln!(self.out, "{DIM}{:MARGIN$}{}{DIM:#}", "", fit(&reasons, self.columns))?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let counts = &self.counts;
        if self.json {
            writeln!(self.out, "{}", json_line(counts)?)?;
            self.out.flush()?;
            return Ok(());
        }
        let Counts { lines, now_dropped, now_kept, other_label, documents, documents_changed, .. } = counts;
        let changed = now_dropped + now_kept + other_label;
        writeln!(
            self.out,
            "{changed} of {lines} lines changed: {now_dropped} now dropped, {now_kept} now kept, {other_label} with \
             another label; in {documents_changed} of {documents} documents"
        )?;
        let list = |counts: &BTreeMap<String, u64>| {
            let items: Vec<String> = counts.iter().map(|(what, n)| format!("{what} {n}")).collect();
            fit(&items.join(", "), usize::MAX).into_owned()
        };
        if changed > 0 {
            writeln!(self.out, "because of: {}", list(&counts.because))?;
        }
        for difference in counts.basis.keys() {
            writeln!(self.out, "{}", fit(difference, usize::MAX))?;
        }
        if counts.only_in_old + counts.only_in_new > 0 {
            let (old, new) = (counts.only_in_old, counts.only_in_new);
            writeln!(self.out, "not compared: {old} only in the earlier run, {new} only in the later one")?;
        }
        self.out.flush()?;
        Ok(())
    }
}
