//! Finding what is doubtful: runs of uncertain lines of one label, with the lines around them.
//!
//! Only those lines are held in memory, not their documents.

use std::collections::{HashMap, VecDeque};

use chaffinch::{Decided, Label, Needs, Part, Sink};

/// Lines of text shown before and after a run.
const CONTEXT: usize = 2;
/// Bytes of a line that are worth showing.
const SHOWN: usize = 2000;
/// Reasons shown for a line.
const REASONS: usize = 3;

/// Doubtful lines of one label with nothing but blank lines between them.
pub(super) struct Run {
    /// Stays the same from run to run of the program.
    pub(super) key: String,
    /// Index of the document.
    pub(super) document: usize,
    pub(super) keep: bool,
    pub(super) label: Label,
    /// That of the least certain line.
    pub(super) score: f32,
    /// Why, for the least certain line.
    pub(super) reasons: Vec<String>,
    pub(super) lines: Vec<Doubt>,
    pub(super) before: Vec<Around>,
    pub(super) after: Vec<Around>,
}

impl Run {
    /// Its line numbers: `12` or `12-15`.
    pub(super) fn numbers(&self) -> String {
        let first = self.lines.first().map_or(0, |line| line.number);
        match self.lines.last().map_or(0, |line| line.number) {
            last if last == first => first.to_string(),
            last => format!("{first}-{last}"),
        }
    }
}

/// A doubtful line.
pub(super) struct Doubt {
    pub(super) number: u64,
    /// The beginning of its text, for showing.
    pub(super) text: String,
    pub(super) folded: String,
    /// Which of the document's lines with this folded text it is, from 1, and how many there are.
    pub(super) copy: u32,
    pub(super) copies: u32,
}

/// A line beside a run.
#[derive(Clone)]
pub(super) struct Around {
    pub(super) number: u64,
    pub(super) keep: bool,
    pub(super) text: String,
}

/// A sink that picks out the doubtful lines of one document after the other.
pub(super) struct Collector {
    below: f32,
    /// Whether every line is to be remembered by its hash.
    remember: bool,
    document: usize,
    runs: Vec<Run>,
    /// The document's first run.
    first: usize,
    /// Whether the last run goes on.
    open: bool,
    before: VecDeque<Around>,
    copies: HashMap<u64, u32>,
    folded: String,
}

impl Collector {
    pub(super) fn new(below: f32, remember: bool) -> Collector {
        Collector {
            below,
            remember,
            document: 0,
            runs: Vec::new(),
            first: 0,
            open: false,
            before: VecDeque::new(),
            copies: HashMap::new(),
            folded: String::new(),
        }
    }

    /// The document of this index comes next.
    pub(super) fn begin(&mut self, document: usize) {
        self.document = document;
        self.first = self.runs.len();
        self.open = false;
        self.before.clear();
        self.copies.clear();
    }

    /// The document is over. Gives the hashes of its lines, sorted.
    pub(super) fn end(&mut self, name: &str) -> Vec<u64> {
        for run in &mut self.runs[self.first..] {
            for line in &mut run.lines {
                line.copies = self.copies[&hash(&line.folded)];
            }
            run.key = key(name, run);
        }
        let mut lines: Vec<u64> = if self.remember { self.copies.keys().copied().collect() } else { Vec::new() };
        lines.sort_unstable();
        lines
    }

    /// The document failed half-way.
    pub(super) fn forget(&mut self) {
        self.runs.truncate(self.first);
    }

    /// All runs, least certain first.
    pub(super) fn into_runs(self) -> Vec<Run> {
        let mut runs = self.runs;
        // The sort is stable, so equals stay in the order of documents and lines.
        runs.sort_by(|a, b| a.score.total_cmp(&b.score));
        runs
    }

    fn doubt(&mut self, decided: &Decided<'_>, label: Label, around: &Around, copy: u32) {
        let (line, verdict) = (decided.line, decided.verdict);
        let goes_on = self.open && self.runs.last().is_some_and(|run| run.label == label && run.keep == verdict.keep);
        if !goes_on {
            self.runs.push(Run {
                key: String::new(),
                document: self.document,
                keep: verdict.keep,
                label,
                score: f32::INFINITY,
                reasons: Vec::new(),
                lines: Vec::new(),
                before: self.before.iter().cloned().collect(),
                after: Vec::new(),
            });
        }
        self.open = true;
        let Some(run) = self.runs.last_mut() else { return };
        if verdict.score < run.score {
            run.score = verdict.score;
            run.reasons = verdict.evidence.iter().take(REASONS).map(ToString::to_string).collect();
        }
        let folded = self.folded.clone();
        run.lines.push(Doubt { number: line.number, text: around.text.clone(), folded, copy, copies: copy });
    }
}

impl Sink for Collector {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: true }
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        // Of a line too long to judge the beginning is enough.
        if line.is_blank() || matches!(line.part, Part::Middle | Part::Last) {
            return Ok(());
        }
        let around = Around { number: line.number, keep: verdict.keep, text: beginning(line.text).to_owned() };
        let mut doubtful = None;
        let mut copy = 0;
        if line.part == Part::Whole {
            chaffinch::fold::fold(line.text, &mut self.folded);
            let count = self.copies.entry(hash(&self.folded)).or_default();
            *count = count.saturating_add(1);
            copy = *count;
            doubtful = verdict.label.filter(|_| verdict.score < self.below && !self.folded.is_empty());
        }
        match doubtful {
            Some(label) => self.doubt(decided, label, &around, copy),
            None => self.open = false,
        }
        let over = self.runs.len() - usize::from(self.open);
        for run in self.runs[self.first..over].iter_mut().rev().take(CONTEXT) {
            if run.after.len() < CONTEXT {
                run.after.push(around.clone());
            }
        }
        if self.before.len() == CONTEXT {
            self.before.pop_front();
        }
        self.before.push_back(around);
        Ok(())
    }
}

fn beginning(text: &str) -> &str {
    let end = (0..=SHOWN.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// 64 bits of FNV-1a: the same on every machine and in every version.
pub(crate) fn hash(text: &str) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, text.as_bytes())
}

fn hash_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A key for a line or several in a document.
pub(crate) fn key_of<'t>(name: &str, number: u64, folded: impl IntoIterator<Item = &'t str>) -> String {
    let mut sum = hash_on(hash(name), b"\0");
    sum = hash_on(sum, number.to_string().as_bytes());
    for text in folded {
        sum = hash_on(hash_on(sum, b"\0"), text.as_bytes());
    }
    format!("{sum:016x}")
}

fn key(name: &str, run: &Run) -> String {
    let number = run.lines.first().map_or(0, |line| line.number);
    key_of(name, number, run.lines.iter().map(|line| line.folded.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chaffinch::{Eol, Line, Verdict};

    fn collect(lines: &[(&str, Option<Label>, f32)]) -> Vec<Run> {
        let mut collector = Collector::new(0.9, true);
        collector.begin(0);
        for (i, (text, label, score)) in lines.iter().enumerate() {
            let line = Line { number: i as u64 + 1, text, eol: Eol::Lf, part: Part::Whole };
            let verdict = Verdict::new(label.is_none_or(Label::keep_by_default), *label, *score);
            collector.line(&Decided { line, verdict: &verdict }).unwrap();
        }
        assert!(collector.end("a.txt").is_sorted());
        collector.into_runs()
    }

    #[test]
    fn runs_are_doubtful_lines_of_one_label() {
        let (menu, body) = (Some(Label::Navigation), Some(Label::Body));
        let runs = collect(&[
            ("Home", menu, 0.99),
            ("News", menu, 0.7),
            ("", None, 1.0),
            ("Sport", menu, 0.8),
            ("Weather", menu, 0.95),
            ("Home", menu, 0.6),
            ("A text", body, 0.5),
        ]);
        let numbers = |run: &Run| run.lines.iter().map(|line| line.number).collect::<Vec<_>>();
        assert_eq!(runs.iter().map(numbers).collect::<Vec<_>>(), [vec![7], vec![6], vec![2, 4]]);
        assert_eq!(runs[1].lines[0].copy, 2);
        assert_eq!((runs[2].lines[0].copy, runs[2].lines[0].copies), (1, 1));
        let around = |lines: &[Around]| lines.iter().map(|line| line.number).collect::<Vec<_>>();
        assert_eq!((around(&runs[2].before), around(&runs[2].after)), (vec![1], vec![5, 6]));
        assert_eq!((around(&runs[1].before), around(&runs[1].after)), (vec![4, 5], vec![7]));
    }

    #[test]
    fn keys_do_not_change() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        let key = key_of("a.txt", 3, ["read more"]);
        assert_eq!(key.len(), 16);
        assert_ne!(key, key_of("a.txt", 4, ["read more"]));
        assert_ne!(key, key_of("b.txt", 3, ["read more"]));
        assert_ne!(key_of("a", 3, ["x", "y"]), key_of("a", 3, ["xy"]));
    }
}
