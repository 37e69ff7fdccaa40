//! What is learned, on answers that were held back: cross-validation by document.
//!
//! The lines of the documents held back are judged, in their documents, by what was learned from the others. A line
//! that stands in both is not learned from: where it was answered for good, the answer decides it anyway. Of few
//! documents, lines are held back instead.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use chaffinch::adapt::{self, Observer};
use chaffinch::{Answers, Cleaner};

use super::super::review::hash;
use super::Bench;
use super::lesson::{self, Lesson, Line};

/// So many parts are held back one after the other.
const PARTS: usize = 10;

/// How the lines that were held back were judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) right: u64,
    /// Wrong before and right now, and the other way round.
    pub(super) mended: u64,
    pub(super) broken: u64,
    /// Dropped, and should stay.
    pub(super) lost: u64,
    /// Kept, and should go.
    pub(super) left: u64,
    /// With the label that was answered.
    pub(super) labelled: u64,
    /// Lines nobody was asked about that changed sides.
    pub(super) changed: u64,
    /// More right than before, by lines and then by labels.
    gain: (i64, i64),
}

impl Tally {
    /// Whether it is better than the model alone.
    pub(super) fn is_worth_it(&self) -> bool {
        self.gain > (0, 0)
    }
}

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// Lines held back and judged, and those of them whose label was answered.
    pub(super) lines: u64,
    pub(super) with_label: u64,
    pub(super) documents: usize,
    pub(super) by_document: bool,
    /// Lines nobody was asked about, each as often as it was judged.
    pub(super) others: u64,
    pub(super) before: Tally,
    pub(super) seeds: Tally,
    pub(super) correction: Tally,
    pub(super) both: Tally,
}

/// Holds back part after part.
pub(super) fn run(lesson: &Lesson, answers: &Arc<Answers>, bench: &Bench<'_>) -> Result<Told> {
    let by_document = lesson.documents.len() >= PARTS;
    let mut told = Told { by_document, documents: lesson.documents.len(), ..Told::default() };
    let part_of = |line: &Line| match by_document {
        true => line.document % PARTS,
        false => (hash(&line.seen.folded) % PARTS as u64) as usize,
    };
    for part in 0..PARTS {
        let is_held = |line: &&Line| line.seen.answer.is_some() && part_of(line) == part;
        let held: Vec<&Line> = lesson.lines.iter().filter(is_held).collect();
        if held.is_empty() {
            continue;
        }
        let texts: BTreeSet<&str> = held.iter().map(|line| line.seen.folded.as_str()).collect();
        let known = |line: &&Line| {
            let own = by_document && line.document % PARTS == part;
            !own && !texts.contains(line.seen.folded.as_str())
        };
        let known: Vec<&Line> = lesson.lines.iter().filter(known).collect();
        let seeds = adapt::phrases(&lesson::seen(&known));
        let correction = adapt::learn(&lesson::examples(&known), bench.model.version());
        for line in &held {
            told.lines += 1;
            told.with_label += u64::from(line.seen.answer.is_some_and(|(_, label)| label.is_some()));
            told.before.count(line, line.seen.keep, line.seen.label);
        }
        let documents: BTreeSet<usize> = held.iter().map(|line| line.document).collect();
        told.others += documents.iter().map(|document| lesson.others[*document].len() as u64).sum::<u64>();
        let ways = [
            (&mut told.seeds, seeds.as_str(), None),
            (&mut told.correction, "", Some(correction.clone())),
            (&mut told.both, seeds.as_str(), Some(correction)),
        ];
        for (tally, seeds, correction) in ways {
            let observer = Observer::new(bench.classifier(seeds, correction)?, answers.clone());
            let mut cleaner = Cleaner::new(observer, &bench.judging.options);
            for &document in &documents {
                let (path, name) = &lesson.documents[document];
                let seen = lesson::look(&mut cleaner, path, name)?;
                for line in held.iter().filter(|line| line.document == document) {
                    // A document that changed meanwhile has no such line any more.
                    let now = seen.get(line.row).filter(|now| now.folded == line.seen.folded);
                    let (keep, label) = now.map_or((line.seen.keep, line.seen.label), |now| (now.keep, now.label));
                    tally.count(line, keep, label);
                }
                let changed = |(row, keep): &&(u32, bool)| seen.get(*row as usize).is_some_and(|now| now.keep != *keep);
                tally.changed += lesson.others[document].iter().filter(changed).count() as u64;
            }
        }
    }
    let before = told.before;
    for tally in [&mut told.seeds, &mut told.correction, &mut told.both] {
        let more = |now: u64, before: u64| now as i64 - before as i64;
        tally.gain = (more(tally.right, before.right), more(tally.labelled, before.labelled));
    }
    Ok(told)
}

impl Tally {
    fn count(&mut self, line: &Line, keep: bool, label: chaffinch::Label) {
        let Some((wanted, wanted_label)) = line.seen.answer else { return };
        let (right, was_right) = (keep == wanted, line.seen.keep == wanted);
        self.right += u64::from(right);
        self.mended += u64::from(right && !was_right);
        self.broken += u64::from(!right && was_right);
        self.lost += u64::from(wanted && !keep);
        self.left += u64::from(!wanted && keep);
        self.labelled += u64::from(wanted_label == Some(label));
    }
}
