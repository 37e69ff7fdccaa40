//! `chaffinch diff`: what is removed, for a look in the terminal before one trusts it.
//!
//! Removed lines stand whole, with their label in the margin; the text around them is dimmed and cut. A menu of
//! forty lines is one thing to look at, so long runs of one label are folded. `--full` shows every line.

use std::collections::VecDeque;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use chaffinch::{Decided, Error, Label, Needs, Sink, Summary};

use super::config::{Config, Diff};
use super::style;
use super::{classifier, complain};

mod inline;
mod layout;
mod pager;
mod queue;

use layout::Layout;
use queue::{Entry, Queue};

/// Longer runs of removed lines of one label are folded…
const RUN: u64 = 8;
/// …to their first lines.
const SHOWN: u64 = 3;

/// Shows it.
pub(crate) fn show(diff: &Diff, config: &Config) -> Result<ExitCode> {
    let name = || diff.look.shown();
    let (reader, document, mut cleaner) =
        diff.look.open(&classifier(&config.judging)?, &config.judging).with_context(name)?;
    let (out, colored) = pager::open(diff.paged, config.color);
    let layout = Layout::new(style::columns(), diff.side_by_side, diff.full, colored);
    let mut view = View::new(out, diff, layout);
    let result = cleaner.clean(reader, document, &mut view);
    // The pager has the terminal: whatever there is to say comes when it has ended.
    let finished = view.out.finish().map_err(Error::Write);
    let summary = result.and_then(|summary| finished.map(|()| summary)).with_context(name)?;
    if let Some(alarm) = summary.alarm {
        complain(&format!("{} {alarm}", name()));
    }
    Ok(ExitCode::SUCCESS)
}

struct View<'a, W> {
    out: W,
    diff: &'a Diff,
    layout: Layout,
    queue: Queue,
    /// Kept lines right before here that were not shown.
    before: VecDeque<(u64, String)>,
    /// Lines before those, not shown either: kept ones, and removed ones that were not asked for.
    skipped: u64,
    hidden: u64,
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
    held: Vec<Entry>,
}

impl<'a, W: Write> View<'a, W> {
    fn new(out: W, diff: &'a Diff, layout: Layout) -> View<'a, W> {
        View {
            out,
            diff,
            layout,
            queue: Queue::default(),
            before: VecDeque::new(),
            skipped: 0,
            hidden: 0,
            after: 0,
            run: Run::default(),
            removed: [0; Label::ALL.len()],
        }
    }

    fn show(&mut self, entry: Entry) -> std::io::Result<()> {
        match (entry.keep, entry.label) {
            (true, _) if self.diff.full || !entry.blank => self.kept(entry.number, entry.text),
            (false, Some(label)) => {
                self.removed[label.index()] += 1;
                let asked = self.diff.only.iter().next().is_none() || self.diff.only.contains(label);
                if asked { self.removed(label, entry) } else { self.hide() }
            }
            (false, None) if self.diff.full => {
                self.end_run()?;
                self.print_removed(&entry)
            }
            // Blank lines say nothing and would only tear runs apart.
            _ => Ok(()),
        }
    }

    fn print_removed(&mut self, entry: &Entry) -> std::io::Result<()> {
        let original = entry.repeats.and_then(|line| self.queue.kept(line));
        self.layout.removed(&mut self.out, entry, original)
    }

    fn print_gap(&mut self, text: &str) -> std::io::Result<()> {
        self.layout.gap(&mut self.out, text)
    }

    /// Says what was left out before here.
    fn print_skipped(&mut self) -> std::io::Result<()> {
        let (skipped, hidden) = (std::mem::take(&mut self.skipped), std::mem::take(&mut self.hidden));
        match (skipped, hidden) {
            (0, 0) => Ok(()),
            (kept, 0) => self.print_gap(&format!("{} kept", lines(kept))),
            (0, removed) => self.print_gap(&format!("{} removed", lines(removed))),
            (kept, removed) => self.print_gap(&format!("{} kept, {removed} removed", lines(kept))),
        }
    }

    fn removed(&mut self, label: Label, entry: Entry) -> std::io::Result<()> {
        if self.run.lines > 0 && self.run.label != Some(label) {
            self.end_run()?;
        }
        if self.run.lines == 0 {
            self.run.label = Some(label);
            self.print_skipped()?;
            while let Some((number, text)) = self.before.pop_front() {
                self.layout.kept(&mut self.out, number, &text)?;
            }
        }
        self.after = self.diff.context;
        self.run.lines += 1;
        if self.diff.full || self.run.lines <= SHOWN {
            self.print_removed(&entry)
        } else {
            if self.run.lines <= RUN {
                self.run.held.push(entry);
            } else {
                self.run.held.clear();
            }
            Ok(())
        }
    }

    /// A removed line of a label that was not asked for.
    fn hide(&mut self) -> std::io::Result<()> {
        self.end_run()?;
        self.skipped += self.before.len() as u64;
        self.before.clear();
        self.hidden += 1;
        Ok(())
    }

    fn end_run(&mut self) -> std::io::Result<()> {
        let Run { label, lines: count, mut held } = std::mem::take(&mut self.run);
        for entry in held.drain(..) {
            self.print_removed(&entry)?;
        }
        if let (Some(label), false) = (label, self.diff.full || count <= RUN) {
            self.print_gap(&format!("{} more lines of {label} (--full shows them)", count - SHOWN))?;
        }
        self.run.held = held;
        Ok(())
    }

    fn kept(&mut self, number: u64, text: String) -> std::io::Result<()> {
        self.end_run()?;
        if self.diff.full || self.after > 0 {
            self.after = self.after.saturating_sub(1);
            self.print_skipped()?;
            return self.layout.kept(&mut self.out, number, &text);
        }
        self.before.push_back((number, text));
        if self.before.len() > self.diff.context {
            self.before.pop_front();
            self.skipped += 1;
        }
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> std::io::Result<()> {
        while let Some(entry) = self.queue.pop(true) {
            self.show(entry)?;
        }
        self.end_run()?;
        self.skipped += self.before.len() as u64;
        self.print_skipped()?;
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

impl<W: Write> Sink for View<'_, W> {
    fn needs(&self) -> Needs {
        // Of the evidence only repeats are shown; they say which line to compare with.
        Needs { labels: true, evidence: true }
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        self.queue.push(decided);
        while let Some(entry) = self.queue.pop(false) {
            self.show(entry).map_err(Error::Write)?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> chaffinch::Result<()> {
        self.end(summary).map_err(Error::Write)
    }
}

#[cfg(test)]
mod tests;
