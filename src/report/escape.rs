//! Making scraped text safe to show: what a terminal or a browser would act on, or hide, is written out instead.
//!
//! Scraped text may hold terminal escapes, marks that turn the direction of the text, and characters of no width.
//! A reader must see them (a line that *looks* like another one is just what has to be noticed), and nothing may
//! act on them. Both functions borrow when there is nothing to do, which is nearly always.

use std::borrow::Cow;
use std::fmt::Write;

/// How `c`, which follows `before`, is to be shown; `None` when as itself.
fn visible(c: char, before: Option<char>) -> Option<Shown> {
    match c {
        '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).map(Shown::Picture),
        '\u{7f}' => Some(Shown::Picture('\u{2421}')),
        // Joiners shape Persian, Indic scripts and emoji; behind ASCII they can only hide something.
        '\u{200c}' | '\u{200d}' if before.is_some_and(|b| !b.is_ascii()) => None,
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
    c != '\t' && visible(c, None).is_some()
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
    rewrite(text, |_| None)
}

/// `text` for an HTML page, in elements and in quoted attributes, with the same characters made visible.
pub fn html(text: &str) -> Cow<'_, str> {
    rewrite(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    })
}

fn rewrite(text: &str, entity: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let entity = entity(c);
        let shown = if entity.is_none() { visible(c, before) } else { None };
        before = Some(c);
        if entity.is_none() && shown.is_none() {
            continue;
        }
        out.push_str(&text[copied..at]);
        copied = at + c.len_utf8();
        match (entity, shown) {
            (Some(entity), _) => out.push_str(entity),
            (None, Some(Shown::Picture(picture))) => out.push(picture),
            // Writing to a string can not fail.
            (None, _) => _ = write!(out, "\\u{{{:x}}}", c as u32),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
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
