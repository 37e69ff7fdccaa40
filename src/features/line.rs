//! What a line says of itself: form, marks, seed phrases, repeats, and the linear model's view of its words.

use super::columns::col;
use super::ngrams::KEEP;
use super::{Row, Sheet, log, logit, share};
use crate::label::Label;

/// What other modules found out about a line, as small numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    /// Strength of seed phrases by label.
    pub seeds: [u8; 19],
    /// The label that a seed of the user's own asks for.
    pub asked: Option<Label>,
    /// How often the line stands on the page.
    pub copies: u8,
    /// Whether it occurs inside a longer line.
    pub inside: bool,
    /// Share of its word runs found in earlier lines.
    pub before: u8,
    /// Share of its word runs found in later lines.
    pub after: u8,
    /// 0: no repeat; 1: a doubtful one; 2: a sure one.
    pub repeat: u8,
}

/// Writes the columns that depend on the line alone.
pub(crate) fn fill(sheet: &mut Sheet, hints: &[Hints]) {
    let mut distinct = Distinct::default();
    // Rows are read while cells are written.
    let rows = std::mem::take(&mut sheet.rows);
    for (r, (row, hints)) in rows.iter().zip(hints).enumerate() {
        let words = &sheet.words[row.words.clone()];
        let distinct = distinct.count(words.iter().map(|w| w.hash));
        fill_row(sheet, r, row, distinct, hints);
    }
    sheet.rows = rows;
}

fn fill_row(sheet: &mut Sheet, r: usize, row: &Row, distinct: (u32, u32), hints: &Hints) {
    let f = &row.figures;
    let mut set = |column, value| sheet.set(column, r, value);
    set(col::Chars, log(f.chars));
    set(col::Words, log(f.words));
    set(col::WordLength, ((f.letters + f.digits) * 8 / f.words.max(1)).min(255) as u8);
    set(col::Function, share(f.function, f.words));
    set(col::Upper, share(f.upper, f.letters));
    set(col::Capitalised, share(f.capitalised, f.words));
    set(col::AllCaps, share(f.all_caps, f.words));
    set(col::Digits, share(f.digits, f.chars));
    set(col::Ideographs, share(f.ideographs, f.letters));
    set(col::Last, f.last);
    set(col::First, f.first);
    set(col::Sentences, f.sentence_ends.min(255) as u8);
    set(col::Commas, f.commas.min(255) as u8);
    set(col::Separators, f.separators.min(255) as u8);
    set(col::Quotes, f.quotes.min(255) as u8);
    set(col::Brackets, f.brackets.min(255) as u8);
    set(col::Questions, f.questions.min(255) as u8);
    set(col::Colons, f.colons.min(255) as u8);
    set(col::Links, f.links.min(255) as u8);
    set(col::Indent, f.indent.min(255) as u8);
    set(col::LowerRun, f.longest_lower.min(255) as u8);
    set(col::Marks, f.marks.min(255) as u8);
    set(col::Distinct, share(distinct.0, distinct.1));
    for (column, mark) in [
        (col::At, f.has_at),
        (col::Copyright, f.has_copyright),
        (col::Currency, f.has_currency),
        (col::Url, f.has_url),
        (col::Clock, f.has_clock),
        (col::Year, f.has_year),
        (col::Inside, hints.inside),
    ] {
        set(column, u8::from(mark));
    }
    let seeds = |labels: &[Label]| labels.iter().fold(0u8, |sum, l| sum.saturating_add(hints.seeds[l.index()]));
    let mut any = 0u8;
    for (column, label) in [
        (col::SeedNavigation, Label::Navigation),
        (col::SeedRelated, Label::Related),
        (col::SeedSubscription, Label::Subscription),
        (col::SeedMembership, Label::Membership),
        (col::SeedAdvertising, Label::Advertising),
        (col::SeedSharing, Label::Sharing),
        (col::SeedComments, Label::Comments),
        (col::SeedLegal, Label::Legal),
        (col::SeedAbout, Label::About),
        (col::SeedInterface, Label::Interface),
    ] {
        let strength = hints.seeds[label.index()];
        any = any.saturating_add(strength);
        set(column, strength);
    }
    set(col::SeedAny, any);
    set(col::SeedByline, seeds(&[Label::Byline]));
    set(col::SeedEditorial, seeds(&[Label::Title, Label::Standfirst, Label::Heading, Label::Body, Label::Caption]));
    set(col::Copies, hints.copies);
    set(col::Before, hints.before);
    set(col::After, hints.after);
    set(col::Repeat, hints.repeat);
    set(col::LinKeep, logit(row.linear[KEEP]));
    let linear: &[i32; KEEP] = row.linear.first_chunk().expect("the labels' outputs, then that for keep or drop");
    let best = linear.iter().fold(i32::MIN, |best, value| best.max(*value));
    let bytes = linear.map(|value| (255 + (value - best) / 8).max(0) as u8);
    for (i, byte) in bytes.into_iter().enumerate() {
        set(col::Lin0 + i, byte);
    }
}

/// Counts distinct hashes of a line's first words with a small stamped table.
#[derive(Default)]
struct Distinct {
    slots: Vec<(u32, u32)>,
    stamp: u32,
}

impl Distinct {
    fn count(&mut self, hashes: impl Iterator<Item = u32>) -> (u32, u32) {
        const SLOTS: usize = 256;
        const MOST: usize = 64;
        self.slots.resize(SLOTS, (0, 0));
        self.stamp += 1;
        let (mut distinct, mut count) = (0, 0);
        for hash in hashes.take(MOST) {
            count += 1;
            let mut at = hash as usize % SLOTS;
            while self.slots[at].1 == self.stamp && self.slots[at].0 != hash {
                at = (at + 1) % SLOTS;
            }
            if self.slots[at].1 != self.stamp {
                self.slots[at] = (hash, self.stamp);
                distinct += 1;
            }
        }
        (distinct, count)
    }
}

#[cfg(test)]
mod tests {
    use super::Distinct;

    #[test]
    fn distinct_words_are_counted_line_by_line() {
        let mut distinct = Distinct::default();
        assert_eq!(distinct.count([1, 257, 1, 513].into_iter()), (3, 4));
        assert_eq!(distinct.count([1, 1].into_iter()), (1, 2));
        assert_eq!(distinct.count(std::iter::empty()), (0, 0));
    }
}
