//! `chaffinch audit`: how good the result is on a folder, estimated from a sample of lines that a person judges.
//!
//! The person is not told what the program decided, so as not to be led. What the sample is and what follows from it
//! are two things: [`sample`] knows nothing of answers, [`estimate`] nothing of lines.

mod estimate;
mod sample;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chaffinch::{Decided, Part, Sink};

use super::batch::Selection;
use super::config::{Audit, Config};
use super::keyboard::{self, Key};
use super::output::{OutFile, Stdout, shown};
use super::style::{self, DIM, cell, fit};
use super::{FAILURE, Usage, classifier, cleaner, complain, describe, files, input, learn, wrap};
use estimate::{Estimate, Judged, Stratum};
use sample::{Sampler, Unit};

/// Lines of text shown before and after a line.
const CONTEXT: usize = 2;
/// Bytes of a line that are worth showing.
const SHOWN: usize = 2000;
/// Rows of the line that is asked about.
const ROWS: usize = 6;
/// Columns before a line's text.
const MARGIN: usize = 10;

/// A line of the sample with what stands around it.
struct Item {
    unit: Unit,
    text: String,
    before: Vec<(u64, String)>,
    after: Vec<(u64, String)>,
}

/// Audits.
pub(crate) fn audit(task: &Audit, config: &Config) -> Result<ExitCode> {
    // A mistake in the answers is told before the work begins.
    let mut answers = match &task.answers_from {
        Some(path) => read_answers(path)?,
        None => BTreeMap::new(),
    };
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !task.list && !terminal && task.answers_from.is_none() {
        let other = "without one, --list shows the sample and --answers-from FILE reads what was said about it";
        return Err(Usage(format!("audit asks at a terminal; {other}")).into());
    }
    let (names, populations, items, failed) = draw(task, config)?;
    let mut out = Stdout::colored(config.color);
    if task.list {
        for item in &items {
            let name = cell(&names[item.unit.document].to_string_lossy());
            writeln!(out, "{}\t{name}\t{}\t{}", item.unit.key, item.unit.number, cell(&item.text))?;
        }
    } else {
        if terminal {
            ask(&items, &names, &mut answers, task.answers_from.as_deref(), &mut out)?;
        }
        tell(&items, populations, names.len(), &answers, &mut out)?;
    }
    out.flush()?;
    Ok(ExitCode::from(if failed { FAILURE } else { 0 }))
}

/// Names of the documents, populations of the strata, the sample, and whether some document could not be read.
type Drawn = (Vec<PathBuf>, [u64; sample::STRATA], Vec<Item>, bool);

fn draw(task: &Audit, config: &Config) -> Result<Drawn> {
    let (found, failures) = files::documents(&task.input, &Selection::default());
    let mut failed = !failures.is_empty();
    for failure in failures {
        complain(&format!("{}: {}", shown(&failure.name), failure.message));
    }
    let documents = found.iter().map(|(path, name)| (path.as_path(), name.as_path()));
    let classifier = learn::taught(classifier(&config.judging)?, &task.input, documents, &config.judging)?;
    let mut cleaner = cleaner(&classifier, &config.judging);
    let mut sampler = Sampler::new(task.sample);
    let mut documents = Vec::new();
    for (path, name) in found {
        let result = input::open_text(&path, &name).and_then(|(reader, document)| {
            sampler.begin(documents.len(), &document.name);
            Ok(cleaner.clean(reader, document, &mut sampler)?)
        });
        match result {
            Ok(_) => documents.push((path, name)),
            // Lines of it may be in the sample already, and what they stand for is not known.
            Err(error) if error.downcast_ref::<io::Error>().is_none() => return Err(error).context(shown(&name)),
            Err(error) => {
                failed = true;
                complain(&format!("{}: {}", shown(&name), describe(&error)));
            }
        }
    }
    let populations = sampler.populations();
    let units = sampler.draw();
    let mut items = Vec::with_capacity(units.len());
    for of_one in units.chunk_by(|a, b| a.document == b.document) {
        let (path, name) = &documents[of_one[0].document];
        let (reader, document) = input::open_text(path, name).with_context(|| shown(name))?;
        let mut lookup = Lookup { wanted: of_one, found: Vec::new(), before: Vec::new() };
        cleaner.clean(reader, document, &mut lookup).with_context(|| shown(name))?;
        items.append(&mut lookup.found);
    }
    Ok((documents.into_iter().map(|(_, name)| name).collect(), populations, items, failed))
}

/// A sink that fetches the text of lines and what stands around them.
struct Lookup<'u> {
    /// In the order of their numbers.
    wanted: &'u [Unit],
    found: Vec<Item>,
    before: Vec<(u64, String)>,
}

impl Sink for Lookup<'_> {
    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        let line = decided.line;
        if line.is_blank() || matches!(line.part, Part::Middle | Part::Last) {
            return Ok(());
        }
        let end = (0..=SHOWN.min(line.text.len())).rev().find(|&at| line.text.is_char_boundary(at)).unwrap_or(0);
        let text = line.text[..end].to_owned();
        for item in self.found.iter_mut().rev().take(CONTEXT).filter(|item| item.after.len() < CONTEXT) {
            item.after.push((line.number, text.clone()));
        }
        if let Some((first, rest)) = self.wanted.split_first()
            && first.number == line.number
        {
            let (unit, before) = (first.clone(), self.before.clone());
            self.found.push(Item { unit, text: text.clone(), before, after: Vec::new() });
            self.wanted = rest;
        }
        if self.before.len() == CONTEXT {
            self.before.remove(0);
        }
        self.before.push((line.number, text));
        Ok(())
    }
}

/// Whether each key's line should stay.
type Answers = BTreeMap<String, bool>;

fn read_answers(path: &Path) -> Result<Answers> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        // At a terminal the file may be one that is to be begun.
        Err(error) if error.kind() == io::ErrorKind::NotFound && io::stdin().is_terminal() => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", shown(path))),
    };
    let mut answers = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        // What `--list` writes can be used with an answer put behind the key.
        let mut fields = line.split('\t').map(str::trim);
        let stays = match (fields.next(), fields.next()) {
            (Some(key), Some("keep")) => (key, true),
            (Some(key), Some("drop")) => (key, false),
            _ => bail!(Usage(format!("{}:{number}: write a key, a tab, and keep or drop", shown(path)))),
        };
        answers.insert(stays.0.to_owned(), stays.1);
    }
    Ok(answers)
}

/// Asks about every line that has no answer yet.
fn ask(items: &[Item], names: &[PathBuf], answers: &mut Answers, file: Option<&Path>, out: &mut Stdout) -> Result<()> {
    let columns = style::width().saturating_sub(MARGIN);
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(item) = items.get(at) {
        if answers.contains_key(&item.unit.key) {
            at += 1;
            continue;
        }
        writeln!(out, "\n{DIM}{} of {}{DIM:#} {}", at + 1, items.len(), shown(&names[item.unit.document]))?;
        for (number, text) in &item.before {
            writeln!(out, "{DIM}{number:>6}   {}{DIM:#}", fit(text, columns))?;
        }
        for (i, text) in wrap::rows(&item.text, columns, ROWS).iter().enumerate() {
            match i {
                0 => writeln!(out, "{:>6} > {text}", item.unit.number)?,
                _ => writeln!(out, "{:>6}   {text}", "")?,
            }
        }
        for (number, text) in &item.after {
            writeln!(out, "{DIM}{number:>6}   {}{DIM:#}", fit(text, columns))?;
        }
        let key = loop {
            write!(out, "Does it belong to the article? [k]eep [d]rop [s]kip [u]ndo [q]uit ")?;
            out.flush()?;
            let key = keyboard::read()?;
            writeln!(out)?;
            match key {
                Key::Char(c @ ('k' | 'd' | 's' | 'u' | 'q')) => break c,
                Key::Stop => break 'q',
                _ => {}
            }
        };
        match key {
            'q' => break,
            's' => {
                steps.push(at);
                at += 1;
            }
            'u' => {
                if let Some(before) = steps.pop() {
                    at = before;
                    if answers.remove(&items[at].unit.key).is_some() {
                        save(answers, file)?;
                    }
                }
            }
            key => {
                answers.insert(item.unit.key.clone(), key == 'k');
                steps.push(at);
                at += 1;
                save(answers, file)?;
            }
        }
    }
    writeln!(out)?;
    Ok(())
}

fn save(answers: &Answers, file: Option<&Path>) -> Result<()> {
    let Some(path) = file else { return Ok(()) };
    let mut file = OutFile::create(path, true)?;
    for (key, stays) in answers {
        writeln!(file, "{}\t{}", cell(key), if *stays { "keep" } else { "drop" })?;
    }
    file.finish()
}

/// Tells what the answers come to.
fn tell(
    items: &[Item],
    populations: [u64; sample::STRATA],
    documents: usize,
    answers: &Answers,
    out: &mut Stdout,
) -> Result<()> {
    let mut strata: Vec<Stratum> = (0..sample::STRATA)
        .map(|i| Stratum { keep: sample::keeps(i), population: populations[i], judged: Vec::new() })
        .collect();
    let mut judged = 0;
    for Item { unit, .. } in items {
        if let Some(stays) = answers.get(&unit.key) {
            judged += 1;
            let stratum = &mut strata[unit.stratum];
            stratum.judged.push(Judged { words: unit.words, wrong: *stays != stratum.keep });
        }
    }
    let lines: u64 = populations.iter().sum();
    writeln!(
        out,
        "{judged} of the {} lines of the sample are answered ({lines} lines, {documents} documents)",
        items.len()
    )?;
    let told = estimate::estimate(&strata);
    if let Some(e) = told.lost {
        writeln!(out, "of what it dropped, {} should have stayed, {}", percent(e.share), range(e))?;
    }
    if let Some(e) = told.left {
        writeln!(out, "of what it kept, {} should have gone, {}", percent(e.share), range(e))?;
    }
    if let Some(e) = told.precision {
        writeln!(out, "precision by words {}, {}", percent(e.share), range(e))?;
    }
    if let Some(e) = told.recall {
        writeln!(out, "recall by words {}, {}", percent(e.share), range(e))?;
    }
    if judged < items.len() && judged > 0 {
        writeln!(out, "Lines without an answer are taken to be like those with one.")?;
    }
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn range(e: Estimate) -> String {
    format!("95 % interval {:.1}–{:.1} %", e.low * 100.0, e.high * 100.0)
}
