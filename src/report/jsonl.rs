//! The JSON Lines report: every decision, for programs. The format is documented as an interface at [`Jsonl`].

use std::fmt::Write as _;
use std::io::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::escape::is_treacherous;
use crate::error::{Error, Result};
use crate::label::Label;
use crate::line::{Eol, Part};
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::verdict::{Evidence, Repeat};

/// The version of the format, raised when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// Writes the JSON Lines report: every decision, for programs.
///
/// This is an interface other programs build on. One JSON object stands on each line; `"type"` says which it is.
/// Fields may be added without notice and readers should skip what they don't know; a field that changes its meaning
/// or goes away raises `"schema"`. Control characters and marks that hide or turn text are always written as `\u`
/// escapes, so the report itself is safe to print.
///
/// **`document`**, first and once:
///
/// | field | what |
/// |---|---|
/// | `schema` | version of this format: 1 |
/// | `chaffinch` | version of the program |
/// | `name` | name of the input; `-` for standard input |
/// | `encoding` | what it was decoded from, as the WHATWG encoding standard writes it |
/// | `bytes` | size of the input, or `null` where it came from a stream |
/// | `basis` | what the verdicts depend on besides the text, where that is known: `model`, and where they are given `options`, `seeds`, `answers`, `adaptation`, `template`; texts to be compared |
/// | `url` | address of the page; only where the input says it |
///
/// **`line`**, once for each line of the input, blank ones included, in order:
///
/// | field | what |
/// |---|---|
/// | `line` | number, from 1 |
/// | `verdict` | `keep` or `drop` |
/// | `label` | a label's name, `blank`, or `unjudged` for a line longer than 1 MiB |
/// | `score` | 0 to 1 in steps of 0.001: how probably the verdict is right |
/// | `evidence` | the reasons, weightiest first, see below |
/// | `text` | the line without its terminator; only for a dropped line, as kept ones stand in the clean text |
/// | `eol` | its terminator: `"\r\n"`, `"\r"`, or `""` at the end of the input; left out when it is `"\n"` |
///
/// **evidence**: each has a `kind` and a `text`, a sentence for people whose wording may change, and its data:
///
/// | `kind` | data |
/// |---|---|
/// | `seed` | `phrase`, `label` it speaks for, `source` it comes from (`en`, or a user's file) |
/// | `repeats` | `how` (`same`, `without-credit`, `prefix`, `sentence`, `overlap` with its `percent`, `speaker`), `line` that stays |
/// | `feature` | `name`, `weight` in logits, negative for removal |
/// | `words` | `words`, `weight` |
/// | `learned` | `words`, `weight`: what an adaptation learned from answers |
/// | `blank` | |
/// | `too-long` | |
/// | `asked` | |
/// | `template` | `on` so many pages `of` those of `place` (`this folder`, a file), `weight` in logits |
/// | `answer` | `source`, file and line of the answer; `scope`, where it holds |
///
/// **`summary`**, last and once; a report without it is cut short. The fields are those of
/// [`Summary`], and `labels`: lines by label, all labels, in their usual order. `alarm` is
/// `null`, `empty`, `nearly-empty` or `untouched`.
///
/// The report of a stream of many documents has all this for each of them, one after the other; the third record of
/// `crawl.wet` is called `crawl.wet:3`. In place of a record that could not be cleaned stands a **`failure`**, with
/// its `name`, its number as `record`, and what is wrong as `message`.
#[derive(Debug)]
pub struct Jsonl<W> {
    out: W,
    // The record being written and the text of one piece of evidence, reused.
    record: String,
    sentence: String,
}

impl<W: Write> Jsonl<W> {
    /// Writes to `out`, record by record; give a buffered writer.
    pub fn new(out: W) -> Jsonl<W> {
        Jsonl { out, record: String::new(), sentence: String::new() }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Writes a record about a record of the input that could not be cleaned, in place of a document's.
    ///
    /// # Errors
    /// [`Error::Write`] when writing fails.
    pub fn failure(&mut self, name: &str, number: u64, message: &str) -> Result<()> {
        self.record.clear();
        field(&mut self.record, "{\"type\":\"failure\",\"name\":", name);
        _ = write!(self.record, ",\"record\":{number}");
        field(&mut self.record, ",\"message\":", message);
        self.record.push('}');
        self.write()
    }

    fn evidence(&mut self, evidence: &Evidence) {
        self.sentence.clear();
        // Writing to a string can not fail.
        _ = write!(self.sentence, "{evidence}");
        let out = &mut self.record;
        let kind = match evidence {
            Evidence::Seed { .. } => "seed",
            Evidence::Repeats { .. } => "repeats",
            Evidence::Feature { .. } => "feature",
            Evidence::Words { .. } => "words",
            Evidence::Learned { .. } => "learned",
            Evidence::BlankCollapsed => "blank",
            Evidence::TooLong => "too-long",
            Evidence::Asked => "asked",
            Evidence::Template { .. } => "template",
            Evidence::Answer { .. } => "answer",
        };
        field(out, "{\"kind\":", kind);
        field(out, ",\"text\":", &self.sentence);
        match evidence {
            Evidence::Seed { phrase, label, source } => {
                field(out, ",\"phrase\":", phrase);
                field(out, ",\"label\":", label.name());
                field(out, ",\"source\":", source);
            }
            Evidence::Repeats { how, line } => {
                let name = match how {
                    Repeat::Same => "same",
                    Repeat::WithoutCredit => "without-credit",
                    Repeat::Prefix => "prefix",
                    Repeat::Sentence => "sentence",
                    Repeat::Overlap(_) => "overlap",
                    Repeat::Speaker => "speaker",
                };
                field(out, ",\"how\":", name);
                if let Repeat::Overlap(percent) = how {
                    _ = write!(out, ",\"percent\":{percent}");
                }
                _ = write!(out, ",\"line\":{line}");
            }
            Evidence::Feature { name, weight } => {
                field(out, ",\"name\":", name);
                out.push_str(",\"weight\":");
                number(out, *weight);
            }
            Evidence::Words { words, weight } | Evidence::Learned { words, weight } => {
                field(out, ",\"words\":", words);
                out.push_str(",\"weight\":");
                number(out, *weight);
            }
            Evidence::Template { on, of, place, weight } => {
                _ = write!(out, ",\"on\":{on},\"of\":{of}");
                field(out, ",\"place\":", place);
                out.push_str(",\"weight\":");
                number(out, *weight);
            }
            Evidence::Answer { source, scope } => {
                field(out, ",\"source\":", source);
                field(out, ",\"scope\":", scope);
            }
            Evidence::BlankCollapsed | Evidence::TooLong | Evidence::Asked => {}
        }
        out.push('}');
    }

    fn write(&mut self) -> Result<()> {
        self.record.push('\n');
        self.out.write_all(self.record.as_bytes()).map_err(Error::Write)
    }
}

impl<W: Write> Sink for Jsonl<W> {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: true }
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        self.record.clear();
        _ = write!(self.record, "{{\"type\":\"document\",\"schema\":{SCHEMA}");
        field(&mut self.record, ",\"chaffinch\":", env!("CARGO_PKG_VERSION"));
        field(&mut self.record, ",\"name\":", &document.name);
        field(&mut self.record, ",\"encoding\":", document.encoding);
        match document.bytes {
            Some(bytes) => _ = write!(self.record, ",\"bytes\":{bytes}"),
            None => self.record.push_str(",\"bytes\":null"),
        }
        if let Some(url) = &document.url {
            field(&mut self.record, ",\"url\":", url);
        }
        for (at, (name, value)) in document.basis.iter().enumerate() {
            field(&mut self.record, if at == 0 { ",\"basis\":{" } else { "," }, name);
            field(&mut self.record, ":", value);
        }
        self.record.push_str(if document.basis.is_empty() { "}" } else { "}}" });
        self.write()
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        // An over-long line gets its one record with its last piece, which knows the terminator.
        if matches!(line.part, Part::First | Part::Middle) && verdict.keep {
            return Ok(());
        }
        self.record.clear();
        let word = if verdict.keep { "keep" } else { "drop" };
        let label = if line.part == Part::Last { "unjudged" } else { verdict.label_name() };
        _ = write!(
            self.record,
            "{{\"type\":\"line\",\"line\":{},\"verdict\":\"{word}\",\"label\":\"{label}\",\"score\":",
            line.number
        );
        number(&mut self.record, verdict.score.clamp(0.0, 1.0));
        self.record.push_str(",\"evidence\":[");
        for (i, evidence) in verdict.evidence.iter().enumerate() {
            if i > 0 {
                self.record.push(',');
            }
            self.evidence(evidence);
        }
        self.record.push(']');
        if !verdict.keep {
            field(&mut self.record, ",\"text\":", line.text);
        }
        if line.eol != Eol::Lf {
            field(&mut self.record, ",\"eol\":", line.eol.as_str());
        }
        self.record.push('}');
        self.write()
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        #[derive(serde::Serialize)]
        struct Record<'a> {
            r#type: &'static str,
            #[serde(flatten)]
            summary: &'a Summary,
            labels: ByLabel<'a, u64>,
        }
        let record = Record { r#type: "summary", summary, labels: ByLabel(&summary.by_label) };
        self.record = serde_json::to_string(&record).map_err(|e| Error::Write(e.into()))?;
        self.write()?;
        self.out.flush().map_err(Error::Write)
    }
}

/// Something of each label, as an object from name to it in the labels' order.
pub(crate) struct ByLabel<'a, T>(pub(crate) &'a [T; Label::ALL.len()]);

impl<T: Serialize> Serialize for ByLabel<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (label, value) in Label::ALL.iter().zip(self.0) {
            map.serialize_entry(label.name(), value)?;
        }
        map.end()
    }
}

/// `number` in steps of 0.001, always with a decimal point; what is not a number becomes 0.0, as JSON has no NaN.
fn number(out: &mut String, number: f32) {
    let thousandths = (f64::from(number) * 1000.0).round() as i64;
    if thousandths < 0 {
        out.push('-');
    }
    let (whole, mut rest, mut digits) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000, 3);
    while digits > 1 && rest % 10 == 0 {
        rest /= 10;
        digits -= 1;
    }
    _ = write!(out, "{whole}.{rest:0digits$}");
}

/// A key, as it stands in the record with what precedes it, and a string.
fn field(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    out.push('"');
    let mut copied = 0;
    for (at, c) in value.char_indices() {
        if c != '"' && c != '\\' && c != '\t' && (c.is_ascii_graphic() || c == ' ' || !is_treacherous(c)) {
            continue;
        }
        out.push_str(&value[copied..at]);
        copied = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
        }
    }
    out.push_str(&value[copied..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_from_json() {
        for text in ["", "a \"b\" \\ c\td", "\0\u{1b}\r\n\u{7f}\u{85}", "\u{202e}\u{feff}é𝄞\u{e0041}\u{10ffff}"] {
            let mut out = String::new();
            field(&mut out, "", text);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
            assert!(!out.chars().any(is_treacherous), "{out:?}");
        }
    }

    #[test]
    fn numbers_have_three_decimals_at_most() {
        let cases = [
            (0.98, "0.98"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (0.9999, "1.0"),
            (0.0071, "0.007"),
            (-2.345_6, "-2.346"),
            (f32::NAN, "0.0"),
            (12.5, "12.5"),
        ];
        for (number_, text) in cases {
            let mut out = String::new();
            number(&mut out, number_);
            assert_eq!(out, text);
        }
    }
}
