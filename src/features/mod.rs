//! Features: what the model knows of each line, as bytes in columns.
//!
//! They are computed here and nowhere else, for training and for use, so the two can not drift apart. A [`Sheet`]
//! holds one page: its lines that are not blank as rows, the columns of [`columns`] side by side. [`line`] fills what
//! a line says of itself, [`context`] what its neighbours and its page say, [`core`] what the first estimate says of
//! where the article is and what it speaks of.

pub(crate) mod anchors;
pub(crate) mod character;
pub(crate) mod columns;
pub(crate) mod context;
pub(crate) mod core;
pub(crate) mod flow;
pub(crate) mod function_words;
pub(crate) mod line;
pub(crate) mod ngrams;
pub(crate) mod scan;
pub(crate) mod token;
pub(crate) mod topic;

use token::{Figures, Word};

/// Empty rows before and after the page, so that views of neighbours need no bounds.
pub(crate) const PAD: usize = 8;
/// Rows are judged in batches of this many.
pub(crate) const BATCH: usize = 64;

/// What is kept of a row besides its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// The line's index on the page.
    pub line: usize,
    pub figures: Figures,
    /// The first row of its passage, see [`flow`].
    pub flow: usize,
    /// Its words, as a range of [`Sheet::words`].
    pub words: std::ops::Range<usize>,
    /// The linear model's outputs in 1/256 logits: one for each label, then keep or drop.
    pub linear: [i32; ngrams::OUTPUTS],
    /// The first stage's estimate, later the second's, in 1/256 logits.
    pub logit: i32,
}

/// A page as rows and columns. Buffers are reused from page to page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub rows: Vec<Row>,
    pub words: Vec<Word>,
    cells: Vec<u8>,
    stride: usize,
}

impl Sheet {
    /// Makes room for the rows that were pushed; every cell is 0.
    pub(crate) fn lay_out(&mut self) {
        self.stride = self.rows.len().next_multiple_of(BATCH) + 2 * PAD;
        self.cells.clear();
        self.cells.resize(self.stride * columns::COLUMNS, 0);
    }

    /// The cells of a column, one a row.
    pub(crate) fn column(&self, column: usize) -> &[u8] {
        &self.cells[column * self.stride + PAD..][..self.rows.len()]
    }

    /// The cells of a column to write, one a row.
    pub(crate) fn column_mut(&mut self, column: usize) -> &mut [u8] {
        &mut self.cells[column * self.stride + PAD..][..self.rows.len()]
    }

    /// Sets one cell.
    pub(crate) fn set(&mut self, column: usize, row: usize, value: u8) {
        let place = self.place(column, row);
        self.cells[place] = value;
    }

    fn place(&self, column: usize, row: usize) -> usize {
        column * self.stride + PAD + row
    }

    /// One cell as a view shows it.
    pub(crate) fn cell(&self, view: columns::View, row: usize) -> u8 {
        self.cells[(view.column as usize * self.stride + PAD + row).wrapping_add_signed(view.shift as isize)]
    }

    /// A batch of cells of a view, starting at `row`, which must be a multiple of `LENGTH` and have rows.
    pub(crate) fn batch<const LENGTH: usize>(&self, view: columns::View, row: usize) -> &[u8; LENGTH] {
        const { assert!(BATCH.is_multiple_of(LENGTH)) };
        let start = (view.column as usize * self.stride + PAD + row).wrapping_add_signed(view.shift as isize);
        self.cells[start..][..LENGTH].try_into().expect("a batch has LENGTH cells")
    }
}

/// A count on a logarithmic scale of eight steps an octave: 0, 1 → 1, 2 → 9, 1000 → 80, u32::MAX → 255.
pub(crate) fn log(count: u32) -> u8 {
    LOGS.get(count as usize).copied().unwrap_or_else(|| log_of(count))
}

const fn log_of(count: u32) -> u8 {
    if count == 0 {
        return 0;
    }
    let octave = count.ilog2();
    let fraction = (((count as u64) << 3 >> octave) & 7) as u32;
    let log = octave * 8 + fraction + 1;
    if log > 255 { 255 } else { log as u8 }
}

/// The logarithms of small counts, worked out when the program is built.
static LOGS: [u8; 2048] = {
    let mut logs = [0; 2048];
    let mut count = 0;
    while count < logs.len() {
        logs[count] = log_of(count as u32);
        count += 1;
    }
    logs
};

/// `part` of `whole` as 0 to 255.
pub(crate) fn share(part: u32, whole: u32) -> u8 {
    match (whole, part.checked_mul(255)) {
        (0, _) => 0,
        (_, Some(part)) => (part / whole).min(255) as u8,
        (_, None) => (u64::from(part) * 255 / u64::from(whole)).min(255) as u8,
    }
}

/// A logit in 1/256 as a byte: 16 steps a logit, 128 for none; 0 stays free for "no such line".
pub(crate) fn logit(logit: i32) -> u8 {
    (128 + logit / 16).clamp(1, 255) as u8
}

/// The largest logit, in 1/256, that makes a difference.
const MOST_LOGIT: i32 = 4096;

/// e to the power of a logit in 1/256. Only sums and products, so the same everywhere.
pub(crate) const fn odds(logit: i32) -> f64 {
    let x = within(logit) as f64 / 256.0;
    // exp(x) as (exp(x / 1024)) ^ 1024, the inner one by its series.
    let y = x / 1024.0;
    let mut e = 1.0 + y * (1.0 + y * (0.5 + y / 6.0));
    let mut squared = 0;
    while squared < 10 {
        e *= e;
        squared += 1;
    }
    e
}

/// A logit where it makes a difference, the nearest of those where it makes none.
const fn within(logit: i32) -> i32 {
    if logit < -MOST_LOGIT {
        -MOST_LOGIT
    } else if logit > MOST_LOGIT {
        MOST_LOGIT
    } else {
        logit
    }
}

/// The probability that belongs to a logit in 1/256, in 1/65536.
pub(crate) fn probability(logit: i32) -> u32 {
    /// By logit, worked out when the program is built.
    static OF: [u16; 2 * MOST_LOGIT as usize + 1] = {
        let mut of = [0; 2 * MOST_LOGIT as usize + 1];
        let mut logit = -MOST_LOGIT;
        while logit <= MOST_LOGIT {
            let e = odds(logit);
            of[(logit + MOST_LOGIT) as usize] = (65536.0 * (e / (1.0 + e))) as u16;
            logit += 1;
        }
        of
    };
    u32::from(OF[(within(logit) + MOST_LOGIT) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_monotonic() {
        let logs: Vec<u8> = (0..5000).map(log).collect();
        assert!(logs.is_sorted());
        assert!((0..5000).all(|count| log(count) == log_of(count)));
        assert_eq!(share(u32::MAX / 3, u32::MAX), 85);
        assert_eq!((log(0), log(1), log(2), log(u32::MAX)), (0, 1, 9, 255));
        assert_eq!((share(1, 2), share(3, 2), share(0, 0)), (127, 255, 0));
        assert_eq!((logit(0), logit(-1_000_000), logit(1_000_000)), (128, 1, 255));
    }

    #[test]
    fn probabilities_follow_the_logistic_curve() {
        for x in [-9.0f64, -2.0, -0.5, 0.0, 1.0, 3.0, 8.0] {
            let expected = 1.0 / (1.0 + (-x).exp());
            let got = f64::from(probability((x * 256.0) as i32)) / 65536.0;
            assert!((expected - got).abs() < 1e-4, "{x}: {expected} {got}");
        }
    }
}
