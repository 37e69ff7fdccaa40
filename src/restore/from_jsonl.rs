//! From JSON Lines: removed lines stand in the report, kept ones come from the clean text one by one.

use std::borrow::Cow;
use std::io::{BufRead, Write};

use serde::Deserialize;

use super::encode::Encoder;
use super::{Report, RestoreInfo, fill};
use crate::error::Result;
use crate::report::SCHEMA;

/// A record may have so many bytes: a removed line of 1 MiB, all of it in escapes, and its evidence.
const RECORD: usize = 16 << 20;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record<'a> {
    Document {
        schema: u32,
        #[serde(borrow)]
        encoding: Cow<'a, str>,
        bytes: Option<u64>,
    },
    Line {
        line: u64,
        #[serde(borrow)]
        verdict: Cow<'a, str>,
        #[serde(borrow)]
        text: Option<Cow<'a, str>>,
        #[serde(borrow)]
        eol: Option<Cow<'a, str>>,
    },
    Summary {
        lines: u64,
        kept_bytes: u64,
        replacements: u64,
    },
}

pub(super) fn restore<C: BufRead, R: BufRead, W: Write>(
    clean: &mut C,
    report: &mut R,
    out: &mut Encoder<'_, W>,
    info: &mut RestoreInfo,
) -> Result<()> {
    let mut report = Report { input: report, line: 0 };
    let mut buffer = Vec::new();
    let (mut lines, mut kept_bytes) = (0, 0);
    let mut ended = false;
    while report.next(&mut buffer, RECORD)? {
        let record: Record<'_> =
            serde_json::from_slice(&buffer).map_err(|e| report.bad(format!("not a record of a report: {e}")))?;
        if ended || (report.line == 1) != matches!(record, Record::Document { .. }) {
            let what = if report.line == 1 {
                "the record of the document is missing"
            } else {
                "another document starts here; restore one at a time"
            };
            return Err(report.bad(if ended && report.line > 1 {
                "something follows the end of the report"
            } else {
                what
            }));
        }
        match record {
            Record::Document { schema, encoding, bytes } => {
                if schema != SCHEMA {
                    return Err(report.bad(format!("this is version {schema} of the format, known is {SCHEMA}")));
                }
                info.expected_bytes = bytes;
                out.set(&encoding, report.line)?;
            }
            Record::Line { line, verdict, text, eol } => {
                lines += 1;
                if line != lines {
                    return Err(report.bad(format!("line {lines} of the input should come here, not line {line}")));
                }
                let eol = eol.as_deref().unwrap_or("\n");
                match (&*verdict, text) {
                    ("keep", _) => kept_bytes += keep(clean, eol, out, &report)?,
                    ("drop", Some(text)) => {
                        out.write(text.as_bytes(), report.line)?;
                        out.write(eol.as_bytes(), report.line)?;
                    }
                    ("drop", None) => return Err(report.bad("the text of the removed line is missing")),
                    (other, _) => return Err(report.bad(format!("unknown verdict {other:?}"))),
                }
            }
            Record::Summary { lines: all, kept_bytes: kept, replacements } => {
                ended = true;
                info.replacements = replacements;
                if !fill(clean)?.is_empty() {
                    return Err(report.bad("the clean text goes on, but the report has ended"));
                }
                if all != lines {
                    return Err(report.bad(format!("the input had {all} lines, but {lines} are in the report")));
                }
                if kept != kept_bytes {
                    return Err(report.bad(format!("the clean text had {kept} bytes, this one has {kept_bytes}")));
                }
            }
        }
    }
    if ended { Ok(()) } else { Err(report.cut_short()) }
}

/// Copies the next line of the clean text, which ends in `eol`; returns its bytes.
fn keep<C: BufRead, R: BufRead, W: Write>(
    clean: &mut C,
    eol: &str,
    out: &mut Encoder<'_, W>,
    report: &Report<'_, R>,
) -> Result<u64> {
    let last = match eol {
        "\n" | "\r\n" => Some(b'\n'),
        "\r" => Some(b'\r'),
        "" => None,
        _ => return Err(report.bad(format!("unknown terminator {eol:?}"))),
    };
    let mut copied = 0;
    // The two last bytes of what was copied, to compare the terminator.
    let mut tail = [0; 2];
    loop {
        let bytes = fill(clean)?;
        if bytes.is_empty() {
            if last.is_some() {
                return Err(report.bad("the clean text has ended, but this line was kept"));
            }
            return Ok(copied);
        }
        let end = last.and_then(|last| memchr::memchr(last, bytes));
        let taken = end.map_or(bytes.len(), |at| at + 1);
        for &byte in &bytes[taken.saturating_sub(2)..taken] {
            tail = [tail[1], byte];
        }
        out.write(&bytes[..taken], report.line)?;
        clean.consume(taken);
        copied += taken as u64;
        if end.is_some() {
            if last == Some(b'\n') && (tail[0] == b'\r' && copied > 1) != (eol == "\r\n") {
                return Err(report.bad("the line of the clean text that belongs here ends in another way"));
            }
            return Ok(copied);
        }
    }
}
