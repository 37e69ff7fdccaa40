//! The summary beside the page in the HTML report: what was kept and removed in numbers, and the filters.

use std::fmt::Write;

use super::super::escape;
use super::super::figures::{grouped, share};
use super::super::stats::{Count, Stats};
use crate::label::Label;
use crate::sink::Summary;

/// Writes it. `doubtful` are the lines below 80 % and below 60 %.
pub(super) fn aside(out: &mut String, stats: &Stats, summary: &Summary, doubtful: [u64; 2]) {
    out.push_str("<aside id=\"summary\" aria-label=\"Summary and filters\">\n");
    if let Some(alarm) = summary.alarm {
        _ = writeln!(out, "<p class=\"alarm\" role=\"alert\"><b>Look at this one.</b> The document {alarm}.</p>");
    }
    let (kept, all) = (stats.kept.words, stats.kept.words + stats.removed.words);
    _ = writeln!(
        out,
        "<p class=\"sum\"><b>{}</b> of the words kept: {} of {}, on {} of {} lines with text.{}</p>",
        share(kept, all),
        grouped(kept),
        grouped(all),
        grouped(summary.kept_lines),
        grouped(summary.text_lines),
        notes(summary)
    );
    let groups = groups(stats);
    chart(out, &groups, all);
    certainty(out, doubtful);
    legend(out, &groups, all);
    out.push_str("</aside>\n");
}

fn notes(summary: &Summary) -> String {
    let mut out = String::new();
    if summary.replacements > 0 {
        let count = grouped(summary.replacements);
        let what = if summary.replacements == 1 { "sequence was" } else { "sequences were" };
        _ = write!(out, " {count} malformed byte {what} replaced while decoding.");
    }
    if summary.unjudged_lines > 0 {
        let count = grouped(summary.unjudged_lines);
        let (lines, were) = if summary.unjudged_lines == 1 { ("line", "was") } else { ("lines", "were") };
        _ = write!(out, " {count} {lines} {were} too long to judge and {were} passed through.");
    }
    out
}

/// Kept labels with their counts in the order of the documentation, and removed ones, most words first.
fn groups(stats: &Stats) -> [Vec<(Label, Count)>; 2] {
    let counted = |count: Count| count.lines > 0;
    let kept = Label::ALL.into_iter().map(|label| {
        let (all, removed) = (stats.of(label), stats.removed_of(label));
        let (lines, bytes, words) = (all.lines - removed.lines, all.bytes - removed.bytes, all.words - removed.words);
        (label, Count { lines, bytes, words })
    });
    let removed = Label::ALL.into_iter().map(|label| (label, stats.removed_of(label)));
    let mut groups =
        [kept.filter(|(_, c)| counted(*c)).collect(), removed.filter(|(_, c)| counted(*c)).collect::<Vec<_>>()];
    groups[1].sort_by_key(|(_, count)| std::cmp::Reverse((count.words, count.lines)));
    groups
}

/// One bar of what became of the words. The table below says the same in numbers.
fn chart(out: &mut String, [kept, removed]: &[Vec<(Label, Count)>; 2], all: u64) {
    if all == 0 {
        return;
    }
    _ = write!(out, "<svg class=\"bar\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut at = 0.0;
    let kept = ("kept", kept.iter().map(|(_, count)| count.words).sum());
    for (name, words) in std::iter::once(kept).chain(removed.iter().map(|(label, count)| (label.name(), count.words))) {
        let width = words as f64 * 1000.0 / all as f64;
        _ = write!(
            out,
            "<rect class=\"l {name}\" x=\"{at:.1}\" width=\"{width:.1}\" height=\"1\"><title>{name}, {}</title></rect>",
            share(words, all)
        );
        at += width;
    }
    out.push_str("</svg>\n");
}

/// Which lines are shown by how sure their verdict is.
fn certainty(out: &mut String, [doubtful, very]: [u64; 2]) {
    out.push_str("<fieldset class=\"sure\"><legend>Show</legend>");
    let (doubtful, very) = (grouped(doubtful), grouped(very));
    for (id, checked, text) in [
        ("sure-all", " checked", "every line".to_owned()),
        ("sure-80", "", format!("less than 80\u{a0}% sure <i>{doubtful}</i>")),
        ("sure-60", "", format!("less than 60\u{a0}% sure <i>{very}</i>")),
    ] {
        _ = write!(out, "<label><input type=\"radio\" name=\"sure\" id=\"{id}\"{checked}><span>{text}</span></label>");
    }
    out.push_str("</fieldset>\n");
}

/// Counts and shares by label; each has a box that hides its lines.
fn legend(out: &mut String, groups: &[Vec<(Label, Count)>; 2], all: u64) {
    if groups.iter().all(Vec::is_empty) {
        return;
    }
    out.push_str(
        "<table>\n<caption>Untick a label to hide its lines.</caption>\n\
         <thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Lines</th><th scope=\"col\">Words</th>\
         <th scope=\"col\" colspan=\"2\">Share</th></tr></thead>\n",
    );
    let most = groups.iter().flatten().map(|(_, count)| count.words).max().unwrap_or(0).max(1);
    for ((title, group), other) in
        ["Removed", "Kept"].iter().zip([&groups[1], &groups[0]]).zip([None, Some(&groups[1])])
    {
        if group.is_empty() {
            continue;
        }
        _ = writeln!(out, "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"5\">{title}</th></tr>");
        for (label, count) in group {
            // A label of which some lines stay and some do not has one box for both.
            let boxed = other.is_none_or(|other| !other.iter().any(|(l, _)| l == label));
            let input =
                if boxed { format!("<input type=\"checkbox\" id=\"show-{label}\" checked>") } else { String::new() };
            _ = writeln!(
                out,
                "<tr title=\"{}\"><th scope=\"row\"><label class=\"l {label}\">{input}<span>{label}</span></label></th>\
                 <td>{}</td><td>{}</td><td>{}</td><td class=\"g\"><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" \
                 aria-hidden=\"true\"><rect class=\"l {label}\" width=\"{:.1}\" height=\"1\"/></svg></td></tr>",
                escape::html(label.describe()),
                grouped(count.lines),
                grouped(count.words),
                share(count.words, all),
                count.words as f64 * 100.0 / most as f64
            );
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table>\n");
}
