//! `chaffinch diff`: what is removed, for a look in the terminal before one trusts it.
//!
//! Removed lines stand whole, with their label in the margin; the text around them is dimmed and cut. A menu of
//! forty lines is one thing to look at, so long runs of one label are folded. `--full` shows every line.

use std::collections::VecDeque;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use chaffinch::report::escape;
use chaffinch::{Decided, Error, Label, Needs, Part, Sink, Summary};

use super::config::{Config, Input};
use super::output::Stdout;
use super::style::{self, DIM, REMOVED, fit};
use super::{classifier, cleaner, complain};

/// Kept lines shown on both sides of removed ones.
const CONTEXT: usize = 2;
/// Longer runs of removed lines of one label are folded…
const RUN: u64 = 8;
/// …to their first lines.
const SHOWN: u64 = 3;
/// Columns before the text: number, label, mark.
pub(super) const MARGIN: usize = 28;

/// Shows it.
pub(crate) fn show(input: &Input, full: bool, config: &Config) -> Result<ExitCode> {
    let mut cleaner = cleaner(&classifier(&config.judging)?, &config.judging);
    let (reader, document, _) = input.open().with_context(|| input.shown())?;
    let width = if full { usize::MAX } else { style::width() - MARGIN };
    let mut view = View::new(Stdout::colored(config.color), full, width);
    let summary = cleaner.clean(reader, document, &mut view).with_context(|| input.shown())?;
    if let Some(alarm) = summary.alarm {
        complain(&format!("{} {alarm}", input.shown()));
    }
    Ok(ExitCode::SUCCESS)
}

struct View<W> {
    out: W,
    full: bool,
    /// Columns for a kept line.
    width: usize,
    /// Kept lines right before here that were not shown, cut already.
    before: VecDeque<(u64, String)>,
    /// Kept lines before those, not shown either.
    skipped: u64,
    /// How many kept lines are still to be shown behind the last removed one.
    after: usize,
    run: Run,
    /// Removed lines by label.
    removed: [u64; Label::ALL.len()],
}

/// Removed lines of one label, with nothing kept between them.
#[derive(Default)]
struct Run {
    label: Option<Label>,
    lines: u64,
    /// Those that are only shown if the run stays short.
    held: Vec<(u64, String)>,
}

impl<W: Write> View<W> {
    fn new(out: W, full: bool, width: usize) -> View<W> {
        View {
            out,
            full,
            width,
            before: VecDeque::new(),
            skipped: 0,
            after: 0,
            run: Run::default(),
            removed: [0; Label::ALL.len()],
        }
    }

    fn print_removed(&mut self, number: u64, label: Option<Label>, text: &str) -> std::io::Result<()> {
        let color = style::of_label(label);
        let name = label.map_or("blank", Label::name);
        writeln!(self.out, "{DIM}{number:>6}{DIM:#} {color}{name:<17}{color:#} {REMOVED}- {text}{REMOVED:#}")
    }

    fn print_kept(&mut self, number: u64, text: &str) -> std::io::Result<()> {
        writeln!(self.out, "{DIM}{number:>6} {:<17}   {text}{DIM:#}", "")
    }

    fn print_gap(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.out, "{DIM}{:>6} {text}{DIM:#}", "…")
    }

    fn removed(&mut self, number: u64, label: Label, text: &str) -> std::io::Result<()> {
        self.removed[label.index()] += 1;
        if self.run.lines > 0 && self.run.label != Some(label) {
            self.end_run()?;
        }
        if self.run.lines == 0 {
            self.run.label = Some(label);
            if self.skipped > 0 {
                self.print_gap(&format!("{} kept", lines(self.skipped)))?;
                self.skipped = 0;
            }
            while let Some((number, text)) = self.before.pop_front() {
                self.print_kept(number, &text)?;
            }
        }
        self.after = CONTEXT;
        self.run.lines += 1;
        if self.full || self.run.lines <= SHOWN {
            self.print_removed(number, Some(label), &escape::terminal(text))
        } else {
            if self.run.lines <= RUN {
                self.run.held.push((number, escape::terminal(text).into_owned()));
            } else {
                self.run.held.clear();
            }
            Ok(())
        }
    }

    fn end_run(&mut self) -> std::io::Result<()> {
        let Run { label, lines: count, mut held } = std::mem::take(&mut self.run);
        for (number, text) in held.drain(..) {
            self.print_removed(number, label, &text)?;
        }
        if let (Some(label), false) = (label, self.full || count <= RUN) {
            self.print_gap(&format!("{} more lines of {label} (--full shows them)", count - SHOWN))?;
        }
        self.run.held = held;
        Ok(())
    }

    fn kept(&mut self, number: u64, text: &str) -> std::io::Result<()> {
        self.end_run()?;
        let text = fit(text, self.width).into_owned();
        if self.full || self.after > 0 {
            self.after = self.after.saturating_sub(1);
            return self.print_kept(number, &text);
        }
        if self.before.len() == CONTEXT {
            self.before.pop_front();
            self.skipped += 1;
        }
        self.before.push_back((number, text));
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> std::io::Result<()> {
        self.end_run()?;
        let skipped = self.skipped + self.before.len() as u64;
        if skipped > 0 {
            self.print_gap(&format!("{} kept", lines(skipped)))?;
        }
        let removed = summary.text_lines - summary.kept_lines;
        write!(self.out, "{removed} of {} removed", lines(summary.text_lines))?;
        let mut labels: Vec<Label> = Label::ALL.into_iter().filter(|label| self.removed[label.index()] > 0).collect();
        labels.sort_by_key(|label| std::cmp::Reverse(self.removed[label.index()]));
        for (i, label) in labels.into_iter().enumerate() {
            write!(self.out, "{} {} {label}", if i == 0 { ":" } else { "," }, self.removed[label.index()])?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }
}

fn lines(n: u64) -> String {
    format!("{n} line{}", if n == 1 { "" } else { "s" })
}

impl<W: Write> Sink for View<W> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: false }
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        let result = match (verdict.keep, verdict.label) {
            // Of a line too long to judge, which is kept, the beginning is enough.
            _ if matches!(line.part, Part::Middle | Part::Last) => Ok(()),
            (true, _) if self.full || !line.is_blank() => self.kept(line.number, line.text),
            (false, Some(label)) => self.removed(line.number, label, line.text),
            (false, None) if self.full => {
                self.end_run().and_then(|()| self.print_removed(line.number, None, &escape::terminal(line.text)))
            }
            // Blank lines say nothing and would only tear runs apart.
            _ => Ok(()),
        };
        result.map_err(Error::Write)
    }

    fn finish(&mut self, summary: &Summary) -> chaffinch::Result<()> {
        self.end(summary).map_err(Error::Write)
    }
}

#[cfg(test)]
mod tests {
    use chaffinch::{Eol, Line, Verdict};

    use super::*;

    fn view(full: bool, lines: &[(&str, bool, Option<Label>)]) -> String {
        let mut out = Vec::new();
        let mut view = View::new(&mut out, full, 20);
        for (i, &(text, keep, label)) in lines.iter().enumerate() {
            let line = Line { number: i as u64 + 1, text, eol: Eol::Lf, part: Part::Whole };
            let verdict = Verdict::new(keep, label, 1.0);
            view.line(&Decided { line, verdict: &verdict }).unwrap();
        }
        view.end(&Summary::default()).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string()
    }

    #[test]
    fn long_runs_are_folded_across_blank_lines() {
        let mut lines = vec![("Link", false, Some(Label::Navigation)); 9];
        lines.insert(4, ("", false, None));
        let out = view(false, &lines);
        assert_eq!(out.matches("- Link").count(), 3, "{out}");
        assert!(out.contains("6 more lines of navigation"), "{out}");
        assert_eq!(view(false, &lines[..9]).matches("- Link").count(), 8);
        assert_eq!(view(true, &lines).matches("- Link").count(), 9);
    }

    #[test]
    fn kept_lines_are_shown_around_removed_ones_only() {
        let kept = |text| (text, true, Some(Label::Body));
        let gone = ("Share", false, Some(Label::Sharing));
        let lines = [kept("one"), kept("two"), kept("three"), gone, kept("four"), kept("five"), kept("six")];
        let out = view(false, &lines);
        assert!(out.contains("1 line kept") && !out.contains("one"), "{out}");
        assert!(out.contains("two") && out.contains("five") && !out.contains("six"), "{out}");
        assert!(view(true, &lines).contains("six"));
    }

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        let out = view(true, &[("\u{9b}2J\u{1b}]0;x\u{7}", false, Some(Label::Legal)), ("\u{1b}c", true, None)]);
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{out:?}");
    }
}
