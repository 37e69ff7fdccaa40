//! Landmarks: how far a line is from those that parts of a page begin with, and how regular its surroundings are.
//!
//! A thread of comments has its heading, its "Reply" under every post and its dates; a list of teasers has items of
//! one shape. A single line of such a part may read like text, but its distance from the landmarks does not.

use super::columns::col;
use super::{Sheet, log};

/// A landmark is a line on which phrases of a label weigh this much.
const STRONG: u8 = 2;

/// Rows looked at on either side.
const ECHOES: usize = 10;
const DATES: usize = 8;
const SHAPES: usize = 12;

/// Writes the columns of landmarks and of regular surroundings. The line's own columns must be there.
pub(crate) fn fill(sheet: &mut Sheet) {
    for (seeds, since, until) in [
        (col::SeedComments, col::SinceComments, col::UntilComments),
        (col::SeedRelated, col::SinceRelated, col::UntilRelated),
        (col::SeedSharing, col::SinceSharing, col::UntilSharing),
        (col::SeedByline, col::SinceByline, col::UntilByline),
        (col::SeedLegal, col::SinceLegal, col::UntilLegal),
        (col::SeedSubscription, col::SinceSubscription, col::UntilSubscription),
    ] {
        distances(sheet, since, until, |s, r| s.column(seeds)[r] >= STRONG);
    }
    let echo = |s: &Sheet, r: usize| s.column(col::Copies)[r] > 1 && s.rows[r].figures.words <= 8;
    distances(sheet, col::SinceEcho, col::UntilEcho, echo);
    density(sheet, col::EchoesNear, ECHOES, echo);
    density(sheet, col::DatesNear, DATES, |s, r| {
        let f = &s.rows[r].figures;
        f.words <= 14 && (f.has_year || f.has_clock || s.column(col::SeedByline)[r] > 0)
    });
    shapes(sheet);
}

/// Rows since the last landmark and until the next, the row itself counted as one.
fn distances(sheet: &mut Sheet, since: usize, until: usize, mark: impl Fn(&Sheet, usize) -> bool) {
    let n = sheet.rows.len();
    for (backwards, column) in [(false, since), (true, until)] {
        // As if the last landmark had been further away than any that could be seen.
        let mut steps = u32::MAX;
        for i in 0..n {
            let r = if backwards { n - 1 - i } else { i };
            steps = if mark(sheet, r) { 0 } else { steps.saturating_add(1) };
            sheet.set(column, r, log(steps));
        }
    }
}

/// Rows of a kind within `reach` on either side.
fn density(sheet: &mut Sheet, column: usize, reach: usize, of_kind: impl Fn(&Sheet, usize) -> bool) {
    let n = sheet.rows.len();
    let mut count = (0..reach.min(n)).filter(|r| of_kind(sheet, *r)).count() as u8;
    for r in 0..n {
        if r + reach < n {
            count += u8::from(of_kind(sheet, r + reach));
        }
        if r > reach {
            count -= u8::from(of_kind(sheet, r - reach - 1));
        }
        sheet.set(column, r, count);
    }
}

/// Rows of about the same form within reach: first and last character, length.
fn shapes(sheet: &mut Sheet) {
    let n = sheet.rows.len();
    let shape = |s: &Sheet, r: usize| (s.column(col::First)[r], s.column(col::Last)[r], s.column(col::Words)[r] / 6);
    for r in 0..n {
        let own = shape(sheet, r);
        let near = r.saturating_sub(SHAPES)..(r + SHAPES + 1).min(n);
        let like = near.filter(|o| shape(sheet, *o) == own).count() - 1;
        sheet.set(col::ShapesNear, r, like as u8);
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
