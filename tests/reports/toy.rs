//! Decided lines made by hand or by chance, without the classifier.

use std::fmt::Write as _;

use chaffinch::{Decided, Document, Eol, Evidence, Label, Line, Part, Repeat, Sink, Summary, Verdict};
use proptest::prelude::*;

/// A line, or a piece of one, and what was decided.
#[derive(Clone, Debug)]
pub(crate) struct Toy {
    pub text: String,
    pub eol: Eol,
    pub part: Part,
    pub keep: bool,
    pub label: Option<Label>,
    pub evidence: Vec<Evidence>,
}

impl Toy {
    pub(crate) fn new(text: &str, eol: Eol, keep: bool) -> Toy {
        let blank = text.trim().is_empty();
        let label = (!blank).then_some(if keep { Label::Body } else { Label::Navigation });
        let evidence = if keep { Vec::new() } else { vec![Evidence::Asked] };
        Toy { text: text.into(), eol, part: Part::Whole, keep, label, evidence }
    }
}

/// Lines of `text`; those that start with `-` are removed (with the sign in their text).
pub(crate) fn page(text: &str) -> Vec<Toy> {
    text.split_inclusive('\n')
        .map(|line| {
            let (body, eol) = match (line.strip_suffix("\r\n"), line.strip_suffix('\n')) {
                (Some(body), _) => (body, Eol::CrLf),
                (None, Some(body)) => (body, Eol::Lf),
                (None, None) => (line, Eol::None),
            };
            Toy::new(body, eol, !body.starts_with('-'))
        })
        .collect()
}

/// The decoded input.
pub(crate) fn input(toys: &[Toy]) -> String {
    toys.iter().map(|toy| toy.text.clone() + toy.eol.as_str()).collect()
}

/// The clean text.
pub(crate) fn clean(toys: &[Toy]) -> String {
    input(&toys.iter().filter(|toy| toy.keep).cloned().collect::<Vec<_>>())
}

/// Feeds the sink and hands the summary back.
pub(crate) fn try_feed(sink: &mut dyn Sink, document: &Document, toys: &[Toy]) -> chaffinch::Result<Summary> {
    let mut summary = Summary::default();
    summary.encoding = document.encoding.into();
    sink.begin(document)?;
    let mut number = 0;
    for toy in toys {
        number += u64::from(matches!(toy.part, Part::Whole | Part::First));
        let line = Line { number, text: &toy.text, eol: toy.eol, part: toy.part };
        let mut verdict = Verdict::new(toy.keep, toy.label, 0.98);
        verdict.evidence = toy.evidence.clone();
        let bytes = (toy.text.len() + toy.eol.as_str().len()) as u64;
        summary.bytes += bytes;
        summary.kept_bytes += if toy.keep { bytes } else { 0 };
        if let Some(label) = toy.label {
            summary.by_label[label.index()] += 1;
            summary.text_lines += 1;
            summary.kept_lines += u64::from(toy.keep);
        }
        sink.line(&Decided { line, verdict: &verdict })?;
    }
    summary.lines = number;
    sink.finish(&summary)?;
    Ok(summary)
}

pub(crate) fn feed(sink: &mut dyn Sink, document: &Document, toys: &[Toy]) -> Summary {
    try_feed(sink, document, toys).expect("a sink that writes to memory")
}

/// The report of `toys` by the sink that `make` makes.
pub(crate) fn report(format: chaffinch::report::Format, document: &Document, toys: &[Toy]) -> Vec<u8> {
    let mut out = Vec::new();
    feed(&mut *chaffinch::report::sink(format, &mut out), document, toys);
    out
}

/// Text as scrapers meet it, and worse.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-d]{0,3}",
        2 => "[ -~]{0,30}",
        1 => "\\PC{0,12}",
        1 => prop::sample::select(vec![
            "", " ", "-", "--- a/x", "+++ b/x", "@@ -1,3 +1 @@", "\\ No newline at end of file", "diff --git a/x b/x",
            "# end of report: 1 lines", "<script>alert(1)</script>", "</pre>", "\u{1b}[2J", "\u{202e}abc", "\u{feff}", "a\0b",
            "GIT binary patch", "Index: x", "*** x", "1c1", "rename from x",
        ]).prop_map(String::from),
    ]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    prop_oneof![
        ("[a-z ]{1,9}", any::<u8>()).prop_map(|(phrase, label)| Evidence::Seed {
            phrase,
            label: Label::ALL[label as usize % 19],
            source: "en".into()
        }),
        (any::<u64>(), 0..=100u8).prop_map(|(line, percent)| Evidence::Repeats { how: Repeat::Overlap(percent), line }),
        any::<f32>().prop_map(|weight| Evidence::Feature { name: "stop_words".into(), weight }),
        "\\PC{0,5}".prop_map(|words| Evidence::Words { words, weight: -0.5 }),
        (any::<u32>(), any::<u32>(), "\\PC{0,5}", any::<f32>())
            .prop_map(|(on, of, place, weight)| Evidence::Template { on, of, place, weight }),
        Just(Evidence::BlankCollapsed),
    ]
}

fn toy(eols: &'static [Eol]) -> impl Strategy<Value = Toy> {
    (text(), prop::sample::select(eols), any::<bool>(), 0..19usize, prop::collection::vec(evidence(), 1..3)).prop_map(
        |(mut text, eol, keep, label, evidence)| {
            text.retain(|c| c != '\n' && (eol == Eol::Lf || c != '\r'));
            while eol == Eol::Lf && text.ends_with('\r') {
                text.pop();
            }
            let label = (!text.trim().is_empty()).then_some(Label::ALL[label]);
            Toy { text, eol, part: Part::Whole, keep, label, evidence }
        },
    )
}

/// Documents with all kinds of line ends, with and without one at the end; runs of kept and of removed lines.
pub(crate) fn toys() -> impl Strategy<Value = Vec<Toy>> {
    const KINDS: [&[Eol]; 4] =
        [&[Eol::Lf], &[Eol::CrLf], &[Eol::Lf, Eol::CrLf], &[Eol::Cr, Eol::Cr, Eol::Cr, Eol::Lf, Eol::CrLf]];
    (0..KINDS.len(), any::<bool>())
        .prop_flat_map(|(kind, bare_end)| {
            let run = (prop::collection::vec(toy(KINDS[kind]), 1..10), prop::option::weighted(0.8, any::<bool>()));
            (prop::collection::vec(run, 0..7), Just(bare_end))
        })
        .prop_map(|(runs, bare_end)| {
            let mut toys = Vec::new();
            for (run, keep) in runs {
                toys.extend(run.into_iter().map(|toy| Toy { keep: keep.unwrap_or(toy.keep), ..toy }));
            }
            if let Some(last) = toys.last_mut().filter(|last| bare_end && !last.text.is_empty()) {
                last.eol = Eol::None;
            }
            toys
        })
}

/// An over-long line in three pieces.
pub(crate) fn over_long(length: usize, eol: Eol) -> Vec<Toy> {
    let mut text = String::new();
    while text.len() < length {
        _ = write!(text, "{},", text.len());
    }
    let piece =
        |part, eol| Toy { text: text.clone(), eol, part, keep: true, label: None, evidence: vec![Evidence::TooLong] };
    vec![piece(Part::First, Eol::None), piece(Part::Middle, Eol::None), piece(Part::Last, eol)]
}
