//! Making scraped text safe to show: what a terminal or a browser would act on, or hide, is written out instead.
//!
//! Scraped text may hold terminal escapes, marks that turn the direction of the text, and characters of no width.
//! A reader must see them (a line that *looks* like another one is just what has to be noticed), and nothing may
//! act on them. Both functions borrow when there is nothing to do, which is nearly always.

use std::borrow::Cow;
use std::fmt::Write;

use super::suspects::{self, Purpose};

/// How `c` is to be shown; `None` when as itself. Something is different behind ASCII and at the beginning of a text.
fn visible(c: char, behind_ascii: bool) -> Option<Shown> {
    match c {
        '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).map(Shown::Picture),
        '\u{7f}' => Some(Shown::Picture('\u{2421}')),
        // Joiners shape Persian, Indic scripts and emoji; behind ASCII they can only hide something.
        '\u{200c}' | '\u{200d}' if !behind_ascii => None,
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{e0000}'..='\u{e007f}' => Some(Shown::Code),
        _ if c as u32 & 0xfffe == 0xfffe => Some(Shown::Code),
        _ => None,
    }
}

/// Whether `c` is acted on or hidden by what shows text, so that files meant for tools should spell it out too.
pub(crate) fn is_treacherous(c: char) -> bool {
    c != '\t' && visible(c, true).is_some()
}

enum Shown {
    /// The Unicode picture of a control character: `␛`.
    Picture(char),
    /// Its number: `\u{202e}`.
    Code,
}

/// `text` with everything visible that a terminal would act on or hide: `␛` for ESC, `\u{202e}` for a bidi mark.
///
/// Line breaks are shown too, so this is for text within one line; tabs stay.
pub fn terminal(text: &str) -> Cow<'_, str> {
    rewritten(text, Purpose::Show)
}

/// `text` for an HTML page, in elements and in quoted attributes, with the same characters made visible.
pub fn html(text: &str) -> Cow<'_, str> {
    rewritten(text, Purpose::Html)
}

/// Writes [`html`] of `text`, which goes on behind what is there.
pub(crate) fn push_html(out: &mut String, text: &str) {
    let behind_ascii = out.as_bytes().last().is_none_or(u8::is_ascii);
    let rest = rewrite(out, text, behind_ascii, Purpose::Html);
    out.push_str(rest);
}

/// Whether [`terminal`] leaves `text` as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut plain = true;
    suspects::each(text, Purpose::Show, |at| plain &= shown_at(text, at, true).is_none());
    plain
}

fn rewritten(text: &str, purpose: Purpose) -> Cow<'_, str> {
    let mut out = String::new();
    let rest = rewrite(&mut out, text, true, purpose);
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes `text` up to the last character that is written in another way; gives what follows it.
#[inline(always)]
fn rewrite<'t>(out: &mut String, text: &'t str, behind_ascii: bool, purpose: Purpose) -> &'t str {
    let mut copied = 0;
    suspects::each(text, purpose, |at| {
        let entity = match text.as_bytes()[at] {
            _ if purpose != Purpose::Html => None,
            b'&' => Some("&amp;"),
            b'<' => Some("&lt;"),
            b'>' => Some("&gt;"),
            b'"' => Some("&quot;"),
            b'\'' => Some("&#39;"),
            _ => None,
        };
        if let Some(entity) = entity {
            out.push_str(&text[copied..at]);
            out.push_str(entity);
            copied = at + 1;
        } else if let Some((c, shown)) = shown_at(text, at, behind_ascii) {
            out.push_str(&text[copied..at]);
            copied = at + c.len_utf8();
            match shown {
                Shown::Picture(picture) => out.push(picture),
                // Writing to a string can not fail.
                Shown::Code => _ = write!(out, "\\u{{{:x}}}", c as u32),
            }
        }
    });
    &text[copied..]
}

/// The character at a place, and how it is to be shown if not as itself.
fn shown_at(text: &str, at: usize, behind_ascii: bool) -> Option<(char, Shown)> {
    let c = text[at..].chars().next()?;
    let behind_ascii = if at == 0 { behind_ascii } else { text.as_bytes()[at - 1].is_ascii() };
    visible(c, behind_ascii).map(|shown| (c, shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "Plain text,\twith a tab – and “quotes”.", "می\u{200c}خواهم", "👩\u{200d}🚀"]
        {
            assert!(matches!(terminal(text), Cow::Borrowed(_)), "{text:?}");
        }
    }

    #[test]
    fn what_a_terminal_acts_on_is_shown() {
        assert_eq!(terminal("\u{1b}[31mred\u{7}"), "␛[31mred␇");
        assert_eq!(terminal("a\u{9b}2J"), "a\\u{9b}2J");
        assert_eq!(terminal("user\u{202e}txt.exe\u{feff}"), "user\\u{202e}txt.exe\\u{feff}");
        assert_eq!(terminal("pay\u{200d}pal\r\n\0\u{7f}"), "pay\\u{200d}pal␍␊␀␡");
        assert_eq!(terminal("\u{e0041}\u{ffff}"), "\\u{e0041}\\u{ffff}");
    }

    #[test]
    fn html_escapes_markup_and_controls() {
        assert_eq!(html("</pre><script>\"a\" & 'b'"), "&lt;/pre&gt;&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(html("\u{1b}]8;;x\u{2066}"), "␛]8;;x\\u{2066}");
    }
}
