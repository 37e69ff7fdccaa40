//! The HTML report: one self-contained page that shows the raw page as a document, what was taken out of it, and why.
//!
//! Whoever opens it may not trust the text in it, and need not: nothing is loaded (the policy in the page allows its own
//! style sheet and script by their hashes, and nothing else), and text is escaped so that what hides or turns text is
//! seen. Reading, folding, filtering and jumping work by HTML and CSS alone; the script adds keys, search, and decisions
//! that leave the page as an answers file.
//!
//! The page is written as the document streams by: only the run of removed lines at hand, the counts and the map are
//! in memory. Counts and map therefore stand at the end of the file and are moved to the top by the style sheet.

use std::fmt::Write as _;
use std::io::Write;

use super::escape;
use super::stats::Stats;
use crate::error::{Error, Result};
use crate::label::Label;
use crate::line::{Line, Part};
use crate::numbers;
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::verdict::Verdict;

mod frame;
mod map;
mod row;
mod summary;
mod tools;

use map::Map;

const STYLE: &str = include_str!("html/page.css");
/// Holds only where no script runs.
const PLAIN: &str = include_str!("html/plain.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Longer runs of removed lines of one label are folded.
const FOLD: u64 = 12;

/// A run is written when it has so many lines or bytes, and goes on as another one.
const RUN_LINES: u64 = 1000;
const RUN_BYTES: usize = 1 << 20;

/// Of a line longer than 1 MiB, so much of the text is shown.
const SHOWN: usize = 2000;

/// So many lines are laid out together, or not at all while they are out of sight.
const CHUNK: u64 = 200;

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
    /// Lines below each of the two bounds of certainty.
    doubtful: [u64; 2],
    /// Scratch memory for normalised lines.
    folded: String,
}

/// Removed lines of one label in a row.
#[derive(Debug, Default)]
struct Run {
    label: Option<Label>,
    html: String,
    first_line: u64,
    lines: u64,
    /// The lowest score.
    score: f32,
    /// The beginning of the first line's text and of the last one's.
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
            doubtful: [0; 2],
            folded: String::new(),
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
        self.end_run()?;
        match line.part {
            Part::Whole => {
                self.open_chunk();
                row::whole(&mut self.buffer, line.number, line.text, verdict, &mut self.folded);
            }
            Part::First => {
                self.open_chunk();
                let shown = row::head(line.text, SHOWN);
                self.unshown = (line.text.len() - shown.len()) as u64;
                row::begin(&mut self.buffer, line.number, shown, verdict);
            }
            Part::Middle => self.unshown += line.text.len() as u64,
            Part::Last => {
                row::end(&mut self.buffer, self.unshown + line.text.len() as u64);
                self.unshown = 0;
            }
        }
        self.chunk = self.chunk.map(|lines| lines + u64::from(matches!(line.part, Part::Whole | Part::First)));
        self.flush_buffer()
    }

    fn removed(&mut self, line: Line<'_>, verdict: &Verdict) -> Result<()> {
        let label = verdict.label;
        if self.run.label != label || self.run.lines >= RUN_LINES || self.run.html.len() > RUN_BYTES {
            self.end_run()?;
            self.flush_buffer()?;
        }
        let run = &mut self.run;
        run.label = label;
        run.score = if run.lines == 0 { verdict.score } else { run.score.min(verdict.score) };
        run.lines += 1;
        let beginning = row::head(line.text, 60);
        run.last.clear();
        run.last.push_str(beginning.trim_start());
        if beginning.len() < line.text.len() {
            run.last.push('…');
        }
        if run.lines == 1 {
            run.first.clone_from(&run.last);
            run.first_line = line.number;
        }
        row::whole(&mut run.html, line.number, line.text, verdict, &mut self.folded);
        Ok(())
    }

    /// Writes the run of removed lines at hand.
    fn end_run(&mut self) -> Result<()> {
        if self.run.lines == 0 {
            return Ok(());
        }
        self.open_chunk();
        let Html { run, buffer, .. } = self;
        let name = run.label.map_or("blank", Label::name);
        let (first, lines) = (run.first_line, run.lines);
        let doubt = row::doubt(run.label, run.score);
        let end = if lines > FOLD {
            let (from, to) = (escape::html(&run.first), escape::html(&run.last));
            // Writing to a string can not fail.
            _ = writeln!(
                buffer,
                "<details class=\"run fold l {name}{doubt}\"><summary><span class=\"n\">{first}</span><b>{name}</b> \
                 <span class=\"c\">{lines} lines</span> <span class=\"ends\"><bdi>{from}</bdi> <i>to</i> <bdi>{to}</bdi></span>\
                 </summary>"
            );
            "</details>\n"
        } else {
            let parts = ["<section class=\"run l ", name, doubt, "\" aria-label=\"removed: ", name, ", "];
            parts.into_iter().for_each(|part| buffer.push_str(part));
            _ = numbers::whole(buffer, lines);
            buffer.push_str(if lines == 1 { " line\">\n" } else { " lines\">\n" });
            "</section>\n"
        };
        self.flush_buffer()?;
        self.out.write_all(self.run.html.as_bytes()).map_err(Error::Write)?;
        self.buffer.push_str(end);
        let run = &mut self.run;
        self.chunk = self.chunk.map(|lines| lines + run.lines);
        run.html.clear();
        run.lines = 0;
        run.label = None;
        Ok(())
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
        self.doubtful = [0; 2];
        self.buffer.clear();
        frame::head(&mut self.buffer, document);
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
            if verdict.label.is_some() {
                self.doubtful[0] += u64::from(verdict.score < row::DOUBTFUL);
                self.doubtful[1] += u64::from(verdict.score < row::VERY_DOUBTFUL);
            }
        }
        if verdict.keep { self.kept(line, verdict) } else { self.removed(line, verdict) }
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.end_run()?;
        if self.chunk.take().is_some() {
            self.buffer.push_str("</div>\n");
        }
        self.buffer.push_str("</main>\n");
        summary::aside(&mut self.buffer, &self.stats, summary, self.doubtful);
        self.map.svg(&mut self.buffer);
        tools::tools(&mut self.buffer);
        frame::foot(&mut self.buffer);
        self.flush_buffer()?;
        self.out.flush().map_err(Error::Write)
    }
}
