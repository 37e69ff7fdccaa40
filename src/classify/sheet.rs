//! From the lines of a page to the rows of a sheet, up to the point where the trees take over.

use std::ops::Range;
use std::sync::Arc;

use fearless_simd::{Level, Simd, dispatch};

use super::Mode;
use crate::features::context::{Gap, PageFacts};
use crate::features::function_words::FunctionWords;
use crate::features::line::Hints;
use crate::features::{Row, Sheet, anchors, context, flow, line, scan, token};
use crate::fold::fold;
use crate::line::Page;
use crate::model::linear::{Linear, Types};
use crate::repeats::{Found, Repeats};
use crate::seeds::{self, Hit, Seeds, label_scores};

/// Fills sheets; owns what is reused from page to page.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    function: FunctionWords,
    pub gaps: Vec<Gap>,
    pub hints: Vec<Hints>,
    pub facts: PageFacts,
    seeds: Arc<Seeds>,
    pub repeats: Repeats,
    /// Where the repeats of the page's rows are, one a row.
    pub found: Vec<Option<Found>>,
    folded: String,
    hits: Hits,
    scratch: seeds::Scratch,
}

/// The seed phrases found in the rows of a page.
#[derive(Clone, Debug, Default)]
struct Hits {
    all: Vec<Hit>,
    /// Where those of each row end.
    ends: Vec<usize>,
    /// Those of the row that is being read.
    row: Vec<Hit>,
}

impl Builder {
    pub(crate) fn new(seeds: Arc<Seeds>) -> Builder {
        Builder {
            function: FunctionWords::new(),
            gaps: Vec::new(),
            hints: Vec::new(),
            facts: PageFacts::default(),
            seeds,
            repeats: Repeats::new(),
            found: Vec::new(),
            folded: String::new(),
            hits: Hits::default(),
            scratch: seeds::Scratch::default(),
        }
    }

    /// A new document begins.
    pub(crate) fn start(&mut self) {
        self.repeats.reset();
    }

    /// The seeds, and those found in a row.
    pub(crate) fn hits(&self, row: usize) -> (&Seeds, &[Hit]) {
        let start = if row == 0 { 0 } else { self.hits.ends[row - 1] };
        (&self.seeds, &self.hits.all[start..self.hits.ends[row]])
    }

    /// Reads the lines of `page` that are not blank: words, figures, gaps, hints.
    pub(crate) fn read(&mut self, page: &Page, fresh: Range<usize>, sheet: &mut Sheet, rows_before: u32) {
        self.repeats.find(page, fresh);
        self.facts = PageFacts { lines: page.len(), rows_before, types: [0; 7] };
        dispatch!(Level::new(), simd => self.read_rows(simd, page, sheet));
        self.hint(page, sheet);
    }

    #[inline(always)]
    fn read_rows<S: Simd>(&mut self, simd: S, page: &Page, sheet: &mut Sheet) {
        sheet.rows.clear();
        sheet.words.clear();
        self.gaps.clear();
        let lower = self.repeats.lower().as_bytes();
        let mut blank = 0u8;
        for (index, line) in page.lines().enumerate() {
            if page.is_blank(index) {
                blank = blank.saturating_add(1);
                continue;
            }
            if let Some(gap) = self.gaps.last_mut() {
                gap.after = blank;
            }
            self.gaps.push(Gap { before: blank, after: 0 });
            blank = 0;
            let start = sheet.words.len();
            let is_function = |hash| self.function.contains(hash);
            let scanned = scan::read(simd, page.text(), lower, page.range(index), &mut sheet.words, is_function);
            let figures = scanned.unwrap_or_else(|| {
                sheet.words.truncate(start);
                token::read(line.text, &mut sheet.words, is_function)
            });
            sheet.rows.push(Row { line: index, figures, words: start..sheet.words.len(), ..Row::default() });
        }
        if let Some(gap) = self.gaps.last_mut() {
            gap.after = blank;
        }
    }

    /// Looks for seed phrases, and notes the repeats.
    fn hint(&mut self, page: &Page, sheet: &Sheet) {
        let found = self.repeats.found();
        self.hints.clear();
        self.hits.all.clear();
        self.hits.ends.clear();
        self.found.clear();
        self.found.extend(sheet.rows.iter().map(|row| found[row.line]));
        let counts = self.repeats.counts();
        for (row, found) in sheet.rows.iter().zip(&self.found) {
            let folded = match self.repeats.folded(row.line) {
                Some(folded) => folded,
                None => {
                    fold(page.line(row.line).text, &mut self.folded);
                    &self.folded
                }
            };
            let words = row.figures.plain.then(|| &sheet.words[row.words.clone()]);
            let hits = &mut self.hits.row;
            self.seeds.hits_with(folded, words, &mut self.scratch, hits);
            self.hits.all.extend_from_slice(hits);
            self.hits.ends.push(self.hits.all.len());
            let stats = &counts[row.line];
            self.hints.push(Hints {
                seeds: label_scores(hits),
                asked: hits.first().filter(|hit| hit.user).map(|hit| hit.label),
                copies: stats.same,
                inside: stats.contained,
                before: stats.before,
                after: stats.after,
                repeat: found.map_or(0, |f| 1 + u8::from(f.sure)),
            });
        }
    }

    /// Writes the first stage's columns. `hints` must have been set before.
    pub(crate) fn fill(&mut self, sheet: &mut Sheet, linear: &Linear, types: &Types, mode: Mode) {
        linear.score(sheet);
        self.facts.types = match mode {
            Mode::Auto => types.score(&sheet.words),
            Mode::Article => [255, 0, 0, 0, 0, 0, 0],
            Mode::Page => as_page(types.score(&sheet.words)),
        };
        sheet.lay_out();
        line::fill(sheet, &self.hints);
        anchors::fill(sheet);
        flow::fill(sheet, &self.gaps);
        context::fill(sheet, &self.gaps, &self.facts);
    }
}

/// Page types where an article is out of the question: its share goes to the likeliest other type.
fn as_page(mut types: [u8; 7]) -> [u8; 7] {
    let article = std::mem::take(&mut types[0]);
    let best = (1..types.len()).rev().max_by_key(|i| types[*i]).unwrap_or(1);
    types[best] = types[best].saturating_add(article).max(128);
    types
}
