//! What there is to learn from: the answered lines of the documents, and lines nobody asked about beside them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use chaffinch::adapt::{Example, Observer, Seen};
use chaffinch::report::CleanText;
use chaffinch::{Answers, Cleaner};

use super::super::batch::Selection;
use super::super::output::shown;
use super::super::review::hash;
use super::super::{complain, describe, files, input};
use super::Bench;

/// Of a line that stands in many documents, so many count.
const COPIES: usize = 8;
/// Lines nobody asked about, of each document.
const ANCHORS: usize = 40;
/// All of those together weigh at most so much of what all answered ones do.
const PULL: f64 = 1.0;

/// A line to learn from.
pub(super) struct Line {
    /// Index of its document.
    pub(super) document: usize,
    /// Which of the document's lines that are not blank it is.
    pub(super) row: usize,
    pub(super) seen: Seen,
}

/// All there is to learn from.
pub(super) struct Lesson {
    /// Path and name of those that hold an answered line.
    pub(super) documents: Vec<(PathBuf, PathBuf)>,
    /// Answered lines, and some that are not.
    pub(super) lines: Vec<Line>,
    /// Of each document, the lines nobody was asked about: row, and whether the model alone keeps it.
    pub(super) others: Vec<Vec<(u32, bool)>>,
    /// Whether some document could not be read.
    pub(super) failed: bool,
}

/// The documents to look at, by path and name, each once.
pub(super) fn documents(on: &[PathBuf], answers: &Answers) -> Result<Vec<(PathBuf, PathBuf)>> {
    let named = answers.iter().filter_map(|answer| answers.place(answer)).filter(|path| path.exists());
    let places: BTreeSet<PathBuf> = if on.is_empty() { named.collect() } else { on.iter().cloned().collect() };
    let mut found = BTreeMap::new();
    for place in places {
        let (documents, failures) = files::documents(&place, &Selection::default());
        if let Some(failure) = failures.first() {
            bail!("{}: {}", shown(&failure.name), failure.message);
        }
        for (path, name) in documents {
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            found.entry(real).or_insert((path, name));
        }
    }
    Ok(found.into_values().collect())
}

/// Judges a document and gives back its lines.
pub(super) fn look(cleaner: &mut Cleaner<Observer>, path: &Path, name: &Path) -> Result<Vec<Seen>> {
    let (reader, document) = input::open_text(path, name)?;
    cleaner.clean(reader, document, &mut CleanText::new(std::io::sink()))?;
    Ok(cleaner.judge_mut().take())
}

impl Lesson {
    /// Goes through the documents.
    pub(super) fn gather(
        documents: Vec<(PathBuf, PathBuf)>,
        answers: &Arc<Answers>,
        bench: &Bench<'_>,
    ) -> Result<Lesson> {
        let observer = Observer::new(bench.classifier("", None)?, answers.clone());
        let mut cleaner = Cleaner::new(observer, &bench.judging.options);
        let mut lesson = Lesson { documents: Vec::new(), lines: Vec::new(), others: Vec::new(), failed: false };
        let mut copies: HashMap<String, usize> = HashMap::new();
        for (path, name) in documents {
            let seen = match look(&mut cleaner, &path, &name) {
                Ok(seen) => seen,
                Err(error) => {
                    lesson.failed = true;
                    complain(&format!("{}: {}", shown(&name), describe(&error)));
                    continue;
                }
            };
            if seen.iter().any(|line| line.answer.is_some() && line.by_model) {
                lesson.add(seen, &mut copies);
                lesson.documents.push((path, name));
            }
        }
        Ok(lesson)
    }

    fn add(&mut self, seen: Vec<Seen>, copies: &mut HashMap<String, usize>) {
        let document = self.documents.len();
        let others = seen.iter().zip(0..).filter(|(line, _)| line.answer.is_none());
        self.others.push(others.map(|(line, row)| (row, line.keep)).collect());
        // By a hash, which is as good as chance and the same each time.
        let mut sure: Vec<(u64, usize)> = seen
            .iter()
            .enumerate()
            .filter(|(_, line)| line.is_sure())
            .map(|(row, line)| (hash(&line.folded), row))
            .collect();
        sure.sort_unstable();
        let sure: BTreeSet<usize> = sure.into_iter().take(ANCHORS).map(|(_, row)| row).collect();
        for (row, seen) in seen.into_iter().enumerate() {
            let answered = seen.answer.is_some() && seen.by_model;
            if answered {
                let count = copies.entry(seen.folded.clone()).or_default();
                *count += 1;
                if *count > COPIES {
                    continue;
                }
            }
            if answered || sure.contains(&row) {
                self.lines.push(Line { document, row, seen });
            }
        }
    }

    /// How many different lines are answered.
    pub(super) fn different_lines(&self) -> usize {
        let answered = self.lines.iter().filter(|line| line.seen.answer.is_some());
        answered.map(|line| line.seen.folded.as_str()).collect::<BTreeSet<_>>().len()
    }
}

/// The lines with their documents, for finding phrases.
pub(super) fn seen<'l>(lines: &[&'l Line]) -> Vec<(usize, &'l Seen)> {
    lines.iter().map(|line| (line.document, &line.seen)).collect()
}

/// The lines as examples. A line that was answered weighs the same however often it stands there, and what nobody asked
/// about holds against it.
pub(super) fn examples(lines: &[&Line]) -> Vec<Example> {
    let mut copies: HashMap<&str, f64> = HashMap::new();
    for line in lines.iter().filter(|line| line.seen.answer.is_some()) {
        *copies.entry(&line.seen.folded).or_default() += 1.0;
    }
    let answered = copies.len() as f64;
    let others = lines.iter().filter(|line| line.seen.answer.is_none()).count();
    let pull = (PULL * answered / others.max(1) as f64).min(PULL);
    let example = |line: &&Line| match line.seen.answer {
        Some(_) => line.seen.example(1.0 / copies[line.seen.folded.as_str()], line.document),
        None => line.seen.example(pull, line.document),
    };
    lines.iter().filter_map(example).collect()
}
