//! `chaffinch explain`: every line with its verdict, label, score and reasons.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use chaffinch::report::escape;
use chaffinch::{Decided, Error, Evidence, Needs, Part, Sink, Summary, Verdict};

use super::classifier;
use super::config::{Config, Look};
use super::output::Stdout;
use super::style::{self, DIM, KEPT, REMOVED, fit};

/// Columns before the text: number, mark, label, score.
const MARGIN: usize = 33;
/// Below this, a person may want to know why a line was kept.
const SURE: f32 = 0.9;

/// Shows it.
pub(crate) fn show(look: &Look, config: &Config) -> Result<ExitCode> {
    let name = || look.shown();
    let (reader, document, mut cleaner) =
        look.open(&classifier(&config.judging)?, &config.judging).with_context(name)?;
    let mut view = View { out: Stdout::colored(config.color), columns: style::width().saturating_sub(MARGIN).max(20) };
    cleaner.clean(reader, document, &mut view).with_context(name)?;
    Ok(ExitCode::SUCCESS)
}

struct View<W> {
    out: W,
    /// Columns for the text.
    columns: usize,
}

/// Whether the reasons are worth a line: always for a removal, and for a kept line if it could have gone otherwise.
fn is_telling(verdict: &Verdict) -> bool {
    let weighed = |evidence: &Evidence| {
        matches!(evidence, Evidence::Feature { .. } | Evidence::Words { .. } | Evidence::Learned { .. })
    };
    !verdict.keep || (verdict.label.is_some() && verdict.score < SURE) || !verdict.evidence.iter().all(weighed)
}

impl<W: Write> View<W> {
    fn print(&mut self, decided: &Decided<'_>) -> std::io::Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        let (mark, color) = if verdict.keep { ('+', KEPT) } else { ('-', REMOVED) };
        let label = style::of_label(verdict.label);
        let name = verdict.label_name();
        let pad = if line.is_blank() { 0 } else { 17 };
        write!(self.out, "{DIM}{:>6}{DIM:#} {color}{mark}{color:#} {label}{name:<pad$}{label:#}", line.number)?;
        match verdict.label {
            Some(_) => writeln!(self.out, " {:.2}  {color}{}{color:#}", verdict.score, fit(line.text, self.columns))?,
            None if line.is_blank() => writeln!(self.out)?,
            None => writeln!(self.out, "       {}", fit(line.text, self.columns))?,
        }
        // A blank line next to removed ones needs no reason.
        if line.is_blank() || !is_telling(verdict) {
            return Ok(());
        }
        for evidence in &verdict.evidence {
            let text = evidence.to_string();
            writeln!(self.out, "{DIM}{:MARGIN$}{}{DIM:#}", "", escape::terminal(&text))?;
        }
        Ok(())
    }
}

impl<W: Write> Sink for View<W> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: true }
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        // Of a line too long to judge the beginning is enough.
        match decided.line.part {
            Part::Whole | Part::First => self.print(decided).map_err(Error::Write),
            Part::Middle | Part::Last => Ok(()),
        }
    }

    fn finish(&mut self, _: &Summary) -> chaffinch::Result<()> {
        self.out.flush().map_err(Error::Write)
    }
}
