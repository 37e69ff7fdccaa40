//! Reports and the way back from them.

use chaffinch::report::{self, CleanText, Format};
use chaffinch::restore::restore;
use chaffinch::{Cleaner, Document, Options, Sink};

use super::settings;
use super::shared::with_judge;

/// The clean text and the report of `data`.
fn cleaned(data: &[u8], window: u8, format: Format) -> (Vec<u8>, Vec<u8>) {
    let mut options = Options::default();
    if !window.is_multiple_of(4) {
        options.window = usize::from(window);
    }
    let (mut clean, mut out) = (Vec::new(), Vec::new());
    {
        let mut sinks: Vec<Box<dyn Sink + '_>> =
            vec![Box::new(CleanText::new(&mut clean)), report::sink(format, &mut out)];
        let mut document = Document::new("a\u{1b}[2J<script>\u{202e}.txt");
        document.bytes = Some(data.len() as u64);
        with_judge(|judge| Cleaner::new(judge, &options).clean(data, document, &mut sinks)).expect("nothing fails");
    }
    (clean, out)
}

/// The input comes back wherever nothing was replaced.
fn round_trip(data: &[u8], window: u8, format: Format) -> Vec<u8> {
    let (clean, out) = cleaned(data, window, format);
    let mut back = Vec::new();
    let info = restore(clean.as_slice(), out.as_slice(), &mut back).expect("the report fits the clean text");
    if info.is_exact() {
        // Not every encoding has one way only to write a character.
        if ["UTF-8", "UTF-16LE", "UTF-16BE", "windows-1252"].contains(&info.encoding.as_str()) {
            assert_eq!(back.escape_ascii().to_string(), data.escape_ascii().to_string(), "restored as {info:?}");
        }
    } else if info.encoding == "UTF-8" {
        assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(data));
    }
    // Half a report is noticed, whatever is cut off.
    if out.len() > 1 && format == Format::Jsonl {
        restore(clean.as_slice(), &out[..out.len() - 2], &mut Vec::new()).expect_err("the report is cut short");
    }
    out
}

pub(super) fn diff(mut data: &[u8]) {
    let [window] = settings(&mut data);
    round_trip(data, window, Format::Diff);
}

/// The report is JSON, a line each, and safe to print.
pub(super) fn jsonl(mut data: &[u8]) {
    let [window] = settings(&mut data);
    let out = String::from_utf8(round_trip(data, window, Format::Jsonl)).expect("a report is UTF-8");
    for line in out.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("every line is a JSON object");
        assert!(record["type"].is_string());
    }
    assert!(out.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    assert!(!out.contains(['\u{202e}', '\u{2066}', '\u{feff}']));
}

/// No text of the page becomes an element, and nothing raw is left for whoever looks at the source.
pub(super) fn html(mut data: &[u8]) {
    let [window] = settings(&mut data);
    let out = String::from_utf8(cleaned(data, window, Format::Html).1).expect("a report is UTF-8");
    let own = String::from_utf8(cleaned(b"", window, Format::Html).1).expect("a report is UTF-8");
    let count = |html: &str, tag: &str| html.to_ascii_lowercase().matches(tag).count();
    for tag in ["<script", "</script", "<style", "<iframe", "<img", "<link", "<object", "<base", "<form"] {
        assert_eq!(count(&out, tag), count(&own, tag), "{tag}");
    }
    assert!(out.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    assert!(!out.contains(['\u{202e}', '\u{2066}']));
}

/// Whatever is called a report: an error or an output, never a panic.
pub(super) fn restore_anything(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len() / 2);
    let (clean, report) = (&data[..at], &data[(at + 1).min(data.len())..]);
    _ = restore(clean, report, &mut Vec::new());
}
