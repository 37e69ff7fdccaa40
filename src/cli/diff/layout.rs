//! How a line of the view looks: number, label and text in columns, wrapped so that the margin stays free; or the
//! page on the left and what is left of it on the right.

use std::borrow::Cow;
use std::io::{Result, Write};

use anstyle::Style;
use chaffinch::Label;
use chaffinch::report::escape;

use super::super::style::{self, CHANGED, DIM, REMOVED, fit};
use super::super::wrap::{Row, wrap};
use super::inline::differing;
use super::queue::Entry;

/// Columns before the text: number, label, mark.
const MARGIN: usize = 27;
/// Columns before the left side: number.
const NUMBER: usize = 7;
/// Columns between the sides.
const BETWEEN: usize = 3;
/// Rows of a removed line that are shown unless every line is asked for whole.
const ROWS: usize = 40;

/// The layout.
#[derive(Debug)]
pub(super) struct Layout {
    /// Columns of the terminal; `None` where there is none, and lines are not wrapped, for other programs to read.
    columns: Option<usize>,
    side_by_side: bool,
    full: bool,
    colored: bool,
}

impl Layout {
    pub(super) fn new(columns: Option<usize>, side_by_side: bool, full: bool, colored: bool) -> Layout {
        let columns = columns.or(side_by_side.then_some(style::WIDTH));
        Layout { columns, side_by_side, full, colored }
    }

    /// Columns of one side.
    fn side(&self) -> usize {
        (self.columns.unwrap_or(style::WIDTH).saturating_sub(NUMBER + BETWEEN) / 2).max(10)
    }

    /// Columns for the text where there is one.
    fn text_columns(&self) -> usize {
        self.columns.unwrap_or(style::WIDTH).saturating_sub(MARGIN).max(10)
    }

    /// A removed line; `original` is the line that it repeats.
    pub(super) fn removed(&self, out: &mut dyn Write, entry: &Entry, original: Option<&str>) -> Result<()> {
        let marked = original.and_then(|original| differing(&entry.text, original));
        let pieces = marked.unwrap_or_else(|| vec![(false, &entry.text)]);
        let safe: Vec<(bool, Cow<'_, str>)> = pieces
            .into_iter()
            .map(|(marked, text)| match escape::terminal(text) {
                // Where there is no colour, marks are written as git's plain word diff writes words that are added.
                text if marked && !self.colored => (marked, Cow::Owned(format!("{{+{text}+}}"))),
                text => (marked, text),
            })
            .collect();
        let borrowed: Vec<(bool, &str)> = safe.iter().map(|(marked, text)| (*marked, text.as_ref())).collect();
        let most = if self.full { usize::MAX } else { ROWS };
        let (rows, left) = match (self.side_by_side, self.columns) {
            (true, _) => wrap(&borrowed, self.side(), most),
            (false, Some(_)) => wrap(&borrowed, self.text_columns(), most),
            (false, None) => wrap(&borrowed, usize::MAX, 1),
        };
        let note = entry.repeats.map(|line| format!("= line {line}")).unwrap_or_default();
        if self.side_by_side {
            self.removed_left(out, entry, &rows, &note)?;
        } else {
            self.removed_rows(out, entry, &rows, &note)?;
        }
        if left > 0 {
            let indent = if self.side_by_side { NUMBER } else { MARGIN };
            writeln!(out, "{:indent$}{DIM}… {left} more bytes (--full shows them){DIM:#}", "")?;
        }
        Ok(())
    }

    fn removed_rows(&self, out: &mut dyn Write, entry: &Entry, rows: &[Row], note: &str) -> Result<()> {
        let name = entry.label.map_or("blank", Label::name);
        let color = style::of_label(entry.label);
        for (i, row) in rows.iter().enumerate() {
            if i == 0 {
                write!(out, "{DIM}{:>6}{DIM:#} {color}{name:<17}{color:#} {REMOVED}- {REMOVED:#}", entry.number)?;
            } else {
                write!(out, "{:MARGIN$}", "")?;
            }
            pieces(out, row, REMOVED)?;
            if i + 1 == rows.len() && !note.is_empty() {
                // A row of its own where the last one is full.
                let room = self.columns.is_none() || row.width + 2 + note.len() <= self.text_columns();
                match room {
                    true => write!(out, "  {DIM}{note}{DIM:#}")?,
                    false => write!(out, "\n{:MARGIN$}{DIM}{note}{DIM:#}", "")?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn removed_left(&self, out: &mut dyn Write, entry: &Entry, rows: &[Row], note: &str) -> Result<()> {
        let name = entry.label.map_or("blank", Label::name);
        let color = style::of_label(entry.label);
        for (i, row) in rows.iter().enumerate() {
            match i {
                0 => write!(out, "{DIM}{:>6}{DIM:#} ", entry.number)?,
                _ => write!(out, "{:NUMBER$}", "")?,
            }
            pieces(out, row, REMOVED)?;
            write!(out, "{:pad$} {color}▏{color:#}", "", pad = self.side().saturating_sub(row.width))?;
            if i == 0 {
                write!(out, " {color}{name}{color:#}")?;
                if !note.is_empty() {
                    write!(out, " {DIM}{note}{DIM:#}")?;
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// A kept line.
    pub(super) fn kept(&self, out: &mut dyn Write, number: u64, text: &str) -> Result<()> {
        let columns = if self.side_by_side { self.side() } else { self.text_columns() };
        let safe = escape::terminal(text);
        let rows = match (self.full, self.columns) {
            (true, Some(_)) => wrap(&[(false, &safe)], columns, usize::MAX).0,
            (true, None) => wrap(&[(false, &safe)], usize::MAX, 1).0,
            (false, _) => wrap(&[(false, &fit(text, columns))], usize::MAX, 1).0,
        };
        for (i, row) in rows.iter().enumerate() {
            let number = if i == 0 { number.to_string() } else { String::new() };
            let text: String = row.pieces.iter().map(|(_, text)| text.as_str()).collect();
            if self.side_by_side {
                let pad = columns.saturating_sub(row.width);
                writeln!(out, "{DIM}{number:>6} {text}{:pad$} │ {text}{DIM:#}", "")?;
            } else {
                writeln!(out, "{DIM}{number:>6} {:<17}   {text}{DIM:#}", "")?;
            }
        }
        Ok(())
    }

    /// Lines that are not shown.
    pub(super) fn gap(&self, out: &mut dyn Write, text: &str) -> Result<()> {
        writeln!(out, "{DIM}{:>6} {text}{DIM:#}", "…")
    }
}

fn pieces(out: &mut dyn Write, row: &Row, style: Style) -> Result<()> {
    for (marked, text) in &row.pieces {
        let style = if *marked { CHANGED } else { style };
        write!(out, "{style}{text}{style:#}")?;
    }
    Ok(())
}
