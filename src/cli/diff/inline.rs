//! Which words of a repeat are not in the line it repeats: what a person has to look at before letting a copy go.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

use chaffinch::fold::fold;

/// Longer lines are not compared word for word.
const MOST_WORDS: usize = 2000;

/// The text in pieces, each with whether its words differ from those of `other`; `None` when nothing can or need be
/// marked: there is no difference, or all is different and marking would only be noise.
pub(super) fn differing<'t>(text: &'t str, other: &str) -> Option<Vec<(bool, &'t str)>> {
    let (mine, theirs) = (words(text)?, words(other)?);
    let folded = |words: &[(usize, &str)]| -> Vec<String> {
        words
            .iter()
            .map(|(_, word)| {
                let mut out = String::new();
                fold(word, &mut out);
                out
            })
            .collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &folded(&mine), &folded(&theirs));
    let mut marked = vec![false; mine.len()];
    for op in ops {
        if matches!(op.tag(), DiffTag::Delete | DiffTag::Replace) {
            marked[op.old_range()].fill(true);
        }
    }
    if !marked.contains(&true) || !marked.contains(&false) {
        return None;
    }
    // Neighbours that differ are one piece, with what stands between them.
    let mut pieces: Vec<(bool, &str)> = Vec::new();
    let mut at = 0;
    let mut i = 0;
    while i < mine.len() {
        let from = i;
        while i < mine.len() && marked[i] == marked[from] {
            i += 1;
        }
        if !marked[from] {
            continue;
        }
        let (start, (last, word)) = (mine[from].0, mine[i - 1]);
        if start > at {
            pieces.push((false, &text[at..start]));
        }
        at = last + word.len();
        pieces.push((true, &text[start..at]));
    }
    if at < text.len() {
        pieces.push((false, &text[at..]));
    }
    Some(pieces)
}

fn words(text: &str) -> Option<Vec<(usize, &str)>> {
    let words: Vec<_> = text.unicode_word_indices().take(MOST_WORDS + 1).collect();
    (words.len() <= MOST_WORDS).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, other: &str) -> String {
        differing(text, other).map_or_else(
            || "-".into(),
            |pieces| pieces.iter().map(|(marked, t)| if *marked { format!("[{t}]") } else { (*t).into() }).collect(),
        )
    }

    #[test]
    fn words_that_differ_are_marked() {
        let line = "The ferry at the slipway on Tuesday. Photo: Ada Brandt";
        assert_eq!(
            marked("The ferry at the old slipway on Monday.", line),
            "The ferry at the [old] slipway on [Monday]."
        );
        assert_eq!(marked("“THE FERRY” at the slipway", line), "-");
        assert_eq!(marked("Nothing else alike", "some other words"), "-");
        assert_eq!(marked("one two three four", "one four"), "one [two three] four");
        assert_eq!(marked("", "x"), "-");
    }

    #[test]
    fn long_lines_are_left_alone() {
        assert_eq!(marked(&"word ".repeat(3000), "word"), "-");
    }
}
