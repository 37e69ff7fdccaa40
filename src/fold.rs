//! Folding: the form of a line in which two lines are compared and phrases are looked up.
//!
//! Case, Unicode compatibility forms (NFKC), kinds of quotation marks and dashes, and white space differ between
//! copies of the same text; folding takes these differences away. Most scraped lines are ASCII or plainly composed
//! text, so the slow normalisation runs only on lines that need it.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Writes the folded form of `text` to `out`, which is cleared first.
///
/// The result is lower case NFKC, has straight quotes and hyphens, `...` for an ellipsis, single spaces and none at
/// the ends; zero-width characters, soft hyphens and other controls are gone.
pub fn fold(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        fold_ascii(text, out);
    } else if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        fold_chars(text.chars(), out);
    } else {
        fold_chars(text.nfkc(), out);
    }
    if out.ends_with(' ') {
        out.pop();
    }
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

fn fold_ascii(text: &str, out: &mut String) {
    let mut bytes = std::mem::take(out).into_bytes();
    bytes.resize(text.len(), 0);
    let (mut end, mut space) = (0, true);
    // Without a branch: every byte is written, and stands where the next one goes over it if it is not to stay.
    for &byte in text.as_bytes() {
        let folded = ASCII[usize::from(byte & 0x7f)];
        bytes[end] = folded;
        let is_space = folded == b' ';
        end += usize::from(folded != 0 && !(is_space && space));
        space = if folded == 0 { space } else { is_space };
    }
    bytes.truncate(end);
    // Made of ASCII, so nothing is lost here.
    *out = String::from_utf8(bytes).unwrap_or_default();
}

fn fold_chars(chars: impl Iterator<Item = char>, out: &mut String) {
    let mut space = true;
    for c in chars {
        match c {
            c if c.is_whitespace() => {
                if !space {
                    out.push(' ');
                }
                space = true;
                continue;
            }
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            c if c.is_control() => continue,
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' | '‹' | '›' => out.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => out.push('-'),
            '…' => out.push_str("..."),
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c => out.extend(c.to_lowercase()),
        }
        space = false;
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

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

    #[test]
    fn ascii_and_general_paths_agree() {
        let text = " Some\tASCII  'text' -- with\x00 controls \x0b. ";
        let mut general = String::new();
        super::fold_chars(text.chars(), &mut general);
        assert_eq!(folded(text), general.trim_end());
    }
}
