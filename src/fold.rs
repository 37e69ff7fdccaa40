//! Folding: the form of a line in which two lines are compared and phrases are looked up.
//!
//! Case, Unicode compatibility forms (NFKC), kinds of quotation marks and dashes, and white space differ between
//! copies of the same text; folding takes these differences away. Most scraped lines are ASCII with a few marks beyond
//! it, so runs of ASCII are taken in one go, and the slow normalisation runs only on lines that need it.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::bytes::{self, HIGH};
use crate::unicode;

/// Writes the folded form of `text` to `out`, which is cleared first.
///
/// The result is lower case NFKC, has straight quotes and hyphens, `...` for an ellipsis, single spaces and none at
/// the ends; zero-width characters, soft hyphens and other controls are gone.
pub fn fold(text: &str, out: &mut String) {
    out.clear();
    fold_onto(text, out);
}

/// Adds the folded form of `text` to what is in `out`.
fn fold_onto(text: &str, out: &mut String) {
    // What folding drops at the ends anyway need not be looked at twice.
    let text = trim(text);
    let start = out.len();
    if fold_runs(text, out) {
        out[start..].make_ascii_lowercase();
    } else {
        out.truncate(start);
        fold_normal(text, out);
    }
    drop_last_space(out, start);
}

/// Adds the folded form of `text`, which has no white space at the ends, to what is in `out`. `lower` is the same with
/// its ASCII in lower case.
pub(crate) fn fold_lower(text: &str, lower: &str, out: &mut String) {
    let start = out.len();
    if !fold_runs(lower, out) {
        out.truncate(start);
        fold_normal(text, out);
    }
    drop_last_space(out, start);
}

fn drop_last_space(out: &mut String, start: usize) {
    if out.len() > start && out.ends_with(' ') {
        out.pop();
    }
}

/// Folds text that must be normalised first.
fn fold_normal(text: &str, out: &mut String) {
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        fold_chars(text.chars(), out);
    } else {
        fold_chars(text.nfkc(), out);
    }
}

/// Folds runs of ASCII, but for its case, and what stands between them, unless that has characters that must be
/// normalised.
fn fold_runs(text: &str, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut space) = (0, true);
    while let Some(&byte) = bytes.get(at) {
        if !byte.is_ascii() {
            // Text in another alphabet comes in runs, too.
            match text[at..].chars().next() {
                Some(c) if is_settled(c) => (at, space) = (at + c.len_utf8(), fold_char(c, space, out)),
                _ => return false,
            }
            continue;
        }
        let length = plain(&bytes[at..], space);
        if length > 0 {
            out.push_str(&text[at..at + length]);
            at += length;
            space = bytes[at - 1] == b' ';
        } else {
            // White space behind white space is nothing, as are other controls.
            let white = matches!(byte, b' ' | b'\t'..=b'\r');
            if white && !space {
                out.push(' ');
            }
            (at, space) = (at + 1, space || white);
        }
    }
    true
}

/// How many bytes are ASCII without controls and without a space behind white space, which `space` says stands before.
fn plain(text: &[u8], space: bool) -> usize {
    // The byte before a window, if it is a space.
    let mut before = if space { 0x80 } else { 0 };
    let mut at = 0;
    while at < text.len() {
        let window = bytes::load(&text[at..]);
        // What is beyond ASCII counts as anything here, as it is odd itself.
        let ascii = window & !HIGH;
        let spaces = !bytes::no_spaces(ascii) & HIGH;
        let odd = window & HIGH | bytes::controls(ascii) | spaces & (spaces << 8 | before);
        if odd != 0 {
            return (at + odd.trailing_zeros() as usize / 8).min(text.len());
        }
        before = spaces >> 56;
        at += 8;
    }
    text.len()
}

/// Whether folding `c` as it is gives the same as folding its normal form, whatever of such characters are around it.
#[inline]
pub(crate) fn is_settled(c: char) -> bool {
    // No-break space, no-break hyphen and ellipsis have another form, but that folds like themselves.
    unicode::of(c) & unicode::SETTLED != 0 || matches!(c, '\u{a0}' | '‑' | '…')
}

/// The text without white space at the ends, which most text has not.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if is_plain(*first) && is_plain(*last) => text,
        _ => text.trim(),
    }
}

/// Whether a byte is ASCII and no white space.
#[inline(always)]
pub(crate) fn is_plain(byte: u8) -> bool {
    (b'!'..=b'~').contains(&byte)
}

fn fold_chars(chars: impl Iterator<Item = char>, out: &mut String) {
    let mut space = true;
    for c in chars {
        space = fold_char(c, space, out);
    }
}

/// Adds a character. Takes and gives whether white space stands before, or nothing at all.
pub(crate) fn fold_char(c: char, space: bool, out: &mut String) -> bool {
    let bits = unicode::of(c);
    match c {
        // Letters and numbers are most of all, and none of the next.
        c if bits & unicode::ALPHANUMERIC != 0 && bits & unicode::LOWERS == 0 => out.push(c),
        '‘' | '’' | '‚' | '‛' | '′' | '´' | '‹' | '›' => out.push('\''),
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => out.push('-'),
        '…' => out.push_str("..."),
        c if c.is_whitespace() => {
            if !space {
                out.push(' ');
            }
            return true;
        }
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            return space;
        }
        c if c.is_control() => return space,
        c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        c if bits & unicode::LOWERS != 0 => out.extend(c.to_lowercase()),
        c => out.push(c),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::from("old");
        fold(text, &mut out);
        out
    }

    #[test]
    fn copies_of_a_text_fold_alike() {
        assert_eq!(folded("  “Don’t  Go”\t— he\u{a0}said… "), "\"don't go\" - he said...");
        assert_eq!(folded("\"DON'T GO\" - he said..."), "\"don't go\" - he said...");
        assert_eq!(folded("ﬁne\u{ad}ly\u{200b} E\u{301}TÉ"), "finely été");
        assert_eq!(folded("a\u{1b}[1mb\u{7f}"), "a[1mb");
    }

    /// The definition, without any of the shortcuts.
    fn slowly(text: &str) -> String {
        let mut out = String::new();
        fold_chars(text.nfkc(), &mut out);
        out.trim_end_matches(' ').to_owned()
    }

    #[test]
    fn quick_and_general_paths_agree() {
        for text in [
            " Some\tASCII  'text' -- with\x00 controls \x0b. ",
            "plain, with Capitals",
            "\u{1}",
            "a\u{1} ",
            "a \u{1} b",
            "        eight spaces before eight  after",
            "eight in a row, and a  b",
            "seven s  seven s \u{7f}",
            "A “quoted”  line\u{a0} – it’s… \u{200b}",
            "`code` and ‘words’, ﬁne `code`",
            "é É \u{200b} \u{a0} e\u{301}",
            "…\u{301} \u{a0}\u{301}‑\u{338}",
            "İstanbul™ ﬁ ″5 ´a ﷺ 한글 ｶﾞ",
            "\u{1100}\u{1161}가\u{11a8}",
        ] {
            assert_eq!(folded(text), slowly(text), "{text:?}");
            assert_eq!(folded(&text.repeat(40)), slowly(&text.repeat(40)), "{text:?}");
        }
    }

    #[test]
    fn settled_characters_need_no_normalisation() {
        let settled: Vec<char> = ('\u{80}'..=char::MAX).filter(|c| is_settled(*c)).collect();
        assert!(settled.len() > 1_000_000);
        for &c in &settled {
            let normal: String = std::iter::once(c).nfkc().collect();
            if normal.chars().ne([c]) {
                assert!("\u{a0}‑…".contains(c), "{c:?}");
            }
            // Yes rules out that what stands before it joins it, or that the two change places.
            assert_eq!(is_nfkc_quick(normal.chars()), IsNormalized::Yes, "{c:?}");
            assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{c:?}");
            assert_eq!(folded(&format!("a{c}b")), slowly(&format!("a{c}b")), "{c:?}");
        }
    }
}
