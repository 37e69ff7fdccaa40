//! What a line's neighbours, its block and its page say of it.

use super::columns::col;
use super::ngrams::KEEP;
use super::{PAD, Sheet, log, logit, share, token};
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

/// An exponentially decaying mean of `value` over the rows before and after each row, the row itself left out.
/// `keep` is the decay in 1/256.
pub(crate) fn decaying(
    sheet: &mut Sheet,
    columns: [usize; 2],
    keep: i32,
    value: impl Fn(&Sheet, usize) -> i32,
    byte: impl Fn(i32) -> u8,
) {
    let n = sheet.rows.len();
    for (backwards, column) in columns.into_iter().enumerate() {
        // The mean starts from what the page's edge mostly is: nothing.
        let mut mean = 0;
        for i in 0..n {
            let r = if backwards == 1 { n - 1 - i } else { i };
            sheet.set(column, r, byte(mean));
            mean += (value(sheet, r) - mean) * (256 - keep) / 256;
        }
    }
}

fn neighbours(sheet: &mut Sheet) {
    let words = |s: &Sheet, r: usize| s.rows[r].linear[KEEP].clamp(-2048, 2048);
    decaying(sheet, [col::LinFast0, col::LinFast1], 179, words, logit);
    decaying(sheet, [col::LinMid0, col::LinMid1], 230, words, logit);
    decaying(sheet, [col::LinSlow0, col::LinSlow1], 248, words, logit);
    let byte = |mean: i32| (mean / 16).clamp(0, 255) as u8;
    let cell = |column: usize| move |s: &Sheet, r: usize| i32::from(s.column(column)[r]) * 16;
    decaying(sheet, [col::LenFast0, col::LenFast1], 179, cell(col::Chars), byte);
    decaying(sheet, [col::LenSlow0, col::LenSlow1], 230, cell(col::Chars), byte);
    decaying(sheet, [col::FunMid0, col::FunMid1], 218, cell(col::Function), byte);
    decaying(
        sheet,
        [col::SeedMid0, col::SeedMid1],
        218,
        |s, r| i32::from(s.column(col::SeedAny)[r].min(4)) * 1024,
        byte,
    );
    let like = |label: Label| move |s: &Sheet, r: usize| i32::from(s.column(col::Lin0 + label.index())[r]) * 16;
    decaying(sheet, [col::CommentsMid0, col::CommentsMid1], 230, like(Label::Comments), byte);
    decaying(sheet, [col::RelatedMid0, col::RelatedMid1], 230, like(Label::Related), byte);
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
    let rows = &sheet.rows;
    let n = rows.len() as u32;
    let count = |test: &dyn Fn(&super::Row) -> bool| rows.iter().filter(|r| test(r)).count() as u32;
    let sum = |value: &dyn Fn(&super::Row) -> u32| rows.iter().map(value).fold(0u32, u32::saturating_add);
    let words = sum(&|r| r.figures.words);
    let mean = rows.iter().map(|r| i64::from(r.linear[KEEP].clamp(-2048, 2048))).sum::<i64>() / i64::from(n);
    let mut values = vec![
        (col::PageRows, log(n)),
        (col::PageWords, log(words)),
        (col::PageMean, log(words * 4 / n)),
        (col::PageLong, share(count(&|r| r.figures.chars >= 80), n)),
        (col::PageLongWords, share(sum(&|r| if r.figures.chars >= 80 { r.figures.words } else { 0 }), words)),
        (col::PageWrapped, share(count(&|r| (60..=82).contains(&(r.figures.chars + r.figures.indent))), n)),
        (col::PageBullets, share(count(&|r| r.figures.first == token::class::BULLET), n)),
        (col::PageLinks, share(sum(&|r| r.figures.links), n)),
        (col::PageIdeographs, share(sum(&|r| r.figures.ideographs), sum(&|r| r.figures.letters))),
        (col::PageBlank, share((facts.lines as u32).saturating_sub(n), facts.lines as u32)),
        (col::PageLin, logit(mean as i32)),
    ];
    values.extend(facts.types.iter().enumerate().map(|(i, value)| (col::TypeArticle + i, *value)));
    for (column, value) in values {
        sheet.column_mut(column).fill(value);
    }
}

const _: () = assert!(PAD >= 6, "views reach six rows up and down");
