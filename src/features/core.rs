//! What the first estimate says: where the article starts and ends, and what it speaks of.
//!
//! A line seldom stands alone. The run of lines that maximises the sum of (p − 0.45) × length is taken for the body's
//! place (a maximum subsequence, as in Pasternack and Roth's "Extracting article text from the web with maximum
//! subsequence segmentation", 2009); the words of its surest lines are its topic.

use std::ops::Range;

use super::columns::col;
use super::context::{Mean, decaying};
use super::topic::Topic;
use super::{Sheet, flow, log, logit, probability, share};
use crate::label::Label;

/// Means of the first estimates.
const MEANS: [Mean; 3] = [
    Mean::of_logits([col::FirstFast0, col::FirstFast1], 154),
    Mean::of_logits([col::FirstMid0, col::FirstMid1], 218),
    Mean::of_logits([col::FirstSlow0, col::FirstSlow1], 248),
];

/// Lines around a row whose words are counted: column, lines before, lines after.
const WINDOWS: [(usize, usize, usize); 7] = [
    (col::Near3, 3, 3),
    (col::Near8, 8, 8),
    (col::Near20, 20, 20),
    (col::Left5, 5, 0),
    (col::Left15, 15, 0),
    (col::Right5, 0, 5),
    (col::Right15, 0, 15),
];
/// The most of them on one side.
const REACH: usize = {
    let (mut most, mut at) = (0, 0);
    while at < WINDOWS.len() {
        let (_, before, after) = WINDOWS[at];
        let farther = if before > after { before } else { after };
        most = if farther > most { farther } else { most };
        at += 1;
    }
    most
};

/// Running sums of words, as probable as they are to be kept or dropped; [`REACH`] more of the first and last stand
/// around them, so that no window ends within them.
#[derive(Clone, Debug, Default)]
struct Sums(Vec<u64>);

impl Sums {
    fn fill(&mut self, words: impl Iterator<Item = u64>) {
        let mut sum = 0;
        self.0.clear();
        self.0.resize(REACH + 1, 0);
        self.0.extend(words.map(|words| {
            sum += words;
            sum
        }));
        self.0.extend([sum; REACH]);
    }

    fn total(&self) -> u64 {
        *self.0.last().expect("there is a first one")
    }

    /// The sum before a row.
    fn before(&self, row: usize) -> u64 {
        self.0[REACH + row]
    }

    fn of(&self, rows: &Range<usize>) -> u64 {
        self.before(rows.end) - self.before(rows.start)
    }

    /// Writes the logarithms of the sums of a window around each row.
    fn window(&self, before: usize, after: usize, cells: &mut [u8]) {
        let ends = self.0[REACH + after + 1..].iter().zip(&self.0[REACH - before..]);
        for (cell, (end, start)) in cells.iter_mut().zip(ends) {
            *cell = log(((end - start) >> 14) as u32);
        }
    }
}

/// Reused tables of the second stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Core {
    probability: Vec<u32>,
    kept: Sums,
    dropped: Sums,
    /// Rows that are taken for text.
    text: Vec<bool>,
    topic: Topic,
}

impl Core {
    /// Writes the second stage's columns from the rows' first estimates (`Row::logit`).
    pub(crate) fn fill(&mut self, sheet: &mut Sheet) {
        let n = sheet.rows.len();
        if n == 0 {
            return;
        }
        self.probability.clear();
        self.probability.extend(sheet.rows.iter().map(|r| probability(r.logit)));
        self.sums(sheet);
        self.near(sheet);
        let estimates = sheet.rows.iter().map(|row| [row.logit.clamp(-1536, 1536); 4]);
        let estimates: Vec<[i32; 4]> = estimates.collect();
        decaying(sheet, &MEANS, &estimates);
        self.blocks(sheet);
        self.flows(sheet);
        self.counts(sheet);
        let segment = self.segment(sheet);
        self.gaps(sheet);
        seen(sheet);
        self.text.clear();
        self.text.extend(self.probability.iter().enumerate().map(|(r, p)| *p >= 32_768 && segment.contains(&r)));
        self.topic.fill(sheet, &self.text, segment);
    }

    /// Running sums of kept and removed words.
    fn sums(&mut self, sheet: &Sheet) {
        let rows = || sheet.rows.iter().map(|row| u64::from(row.figures.words)).zip(&self.probability);
        self.kept.fill(rows().map(|(words, p)| words * u64::from(*p)));
        self.dropped.fill(rows().map(|(words, p)| words * u64::from(65536 - *p)));
    }

    fn near(&self, sheet: &mut Sheet) {
        let (kept, dropped) = (self.kept.total(), self.dropped.total());
        for (column, before, after) in WINDOWS {
            self.kept.window(before, after, sheet.column_mut(column));
        }
        self.dropped.window(8, 8, sheet.column_mut(col::Drop8));
        for r in 0..sheet.rows.len() {
            sheet.set(col::First1, r, logit(sheet.rows[r].logit));
            sheet.set(col::KeptBefore, r, (self.kept.before(r) * 255 / kept.max(1)) as u8);
        }
        sheet.column_mut(col::KeptShare).fill((kept * 255 / (kept + dropped).max(1)) as u8);
        sheet.column_mut(col::KeptWords).fill(log((kept >> 16) as u32));
    }

    fn blocks(&self, sheet: &mut Sheet) {
        let n = sheet.rows.len();
        let mut start = 0;
        while start < n {
            let mut end = start + 1;
            while end < n && sheet.column(col::BlankBefore)[end] == 0 {
                end += 1;
            }
            let kept = self.kept.of(&(start..end));
            let all = kept + self.dropped.of(&(start..end));
            let value = (kept * 255).checked_div(all).unwrap_or(0) as u8;
            sheet.column_mut(col::FirstBlock)[start..end].fill(value);
            start = end;
        }
    }

    fn flows(&self, sheet: &mut Sheet) {
        flow::each(sheet, |sheet, range| {
            let kept = self.kept.of(&range);
            let all = kept + self.dropped.of(&range);
            // A passage without words has the estimate of its first line.
            let value = (kept * 255).checked_div(all).unwrap_or((u64::from(self.probability[range.start]) * 255) >> 16);
            sheet.column_mut(col::FirstFlow)[range].fill(value as u8);
        });
    }

    /// Lines before and after that are probably text.
    fn counts(&self, sheet: &mut Sheet) {
        let total = self.probability.iter().filter(|p| **p > 32_768).count() as u32;
        let mut passed = 0;
        for (r, p) in self.probability.iter().enumerate() {
            let kept = u32::from(*p > 32_768);
            sheet.set(col::KeptRows0, r, log(passed));
            sheet.set(col::KeptRows1, r, log(total - passed - kept));
            passed += kept;
        }
    }

    /// The run of rows with the largest sum of (p − 0.45) × words.
    fn segment(&self, sheet: &mut Sheet) -> Range<usize> {
        let (mut best, mut range) = (0i64, 0..0);
        let (mut sum, mut start) = (0i64, 0);
        for (r, (row, p)) in sheet.rows.iter().zip(&self.probability).enumerate() {
            sum += (i64::from(*p) - 29491) * i64::from(row.figures.words.max(1));
            if sum <= 0 {
                (sum, start) = (0, r + 1);
            } else if sum > best {
                (best, range) = (sum, start..r + 1);
            }
        }
        let n = sheet.rows.len();
        let words = |range: Range<usize>| sheet.rows[range].iter().map(|r| r.figures.words).sum::<u32>();
        let part = share(words(range.clone()), words(0..n));
        let distance = |from: usize, to: usize| {
            let steps = log(from.abs_diff(to) as u32).min(120);
            if to >= from { 128 + steps } else { 128 - steps }
        };
        for r in 0..n {
            sheet.set(col::SegIn, r, u8::from(range.contains(&r)));
            sheet.set(col::SegStart, r, distance(range.start, r));
            sheet.set(col::SegEnd, r, distance(r, range.end));
            sheet.set(col::SegShare, r, part);
        }
        range
    }

    /// Rows to the nearest sure line of running text on either side.
    fn gaps(&self, sheet: &mut Sheet) {
        let n = sheet.rows.len();
        for (backwards, column) in [(false, col::GapBefore), (true, col::GapAfter)] {
            let mut gap = 255u32;
            for i in 0..n {
                let r = if backwards { n - 1 - i } else { i };
                sheet.set(column, r, log(gap.min(255)));
                let sure = self.probability[r] > 52_000 && sheet.rows[r].figures.words >= 10;
                gap = if sure { 0 } else { gap.saturating_add(1) };
            }
        }
    }
}

/// Lines passed that read like comments or like links to other pages.
fn seen(sheet: &mut Sheet) {
    for (column, label) in [(col::CommentsSeen, Label::Comments), (col::RelatedSeen, Label::Related)] {
        let mut passed = 0;
        for r in 0..sheet.rows.len() {
            sheet.set(column, r, log(passed));
            passed += u32::from(sheet.column(col::Lin0 + label.index())[r] == 255);
        }
    }
}
