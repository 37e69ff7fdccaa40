//! Counts words, that is runs between white space, at a cost that does not show.

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
        let words = if text.is_ascii() { count_ascii(text.as_bytes()) } else { text.split_whitespace().count() as u64 };
        words - u64::from(goes_on)
    }
}

/// Pairs of a space and a letter: without a state carried from byte to byte, the compiler takes many at a time.
fn count_ascii(bytes: &[u8]) -> u64 {
    let space = |byte: u8| byte == b' ' || byte.wrapping_sub(b'\t') <= 4;
    let Some(&first) = bytes.first() else { return 0 };
    let starts = |bytes: &[u8], after: &[u8]| -> u64 {
        bytes.iter().zip(after).map(|(&byte, &next)| u8::from(space(byte) & !space(next))).sum::<u8>().into()
    };
    // Sums of 128 pairs at a time fit a byte.
    let pairs: u64 = bytes.chunks(128).zip(bytes[1..].chunks(128)).map(|(bytes, after)| starts(bytes, after)).sum();
    pairs + u64::from(!space(first))
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
