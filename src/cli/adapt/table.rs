//! The table of what is learned: before and after, on answers that were held back.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::super::output::Stdout;
use super::super::style::{DIM, json_line};
use super::trial::{Tally, Told};

/// For people.
pub(super) fn show(told: &Told, out: &mut Stdout) -> Result<()> {
    let what = if told.by_document { "documents" } else { "lines" };
    writeln!(
        out,
        "{} answers in {} documents, held back a tenth of the {what} at a time and judged by what was learned from the rest",
        told.lines, told.documents
    )?;
    writeln!(out, "\n{DIM}{:34}{:>10}{:>10}{:>12}{:>10}{DIM:#}", "", "before", "seeds", "correction", "both")?;
    let ways = [told.before, told.seeds, told.correction, told.both];
    let share = |part: u64, all: u64| {
        if all == 0 { "-".into() } else { format!("{:.1} %", part as f64 * 100.0 / all as f64) }
    };
    let mut row = |name: &str, cell: &dyn Fn(&Tally) -> String| {
        let [before, seeds, correction, both] = ways.map(|tally| cell(&tally));
        writeln!(out, "{name:34}{before:>10}{seeds:>10}{correction:>12}{both:>10}")
    };
    row("right", &|tally| share(tally.right, told.lines))?;
    row("  should stay and was dropped", &|tally| tally.lost.to_string())?;
    row("  should go and was kept", &|tally| tally.left.to_string())?;
    row("  put right", &|tally| tally.mended.to_string())?;
    row("  made wrong", &|tally| tally.broken.to_string())?;
    if told.with_label > 0 {
        row("right label", &|tally| share(tally.labelled, told.with_label))?;
    }
    row("other lines that changed sides", &|tally| share(tally.changed, told.others))?;
    writeln!(out)?;
    Ok(())
}

#[derive(Serialize)]
struct Record {
    r#type: &'static str,
    answers: u64,
    with_label: u64,
    documents: usize,
    held_back_by: &'static str,
    others: u64,
    before: Row,
    seeds: Row,
    correction: Row,
    both: Row,
}

#[derive(Serialize)]
struct Row {
    right: u64,
    lost: u64,
    left: u64,
    mended: u64,
    broken: u64,
    right_label: u64,
    others_changed: u64,
}

impl From<Tally> for Row {
    fn from(tally: Tally) -> Row {
        let Tally { right, lost, left, mended, broken, labelled, changed, .. } = tally;
        Row { right, lost, left, mended, broken, right_label: labelled, others_changed: changed }
    }
}

/// For programs.
pub(super) fn json(told: &Told, out: &mut Stdout) -> Result<()> {
    let record = Record {
        r#type: "learned",
        answers: told.lines,
        with_label: told.with_label,
        documents: told.documents,
        held_back_by: if told.by_document { "document" } else { "line" },
        others: told.others,
        before: told.before.into(),
        seeds: told.seeds.into(),
        correction: told.correction.into(),
        both: told.both.into(),
    };
    writeln!(out, "{}", json_line(&record)?)?;
    Ok(())
}
