//! Folding: the form of a line in which two lines are compared and phrases are looked up.
//!
//! Case, Unicode compatibility forms (NFKC), kinds of quotation marks and dashes, and white space differ between
//! copies of the same text; folding takes these differences away. Most scraped lines are ASCII with a few marks beyond
//! it, so runs of ASCII are taken in one go, and the slow normalisation runs only on lines that need it.

use encoding_rs::Encoding;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::bytes::{self, FIRST, HIGH};

/// Writes the folded form of `text` to `out`, which is cleared first.
///
/// The result is lower case NFKC, has straight quotes and hyphens, `...` for an ellipsis, single spaces and none at
/// the ends; zero-width characters, soft hyphens and other controls are gone.
pub fn fold(text: &str, out: &mut String) {
    out.clear();
    fold_onto(text, out);
}

/// Adds the folded form of `text` to what is in `out`.
pub(crate) fn fold_onto(text: &str, out: &mut String) {
    // What folding drops at the ends anyway need not be looked at twice.
    let text = trim(text);
    let start = out.len();
    if !fold_runs(text, out) {
        out.truncate(start);
        if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
            fold_chars(text.chars(), out);
        } else {
            fold_chars(text.nfkc(), out);
        }
    }
    if out.len() > start && out.ends_with(' ') {
        out.pop();
    }
}

/// Folds runs of ASCII and what stands between them, unless that has characters that must be normalised.
fn fold_runs(text: &str, out: &mut String) -> bool {
    let (mut rest, mut space) = (text, true);
    loop {
        let (run, after) = rest.split_at(Encoding::ascii_valid_up_to(rest.as_bytes()));
        space = fold_ascii(run, space, out);
        let mut chars = after.chars();
        // Text in another alphabet comes in runs, too.
        loop {
            rest = chars.as_str();
            match chars.next() {
                None => return true,
                Some(c) if c.is_ascii() => break,
                Some(c) if is_settled(c) => space = fold_char(c, space, out),
                Some(_) => return false,
            }
        }
    }
}

/// Whether folding `c` as it is gives the same as folding its normal form, whatever of such characters are around it.
/// Does not know them all, but those that are met.
pub(crate) const fn is_settled(c: char) -> bool {
    matches!(c,
        // No-break space, no-break hyphen and ellipsis have another form, but that folds like themselves.
        '\u{2018}'..='\u{201f}' | '\u{2010}'..='\u{2016}' | '\u{2026}' | '\u{2020}'..='\u{2023}'
        | '\u{a0}'..='\u{a7}' | '\u{a9}' | '\u{ab}'..='\u{ae}' | '\u{b0}'..='\u{b1}' | '\u{b6}'..='\u{b7}'
        | '\u{bb}' | '\u{bf}'..='\u{131}' | '\u{134}'..='\u{13e}' | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}'
        | '\u{391}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}' | '\u{400}'..='\u{481}' | '\u{5d0}'..='\u{5ea}'
        | '\u{621}'..='\u{63a}' | '\u{641}'..='\u{64a}' | '\u{200b}'..='\u{200f}' | '\u{2030}' | '\u{2039}'..='\u{203a}'
        | '\u{20a0}'..='\u{20a7}' | '\u{20a9}'..='\u{20ac}' | '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{27bf}'
        | '\u{3001}'..='\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fc}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{fffd}')
}

/// What becomes of each ASCII byte: itself in lower case, a space for white space, nothing for other controls.
const ASCII: [u8; 128] = {
    let (mut table, mut byte) = ([0; 128], 0u8);
    while byte < 128 {
        table[byte as usize] = match byte {
            b' ' | b'\t'..=b'\r' => b' ',
            0..b' ' | 0x7f => 0,
            _ => byte.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
};

/// Adds a run of ASCII. Takes and gives whether white space stands before, or nothing at all.
fn fold_ascii(run: &str, space: bool, out: &mut String) -> bool {
    let run = if space { run.trim_start() } else { run };
    let Some(last) = run.bytes().next_back() else { return space };
    if has_single_spaces(run.as_bytes()) {
        let start = out.len();
        out.push_str(run);
        out[start..].make_ascii_lowercase();
        return last == b' ';
    }
    let mut space = space;
    for &byte in run.as_bytes() {
        let folded = ASCII[usize::from(byte & 0x7f)];
        let is_space = folded == b' ';
        if folded != 0 && !(is_space && space) {
            out.push(char::from(folded));
        }
        space = if folded == 0 { space } else { is_space };
    }
    space
}

/// Whether a run of ASCII has no controls and no space beside a space.
fn has_single_spaces(run: &[u8]) -> bool {
    let (mut wrong, mut space) = (0, 0);
    for bytes in run.chunks(8) {
        // What is not there counts as letters.
        let window = bytes::load(bytes) | u64::from_le_bytes([b'a'; 8]) & !FIRST[bytes.len()];
        let spaces = !bytes::no_spaces(window) & HIGH;
        wrong |= bytes::controls(window) | spaces & (spaces << 8 | space);
        space = spaces >> 56;
    }
    wrong == 0
}

/// The text without white space at the ends.
fn trim(text: &str) -> &str {
    trim_end(trim_start(text))
}

/// The text without white space at the beginning.
#[inline]
pub(crate) fn trim_start(text: &str) -> &str {
    let spaces = text.bytes().take_while(|byte| *byte == b' ').count();
    let text = &text[spaces..];
    if is_plain(text.as_bytes().first()) { text } else { text.trim_start() }
}

/// The text without white space at the end.
#[inline]
pub(crate) fn trim_end(text: &str) -> &str {
    if is_plain(text.as_bytes().last()) { text } else { text.trim_end() }
}

/// Whether there is a byte that is ASCII and no white space.
#[inline]
fn is_plain(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| (b'!'..=b'~').contains(byte))
}

fn fold_chars(chars: impl Iterator<Item = char>, out: &mut String) {
    let mut space = true;
    for c in chars {
        space = fold_char(c, space, out);
    }
}

/// Adds a character. Takes and gives whether white space stands before, or nothing at all.
pub(crate) fn fold_char(c: char, space: bool, out: &mut String) -> bool {
    match c {
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
        c => out.extend(c.to_lowercase()),
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
        let settled: Vec<char> = ('\0'..=char::MAX).filter(|c| is_settled(*c)).collect();
        assert!(settled.len() > 30_000 && settled.iter().all(|c| !c.is_ascii()));
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
