//! One line of the page in the HTML report: its number, its text, and beside it label, score and reasons.
//!
//! Whether a line is doubtful stands in its classes (`q` below 80 %, `qq` below 60 %), so that style sheet and script
//! filter by it without reading numbers.

use std::fmt::Write;

use super::super::escape;
use crate::fold::fold;
use crate::label::Label;
use crate::numbers;
use crate::verdict::{Evidence, Verdict};

/// Lines of a lower score are for a person to look at.
pub(super) const DOUBTFUL: f32 = 0.8;
/// And these most of all.
pub(super) const VERY_DOUBTFUL: f32 = 0.6;

/// So many bytes of a line are laid out; the rest is folded, as a browser takes seconds for a million characters.
const LONG: usize = 3000;
/// A line of prose, whose white space at the beginning means nothing.
const PROSE: usize = 72;

/// The classes for a line's certainty, or for the least certain line of a run, with a space before each.
pub(super) fn doubt(label: Option<Label>, score: f32) -> &'static str {
    match score {
        _ if label.is_none() => "",
        score if score < VERY_DOUBTFUL => " q qq",
        score if score < DOUBTFUL => " q",
        _ => "",
    }
}

/// Writes a whole line. `folded` is scratch memory.
pub(super) fn whole(out: &mut String, number: u64, text: &str, verdict: &Verdict, folded: &mut String) {
    let indent = indent(text);
    open(out, number, text, indent, verdict);
    // Folding treats a backtick by what stands beside it, which the page's script need not know.
    if memchr::memchr(b'`', text.as_bytes()).is_some() || !escape::is_plain(text) {
        // What is shown is not what stands there, so the script can not make the normalised line of it.
        fold(text, folded);
        out.push_str(" data-line=\"");
        attribute(out, folded);
        out.push('"');
    }
    let shown = if text.len() > LONG + LONG / 4 { head(text, LONG) } else { text };
    number_and_text(out, number, shown, indent, verdict);
    let rest = &text[shown.len()..];
    if !rest.is_empty() {
        let bytes = super::super::figures::grouped(rest.len() as u64);
        // Writing to a string can not fail.
        _ = write!(out, "<details class=\"more\"><summary>{bytes} more bytes</summary><span class=\"x\">");
        escape::push_html(out, rest);
        out.push_str("</span></details>");
    }
    reasons(out, verdict);
    out.push_str("</div>\n");
}

/// Writes the beginning of a line that is too long to judge; [`end`] belongs to it.
pub(super) fn begin(out: &mut String, number: u64, text: &str, verdict: &Verdict) {
    let indent = indent(text);
    open(out, number, text, indent, verdict);
    number_and_text(out, number, text, indent, verdict);
}

/// Writes the end of a line that is too long to judge.
pub(super) fn end(out: &mut String, unshown: u64) {
    _ = writeln!(out, "<span class=\"t\">{unshown} more bytes, passed through unjudged</span></div>");
}

fn open(out: &mut String, number: u64, text: &str, indent: usize, verdict: &Verdict) {
    out.push_str(if verdict.keep { "<div class=\"k " } else { "<div class=\"r " });
    out.push_str(verdict.label_name());
    out.push_str(doubt(verdict.label, verdict.score));
    if text[indent..].trim_start().contains("  ") || is_indented(text, verdict) {
        out.push_str(" raw");
    }
    out.push_str("\" id=\"L");
    _ = numbers::whole(out, number);
    out.push('"');
}

/// Bytes of the spaces and tabs at the beginning.
fn indent(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        match bytes[at..] {
            [b' ' | b'\t', ..] => at += 1,
            // The space that does not break.
            [0xc2, 0xa0, ..] => at += 2,
            _ => return at,
        }
    }
}

/// Whether white space at the beginning may mean something, as in code and poems.
fn is_indented(text: &str, verdict: &Verdict) -> bool {
    verdict.keep && verdict.label == Some(Label::Body) && text.starts_with([' ', '\t']) && text.trim().len() < PROSE
}

fn number_and_text(out: &mut String, number: u64, text: &str, indent: usize, verdict: &Verdict) {
    out.push_str("><span class=\"n\">");
    _ = numbers::whole(out, number);
    out.push_str("</span>");
    // White space that means nothing stays in the page, where it takes no room.
    let (before, text) = text.split_at(if is_indented(text, verdict) { 0 } else { indent.min(text.len()) });
    if before.is_ascii() {
        out.push_str(before);
    } else {
        out.push_str(&before.replace('\u{a0}', " "));
    }
    out.push_str("<span class=\"x\" dir=\"auto\"");
    out.push_str(match verdict.label {
        Some(Label::Title) if verdict.keep => " role=\"heading\" aria-level=\"2\">",
        Some(Label::Heading) if verdict.keep => " role=\"heading\" aria-level=\"3\">",
        _ => ">",
    });
    escape::push_html(out, text);
    out.push_str("</span>");
}

/// Label, score and reasons. Only doubtful lines are stops of the tab key: nobody tabs through thousands.
fn reasons(out: &mut String, verdict: &Verdict) {
    let (name, score) = (verdict.label_name(), u64::from(percent(verdict.score)));
    out.push_str(match doubt(verdict.label, verdict.score) {
        "" => "<details class=\"y\"><summary tabindex=\"-1\"><b>",
        _ => "<details class=\"y\"><summary><b>",
    });
    out.push_str(name);
    out.push_str("</b> ");
    _ = numbers::whole(out, score);
    out.push_str("\u{a0}%</summary><ul>");
    out.push_str(if verdict.keep { "<li>kept as " } else { "<li>removed as " });
    out.push_str(name);
    out.push_str(", ");
    _ = numbers::whole(out, score);
    out.push_str("\u{a0}% sure</li>");
    for evidence in &verdict.evidence {
        out.push_str("<li>");
        let link = if let Evidence::Repeats { line, .. } = evidence {
            out.push_str("<a href=\"#L");
            _ = numbers::whole(out, *line);
            out.push_str("\">");
            true
        } else {
            false
        };
        _ = evidence.write_to(out, |out, text| {
            escape::push_html(out, text);
            Ok(())
        });
        out.push_str(if link { "</a></li>" } else { "</li>" });
    }
    out.push_str("</ul></details>");
}

/// Writes `text` for a quoted attribute that a script reads: all characters come back, none is acted on on the way.
pub(super) fn attribute(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => _ = write!(out, "&#{};", c as u32),
            // Numbers that HTML gives another meaning; no text that matters holds them.
            '\0' | '\r' | '\u{7f}'..='\u{9f}' => out.push('\u{fffd}'),
            c if escape::is_treacherous(c) => _ = write!(out, "&#{};", c as u32),
            c => out.push(c),
        }
    }
}

/// The text up to `limit` bytes, ending between characters.
pub(super) fn head(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A score in per cent; what is not certain is not rounded to it.
fn percent(score: f32) -> u32 {
    let most = if score < 1.0 { 99 } else { 100 };
    ((f64::from(score.clamp(0.0, 1.0)) * 100.0).round() as u32).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, keep: bool, score: f32) -> String {
        let mut out = String::new();
        let label = if keep { Label::Body } else { Label::Legal };
        whole(&mut out, 7, text, &Verdict::new(keep, Some(label), score), &mut String::new());
        out
    }

    #[test]
    fn doubt_is_a_class() {
        assert!(written("a", true, 0.9).starts_with("<div class=\"k body\" id=\"L7\">"));
        assert!(written("a", false, 0.7).starts_with("<div class=\"r legal q\""));
        assert!(written("a", false, 0.3).contains(" q qq\""));
        assert!(written("a", true, 0.9).contains("<summary tabindex=\"-1\">"));
        assert!(written("a", true, 0.7).contains("<summary><b>body</b> 70\u{a0}%</summary>"));
    }

    #[test]
    fn the_normalised_line_goes_along_where_what_is_shown_is_not_the_text() {
        assert!(!written("Plain “text” & more", true, 1.0).contains("data-line"));
        let html = written("Say \u{202e}\"Go\" <b>\u{1b}[2J\u{3164}", true, 1.0);
        assert!(html.contains(" data-line=\"say &#34;go&#34; &#60;b&#62;[2j"), "{html}");
        assert!(!html.contains(['\u{202e}', '\u{1b}', '\u{3164}']));
    }

    #[test]
    fn white_space_takes_room_where_it_means_something() {
        assert!(
            written("    fn main() {}", true, 1.0)
                .contains("raw\" id=\"L7\"><span class=\"n\">7</span><span class=\"x\" dir=\"auto\">    fn")
        );
        assert!(
            written("    Home", false, 1.0)
                .contains("legal\" id=\"L7\"><span class=\"n\">7</span>    <span class=\"x\" dir=\"auto\">Home<")
        );
        assert!(written("a  b", false, 1.0).contains(" raw\""));
    }

    #[test]
    fn of_a_long_line_the_rest_is_folded() {
        let text = "ä".repeat(9000);
        let html = written(&text, false, 1.0);
        assert!(html.contains("15\u{202f}000 more bytes"), "{}", &html[html.len() - 200..]);
        assert_eq!(html.matches('ä').count(), 9000);
    }
}
