//! The way of the data: bytes → lines → window → judge → decision → sinks, in memory that does not grow.
//!
//! A [`Cleaner`] owns every buffer of that way and is used for one document after the other; a thread has its own.

use std::io::Read;

use encoding_rs::Encoding;

use crate::decide::{Blanks, Decider};
use crate::error::Result;
use crate::line::{Line, Part};
use crate::lines::{Buffers, LineReader};
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::verdict::Verdict;
use crate::window::{Judge, Step, WINDOW, Window};
use crate::words::WordCounter;

/// What a user may set about the way, apart from the judge.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Lines that are judged together, blank ones not counted, from 16 to 2,048. Fewer lines come through sooner on a
    /// live stream, and are judged with less context. Unless the encoding is given too, nothing comes before 64 KiB of
    /// the input are there.
    pub window: usize,
    /// The encoding of the input; `None` to find it out.
    pub encoding: Option<&'static Encoding>,
    /// What happens to blank lines.
    pub blanks: Blanks,
}

impl Default for Options {
    fn default() -> Options {
        Options { window: WINDOW, encoding: None, blanks: Blanks::Collapse }
    }
}

/// Cleans documents, one after the other.
#[derive(Debug)]
pub struct Cleaner<J> {
    judge: J,
    encoding: Option<&'static Encoding>,
    buffers: Buffers,
    window: Window,
    verdicts: Vec<Verdict>,
    decider: Decider,
}

impl<J: Judge> Cleaner<J> {
    /// A cleaner that asks `judge`.
    pub fn new(judge: J, options: &Options) -> Cleaner<J> {
        Cleaner {
            judge,
            encoding: options.encoding,
            buffers: Buffers::default(),
            window: Window::new(options.window),
            verdicts: Vec::new(),
            decider: Decider::new(options.blanks),
        }
    }

    /// The judge.
    pub fn judge_mut(&mut self) -> &mut J {
        &mut self.judge
    }

    /// Cleans what `reader` yields into `sink`. The document's encoding is filled in here.
    ///
    /// # Errors
    /// [`crate::Error::Read`] when the reader fails, and whatever the sink fails with. The sink has seen a part of the
    /// document then, and no `finish`; the cleaner is ready for another document.
    pub fn clean<R: Read>(&mut self, reader: R, mut document: Document, sink: &mut dyn Sink) -> Result<Summary> {
        let mut lines = LineReader::with_buffers(reader, self.encoding, std::mem::take(&mut self.buffers));
        let result = self.run(&mut lines, &mut document, sink);
        self.buffers = lines.into_buffers();
        result
    }

    fn run<R: Read>(
        &mut self,
        lines: &mut LineReader<R>,
        document: &mut Document,
        sink: &mut dyn Sink,
    ) -> Result<Summary> {
        let Cleaner { judge, window, verdicts, decider, .. } = self;
        window.reset();
        decider.reset();
        document.encoding = lines.encoding()?.name();
        document.basis = judge.basis();
        let needs = sink.needs().or(Needs::default());
        judge.start(document);
        sink.begin(document)?;

        let mut tally = Tally { words: WordCounter::default(), labels: needs.labels, summary: Summary::default() };
        let mut emit = |line: Line<'_>, blank: bool, verdict: &Verdict| {
            tally.count(line, blank, verdict);
            sink.line(&Decided { line, verdict })
        };
        while let Some(step) = window.advance(lines)? {
            match step {
                Step::Judge { fresh, span } => {
                    verdicts.clear();
                    judge.judge(window.page(), fresh.clone(), span, needs, verdicts);
                    debug_assert_eq!(verdicts.len(), fresh.len(), "a judge gives one verdict a line");
                    // A line that the judge forgot stays: losing text is worse than any mistake of a judge.
                    verdicts.resize(fresh.len(), Verdict::new(true, None, 1.0));
                    decider.page(window.page(), fresh, verdicts, span.last, &mut emit)?;
                }
                Step::Piece => decider.piece(window.piece(), &mut emit)?,
            }
        }
        decider.finish(&mut emit)?;

        let mut summary = tally.summary;
        summary.replacements = lines.replacements();
        summary.encoding = document.encoding.to_owned();
        summary.judge();
        sink.finish(&summary)?;
        Ok(summary)
    }
}

/// Cleans one document. For more than one, a [`Cleaner`] saves setting up the buffers each time.
///
/// # Errors
/// As [`Cleaner::clean`].
pub fn clean<R: Read>(
    reader: R,
    document: Document,
    judge: &mut dyn Judge,
    sink: &mut dyn Sink,
    options: &Options,
) -> Result<Summary> {
    Cleaner::new(judge, options).clean(reader, document, sink)
}

/// Adds up what the summary says.
struct Tally {
    words: WordCounter,
    labels: bool,
    summary: Summary,
}

impl Tally {
    fn count(&mut self, line: Line<'_>, blank: bool, verdict: &Verdict) {
        let summary = &mut self.summary;
        let bytes = (line.text.len() + line.eol.as_str().len()) as u64;
        summary.bytes += bytes;
        summary.kept_bytes += if verdict.keep { bytes } else { 0 };
        let begins = matches!(line.part, Part::Whole | Part::First);
        summary.lines += u64::from(begins);
        if blank {
            return;
        }
        summary.text_lines += u64::from(begins);
        summary.kept_lines += u64::from(begins && verdict.keep);
        summary.unjudged_lines += u64::from(line.part == Part::First);
        let words = self.words.count(line.text, begins);
        summary.words += words;
        summary.kept_words += if verdict.keep { words } else { 0 };
        if self.labels
            && let Some(label) = verdict.label
        {
            summary.by_label[label.index()] += 1;
        }
    }
}
