//! Landmarks: how far a line is from those that parts of a page begin with, and how regular its surroundings are.
//!
//! A thread of comments has its heading, its "Reply" under every post and its dates; a list of teasers has items of
//! one shape. A single line of such a part may read like text, but its distance from the landmarks does not.

use fearless_simd::{Level, Simd, dispatch};

use super::columns::col;
use super::{Sheet, log};

/// A landmark is a line on which phrases of a label weigh this much.
const STRONG: u8 = 2;

/// Rows looked at on either side.
const ECHOES: usize = 10;
const DATES: usize = 8;
const SHAPES: usize = 12;

/// Rows that are looked at together.
const CHUNK: usize = 64;

/// Writes the columns of landmarks and of regular surroundings. The line's own columns must be there.
pub(crate) fn fill(sheet: &mut Sheet) {
    let mut marks = Vec::new();
    for (seeds, since, until) in [
        (col::SeedComments, col::SinceComments, col::UntilComments),
        (col::SeedRelated, col::SinceRelated, col::UntilRelated),
        (col::SeedSharing, col::SinceSharing, col::UntilSharing),
        (col::SeedByline, col::SinceByline, col::UntilByline),
        (col::SeedLegal, col::SinceLegal, col::UntilLegal),
        (col::SeedSubscription, col::SinceSubscription, col::UntilSubscription),
    ] {
        marks.clear();
        let cells = sheet.column(seeds).chunks(CHUNK).enumerate();
        // Landmarks are rare: most often one look at many rows is enough.
        for (at, cells) in cells.filter(|(_, cells)| cells.iter().fold(0, |most, cell| *cell.max(&most)) >= STRONG) {
            let strong = cells.iter().enumerate().filter(|(_, cell)| **cell >= STRONG);
            marks.extend(strong.map(|(row, _)| at * CHUNK + row));
        }
        distances(sheet, since, until, &marks);
    }
    let rows = || sheet.rows.iter().map(|row| &row.figures).enumerate();
    let copies = sheet.column(col::Copies);
    let echoes: Vec<u8> = rows().map(|(r, f)| u8::from(copies[r] > 1 && f.words <= 8)).collect();
    let bylines = sheet.column(col::SeedByline);
    let dated = rows().map(|(r, f)| u8::from(f.words <= 14 && (f.has_year || f.has_clock || bylines[r] > 0)));
    let dated: Vec<u8> = dated.collect();
    marks.clear();
    marks.extend(echoes.iter().enumerate().filter(|(_, echo)| **echo > 0).map(|(r, _)| r));
    distances(sheet, col::SinceEcho, col::UntilEcho, &marks);
    density(sheet, col::EchoesNear, ECHOES, &echoes);
    density(sheet, col::DatesNear, DATES, &dated);
    shapes(sheet);
}

/// Rows since the last landmark and until the next, the landmarks themselves being 0 away.
fn distances(sheet: &mut Sheet, since: usize, until: usize, marks: &[usize]) {
    let n = sheet.rows.len();
    // Beyond the landmarks it is as if there had been one further away than any that could be seen.
    let (first, last) = (marks.first().copied().unwrap_or(n), marks.last().map_or(0, |last| last + 1));
    let cells = sheet.column_mut(since);
    cells[..first].fill(u8::MAX);
    for (at, mark) in marks.iter().enumerate() {
        let end = marks.get(at + 1).copied().unwrap_or(n);
        cells[*mark..end].iter_mut().zip(0..).for_each(|(cell, steps)| *cell = log(steps));
    }
    let cells = sheet.column_mut(until);
    cells[last..].fill(u8::MAX);
    for (at, mark) in marks.iter().enumerate() {
        let start = if at == 0 { 0 } else { marks[at - 1] + 1 };
        cells[start..=*mark].iter_mut().rev().zip(0..).for_each(|(cell, steps)| *cell = log(steps));
    }
}

/// Rows of a kind within `reach` on either side; 1 marks those of the kind.
fn density(sheet: &mut Sheet, column: usize, reach: usize, of_kind: &[u8]) {
    let mut count: u8 = of_kind.iter().take(reach).sum();
    for (r, cell) in sheet.column_mut(column).iter_mut().enumerate() {
        count += of_kind.get(r + reach).copied().unwrap_or(0);
        count -= r.checked_sub(reach + 1).map_or(0, |left| of_kind[left]);
        *cell = count;
    }
}

/// Rows of about the same form within reach: first and last character, length.
fn shapes(sheet: &mut Sheet) {
    let rows = sheet.column(col::First).iter().zip(sheet.column(col::Last)).zip(sheet.column(col::Words));
    let shape = |((first, last), words): ((&u8, &u8), &u8)| u32::from_le_bytes([*first, *last, words / 6, 0]);
    // No row has the form of what lies beyond the page.
    let beyond = || std::iter::repeat_n(u32::MAX, SHAPES);
    let shapes: Vec<u32> = beyond().chain(rows.map(shape)).chain(beyond()).collect();
    dispatch!(Level::new(), simd => like(simd, &shapes, sheet.column_mut(col::ShapesNear)));
}

/// Counts what within reach of each is equal to it, itself not counted.
#[inline(always)]
fn like<S: Simd>(_: S, shapes: &[u32], out: &mut [u8]) {
    for (at, out) in out.chunks_mut(CHUNK).enumerate() {
        let shapes = &shapes[at * CHUNK..];
        let own = &shapes[SHAPES..][..out.len()];
        let mut counts = [0u32; CHUNK];
        for other in (0..=2 * SHAPES).filter(|other| *other != SHAPES) {
            for (count, (own, other)) in counts.iter_mut().zip(own.iter().zip(&shapes[other..])) {
                *count += u32::from(own == other);
            }
        }
        out.iter_mut().zip(counts).for_each(|(out, count)| *out = count as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Row;

    fn sheet(rows: usize) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.rows.resize(rows, Row::default());
        sheet.lay_out();
        sheet
    }

    #[test]
    fn distances_run_from_landmark_to_landmark() {
        let mut s = sheet(5);
        s.set(col::SeedComments, 2, STRONG);
        fill(&mut s);
        assert_eq!(s.column(col::SinceComments), [255, 255, 0, log(1), log(2)]);
        assert_eq!(s.column(col::UntilComments), [log(2), log(1), 0, 255, 255]);
    }

    #[test]
    fn echoes_are_counted_on_both_sides() {
        let mut s = sheet(30);
        for r in [0, 11, 12] {
            s.set(col::Copies, r, 2);
        }
        fill(&mut s);
        let near: Vec<u8> = [0, 1, 2, 10, 11, 21, 22, 23, 29].map(|r| s.column(col::EchoesNear)[r]).to_vec();
        assert_eq!(near, [1, 2, 3, 3, 2, 2, 1, 0, 0]);
        assert_eq!(s.column(col::ShapesNear)[15], 24);
    }
}
