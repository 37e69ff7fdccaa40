//! The doubtful runs as text, for scripts.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::super::output::Stdout;
use super::super::style::{cell, json_line};
use super::Desk;

#[derive(Serialize)]
struct Record<'a> {
    key: &'a str,
    document: &'a str,
    verdict: &'static str,
    label: &'static str,
    score: f64,
    lines: Vec<Line<'a>>,
    reasons: &'a [String],
}

#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    text: &'a str,
}

/// Shows them: one a line, least certain first.
pub(super) fn show(desk: &Desk<'_>, json: bool) -> Result<()> {
    let mut out = Stdout::new(false, false);
    for run in &desk.runs {
        let document = desk.documents[run.document].document.name.as_str();
        let verdict = if run.keep { "keep" } else { "drop" };
        if json {
            let lines = run.lines.iter().map(|line| Line { line: line.number, text: &line.text }).collect();
            // To three places, as reports have it.
            let score = (f64::from(run.score) * 1000.0).round() / 1000.0;
            let label = run.label.name();
            let record = Record { key: &run.key, document, verdict, label, score, lines, reasons: &run.reasons };
            writeln!(out, "{}", json_line(&record)?)?;
            continue;
        }
        let numbers = run.numbers();
        let text: Vec<String> = run.lines.iter().map(|line| cell(&line.text)).collect();
        let (document, label, text) = (cell(document), run.label, text.join(" ⏎ "));
        writeln!(out, "{}\t{document}\t{numbers}\t{verdict}\t{label}\t{:.3}\t{text}", run.key, run.score)?;
    }
    out.flush()?;
    Ok(())
}
