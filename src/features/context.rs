//! What a line's neighbours, its block and its page say of it.

use fearless_simd::{Level, Simd, dispatch};

use super::columns::col;
use super::ngrams::KEEP;
use super::{PAD, Sheet, character, log, logit, share};
use crate::label::Label;

/// Blank lines around each row: before and after, on the page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gap {
    pub before: u8,
    pub after: u8,
}

/// What is known of the page as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageFacts {
    /// Lines of the page, blank ones included.
    pub lines: usize,
    /// Lines of the document before this page, not blank.
    pub rows_before: u32,
    /// Page types, 0 to 255 each: article, forum, product, collection, listing, documentation, service.
    pub types: [u8; 7],
}

/// Writes the columns that depend on more than one line.
pub(crate) fn fill(sheet: &mut Sheet, gaps: &[Gap], facts: &PageFacts) {
    if sheet.rows.is_empty() {
        return;
    }
    blocks(sheet, gaps);
    neighbours(sheet);
    position(sheet, facts);
    page(sheet, facts);
}

fn blocks(sheet: &mut Sheet, gaps: &[Gap]) {
    let n = sheet.rows.len();
    let mut start = 0;
    while start < n {
        let mut end = start + 1;
        while end < n && gaps[end].before == 0 {
            end += 1;
        }
        let words: u32 = sheet.rows[start..end].iter().map(|r| r.figures.words).sum();
        let last = sheet.rows[end - 1].figures.last;
        for (r, gap) in (start..end).zip(&gaps[start..]) {
            sheet.set(col::BlankBefore, r, gap.before.min(8));
            sheet.set(col::BlankAfter, r, gap.after.min(8));
            sheet.set(col::BlockRows, r, log((end - start) as u32));
            sheet.set(col::BlockAt, r, log((r - start) as u32));
            sheet.set(col::BlockWords, r, log(words));
            sheet.set(col::BlockLast, r, last);
        }
        start = end;
    }
}

/// An exponentially decaying mean over the rows before each row, and one over those after, the row itself left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mean {
    /// Of the rows before and after.
    pub columns: [usize; 2],
    /// The decay in 1/256.
    pub keep: i32,
    /// The byte for 0, and the least one.
    pub bytes: (i32, i32),
}

impl Mean {
    /// Of logits.
    pub(crate) const fn of_logits(columns: [usize; 2], keep: i32) -> Mean {
        Mean { columns, keep, bytes: (128, 1) }
    }

    /// Of bytes, 16 a step.
    const fn of_bytes(columns: [usize; 2], keep: i32) -> Mean {
        Mean { columns, keep, bytes: (0, 0) }
    }
}

/// Writes the columns of these means, at most `LANES` of them. `values` has a number for each and every row.
pub(crate) fn decaying<const LANES: usize>(sheet: &mut Sheet, means: &[Mean], values: &[[i32; LANES]]) {
    dispatch!(Level::new(), simd => decaying_on(simd, sheet, means, values));
}

/// Each mean waits for the one of the row before it, so the processor has time for all of them, in both directions.
#[inline(always)]
fn decaying_on<S: Simd, const LANES: usize>(_: S, sheet: &mut Sheet, means: &[Mean], values: &[[i32; LANES]]) {
    let of = |lane: usize| means.get(lane).copied().unwrap_or(Mean::of_bytes([0; 2], 0));
    let means_of: [Mean; LANES] = std::array::from_fn(of);
    let (step, bytes) = (means_of.map(|mean| 256 - mean.keep), means_of.map(|mean| mean.bytes));
    let (zero, least) = (bytes.map(|bytes| bytes.0), bytes.map(|bytes| bytes.1));
    // The means start from what the page's edge mostly is: nothing.
    let (mut before, mut after) = ([0; LANES], [0; LANES]);
    let places = |side: usize| -> Vec<usize> { means.iter().map(|mean| sheet.place(mean.columns[side], 0)).collect() };
    let (places, n) = ([places(0), places(1)], values.len());
    for (row, (value, last)) in values.iter().zip(values.iter().rev()).enumerate() {
        let bytes = [before, after].map(|mean| bytes_of(&mean, &zero, &least));
        go_on(&mut before, value, &step);
        go_on(&mut after, last, &step);
        for lane in 0..means.len() {
            sheet.cells[places[0][lane] + row] = bytes[0][lane];
            sheet.cells[places[1][lane] + n - 1 - row] = bytes[1][lane];
        }
    }
}

#[inline(always)]
fn bytes_of<const LANES: usize>(mean: &[i32; LANES], zero: &[i32; LANES], least: &[i32; LANES]) -> [u8; LANES] {
    // A loop, as the closure of `from_fn` is not inlined and so made without the instructions that are there.
    let mut bytes = [0; LANES];
    for lane in 0..LANES {
        bytes[lane] = (zero[lane] + mean[lane] / 16).max(least[lane]).min(255) as u8;
    }
    bytes
}

#[inline(always)]
fn go_on<const LANES: usize>(mean: &mut [i32; LANES], value: &[i32; LANES], step: &[i32; LANES]) {
    for lane in 0..LANES {
        mean[lane] += (value[lane] - mean[lane]) * step[lane] / 256;
    }
}

fn neighbours(sheet: &mut Sheet) {
    const MEANS: [Mean; 9] = [
        Mean::of_logits([col::LinFast0, col::LinFast1], 179),
        Mean::of_logits([col::LinMid0, col::LinMid1], 230),
        Mean::of_logits([col::LinSlow0, col::LinSlow1], 248),
        Mean::of_bytes([col::LenFast0, col::LenFast1], 179),
        Mean::of_bytes([col::LenSlow0, col::LenSlow1], 230),
        Mean::of_bytes([col::FunMid0, col::FunMid1], 218),
        Mean::of_bytes([col::SeedMid0, col::SeedMid1], 218),
        Mean::of_bytes([col::CommentsMid0, col::CommentsMid1], 230),
        Mean::of_bytes([col::RelatedMid0, col::RelatedMid1], 230),
    ];
    let column = |column: usize| sheet.column(column);
    let (chars, function, seeds) = (column(col::Chars), column(col::Function), column(col::SeedAny));
    let like = |label: Label| column(col::Lin0 + label.index());
    let (comments, related) = (like(Label::Comments), like(Label::Related));
    let values = sheet.rows.iter().enumerate().map(|(r, row)| {
        let words = row.linear[KEEP].clamp(-2048, 2048);
        let byte = |cells: &[u8]| i32::from(cells[r]) * 16;
        let (length, seeds) = (byte(chars), i32::from(seeds[r].min(4)) * 1024);
        let mut values = [0; 16];
        let own = [words, words, words, length, length, byte(function), seeds, byte(comments), byte(related)];
        values[..MEANS.len()].copy_from_slice(&own);
        values
    });
    let values: Vec<[i32; 16]> = values.collect();
    decaying(sheet, &MEANS, &values);
}

fn position(sheet: &mut Sheet, facts: &PageFacts) {
    let n = sheet.rows.len();
    let total: u32 = sheet.rows.iter().map(|r| r.figures.words).sum();
    let mut passed = 0;
    for r in 0..n {
        sheet.set(col::Row, r, log(facts.rows_before + r as u32 + 1));
        sheet.set(col::RowsLeft, r, log((n - r) as u32));
        sheet.set(col::Passed, r, share(r as u32, n as u32));
        sheet.set(col::WordsPassed, r, share(passed, total));
        passed += sheet.rows[r].figures.words;
    }
}

fn page(sheet: &mut Sheet, facts: &PageFacts) {
    let n = sheet.rows.len() as u32;
    let (mut words, mut long, mut long_words, mut wrapped, mut bullets) = (0u32, 0, 0u32, 0, 0);
    let (mut links, mut ideographs, mut letters, mut linear) = (0u32, 0u32, 0u32, 0);
    for row in &sheet.rows {
        let f = &row.figures;
        words = words.saturating_add(f.words);
        if f.chars >= 80 {
            long += 1;
            long_words = long_words.saturating_add(f.words);
        }
        wrapped += u32::from((60..=82).contains(&(f.chars + f.indent)));
        bullets += u32::from(f.first == character::class::BULLET);
        links = links.saturating_add(f.links);
        ideographs = ideographs.saturating_add(f.ideographs);
        letters = letters.saturating_add(f.letters);
        linear += i64::from(row.linear[KEEP].clamp(-2048, 2048));
    }
    let values = [
        (col::PageRows, log(n)),
        (col::PageWords, log(words)),
        (col::PageMean, log(words.saturating_mul(4) / n)),
        (col::PageLong, share(long, n)),
        (col::PageLongWords, share(long_words, words)),
        (col::PageWrapped, share(wrapped, n)),
        (col::PageBullets, share(bullets, n)),
        (col::PageLinks, share(links, n)),
        (col::PageIdeographs, share(ideographs, letters)),
        (col::PageBlank, share((facts.lines as u32).saturating_sub(n), facts.lines as u32)),
        (col::PageLin, logit((linear / i64::from(n)) as i32)),
    ];
    let types = facts.types.iter().enumerate().map(|(i, value)| (col::TypeArticle + i, *value));
    for (column, value) in values.into_iter().chain(types) {
        sheet.column_mut(column).fill(value);
    }
}

const _: () = assert!(PAD >= 6, "views reach six rows up and down");
