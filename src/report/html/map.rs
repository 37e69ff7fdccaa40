//! The map of the whole page: one strip of coloured cells, of bounded number however long the document is.

use crate::label::Label;
use crate::numbers;
use crate::verdict::Verdict;

/// More cells than a screen has pixels would be of no use. Even, as cells are merged in pairs.
const CELLS: usize = 800;

/// Kept lines, and removed ones by label.
const KINDS: usize = 1 + Label::ALL.len();

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The first line in it that holds something.
    line: u64,
    /// Lines by kind.
    kinds: [u64; KINDS],
    /// Whether a doubtful line is in it.
    doubtful: bool,
}

/// Collects what became of each line that holds something.
#[derive(Debug)]
pub(super) struct Map {
    cells: Vec<Cell>,
    /// Lines that go into one cell.
    per_cell: u64,
    in_last: u64,
}

impl Map {
    /// An empty map.
    pub(super) fn new() -> Map {
        Map { cells: Vec::new(), per_cell: 1, in_last: 0 }
    }

    /// Adds line `number`.
    pub(super) fn push(&mut self, number: u64, verdict: &Verdict) {
        let kind = match verdict.label {
            Some(label) if !verdict.keep => 1 + label.index(),
            _ => 0,
        };
        if self.cells.is_empty() || self.in_last == self.per_cell {
            if self.cells.len() == CELLS {
                self.halve();
            }
            self.cells.push(Cell { line: number, kinds: [0; KINDS], doubtful: false });
            self.in_last = 0;
        }
        if let Some(cell) = self.cells.last_mut() {
            cell.kinds[kind] += 1;
            cell.doubtful |= verdict.label.is_some() && verdict.score < super::row::DOUBTFUL;
            self.in_last += 1;
        }
    }

    fn halve(&mut self) {
        let halved = self.cells.chunks(2).map(|pair| {
            let mut cell = pair[0];
            for other in &pair[1..] {
                cell.doubtful |= other.doubtful;
                cell.kinds.iter_mut().zip(other.kinds).for_each(|(mine, theirs)| *mine += theirs);
            }
            cell
        });
        self.cells = halved.collect();
        self.per_cell *= 2;
    }

    /// Writes the strip as SVG, every run of cells of one kind a link to its place. Long runs are cut, so that one
    /// gets near any line.
    pub(super) fn svg(&self, out: &mut String) {
        let kinds: Vec<usize> = self.cells.iter().map(Cell::kind).collect();
        let height = kinds.len().max(1);
        let number = |out: &mut String, before: &str, number: u64| {
            out.push_str(before);
            // Writing to a string can not fail.
            _ = numbers::whole(out, number);
        };
        // For the eye and the mouse only: keys and screen readers have the page itself, line by line.
        number(out, "<div class=\"map\" aria-hidden=\"true\"><svg viewBox=\"0 0 1 ", height as u64);
        number(out, "\" preserveAspectRatio=\"none\" data-per=\"", self.per_cell);
        out.push_str("\">");
        let mut at = 0;
        for run in kinds.chunk_by(|a, b| a == b).flat_map(|run| run.chunks(height.div_ceil(80).max(4))) {
            let name = if run[0] == 0 { "kept" } else { Label::ALL[run[0] - 1].name() };
            let line = self.cells[at].line;
            number(out, "<a href=\"#L", line);
            number(out, "\" tabindex=\"-1\"><title>from line ", line);
            [": ", name, "</title><rect class=\"l ", name].into_iter().for_each(|part| out.push_str(part));
            number(out, "\" y=\"", at as u64);
            number(out, "\" width=\"1\" height=\"", run.len() as u64);
            out.push_str("\"/></a>");
            at += run.len();
        }
        for (at, _) in self.cells.iter().enumerate().filter(|(_, cell)| cell.doubtful) {
            number(out, "<rect class=\"doubt\" y=\"", at as u64);
            out.push_str("\" width=\".22\" height=\"1\"/>");
        }
        out.push_str("</svg></div>\n");
    }
}

impl Cell {
    /// The kind of most lines; the first of them if there are several.
    fn kind(&self) -> usize {
        (0..KINDS).rev().max_by_key(|&kind| self.kinds[kind]).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_lines_fits() {
        let mut map = Map::new();
        let svg = |map: &Map| {
            let mut out = String::new();
            map.svg(&mut out);
            out
        };
        assert!(svg(&map).contains("viewBox=\"0 0 1 1\""));
        for i in 1..=20_000 {
            let keep = (5_000..15_000).contains(&i);
            let score = if i == 7_000 { 0.5 } else { 1.0 };
            map.push(i, &Verdict::new(keep, Some(if keep { Label::Body } else { Label::Legal }), score));
        }
        assert!(map.cells.len() <= CELLS && map.cells.len() > CELLS / 4);
        assert_eq!(map.cells.iter().flat_map(|cell| cell.kinds).sum::<u64>(), 20_000);
        let svg = svg(&map);
        assert!((60..120).contains(&svg.matches("<a ").count()), "{svg}");
        assert_eq!(svg.matches("class=\"doubt\"").count(), 1);
        assert!(svg.contains("from line 1: legal") && svg.contains(": kept"));
    }
}
