//! What a batch leaves in its report folder besides the reports: its numbers for programs, and a page that leads a
//! person to the documents worth a look, those with an alarm first.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use chaffinch::Alarm;
use chaffinch::report::Stats;
use chaffinch::report::escape::html;
use serde::Serialize;

use super::batch::{Done, Outcome};
use super::files::{INDEX, SUMMARY};
use super::output::{OutFile, shown};

#[derive(Serialize)]
struct Record<'a> {
    schema: u32,
    chaffinch: &'static str,
    documents: usize,
    /// Lines, bytes and words, kept and removed, and by label.
    totals: &'a Stats,
    alarms: Vec<Alarmed>,
    failures: Vec<Failed<'a>>,
    /// Documents that were not tried any more.
    left: usize,
}

#[derive(Serialize)]
struct Alarmed {
    name: String,
    report: Option<String>,
    alarm: Alarm,
    message: String,
}

#[derive(Serialize)]
struct Failed<'a> {
    name: String,
    message: &'a str,
}

/// Writes both files.
pub(crate) fn write(folder: &Path, outcome: &Outcome<'_>, overwrite: bool) -> Result<()> {
    let path = folder.join(SUMMARY);
    let mut file = OutFile::create(&path, overwrite)?;
    summary(&mut file, outcome).with_context(|| format!("cannot write {}", shown(&path)))?;
    file.finish()?;
    let path = folder.join(INDEX);
    let mut file = OutFile::create(&path, overwrite)?;
    page(&mut file, outcome).map_err(chaffinch::Error::Write)?;
    file.finish()
}

fn summary(out: &mut impl Write, outcome: &Outcome<'_>) -> io::Result<()> {
    let alarmed = |done: &Done<'_>| {
        done.summary.alarm.map(|alarm| Alarmed {
            name: done.job.name.to_string_lossy().into_owned(),
            report: done.job.report.as_ref().map(|(name, _)| name.to_string_lossy().into_owned()),
            alarm,
            message: alarm.to_string(),
        })
    };
    let record = Record {
        schema: 1,
        chaffinch: env!("CARGO_PKG_VERSION"),
        documents: outcome.done.len(),
        totals: &outcome.stats,
        alarms: outcome.done.iter().filter_map(alarmed).collect(),
        failures: outcome
            .failures
            .iter()
            .map(|failure| Failed { name: failure.name.to_string_lossy().into_owned(), message: &failure.message })
            .collect(),
        left: outcome.left,
    };
    serde_json::to_writer_pretty(&mut *out, &record)?;
    out.write_all(b"\n")
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>chaffinch: what was removed</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; text-align: left; overflow-wrap: anywhere }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.alarm { color: #b3261e; font-weight: 600 }
@media (prefers-color-scheme: dark) { .alarm { color: #ff8a80 } }
</style>
<h1>What was removed</h1>
"#;

fn page(out: &mut impl Write, outcome: &Outcome<'_>) -> io::Result<()> {
    let alarms = outcome.done.iter().filter(|done| done.summary.alarm.is_some()).count();
    out.write_all(HEAD.as_bytes())?;
    writeln!(
        out,
        "<p>{} documents, {alarms} with an alarm, {} that could not be cleaned. Kept: {} of {} lines, {} of {} words.\n\
         The same for programs: <a href=\"{SUMMARY}\">{SUMMARY}</a>.</p>",
        outcome.done.len(),
        outcome.failures.len() + outcome.left,
        outcome.stats.kept.lines,
        outcome.stats.kept.lines + outcome.stats.removed.lines,
        outcome.stats.kept.words,
        outcome.stats.kept.words + outcome.stats.removed.words,
    )?;
    if !outcome.failures.is_empty() {
        writeln!(out, "<h2>Could not be cleaned</h2>\n<ul>")?;
        for failure in &outcome.failures {
            let (name, message) = (shown(&failure.name), &failure.message);
            writeln!(out, "<li class=\"alarm\">{}: {}</li>", html(&name), html(message))?;
        }
        writeln!(out, "</ul>")?;
    }
    if outcome.done.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>Documents</h2>\n<div class=\"scroll\"><table>\n<tr><th>Document</th><th class=\"n\">Lines kept</th>\
         <th class=\"n\">Words kept</th><th>Alarm</th></tr>"
    )?;
    let mut rows: Vec<&Done<'_>> = outcome.done.iter().collect();
    // Within both groups the documents keep the order of their names.
    rows.sort_by_key(|done| Reverse(done.summary.alarm.is_some()));
    for done in rows {
        row(out, done)?;
    }
    writeln!(out, "</table></div>")
}

fn row(out: &mut impl Write, done: &Done<'_>) -> io::Result<()> {
    let summary = &done.summary;
    let name = shown(&done.job.name);
    write!(out, "<tr><td>")?;
    match &done.job.report {
        Some((report, _)) => write!(out, "<a href=\"{}\">{}</a>", url(report), html(&name))?,
        None => write!(out, "{}", html(&name))?,
    }
    writeln!(
        out,
        "</td><td class=\"n\">{} of {}</td><td class=\"n\">{} %</td><td class=\"alarm\">{}</td></tr>",
        summary.kept_lines,
        summary.text_lines,
        (summary.kept_words * 100).checked_div(summary.words).unwrap_or(100),
        summary.alarm.map(|alarm| alarm.to_string()).unwrap_or_default(),
    )
}

/// A relative path as a link: everything but unreserved characters percent-encoded, so no name is taken for more.
fn url(path: &Path) -> String {
    let mut out = String::from(".");
    for part in path.components() {
        out.push('/');
        for &byte in part.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                // Writing to a string can not fail.
                _ => _ = write!(out, "%{byte:02X}"),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_links_and_nothing_else() {
        assert_eq!(url(Path::new("a/b c.html")), "./a/b%20c.html");
        assert_eq!(url(Path::new("javascript:x\"'<é")), "./javascript%3Ax%22%27%3C%C3%A9");
    }
}
