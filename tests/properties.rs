//! What holds for every input: nothing is lost, every removal has a reason, and how the input is read does not show.

use std::io::{self, Read};
use std::ops::Range;

use chaffinch::decode::{encode, encoding_for_name};
use chaffinch::{
    Cleaner, Decided, Document, Error, Evidence, Judge, Label, Needs, Options, Page, Part, Repeat, Result, Sink, Span,
    Summary, Verdict, clean,
};
use proptest::prelude::*;

/// Drops lines that start with `x`, and notes how it was asked.
#[derive(Default)]
struct Toy {
    /// Number of the next line that has to be asked for; over-long lines make gaps.
    next: u64,
    /// Lines that are not blank: those before the fresh ones, the fresh ones, those after.
    pages: Vec<([usize; 3], Span)>,
    largest: usize,
    longest: usize,
}

impl Judge for Toy {
    fn start(&mut self, _: &Document) {
        *self = Toy::default();
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, _: Needs, out: &mut Vec<Verdict>) {
        assert!(out.is_empty() && !fresh.is_empty() && fresh.end <= page.len());
        assert!(!span.last || fresh.end == page.len());
        assert_eq!(span.first, page.line(0).number == 1);
        self.largest = self.largest.max(page.bytes());
        self.longest = self.longest.max(page.len());
        let written = |range: Range<usize>| range.filter(|index| !page.is_blank(*index)).count();
        let parts = [0..fresh.start, fresh.clone(), fresh.end..page.len()].map(written);
        assert_eq!(parts.iter().sum::<usize>(), page.written());
        self.pages.push((parts, span));
        for line in fresh.map(|index| page.line(index)) {
            assert!(line.number > self.next || self.next == 0);
            assert_eq!(line.part, Part::Whole);
            self.next = line.number;
            out.push(if line.is_blank() {
                Verdict::new(true, None, 1.0)
            } else if line.text.starts_with('x') {
                let mut verdict = Verdict::new(false, Some(Label::Navigation), 0.9);
                verdict.evidence.push(Evidence::Repeats { how: Repeat::Same, line: 1 });
                verdict
            } else {
                Verdict::new(true, Some(Label::Body), 0.9)
            });
        }
    }
}

/// Puts everything together again.
#[derive(Default, Clone, Debug, PartialEq)]
struct Collect {
    all: String,
    clean: String,
    /// Number, piece, text length, keep and label name of each line.
    lines: Vec<(u64, Part, usize, bool, &'static str)>,
    begun: u32,
    finished: u32,
    /// Fails at this call of `line`, from 0.
    fail_at: Option<usize>,
}

impl Sink for Collect {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: true }
    }

    fn begin(&mut self, _: &Document) -> Result<()> {
        self.begun += 1;
        Ok(())
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        if self.fail_at == Some(self.lines.len()) {
            return Err(Error::Write(io::Error::other("disk full")));
        }
        let Decided { line, verdict } = *decided;
        self.all += line.text;
        self.all += line.eol.as_str();
        if verdict.keep {
            self.clean += line.text;
            self.clean += line.eol.as_str();
        } else {
            assert!(!verdict.evidence.is_empty(), "line {} has no evidence", line.number);
        }
        self.lines.push((line.number, line.part, line.text.len(), verdict.keep, verdict.label_name()));
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.finished += 1;
        Ok(())
    }
}

/// Gives its bytes out in the given sizes, over and over, with interruptions in between.
struct Chunks<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    turn: usize,
    fail_at_end: bool,
}

impl<'a> Chunks<'a> {
    fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Chunks<'a> {
        Chunks { bytes, sizes, turn: 0, fail_at_end: false }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.bytes.is_empty() && self.fail_at_end {
            return Err(io::Error::other("cable cut"));
        }
        let size = self.sizes.get(self.turn % self.sizes.len().max(1)).copied().unwrap_or(usize::MAX).max(1);
        let count = size.min(out.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        out[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

fn options(window: usize, encoding: Option<&str>) -> Options {
    let mut options = Options::default();
    options.window = window;
    options.encoding = encoding.map(|name| encoding_for_name(name).unwrap());
    options
}

fn run(bytes: &[u8], sizes: &[usize], options: &Options) -> (Collect, Summary) {
    let mut sink = Collect::default();
    let summary =
        clean(Chunks::new(bytes, sizes), Document::new("-"), &mut Toy::default(), &mut sink, options).unwrap();
    assert_eq!((sink.begun, sink.finished), (1, 1));
    (sink, summary)
}

fn blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

/// Lines as a careful person would split them, and what should come of them.
fn expected_clean(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if blank(text) {
        return text.to_owned();
    }
    let mut clean = String::new();
    let mut space: Option<&str> = None;
    for line in lines {
        if blank(line) {
            space = space.or(Some(line).filter(|_| !clean.is_empty()));
        } else if !line.starts_with('x') {
            clean += space.take().unwrap_or("");
            clean += line;
        }
    }
    clean
}

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => Just(String::new()),
        2 => "[ \t\u{a0}]{0,2}",
        4 => "x[ -~]{0,12}",
        5 => "[a-wä€日]{1,12}( [a-z𝄞é]{1,6}){0,3}",
        1 => "\\PC{0,20}",
    ];
    let eol = prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just("")];
    prop::collection::vec((line, eol), 0..120).prop_map(|lines| lines.into_iter().map(|(l, e)| l + e).collect())
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), prop::collection::vec(1..9usize, 1..5), prop::collection::vec(1..3000usize, 1..5)]
}

/// A text that is longer than the chunks it is read in, with everything in it that must not be cut.
fn long_text() -> String {
    let mut text = String::new();
    for number in 0..6000 {
        let line = ["", "x removed €", "kept 日本 𝄞", " ", "a\rb", "xé", "plain words in a row"][number * number % 7];
        text += line;
        text += ["\n", "\r\n"][usize::from(number % 5 == 0)];
    }
    text + "end"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn kept_and_removed_are_the_input(text in text(), sizes in sizes(), window in 16..60usize) {
        let (sink, summary) = run(text.as_bytes(), &sizes, &options(window, Some("utf-8")));
        prop_assert_eq!(&sink.all, &text);
        prop_assert_eq!(summary.bytes, text.len() as u64);
        prop_assert_eq!(summary.kept_bytes, sink.clean.len() as u64);
        prop_assert_eq!(summary.words, text.split_whitespace().count() as u64
            - text.split('\n').filter(|line| line.trim() == "\u{feff}").count() as u64);
        prop_assert_eq!(summary.lines, sink.lines.len() as u64);
        prop_assert_eq!(summary.replacements, 0);
        // One shot or byte by byte: the same lines, the same verdicts.
        let whole = run(text.as_bytes(), &[], &options(window, Some("utf-8")));
        prop_assert_eq!((sink, summary), whole);
    }

    #[test]
    fn one_blank_line_stays_between_kept_lines(text in text().prop_map(|text| text.replace('\r', "")), sizes in sizes()) {
        let (sink, _) = run(text.as_bytes(), &sizes, &options(2048, Some("utf-8")));
        prop_assert_eq!(sink.clean, expected_clean(&text));
        let numbers: Vec<u64> = sink.lines.iter().map(|line| line.0).collect();
        prop_assert_eq!(numbers, (1..=text.split_inclusive('\n').count() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_in_any_encoding_come_through(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r'), Just(b'x'), Just(0xe9)], 0..600),
        sizes in sizes(),
        name in prop::option::of(prop::sample::select(vec![
            "utf-8", "utf-16le", "utf-16be", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp", "euc-kr", "big5",
        ])),
    ) {
        let options = options(32, name);
        let (sink, summary) = run(&bytes, &sizes, &options);
        prop_assert_eq!(&(sink.clone(), summary.clone()), &run(&bytes, &[], &options));
        prop_assert_eq!(summary.bytes, sink.all.len() as u64);
        let encoding = encoding_for_name(&summary.encoding).unwrap();
        let (expected, _) = encoding.decode_without_bom_handling(&bytes);
        prop_assert_eq!(&sink.all, &expected);
        if name == Some("utf-8") || name == Some("windows-1252") {
            let back = encode(&sink.all, encoding);
            prop_assert_eq!(back.as_deref() == Some(&bytes[..]), summary.replacements == 0);
        }
    }

    #[test]
    fn utf16_comes_back_byte_for_byte(text in text(), sizes in sizes(), big in any::<bool>()) {
        let encoding = encoding_for_name(if big { "utf-16be" } else { "utf-16le" }).unwrap();
        let text = format!("\u{feff}{text}");
        let bytes = encode(&text, encoding).unwrap();
        let (sink, summary) = run(&bytes, &sizes, &options(16, None));
        prop_assert_eq!(summary.encoding.as_str(), encoding.name());
        prop_assert_eq!(&sink.all, &text);
        let back = encode(&sink.all, encoding).unwrap();
        prop_assert_eq!(&back, &bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn small_windows_lose_nothing_and_keep_the_order(
        text in text().prop_map(|text| text.replace('\r', "")),
        window in 16..40usize,
    ) {
        let (sink, _) = run(text.as_bytes(), &[], &options(window, Some("utf-8")));
        prop_assert_eq!(&sink.all, &text);
        let numbers: Vec<u64> = sink.lines.iter().map(|line| line.0).collect();
        prop_assert_eq!(numbers, (1..=sink.lines.len() as u64).collect::<Vec<_>>());
        // Where the window does not see the end, one blank line may be left there; a blank text may lose its lines.
        let expected = expected_clean(&text);
        let rest = sink.clean.strip_prefix(if blank(&expected) { "" } else { &expected });
        prop_assert!(rest.is_some_and(blank), "{:?} for {expected:?}", sink.clean);
    }
}

#[test]
fn chunks_do_not_show_in_long_texts() {
    let text = long_text();
    for name in ["utf-8", "utf-16le", "gb18030"] {
        let encoding = encoding_for_name(name).unwrap();
        let bytes = encode(&text, encoding).unwrap();
        let options = options(300, Some(name));
        let expected = run(&bytes, &[], &options);
        assert_eq!(expected.0.all, text);
        assert_eq!(expected.0.clean, expected_clean(&text));
        for sizes in [&[1][..], &[65_535, 2], &[3, 4096], &[100_000]] {
            assert!(run(&bytes, sizes, &options) == expected, "{name} {sizes:?}");
        }
    }
}

#[test]
fn pages_have_context_and_look_ahead_within_limits() {
    let text = long_text();
    let mut judge = Toy::default();
    let mut sink = Collect::default();
    clean(text.as_bytes(), Document::new("-"), &mut judge, &mut sink, &options(64, None)).unwrap();
    let (last, others) = judge.pages.split_last().unwrap();
    assert!(last.1.last && others.len() > 100);
    for (index, (parts, span)) in others.iter().enumerate() {
        assert_eq!(*span, Span { first: index == 0, last: false });
        assert_eq!(*parts, if index == 0 { [0, 48, 16] } else { [8, 40, 16] });
    }
}

#[test]
fn the_summary_adds_up() {
    let text = "\n\nKept line one\nx gone\n\n\nx gone too\nKept two\n\n";
    let mut cleaner = Cleaner::new(Toy::default(), &Options::default());
    for _ in 0..2 {
        let mut sink = Collect::default();
        let summary = cleaner.clean(text.as_bytes(), Document::new("-"), &mut sink).unwrap();
        assert_eq!(sink.clean, "Kept line one\n\nKept two\n");
        assert_eq!((summary.lines, summary.text_lines, summary.kept_lines), (9, 4, 2));
        assert_eq!((summary.bytes, summary.kept_bytes), (text.len() as u64, sink.clean.len() as u64));
        assert_eq!((summary.words, summary.kept_words), (10, 5));
        assert_eq!((summary.by_label[Label::Body.index()], summary.by_label[Label::Navigation.index()]), (2, 2));
        assert_eq!((summary.encoding.as_str(), summary.replacements, summary.alarm), ("UTF-8", 0, None));
        assert_eq!(sink.lines[1].4, "blank");
        // A document that breaks off leaves nothing behind for the next one.
        let broken = Chunks { fail_at_end: true, ..Chunks::new(b"Kept\n\nx", &[]) };
        cleaner.clean(broken, Document::new("broken"), &mut Collect::default()).unwrap_err();
        let mut full = Collect { fail_at: Some(1), ..Collect::default() };
        cleaner.clean(&b"Kept\n\nKept\n"[..], Document::new("full"), &mut full).unwrap_err();
    }
    let summary =
        clean(&b"x"[..], Document::new("-"), &mut Toy::default(), &mut Collect::default(), &Options::default());
    assert_eq!(summary.unwrap().alarm, Some(chaffinch::Alarm::Empty));
}

#[test]
fn read_errors_are_passed_on_wherever_they_happen() {
    for bytes in [&b"Kept\n\nx\r\ncaf\xe9 \xe2\x82\xac\rend"[..], b"\xff\xfea\0\n\0x\0", b"a\rb\r\rc"] {
        for (end, window) in (0..=bytes.len()).flat_map(|end| [(end, 16), (end, 2048)]) {
            for sizes in [&[1][..], &[]] {
                let reader = Chunks { fail_at_end: true, ..Chunks::new(&bytes[..end], sizes) };
                let mut sink = Collect::default();
                let result = clean(reader, Document::new("-"), &mut Toy::default(), &mut sink, &options(window, None));
                assert!(matches!(result, Err(Error::Read(error)) if error.to_string() == "cable cut"));
                assert_eq!(sink.finished, 0);
            }
        }
    }
}

#[test]
fn write_errors_are_passed_on_wherever_they_happen() {
    let text = "Kept\n\nx\n\nKept\n".repeat(10);
    for window in [16, 2048] {
        for line in 0..50 {
            let mut sink = Collect { fail_at: Some(line), ..Collect::default() };
            let result =
                clean(text.as_bytes(), Document::new("-"), &mut Toy::default(), &mut sink, &options(window, None));
            assert!(matches!(result, Err(Error::Write(error)) if error.to_string() == "disk full"));
            assert_eq!((sink.lines.len(), sink.finished), (line, 0));
        }
    }
}

/// The same bytes over and over, without the memory for them.
struct Endless {
    unit: &'static [u8],
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The whole is a number of units, so what is left says where in the unit this read begins.
        let count = out.len().min(self.left);
        let begin = (self.unit.len() - self.left % self.unit.len()) % self.unit.len();
        out[..count].iter_mut().zip(self.unit.iter().cycle().skip(begin)).for_each(|(to, from)| *to = *from);
        self.left -= count;
        Ok(count)
    }
}

/// Only counts, and sees that no line is larger than allowed.
#[derive(Default)]
struct Count {
    bytes: usize,
    kept: usize,
    unjudged: usize,
}

impl Sink for Count {
    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        assert!(decided.line.text.len() <= 1024 * 1024);
        let bytes = decided.line.text.len() + decided.line.eol.as_str().len();
        self.bytes += bytes;
        self.kept += if decided.verdict.keep { bytes } else { 0 };
        self.unjudged += usize::from(decided.verdict.label_name() == "unjudged");
        Ok(())
    }
}

#[test]
fn streams_of_any_shape_run_in_bounded_memory() {
    for (unit, left) in [(&b"\n"[..], 600_000), (b"x\n\n\n", 800_000), (b"some word ", 24_000_000), (b"\r\n", 400_000)]
    {
        let mut judge = Toy::default();
        let mut sink = Count::default();
        let reader = Endless { unit, left };
        let summary = clean(reader, Document::new("-"), &mut judge, &mut sink, &Options::default()).unwrap();
        assert_eq!((sink.bytes, summary.bytes), (left, left as u64));
        assert!(judge.largest <= 1024 * 1024 && judge.longest <= 16 * 2048);
        assert!(judge.pages.iter().all(|(parts, _)| parts.iter().sum::<usize>() <= 2048));
        if unit.contains(&b'\n') {
            assert_eq!((sink.kept, sink.unjudged), (0, 0));
            assert_eq!(summary.lines as usize, left / unit.len() * unit.iter().filter(|&&b| b == b'\n').count());
        } else {
            assert_eq!((summary.lines, summary.unjudged_lines, summary.words), (1, 1, left as u64 / 5));
            assert_eq!((sink.kept, sink.unjudged), (left, left.div_ceil(1024 * 1024)));
        }
    }
}
