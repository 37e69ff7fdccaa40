//! What must hold for every input, however hostile: one function for each way in, which takes any bytes and panics
//! where a promise is broken.
//!
//! `tests/fuzzing.rs` runs them over the fixtures and over changed copies of them; the fuzzer in `fuzz/` searches
//! with them for inputs that nobody thought of. The first bytes of an input choose settings, the rest is the text.

mod files;
mod reports;
#[cfg(feature = "formats")]
mod streams;
mod text;

/// Tries an input.
pub(crate) type Target = fn(&[u8]);

/// Every target by its name.
pub(crate) const TARGETS: &[(&str, Target)] = &[
    ("decoder", text::decoder),
    ("lines", text::lines),
    ("cleaner", text::cleaner),
    ("repeats", text::repeats),
    ("escape", text::escape),
    ("diff", reports::diff),
    ("jsonl", reports::jsonl),
    ("html", reports::html),
    ("restore", reports::restore_anything),
    ("model", files::model),
    ("seeds", files::seeds),
    ("answers", files::answers),
    ("template", files::template),
    #[cfg(feature = "formats")]
    ("streams", streams::streams),
    #[cfg(feature = "formats")]
    ("unpack", streams::compressed),
];

/// Takes the first `N` bytes of an input off as settings; those that are missing are 0.
fn settings<const N: usize>(data: &mut &[u8]) -> [u8; N] {
    let mut settings = [0; N];
    let count = N.min(data.len());
    settings[..count].copy_from_slice(&data[..count]);
    *data = &data[count..];
    settings
}

mod shared {
    use std::cell::RefCell;
    use std::io::{self, Read};
    use std::sync::Arc;

    use chaffinch::{Classifier, Decided, Model, Needs, Result, Seeds, Settings, Sink};

    thread_local! {
        static JUDGE: RefCell<Classifier> = RefCell::new(judge_with(Seeds::built_in()));
    }

    /// A classifier with the built-in model.
    pub(super) fn judge_with(seeds: Seeds) -> Classifier {
        let model = Model::built_in().expect("the model that is compiled in is whole");
        Classifier::new(Arc::new(model), Arc::new(seeds), Settings::default()).expect("the default settings fit it")
    }

    /// Calls `with` with a classifier that was set up once.
    pub(super) fn with_judge<T>(with: impl FnOnce(&mut Classifier) -> T) -> T {
        JUDGE.with(|judge| with(&mut judge.borrow_mut()))
    }

    /// Gives its bytes out in pieces, with interruptions in between.
    pub(super) struct Chunks<'a> {
        bytes: &'a [u8],
        size: usize,
        turn: usize,
    }

    impl<'a> Chunks<'a> {
        /// Pieces of `size` bytes and of one byte more by turns; all at once where `size` is 0.
        pub(super) fn new(bytes: &'a [u8], size: u8) -> Chunks<'a> {
            Chunks { bytes, size: if size == 0 { usize::MAX - 1 } else { size.into() }, turn: 0 }
        }
    }

    impl Read for Chunks<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.turn += 1;
            if self.turn.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = (self.size + self.turn % 2).min(out.len()).min(self.bytes.len());
            let (now, later) = self.bytes.split_at(count);
            out[..count].copy_from_slice(now);
            self.bytes = later;
            Ok(count)
        }
    }

    /// Collects what was decided.
    #[derive(Debug, Default, PartialEq)]
    pub(super) struct Collect {
        pub(super) all: String,
        pub(super) clean: String,
        /// Number, keep, label and score of each line or piece.
        pub(super) lines: Vec<(u64, bool, &'static str, f32)>,
    }

    impl Sink for Collect {
        fn needs(&self) -> Needs {
            Needs { labels: true, evidence: true }
        }

        fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
            let Decided { line, verdict } = *decided;
            for text in [line.text, line.eol.as_str()] {
                self.all += text;
                if verdict.keep {
                    self.clean += text;
                }
            }
            assert!(verdict.keep || !verdict.evidence.is_empty(), "line {} goes without a reason", line.number);
            assert!((0.0..=1.0).contains(&verdict.score), "line {} has the score {}", line.number, verdict.score);
            let last = self.lines.last().map_or(0, |line| line.0);
            assert!(line.number == last || line.number == last + 1, "line {} follows {last}", line.number);
            self.lines.push((line.number, verdict.keep, verdict.label_name(), verdict.score));
            Ok(())
        }
    }
}
