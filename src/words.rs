//! Counts words, that is runs between white space, at a cost that does not show.

use encoding_rs::Encoding;

use crate::bytes::{self, FIRST};

/// Counts the words of lines that may come in pieces.
#[derive(Debug, Default)]
pub(crate) struct WordCounter {
    /// Whether the last piece ended inside a word.
    inside: bool,
}

impl WordCounter {
    /// How many words start in `text`. Where a line goes on (`begins` is false), a word that goes on is not a new one.
    pub(crate) fn count(&mut self, text: &str, begins: bool) -> u64 {
        let goes_on = !begins && self.inside && text.chars().next().is_some_and(|c| !c.is_whitespace());
        self.inside = text.chars().next_back().map_or(self.inside && !begins, |c| !c.is_whitespace());
        count(text) - u64::from(goes_on)
    }
}

/// Runs between white space, of which most text has only that of ASCII.
fn count(text: &str) -> u64 {
    let (mut rest, mut words, mut space) = (text, 0, true);
    loop {
        let (run, after) = rest.split_at(Encoding::ascii_valid_up_to(rest.as_bytes()));
        let more;
        (more, space) = count_ascii(run.as_bytes(), space);
        words += more;
        let mut chars = after.chars();
        let Some(c) = chars.next() else { return words };
        words += u64::from(space && !c.is_whitespace());
        space = c.is_whitespace();
        rest = chars.as_str();
    }
}

/// Counts bytes that are no white space behind one that is, eight at a time. Takes and gives whether white space, or
/// nothing at all, stands before.
fn count_ascii(run: &[u8], space: bool) -> (u64, bool) {
    let (mut words, mut space) = (0, u64::from(space) << 7);
    for part in run.chunks(8) {
        let window = bytes::load(part) | bytes::SPACES & !FIRST[part.len()];
        let white = bytes::white(window);
        // What is not there counts as white space.
        words += u64::from(bytes::count((white << 8 | space) & !white));
        space = white >> (8 * part.len() - 8) & 0x80;
    }
    (words, space != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_between_white_space() {
        let long = " two\twords\u{b}and  ".repeat(300);
        for text in ["", " ", "a", " a ", "a b", "a\u{a0}b ç", "\u{3000}x", &long, &long[1..], &long.replace('a', "ä")]
        {
            let expected = text.split_whitespace().count() as u64;
            assert_eq!(WordCounter::default().count(text, true), expected, "{text:?}");
            for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
                let mut counter = WordCounter { inside: true };
                let words = counter.count(&text[..cut], true) + counter.count(&text[cut..], false);
                assert_eq!(words, expected, "{text:?} cut at {cut}");
            }
        }
    }
}
