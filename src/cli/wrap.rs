//! Text with some words marked, laid out in rows of the terminal's width.

use chaffinch::report::escape;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A piece of text, and whether it is marked.
pub(super) type Piece<'t> = (bool, &'t str);

/// One row: pieces, and how many columns they fill.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) pieces: Vec<(bool, String)>,
    pub(super) width: usize,
}

impl Row {
    fn push(&mut self, marked: bool, text: &str, width: usize) {
        self.width += width;
        match self.pieces.last_mut() {
            Some((last, held)) if *last == marked => held.push_str(text),
            _ => self.pieces.push((marked, text.to_owned())),
        }
    }

    fn trim_end(&mut self) {
        while let Some((_, last)) = self.pieces.last_mut() {
            let kept = last.trim_end_matches(' ').len();
            self.width -= last.len() - kept;
            last.truncate(kept);
            if kept > 0 {
                break;
            }
            self.pieces.pop();
        }
    }
}

/// Text made safe to show, in at most `most` rows of `columns`; the last ends in `…` where there is more of it.
pub(super) fn rows(text: &str, columns: usize, most: usize) -> Vec<String> {
    // What can not be shown anyway need not be escaped.
    let limit = columns.saturating_mul(most).saturating_mul(32);
    let end = (0..=limit.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let safe = escape::terminal(&text[..end]);
    let (rows, left) = wrap(&[(false, safe.trim_end())], columns.saturating_sub(1), most);
    let mut rows: Vec<String> =
        rows.into_iter().map(|row| row.pieces.into_iter().map(|(_, text)| text).collect()).collect();
    if let (true, Some(last)) = (left > 0 || end < text.len(), rows.last_mut()) {
        last.push('…');
    }
    rows
}

/// Breaks text, which is safe to show, into at most `most` rows of `columns`, at spaces where there are some. The
/// second value is what did not fit, in bytes.
pub(super) fn wrap(pieces: &[Piece<'_>], columns: usize, most: usize) -> (Vec<Row>, usize) {
    let columns = columns.max(1);
    let total: usize = pieces.iter().map(|(_, text)| text.len()).sum();
    let mut rows = vec![Row::default()];
    let mut done = 0;
    for &(marked, text) in pieces {
        for word in words(text) {
            let word = if word == "\t" { " " } else { word };
            let width = word.width();
            let row = rows.len() - 1;
            if rows[row].width + width <= columns {
                rows[row].push(marked, word, width);
                done += word.len();
                continue;
            }
            // A space at the end of a row is not seen, and would look like an indent on the next.
            if word.trim().is_empty() && rows[row].width > 0 {
                done += word.len();
                if rows.len() == most {
                    return finish(rows, total - done);
                }
                rows.push(Row::default());
                continue;
            }
            // A word longer than a row is broken, and so is a script without spaces, whose characters are wide.
            let whole = width <= columns && width <= word.chars().count();
            let clusters = whole.then_some(word).into_iter();
            for cluster in clusters.chain((!whole).then(|| word.graphemes(true)).into_iter().flatten()) {
                let width = cluster.width();
                let full = rows.last().is_some_and(|row| row.width > 0 && row.width + width > columns);
                if full {
                    if rows.len() == most {
                        return finish(rows, total - done);
                    }
                    rows.push(Row::default());
                }
                if let Some(row) = rows.last_mut() {
                    row.push(marked, cluster, width);
                }
                done += cluster.len();
            }
        }
    }
    finish(rows, 0)
}

/// White space, character by character, and what stands between.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first.is_whitespace() {
            true => first.len_utf8(),
            false => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn finish(mut rows: Vec<Row>, left: usize) -> (Vec<Row>, usize) {
    rows.iter_mut().for_each(Row::trim_end);
    if rows.len() > 1 && rows.last().is_some_and(|row| row.pieces.is_empty()) {
        rows.pop();
    }
    (rows, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let (rows, left) = wrap(&[(false, text)], columns, usize::MAX);
        assert_eq!(left, 0);
        assert!(rows.iter().all(|row| row.width <= columns.max(2)), "{rows:?}");
        rows.iter().map(|row| row.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn rows_end_between_words_where_there_are_some() {
        assert_eq!(rows("one two three", 7), ["one two", "three"]);
        assert_eq!(rows("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(rows("新しい記事の題", 6), ["新しい", "記事の", "題"]);
        assert_eq!(rows("in the “room.” Now", 13), ["in the", "“room.” Now"]);
        assert_eq!(rows("", 5), [""]);
        assert_eq!(rows("    indented", 20), ["    indented"]);
        assert_eq!(rows("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn marks_go_over_the_end_of_a_row() {
        let (rows, _) = wrap(&[(false, "a "), (true, "bb cc"), (false, " d")], 4, 9);
        assert_eq!(rows[0].pieces, [(false, "a ".into()), (true, "bb".into())]);
        assert_eq!(rows[1].pieces, [(true, "cc".into()), (false, " d".into())]);
    }

    #[test]
    fn a_monster_is_cut() {
        let text = "x".repeat(1_000_000);
        let (rows, left) = wrap(&[(false, &text)], 50, 10);
        assert_eq!((rows.len(), left), (10, 1_000_000 - 500));
        let (rows, left) = wrap(&[(false, &"y ".repeat(100_000))], 50, 10);
        assert!(rows.len() == 10 && left > 190_000, "{left}");
    }

    #[test]
    fn a_line_is_shown_in_few_rows() {
        assert_eq!(super::rows("one two three four", 10, 6), ["one two", "three", "four"]);
        assert_eq!(super::rows("one two three four", 10, 2), ["one two", "three…"]);
        assert_eq!(super::rows("a\u{1b}[2J\u{202e}b", 30, 2), ["a␛[2J\\u{202e}b"]);
        assert_eq!(super::rows("", 10, 2), [""]);
        let long = super::rows(&"x".repeat(1_000_000), 10, 3);
        assert!(
            long.len() == 3 && long[2].ends_with('…') && long.iter().all(|row| row.chars().count() <= 10),
            "{long:?}"
        );
    }
}
