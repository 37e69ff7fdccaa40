//! The HTML report: one self-contained page that shows the raw page as a document, what was taken out of it, and why.
//!
//! Whoever opens it may not trust the text in it, and need not: nothing is loaded, no script runs (the policy in the
//! page allows its own style sheet and nothing else), and text is escaped so that what hides or turns text is seen.
//! Folding, filtering by label and jumping work by HTML and CSS alone.
//!
//! The page is written as the document streams by: only the run of removed lines at hand, the counts and the map are
//! in memory. Counts and map therefore stand at the end of the file and are moved to the top by the style sheet.

use std::fmt::Write as _;
use std::io::Write;

use super::stats::Stats;
use super::{csp, escape};
use crate::error::{Error, Result};
use crate::label::{Label, LabelSet};
use crate::line::{Line, Part};
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::verdict::Verdict;

mod frame;
mod map;

use map::Map;

const STYLE: &str = include_str!("html/page.css");

/// Longer runs of removed lines of one label are folded.
const FOLD: u64 = 12;

/// A run is written when it has so many lines or bytes, and goes on as another one.
const RUN_LINES: u64 = 1000;
const RUN_BYTES: usize = 1 << 20;

/// Of a line longer than 1 MiB, so much of the text is shown.
const SHOWN: usize = 2000;

/// So many lines are laid out together, or not at all while they are out of sight.
const CHUNK: u64 = 200;

/// A lower score is shown beside the line, for a person to look at.
const DOUBTFUL: f32 = 0.8;

/// Writes the HTML report.
#[derive(Debug)]
pub struct Html<W> {
    out: W,
    document: Document,
    stats: Stats,
    map: Map,
    run: Run,
    /// What is to be written next.
    buffer: String,
    /// Lines in the chunk that is open; `None` if none is.
    chunk: Option<u64>,
    /// Bytes of the over-long line that are not shown.
    unshown: u64,
    /// Labels that occurred, kept and removed.
    removed: LabelSet,
}

/// Removed lines of one label in a row.
#[derive(Debug, Default)]
struct Run {
    label: Option<Label>,
    html: String,
    first_line: u64,
    lines: u64,
    /// The beginning of the first line's text and of the last one's, escaped.
    first: String,
    last: String,
}

impl<W: Write> Html<W> {
    /// Writes to `out`; give a buffered writer.
    pub fn new(out: W) -> Html<W> {
        Html {
            out,
            document: Document::default(),
            stats: Stats::new(),
            map: Map::new(),
            run: Run::default(),
            buffer: String::new(),
            chunk: None,
            unshown: 0,
            removed: LabelSet::EMPTY,
        }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn flush_buffer(&mut self) -> Result<()> {
        self.out.write_all(self.buffer.as_bytes()).map_err(Error::Write)?;
        self.buffer.clear();
        Ok(())
    }

    fn open_chunk(&mut self) {
        if self.chunk.is_some_and(|lines| lines >= CHUNK) {
            self.buffer.push_str("</div>\n");
            self.chunk = None;
        }
        if self.chunk.is_none() {
            self.buffer.push_str("<div class=\"chunk\">\n");
            self.chunk = Some(0);
        }
    }

    fn kept(&mut self, line: Line<'_>, verdict: &Verdict) -> Result<()> {
        self.end_run();
        let shown = match line.part {
            Part::Whole => line.text,
            Part::First => head(line.text, SHOWN),
            Part::Middle | Part::Last => "",
        };
        self.unshown += (line.text.len() - shown.len()) as u64;
        if matches!(line.part, Part::Whole | Part::First) {
            self.open_chunk();
            self.chunk = self.chunk.map(|lines| lines + 1);
            let name = if line.part == Part::First { "unjudged" } else { verdict.label_name() };
            let title = reasons(verdict, "kept as", name);
            let number = line.number;
            _ = write!(
                self.buffer,
                "<p class=\"k {name}\" id=\"L{number}\"><span class=\"n\" title=\"{title}\">{number}</span>\
                 <span class=\"x\" dir=\"auto\">{}</span>",
                escape::html(shown)
            );
        }
        if line.part == Part::Last {
            _ = write!(self.buffer, "<span class=\"q\">{} more bytes, passed through unjudged</span>", self.unshown);
            self.unshown = 0;
        } else if line.part == Part::Whole {
            let name = verdict.label_name();
            if !matches!(verdict.label, Some(Label::Body) | None) {
                _ = write!(self.buffer, "<span class=\"t\">{name}</span>");
            }
            doubt(&mut self.buffer, verdict);
        }
        if matches!(line.part, Part::Whole | Part::Last) {
            self.buffer.push_str("</p>\n");
        }
        self.flush_buffer()
    }

    fn removed(&mut self, line: Line<'_>, verdict: &Verdict) -> Result<()> {
        let label = verdict.label;
        if self.run.label != label || self.run.lines >= RUN_LINES || self.run.html.len() > RUN_BYTES {
            self.end_run();
            self.flush_buffer()?;
        }
        let run = &mut self.run;
        run.label = label;
        run.lines += 1;
        if let Some(label) = label {
            self.removed = self.removed.with(label);
        }
        let beginning = head(line.text, 60);
        run.last.clear();
        run.last.push_str(&escape::html(beginning));
        if beginning.len() < line.text.len() {
            run.last.push('…');
        }
        if run.lines == 1 {
            run.first.clone_from(&run.last);
            run.first_line = line.number;
        }
        let number = line.number;
        _ = write!(
            run.html,
            "<details class=\"r\" id=\"L{number}\" title=\"{}\"><summary><span class=\"n\">{number}</span>\
             <span class=\"x\" dir=\"auto\">{}</span>",
            reasons(verdict, "removed as", verdict.label_name()),
            escape::html(line.text)
        );
        doubt(&mut run.html, verdict);
        _ = write!(run.html, "</summary><ul><li>{}, {}</li>", verdict.label_name(), percent(verdict.score));
        for evidence in &verdict.evidence {
            _ = write!(run.html, "<li>{}</li>", escape::html(&evidence.to_string()));
        }
        run.html.push_str("</ul></details>\n");
        Ok(())
    }

    /// Writes the run of removed lines at hand.
    fn end_run(&mut self) {
        if self.run.lines == 0 {
            return;
        }
        self.open_chunk();
        let run = &mut self.run;
        let name = run.label.map_or("blank", Label::name);
        let plural = if run.lines == 1 { "line" } else { "lines" };
        let (first, lines) = (run.first_line, run.lines);
        if lines > FOLD {
            _ = write!(
                self.buffer,
                "<details class=\"run fold l {name}\"><summary><span class=\"n\">{first}</span><b>{name}</b> <span class=\"c\">{lines} lines</span> \
                 <span class=\"ends\"><bdi>{}</bdi> <i>to</i> <bdi>{}</bdi></span></summary>\n{}</details>\n",
                run.first, run.last, run.html
            );
        } else {
            _ = write!(
                self.buffer,
                "<section class=\"run l {name}\" aria-label=\"{name}, {lines} removed {plural}\"><b>{name}</b>\n{}</section>\n",
                run.html
            );
        }
        self.chunk = self.chunk.map(|lines| lines + run.lines);
        run.html.clear();
        run.lines = 0;
        run.label = None;
    }
}

impl<W: Write> Sink for Html<W> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: true }
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        self.document = document.clone();
        self.stats = Stats::new();
        self.map = Map::new();
        self.run = Run::default();
        self.chunk = None;
        self.unshown = 0;
        self.removed = LabelSet::EMPTY;
        self.buffer.clear();
        frame::head(&mut self.buffer, document, STYLE, &csp::source(STYLE));
        self.flush_buffer()
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        self.stats.line(decided)?;
        if line.is_blank() {
            // Blank lines are white space between the others; the numbers show where they are.
            return Ok(());
        }
        if matches!(line.part, Part::Whole | Part::First) {
            self.map.push(line.number, verdict);
        }
        if verdict.keep { self.kept(line, verdict) } else { self.removed(line, verdict) }
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.end_run();
        if self.chunk.take().is_some() {
            self.buffer.push_str("</div>\n");
        }
        frame::foot(&mut self.buffer, &self.stats, summary, self.removed, &self.map.svg());
        self.flush_buffer()?;
        self.out.flush().map_err(Error::Write)
    }
}

/// The text up to `limit` bytes, ending between characters.
fn head(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Verdict and reasons in one line, for a tooltip.
fn reasons(verdict: &Verdict, what: &str, name: &str) -> String {
    let mut out = format!("{what} {name}, {}", percent(verdict.score));
    for evidence in &verdict.evidence {
        _ = write!(out, "; {}", escape::html(&evidence.to_string()));
    }
    out
}

/// The score of a line that a person should look at.
fn doubt(out: &mut String, verdict: &Verdict) {
    if verdict.score < DOUBTFUL && verdict.label.is_some() {
        _ = write!(out, "<span class=\"q\">{} sure</span>", percent(verdict.score));
    }
}

fn percent(score: f32) -> String {
    format!("{}\u{a0}%", (f64::from(score.clamp(0.0, 1.0)) * 100.0).round() as u32)
}
