//! The JSON Lines report: every decision, for programs. The format is documented as an interface at [`Jsonl`].

use std::fmt::Write as _;
use std::io::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::escape::is_treacherous;
use super::suspects::{self, Purpose};
use crate::error::{Error, Result};
use crate::label::Label;
use crate::line::{Eol, Part};
use crate::numbers;
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
    /// The record being written, reused.
    record: String,
}

impl<W: Write> Jsonl<W> {
    /// Writes to `out`, record by record; give a buffered writer.
    pub fn new(out: W) -> Jsonl<W> {
        Jsonl { out, record: String::new() }
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
        self::number(&mut self.record, ",\"record\":", number);
        field(&mut self.record, ",\"message\":", message);
        self.record.push('}');
        self.write()
    }

    fn evidence(&mut self, evidence: &Evidence) {
        let out = &mut self.record;
        out.push_str("{\"kind\":\"");
        out.push_str(match evidence {
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
        });
        out.push_str("\",\"text\":\"");
        // Writing to a string can not fail.
        _ = evidence.write_to(out, |out, text| {
            string(out, text);
            Ok(())
        });
        out.push('"');
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
                    number(out, ",\"percent\":", u64::from(*percent));
                }
                number(out, ",\"line\":", *line);
            }
            Evidence::Feature { name, weight } => {
                field(out, ",\"name\":", name);
                fraction(out, ",\"weight\":", *weight);
            }
            Evidence::Words { words, weight } | Evidence::Learned { words, weight } => {
                field(out, ",\"words\":", words);
                fraction(out, ",\"weight\":", *weight);
            }
            Evidence::Template { on, of, place, weight } => {
                number(out, ",\"on\":", u64::from(*on));
                number(out, ",\"of\":", u64::from(*of));
                field(out, ",\"place\":", place);
                fraction(out, ",\"weight\":", *weight);
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
        number(&mut self.record, "{\"type\":\"document\",\"schema\":", u64::from(SCHEMA));
        field(&mut self.record, ",\"chaffinch\":", env!("CARGO_PKG_VERSION"));
        field(&mut self.record, ",\"name\":", &document.name);
        field(&mut self.record, ",\"encoding\":", document.encoding);
        match document.bytes {
            Some(bytes) => number(&mut self.record, ",\"bytes\":", bytes),
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
        let label = if line.part == Part::Last { "unjudged" } else { verdict.label_name() };
        number(&mut self.record, "{\"type\":\"line\",\"line\":", line.number);
        self.record.push_str(if verdict.keep { ",\"verdict\":\"keep\"" } else { ",\"verdict\":\"drop\"" });
        self.record.push_str(",\"label\":\"");
        self.record.push_str(label);
        fraction(&mut self.record, "\",\"score\":", verdict.score.clamp(0.0, 1.0));
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

/// A key, as it stands in the record with what precedes it, and a whole number.
fn number(out: &mut String, key: &str, number: u64) {
    out.push_str(key);
    // Writing to a string can not fail.
    _ = numbers::whole(out, number);
}

/// A key, as it stands in the record with what precedes it, and a fraction.
fn fraction(out: &mut String, key: &str, fraction: f32) {
    out.push_str(key);
    _ = numbers::thousandths(out, fraction);
}

/// A key, as it stands in the record with what precedes it, and a string.
fn field(out: &mut String, key: &str, value: &str) {
    out.push_str(key);
    out.push('"');
    string(out, value);
    out.push('"');
}

/// What stands in a string.
fn string(out: &mut String, value: &str) {
    let mut copied = 0;
    suspects::each(value, Purpose::Json, |at| {
        let Some(c) = value[at..].chars().next() else { return };
        if c != '"' && c != '\\' && c != '\t' && !is_treacherous(c) {
            return;
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
    });
    out.push_str(&value[copied..]);
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
}
