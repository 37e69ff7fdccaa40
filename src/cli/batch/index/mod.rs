//! `index.html`: what was removed across a folder, for a person: in numbers, the documents that deserve a look, the
//! lines that were removed most often, and the documents with links to their reports.
//!
//! Names and text in it are anybody's, so the page is made like the reports: nothing is loaded, its own style sheet and
//! script run by their hashes and nothing else does, and all text is escaped. Without the script it is the same page, but
//! for the search. However many documents there are, the page lists so many that a browser can show it.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use chaffinch::Label;
use chaffinch::report::csp;
use chaffinch::report::escape::html;
use chaffinch::report::figures::{grouped, share};

use super::plan::{Job, SUMMARY};
use super::record::Record;
use super::results::{Line, Listed, Overview, Results, Told};
use crate::cli::output::shown;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Documents that are listed.
const DOCUMENTS: usize = 5000;

/// Writes it.
pub(crate) fn write(out: &mut impl Write, results: &Results<'_>, overview: &Overview) -> Result<()> {
    head(out, overview)?;
    contents(out, overview)?;
    labels(out, overview)?;
    attention(out, overview)?;
    lines(out, overview)?;
    documents(out, results, overview)?;
    Ok(write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")?)
}

fn head(out: &mut impl Write, overview: &Overview) -> io::Result<()> {
    let (style, script) = (csp::source(STYLE), csp::source(SCRIPT));
    let version = env!("CARGO_PKG_VERSION");
    let stats = &overview.stats;
    let (kept, words) = (stats.kept.words, stats.kept.words + stats.removed.words);
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style}; \
         script-src {script}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"chaffinch {version}\">\n\
         <title>What was removed – chaffinch</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><p class=\"brand\">chaffinch {version}</p><h1>What was removed</h1>\n"
    )?;
    writeln!(
        out,
        "<p class=\"sum\"><b>{}</b> of the words kept: {} of {}, on {} of {} lines with text, in {}.{} \
         The same for programs: <a href=\"{SUMMARY}\">{SUMMARY}</a>.</p>",
        share(kept, words),
        grouped(kept),
        grouped(words),
        grouped(overview.kept_lines),
        grouped(overview.text_lines),
        counted(overview.documents, "document"),
        match overview.failures {
            0 => String::new(),
            failures =>
                format!(" <span class=\"alarm\">{} could not be cleaned, whole or in part.</span>", grouped(failures)),
        },
    )?;
    writeln!(
        out,
        "<p id=\"search\" hidden><input type=\"search\" id=\"find\" aria-label=\"Search lines and documents\" \
         aria-keyshortcuts=\"/\" placeholder=\"Search lines and documents\" autocomplete=\"off\" spellcheck=\"false\"> \
         <span id=\"hits\" role=\"status\"></span></p>\n</header>\n<main>"
    )
}

/// Links to the sections that are there.
fn contents(out: &mut impl Write, overview: &Overview) -> io::Result<()> {
    let labels = Label::ALL.into_iter().any(|label| overview.stats.removed_of(label).lines > 0);
    let sections = [
        ("labels", "By label", labels),
        ("look", "These deserve a look", overview.deserve_a_look()),
        ("lines", "Removed most often", !overview.lines.is_empty()),
        ("documents", "Documents", overview.documents > 0),
    ];
    let links: Vec<String> = sections
        .iter()
        .filter(|(_, _, there)| *there)
        .map(|(id, title, _)| format!("<a href=\"#{id}\">{title}</a>"))
        .collect();
    writeln!(out, "<nav>{}</nav>", links.join(" "))
}

/// What was removed by label, most words first.
fn labels(out: &mut impl Write, overview: &Overview) -> io::Result<()> {
    let stats = &overview.stats;
    let mut removed: Vec<_> = Label::ALL.into_iter().map(|label| (label, stats.removed_of(label))).collect();
    removed.retain(|(_, count)| count.lines > 0);
    removed.sort_by_key(|(_, count)| std::cmp::Reverse((count.words, count.lines)));
    let Some(most) = removed.first().map(|(_, count)| count.words.max(1)) else { return Ok(()) };
    let all = stats.kept.words + stats.removed.words;
    writeln!(
        out,
        "<section id=\"labels\"><h2>By label</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Label</th>\
         <th scope=\"col\" class=\"n\">Lines</th><th scope=\"col\" class=\"n\">Words</th>\
         <th scope=\"col\" class=\"n\">Share</th><td></td></tr></thead>\n<tbody>"
    )?;
    for (label, count) in removed {
        writeln!(
            out,
            "<tr title=\"{}\"><th scope=\"row\" class=\"l {label}\">{label}</th><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"g\"><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\"><rect class=\"l {label}\" width=\"{:.1}\" height=\"1\"/></svg></td></tr>",
            html(label.describe()),
            grouped(count.lines),
            grouped(count.words),
            share(count.words, all),
            count.words as f64 * 100.0 / most as f64,
        )?;
    }
    writeln!(out, "</tbody>\n</table></div></section>")
}

/// The documents that a person should see first.
fn attention(out: &mut impl Write, overview: &Overview) -> io::Result<()> {
    if !overview.deserve_a_look() {
        return Ok(());
    }
    let Overview { failed, emptied, untouched, doubtful, .. } = overview;
    writeln!(out, "<section id=\"look\"><h2>These deserve a look</h2>")?;
    if !failed.is_empty() {
        writeln!(out, "<h3>Could not be cleaned</h3>\n<ul>")?;
        for (name, message) in failed {
            writeln!(out, "<li class=\"row\">{}: {}</li>", html(&shown(name)), html(message))?;
        }
        writeln!(out, "</ul>")?;
        rest(out, overview.failures, failed.len())?;
    }
    let groups: [(&str, &[Listed]); 3] =
        [("Came out empty, or nearly", emptied), ("Came out untouched", untouched), ("Least certain", doubtful)];
    for (title, list) in groups.into_iter().filter(|(_, list)| !list.is_empty()) {
        writeln!(out, "<h3>{title}</h3>")?;
        table(out, |out| list.iter().try_for_each(|(job, record)| row(out, job, record)))?;
    }
    if (emptied.len() + untouched.len()) as u64 != overview.alarms {
        rest(out, overview.alarms, emptied.len() + untouched.len())?;
    }
    writeln!(out, "</section>")
}

/// What a list leaves out.
fn rest(out: &mut impl Write, all: u64, listed: usize) -> io::Result<()> {
    match all - listed as u64 {
        0 => Ok(()),
        more => writeln!(out, "<p class=\"note\">And {} more, which {SUMMARY} names.</p>", grouped(more)),
    }
}

/// The lines that were removed most often.
fn lines(out: &mut impl Write, overview: &Overview) -> io::Result<()> {
    if overview.lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"lines\"><h2>Removed most often</h2>\n<div class=\"scroll\"><table>\n<thead><tr>\
         <th scope=\"col\" class=\"n\">Times</th><th scope=\"col\" class=\"n\">Documents</th><th scope=\"col\">Label</th>\
         <th scope=\"col\">Line</th><th scope=\"col\">First in</th></tr></thead>\n<tbody>"
    )?;
    for Line { text, count, first } in &overview.lines {
        let label = text.label().map_or("blank", Label::name);
        write!(
            out,
            "<tr class=\"row\"><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"l {label}\">{label}</td>\
             <td class=\"t\" dir=\"auto\">{}</td><td class=\"d\">",
            grouped(count.lines),
            grouped(count.documents),
            html(&text.text),
        )?;
        link(out, first)?;
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>")?;
    let low = match overview.low {
        0 => String::new(),
        low => format!(
            " There were too many different lines to count all of them; each count may be low by {}.",
            grouped(low)
        ),
    };
    writeln!(out, "<p class=\"note\">Lines that were removed from more than one document.{low}</p>\n</section>")
}

/// The documents with their reports.
fn documents(out: &mut impl Write, results: &Results<'_>, overview: &Overview) -> Result<()> {
    if overview.documents == 0 {
        return Ok(());
    }
    writeln!(out, "<section id=\"documents\"><h2>Documents</h2>")?;
    let mut listed = 0;
    let done = results.iter()?.filter_map(|told| match told {
        Ok(Told::Done(job, record)) => Some(Ok((job, record))),
        Ok(Told::Failed(..)) => None,
        Err(error) => Some(Err(error)),
    });
    table(out, |out| {
        for one in done.take(DOCUMENTS) {
            let (job, record) = one?;
            row(out, &job, &record)?;
            listed += 1;
        }
        Ok(())
    })?;
    if overview.documents > listed {
        let (listed, more) = (grouped(listed), grouped(overview.documents - listed));
        writeln!(
            out,
            "<p class=\"note\">The first {listed} in the order of their names; {more} more have reports in this folder.</p>"
        )?;
    }
    Ok(writeln!(out, "</section>")?)
}

fn table<W: Write>(out: &mut W, rows: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Document</th><th scope=\"col\" class=\"n\">Lines kept</th>\
         <th scope=\"col\" class=\"n\">Words kept</th><th scope=\"col\" class=\"n\" \
         title=\"the share of the text that is decided wrongly, if the scores are right\">In doubt</th></tr></thead>\n<tbody>"
    )?;
    rows(out)?;
    writeln!(out, "</tbody>\n</table></div>")
}

fn row(out: &mut impl Write, job: &Job, record: &Record) -> io::Result<()> {
    let stats = record.stats();
    write!(out, "<tr class=\"row\"><td class=\"d\">")?;
    link(out, job)?;
    if let Some(alarm) = record.alarm() {
        write!(out, " <span class=\"alarm\">{alarm}</span>")?;
    } else if record.alarms > 0 {
        write!(out, " <span class=\"alarm\">{} in it</span>", counted(record.alarms, "alarm"))?;
    }
    writeln!(
        out,
        "</td><td class=\"n\">{} of {}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        grouped(record.kept_lines),
        grouped(record.text_lines),
        share(stats.kept.words, stats.kept.words + stats.removed.words),
        share(record.doubt.into(), 10_000),
    )
}

fn link(out: &mut impl Write, job: &Job) -> io::Result<()> {
    let name = shown(&job.name);
    match &job.report {
        Some((report, _)) => write!(out, "<a href=\"{}\">{}</a>", url(report), html(&name)),
        None => write!(out, "{}", html(&name)),
    }
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A relative path as a link: everything but unreserved characters percent-encoded, so no name is taken for more.
fn url(path: &Path) -> String {
    use std::fmt::Write as _;
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
