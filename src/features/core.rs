//! What the first estimate says: where the article starts and ends, and what it speaks of.
//!
//! A line seldom stands alone. The run of lines that maximises the sum of (p − 0.45) × length is taken for the body's
//! place (a maximum subsequence, as in Pasternack and Roth's "Extracting article text from the web with maximum
//! subsequence segmentation", 2009); the words of its surest lines are its topic.

use super::columns::col;
use super::context::decaying;
use super::token::{Word, kind, mix};
use super::{Sheet, flow, log, logit, probability, share};
use crate::label::Label;

/// Reused tables of the second stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Core {
    probability: Vec<u32>,
    kept: Vec<u64>,
    dropped: Vec<u64>,
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
        let estimate = |s: &Sheet, r: usize| s.rows[r].logit.clamp(-1536, 1536);
        decaying(sheet, [col::FirstFast0, col::FirstFast1], 154, estimate, logit);
        decaying(sheet, [col::FirstMid0, col::FirstMid1], 218, estimate, logit);
        decaying(sheet, [col::FirstSlow0, col::FirstSlow1], 248, estimate, logit);
        self.blocks(sheet);
        self.flows(sheet);
        self.counts(sheet);
        let segment = self.segment(sheet);
        self.gaps(sheet);
        seen(sheet);
        self.topic.fill(sheet, &self.probability, segment);
    }

    /// Running sums of kept and removed words.
    fn sums(&mut self, sheet: &Sheet) {
        self.kept.clear();
        self.dropped.clear();
        self.kept.push(0);
        self.dropped.push(0);
        let (mut kept, mut dropped) = (0, 0);
        for (row, p) in sheet.rows.iter().zip(&self.probability) {
            let words = u64::from(row.figures.words);
            kept += words * u64::from(*p);
            dropped += words * u64::from(65536 - *p);
            self.kept.push(kept);
            self.dropped.push(dropped);
        }
    }

    fn near(&self, sheet: &mut Sheet) {
        let n = sheet.rows.len();
        let total = self.kept[n].max(1);
        let all = (self.kept[n] + self.dropped[n]).max(1);
        let window = |sums: &[u64], from: usize, to: usize| log(((sums[to.min(n)] - sums[from]) >> 14) as u32);
        for r in 0..n {
            let lines = |before: usize, after: usize| (r.saturating_sub(before), r + after + 1);
            for (column, before, after) in [
                (col::Near3, 3, 3),
                (col::Near8, 8, 8),
                (col::Near20, 20, 20),
                (col::Left5, 5, 0),
                (col::Left15, 15, 0),
                (col::Right5, 0, 5),
                (col::Right15, 0, 15),
            ] {
                let (from, to) = lines(before, after);
                sheet.set(column, r, window(&self.kept, from, to));
            }
            let (from, to) = lines(8, 8);
            sheet.set(col::Drop8, r, window(&self.dropped, from, to));
            sheet.set(col::First1, r, logit(sheet.rows[r].logit));
            sheet.set(col::KeptBefore, r, (self.kept[r] * 255 / total) as u8);
        }
        sheet.column_mut(col::KeptShare).fill((self.kept[n] * 255 / all) as u8);
        sheet.column_mut(col::KeptWords).fill(log((self.kept[n] >> 16) as u32));
    }

    fn blocks(&self, sheet: &mut Sheet) {
        let n = sheet.rows.len();
        let mut start = 0;
        while start < n {
            let mut end = start + 1;
            while end < n && sheet.column(col::BlankBefore)[end] == 0 {
                end += 1;
            }
            let kept = self.kept[end] - self.kept[start];
            let all = kept + self.dropped[end] - self.dropped[start];
            let value = (kept * 255).checked_div(all).unwrap_or(0) as u8;
            sheet.column_mut(col::FirstBlock)[start..end].fill(value);
            start = end;
        }
    }

    fn flows(&self, sheet: &mut Sheet) {
        flow::each(sheet, |sheet, range| {
            let kept = self.kept[range.end] - self.kept[range.start];
            let all = kept + self.dropped[range.end] - self.dropped[range.start];
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
    fn segment(&self, sheet: &mut Sheet) -> std::ops::Range<usize> {
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
        let words = |range: std::ops::Range<usize>| sheet.rows[range].iter().map(|r| r.figures.words).sum::<u32>();
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

/// Which words occur in the text, in its head, and elsewhere.
#[derive(Clone, Debug, Default)]
struct Topic {
    slots: Vec<Slot>,
    mask: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    core: u16,
    out: u16,
    head: u16,
}

/// Of one line, so many words are looked at.
const MOST_WORDS: usize = 96;

impl Topic {
    fn words(words: &[Word]) -> impl Iterator<Item = u32> {
        words.iter().take(MOST_WORDS).enumerate().filter_map(|(i, w)| {
            if w.kind & kind::IDEOGRAPH != 0 {
                // Pairs of characters stand for words where none are marked.
                let next = words.get(i + 1).filter(|n| n.kind & kind::IDEOGRAPH != 0)?;
                Some(mix(w.hash, next.hash).max(1))
            } else {
                (w.chars >= 4 && w.kind & (kind::FUNCTION | kind::SYMBOL) == 0).then_some(w.hash.max(1))
            }
        })
    }

    fn slot(&mut self, hash: u32) -> &mut Slot {
        let mut at = hash as usize & self.mask;
        while self.slots[at].hash != 0 && self.slots[at].hash != hash {
            at = (at + 1) & self.mask;
        }
        self.slots[at].hash = hash;
        &mut self.slots[at]
    }

    fn fill(&mut self, sheet: &mut Sheet, probability: &[u32], segment: std::ops::Range<usize>) {
        let total: usize = sheet.rows.iter().map(|r| r.words.len().min(MOST_WORDS)).sum();
        let size = (total * 2 + 16).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, Slot::default());
        self.mask = size - 1;
        let head = segment.start.saturating_sub(3)..(segment.start + 3).min(segment.end);
        let core = |r: usize| probability[r] >= 32_768 && segment.contains(&r);
        for (r, row) in sheet.rows.iter().enumerate() {
            let (is_core, is_head) = (core(r), head.contains(&r));
            for hash in Topic::words(&sheet.words[row.words.clone()]) {
                let slot = self.slot(hash);
                let count = if is_core { &mut slot.core } else { &mut slot.out };
                *count = count.saturating_add(1);
                slot.head = slot.head.saturating_add(u16::from(is_head));
            }
        }
        for r in 0..sheet.rows.len() {
            let (is_core, is_head) = (core(r), head.contains(&r));
            let (mut weights, mut in_core, mut in_head, mut in_rest, mut count) = (0, 0, 0, 0, 0);
            for hash in Topic::words(&sheet.words[sheet.rows[r].words.clone()]) {
                let slot = *self.slot(hash);
                // Rare words of the page say more than its common ones.
                let weight = match slot.core + slot.out {
                    0..=3 => 8,
                    4..=8 => 5,
                    9..=20 => 3,
                    _ => 1,
                };
                count += 1;
                weights += weight;
                in_core += weight * u32::from(slot.core > u16::from(is_core));
                in_head += weight * u32::from(slot.head > u16::from(is_head));
                in_rest += weight * u32::from(slot.out > u16::from(!is_core));
            }
            sheet.set(col::TopicCore, r, share(in_core, weights));
            sheet.set(col::TopicHead, r, share(in_head, weights));
            sheet.set(col::TopicOut, r, share(in_rest, weights));
            sheet.set(col::TopicCount, r, log(count));
        }
    }
}
