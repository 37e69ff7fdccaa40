//! What stands around the page in the HTML report: its head, and the summary with counts, filters and map.

use std::fmt::Write;

use super::super::escape;
use super::super::stats::{Count, Stats};
use crate::label::{Label, LabelSet};
use crate::sink::{Document, Summary};

/// Everything before the first line.
pub(super) fn head(out: &mut String, document: &Document, style: &str, style_source: &str) {
    let name = if document.name == "-" { "standard input".into() } else { escape::html(&document.name) };
    let encoding = escape::html(document.encoding);
    let size = document.bytes.map(|bytes| format!("{} bytes, ", grouped(bytes))).unwrap_or_default();
    // Writing to a string can not fail.
    _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style_source}; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"chaffinch {version}\">\n\
         <title>{name} – chaffinch</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#summary\">Go to the summary</a>\n\
         <header><p class=\"brand\">chaffinch {version}</p><h1 dir=\"auto\">{name}</h1><p>{size}{encoding}</p></header>\n\
         <main aria-label=\"The page, line by line\">\n",
        version = env!("CARGO_PKG_VERSION"),
    );
}

/// Everything after the last line.
pub(super) fn foot(out: &mut String, stats: &Stats, summary: &Summary, removed: LabelSet, map: &str) {
    out.push_str("</main>\n<aside id=\"summary\" aria-label=\"Summary\">\n");
    if let Some(alarm) = summary.alarm {
        _ = writeln!(out, "<p class=\"alarm\" role=\"alert\"><b>Look at this one.</b> The document {alarm}.</p>");
    }
    let (kept, all) = (stats.kept.words, stats.kept.words + stats.removed.words);
    let kept_lines = summary.kept_lines;
    let text_lines = summary.text_lines;
    _ = writeln!(
        out,
        "<p class=\"sum\"><b>{}</b> of the words kept: {} of {}, on {} of {} lines with text.{}</p>",
        share(kept, all),
        grouped(kept),
        grouped(all),
        grouped(kept_lines),
        grouped(text_lines),
        notes(summary)
    );
    chart(out, stats, removed, all);
    legend(out, stats, removed, all);
    _ = write!(out, "</aside>\n<nav class=\"map\" aria-label=\"Map of the page\">{map}</nav>\n</body>\n</html>\n");
}

fn notes(summary: &Summary) -> String {
    let mut out = String::new();
    if summary.replacements > 0 {
        let count = grouped(summary.replacements);
        _ = write!(out, " {count} malformed byte sequences were replaced while decoding.");
    }
    if summary.unjudged_lines > 0 {
        let count = grouped(summary.unjudged_lines);
        _ = write!(out, " {count} lines were too long to judge and were passed through.");
    }
    out
}

/// Removed labels with their counts, most words first.
fn ranked(stats: &Stats, removed: LabelSet) -> Vec<(Label, Count)> {
    let mut ranked: Vec<_> = removed.iter().map(|label| (label, stats.removed_of(label))).collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse((count.words, count.lines)));
    ranked
}

/// One bar of what became of the words.
fn chart(out: &mut String, stats: &Stats, removed: LabelSet, all: u64) {
    if all == 0 {
        return;
    }
    _ = write!(out, "<svg class=\"bar\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut at = 0.0;
    let kept = ("kept", stats.kept.words);
    for (name, words) in std::iter::once(kept)
        .chain(ranked(stats, removed).into_iter().map(|(label, count)| (label.name(), count.words)))
    {
        let width = words as f64 * 1000.0 / all as f64;
        _ = write!(
            out,
            "<rect class=\"l {name}\" x=\"{at:.1}\" width=\"{width:.1}\" height=\"1\"><title>{name}</title></rect>"
        );
        at += width;
    }
    out.push_str("</svg>\n");
}

/// Counts and shares by label; each has a box that hides its lines.
fn legend(out: &mut String, stats: &Stats, removed: LabelSet, all: u64) {
    let ranked = ranked(stats, removed);
    if ranked.is_empty() {
        return;
    }
    out.push_str(
        "<table>\n<caption>What was removed; untick a label to hide its lines</caption>\n\
         <thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Lines</th><th scope=\"col\">Words</th>\
         <th scope=\"col\">Share</th></tr></thead>\n<tbody>\n",
    );
    for (label, count) in ranked {
        _ = writeln!(
            out,
            "<tr title=\"{}\"><th scope=\"row\"><label class=\"l {label}\"><input type=\"checkbox\" id=\"show-{label}\" checked>\
             <span>{label}</span></label></th><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape::html(label.describe()),
            grouped(count.lines),
            grouped(count.words),
            share(count.words, all)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// A share in per cent; what is neither nothing nor all is not rounded to it.
fn share(part: u64, all: u64) -> String {
    if all == 0 || part == 0 {
        return "0\u{a0}%".into();
    }
    let percent = (u128::from(part) * 100 + u128::from(all) / 2) / u128::from(all);
    match percent {
        0 => "under 1\u{a0}%".into(),
        100 if part < all => "over 99\u{a0}%".into(),
        _ => format!("{percent}\u{a0}%"),
    }
}

/// Digits in groups of three, by narrow spaces.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
        assert_eq!(share(0, 0), "0\u{a0}%");
        assert_eq!(share(1, 1000), "under 1\u{a0}%");
        assert_eq!(share(999, 1000), "over 99\u{a0}%");
        assert_eq!(share(u64::MAX, u64::MAX), "100\u{a0}%");
    }
}
