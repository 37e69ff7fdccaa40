//! Colours, and fitting text into the terminal's width.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use chaffinch::Label;
use chaffinch::report::escape;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Where there is no terminal to ask.
pub(super) const WIDTH: usize = 100;

pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
pub(super) const KEPT: Style = Style::new();
/// Words that differ: seen without colour too.
pub(super) const CHANGED: Style = REMOVED.bold().underline();
pub(super) const DIM: Style = Style::new().dimmed();

/// Columns of the terminal, or what fits well where there is none.
pub(super) fn width() -> usize {
    columns().unwrap_or(WIDTH)
}

/// Columns of the terminal; where there is none, what `COLUMNS` says.
pub(super) fn columns() -> Option<usize> {
    let size = if io::stdout().is_terminal() { terminal_size::terminal_size() } else { None };
    let columns = match size {
        Some((width, _)) => usize::from(width.0),
        None => std::env::var("COLUMNS").ok()?.trim().parse().ok()?,
    };
    Some(columns.max(40))
}

/// A label's colour: what asks for something is magenta, what leads away blue, repeats yellow.
pub(super) fn of_label(label: Option<Label>) -> Style {
    let Some(label) = label else { return DIM };
    match label {
        Label::Title | Label::Standfirst | Label::Heading | Label::Body | Label::Caption | Label::Byline => {
            AnsiColor::Green.on_default()
        }
        Label::Navigation | Label::Related | Label::Interface => AnsiColor::Blue.on_default(),
        Label::Subscription | Label::Membership | Label::Advertising | Label::Sharing => {
            AnsiColor::Magenta.on_default()
        }
        Label::DuplicateCaption | Label::DuplicateQuote | Label::Duplicate => AnsiColor::Yellow.on_default(),
        _ => AnsiColor::Cyan.on_default(),
    }
}

/// Text that is safe to show, cut at so many columns.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    // What can not be shown anyway need not be escaped: a character is at least a byte, and rarely has no width.
    let most = columns.saturating_mul(32);
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let safe = match escape::terminal(&text[..end]) {
        safe if safe.contains('\t') => Cow::Owned(safe.replace('\t', " ")),
        safe => safe,
    };
    if end == text.len() && safe.width() <= columns {
        return safe;
    }
    let mut cut = String::new();
    let mut used = 0;
    for cluster in safe.graphemes(true) {
        let width = cluster.width();
        if used + width + 1 > columns {
            break;
        }
        used += width;
        cut.push_str(cluster);
    }
    cut.push('…');
    Cow::Owned(cut)
}

/// Text for a field of a line with tabs between its fields, safe to show.
pub(super) fn cell(text: &str) -> String {
    escape::terminal(text).replace('\t', " ")
}

/// A record as one line of JSON in which nothing is left that a terminal would act on or hide.
pub(super) fn json_line(record: &impl serde::Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(record)?;
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // What is treacherous can only stand in strings, where its number means the same.
        if (c.is_ascii() && c != '\u{7f}') || matches!(escape::terminal(c.encode_utf8(&mut [0; 4])), Cow::Borrowed(_)) {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("longer", 5), "long…");
        assert_eq!(fit("新しい記事", 6), "新し…");
        assert_eq!(fit("e\u{301}te\u{301}s", 4), "e\u{301}te\u{301}s");
        assert_eq!(fit("a\tb\u{1b}[1m", 9), "a b␛[1m");
        assert_eq!(fit(&"x".repeat(5000), 3), "xx…");
    }
}
