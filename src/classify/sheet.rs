//! From the lines of a page to the rows of a sheet, up to the point where the trees take over.

use super::Mode;
use crate::features::context::{Gap, PageFacts};
use crate::features::function_words::FunctionWords;
use crate::features::line::Hints;
use crate::features::{Row, Sheet, context, line, token};
use crate::line::{Page, is_blank};
use crate::model::linear::{Linear, Types};

/// Fills sheets; owns what is reused from page to page.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    function: FunctionWords,
    pub gaps: Vec<Gap>,
    pub hints: Vec<Hints>,
    words: Vec<token::Word>,
    pub facts: PageFacts,
}

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder {
            function: FunctionWords::new(),
            gaps: Vec::new(),
            hints: Vec::new(),
            words: Vec::new(),
            facts: PageFacts::default(),
        }
    }

    /// Reads the lines of `page` that are not blank: words, figures, gaps, hints.
    pub(crate) fn read(&mut self, page: &Page, sheet: &mut Sheet, rows_before: u32) {
        sheet.rows.clear();
        sheet.words.clear();
        self.gaps.clear();
        self.hints.clear();
        self.facts = PageFacts { lines: page.len(), rows_before, types: [0; 7] };
        let mut blank = 0u8;
        for (index, line) in page.lines().enumerate() {
            if is_blank(line.text) {
                blank = blank.saturating_add(1);
                continue;
            }
            if let Some(gap) = self.gaps.last_mut() {
                gap.after = blank;
            }
            self.gaps.push(Gap { before: blank, after: 0 });
            blank = 0;
            let figures = token::read(line.text, &mut self.words, |hash| self.function.contains(hash));
            let start = sheet.words.len();
            sheet.words.extend_from_slice(&self.words);
            sheet.rows.push(Row { line: index, figures, words: start..sheet.words.len(), ..Row::default() });
        }
        if let Some(gap) = self.gaps.last_mut() {
            gap.after = blank;
        }
        self.hints.resize(sheet.rows.len(), Hints::default());
    }

    /// Writes the first stage's columns. `hints` must have been set before.
    pub(crate) fn fill(&mut self, sheet: &mut Sheet, linear: &Linear, types: &Types, mode: Mode) {
        for row in &mut sheet.rows {
            row.linear = linear.score(&sheet.words[row.words.clone()], &row.figures);
        }
        self.facts.types = match mode {
            Mode::Auto => types.score(&sheet.words),
            Mode::Article => [255, 0, 0, 0, 0, 0, 0],
            Mode::Page => as_page(types.score(&sheet.words)),
        };
        sheet.lay_out();
        line::fill(sheet, &self.hints);
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
