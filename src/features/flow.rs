//! Passages: lines that are one paragraph, cut by the scraper.
//!
//! Some dumps wrap text at 80 columns, some cut a paragraph at every link. What such a line is can only be told from
//! the whole of its passage, so figures of the passage stand beside those of the line.

use super::character::class;
use super::columns::col;
use super::context::Gap;
use super::ngrams::KEEP;
use super::{Row, Sheet, log, logit};

/// Finds the passages (`Row::flow`) and writes their columns.
pub(crate) fn fill(sheet: &mut Sheet, gaps: &[Gap]) {
    let n = sheet.rows.len();
    let mut start = 0;
    for (r, gap) in gaps.iter().enumerate().take(n) {
        if r == 0 || !goes_on(&sheet.rows[r - 1], &sheet.rows[r], gap.before == 0) {
            start = r;
        }
        sheet.rows[r].flow = start;
    }
    each(sheet, |sheet, range| {
        let rows = &sheet.rows[range.clone()];
        let words: u32 = rows.iter().map(|r| r.figures.words).sum();
        let ends: u32 = rows.iter().map(|r| r.figures.sentence_ends).sum();
        let linear: i64 = rows.iter().map(|r| i64::from(r.linear[KEEP]) * i64::from(r.figures.words.max(1))).sum();
        let linear = linear / i64::from(rows.iter().map(|r| r.figures.words.max(1)).sum::<u32>());
        let mut passed = 0;
        for r in range.clone() {
            sheet.set(col::FlowRows, r, log(range.len() as u32));
            sheet.set(col::FlowWords, r, log(words));
            sheet.set(col::FlowAt, r, log(passed));
            sheet.set(col::FlowEnds, r, ends.min(255) as u8);
            sheet.set(col::FlowLin, r, logit(linear as i32));
            passed += sheet.rows[r].figures.words;
        }
    });
}

/// Calls `with` for the rows of each passage.
pub(crate) fn each(sheet: &mut Sheet, mut with: impl FnMut(&mut Sheet, std::ops::Range<usize>)) {
    let mut start = 0;
    while start < sheet.rows.len() {
        let end = (start + 1..sheet.rows.len()).find(|r| sheet.rows[*r].flow != start).unwrap_or(sheet.rows.len());
        with(sheet, start..end);
        start = end;
    }
}

/// Whether `row` is the rest of what the row before it began.
fn goes_on(before: &Row, row: &Row, together: bool) -> bool {
    let (a, b) = (&before.figures, &row.figures);
    let width = a.chars + a.indent;
    if together && (55..=84).contains(&width) && b.chars + b.indent <= 84 && b.first != class::BULLET {
        // Wrapped: only what would not have fitted on the line before goes on the next.
        return b.indent.abs_diff(a.indent) <= 2;
    }
    let ended = matches!(a.last, class::STOP | class::ASK | class::COLON);
    let cut = matches!(b.first, class::LOWER | class::COMMA | class::STOP) && b.ideographs == 0;
    !ended && (cut || (a.last == class::COMMA || a.open_end) && a.words >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::token;

    fn flows(lines: &[&str]) -> Vec<usize> {
        let mut sheet = Sheet::default();
        let mut words = Vec::new();
        for line in lines {
            let figures = token::read(line, &mut words, |hash| hash == token::word_hash("of"));
            sheet.rows.push(Row { figures, ..Row::default() });
        }
        sheet.lay_out();
        fill(&mut sheet, &vec![Gap::default(); lines.len()]);
        sheet.rows.iter().map(|r| r.flow).collect()
    }

    #[test]
    fn sentences_cut_at_links_are_one_passage() {
        let cut =
            ["The keeper of the lighthouse at", "Gannet Point", "told the council that she would stay.", "Next day"];
        assert_eq!(flows(&cut), [0, 1, 1, 3]);
        assert_eq!(flows(&["It was the last harvest of", "Anna Lund", ", who had sown it."]), [0, 0, 0]);
    }

    #[test]
    fn wrapped_lines_are_one_passage() {
        let wrapped = [
            "   The ferry that had linked both banks of the river since the great flood",
            "   was sold on Monday. Nobody in the village had been told of the sale, said",
            "   the mayor.",
            "   Sport",
        ];
        assert_eq!(flows(&wrapped), [0, 0, 0, 3]);
    }
}
