//! The adaptation's file: text with tabs, to be read by a person, with a version before it and a checksum after it.
//!
//! ```text
//! chaffinch adaptation 1
//! model 2026-11-24
//! lines 412
//! =read our briefing<TAB>-512<TAB>subscription 310
//! …
//! checksum 0123456789abcdef
//! ```
//!
//! Weights are in 1/256 logits: above 0 speaks for keeping a line, or for the label.

use std::fmt::Write;
use std::path::Path;

use super::features::hash_of;
use super::{Adaptation, Weights};
use crate::error::{Error, Result};
use crate::label::Label;

/// First line of the file, before the version.
const HEAD: &str = "chaffinch adaptation ";
/// The version that is written and read.
const VERSION: u32 = 1;

impl Adaptation {
    /// The contents of a file that holds it.
    pub fn to_text(&self) -> String {
        let mut out = format!("{HEAD}{VERSION}\nmodel {}\nlines {}\n", self.model, self.lines);
        for (name, weights) in &self.rows {
            // Writing to a string can not fail.
            _ = write!(out, "{name}\t{}", weights.keep);
            for (label, weight) in &weights.labels {
                _ = write!(out, "\t{label} {weight}");
            }
            out.push('\n');
        }
        let sum = hash_of(&out);
        _ = writeln!(out, "checksum {sum:016x}");
        out
    }

    /// Reads the contents of the file at `path`.
    ///
    /// # Errors
    /// [`Error::Adaptation`] when the text is of another kind or version, cut short, or changed.
    pub fn from_text(path: &Path, text: &str) -> Result<Adaptation> {
        let fail =
            |line: usize, message: &str| Error::Adaptation { path: path.to_owned(), line, message: message.to_owned() };
        let version = text.lines().next().and_then(|line| line.strip_prefix(HEAD));
        let version = version.ok_or_else(|| fail(1, "this is no file that `chaffinch learn` wrote"))?;
        if version != VERSION.to_string() {
            let message = format!("the file has version {version:.20}, and this program reads version {VERSION}");
            return Err(fail(1, &format!("{message}; let `chaffinch learn` write it again")));
        }
        let last = 1 + text.trim_end_matches('\n').matches('\n').count();
        let damaged = || fail(last, "the checksum is wrong or missing; let `chaffinch learn` write the file again");
        let (body, sum) = text.rsplit_once("checksum ").ok_or_else(damaged)?;
        let sum = sum.strip_suffix('\n').filter(|sum| sum.len() == 16).ok_or_else(damaged)?;
        if u64::from_str_radix(sum, 16).ok() != Some(hash_of(body)) {
            return Err(damaged());
        }
        // The checksum fits, so what follows is as it was written, unless someone took great pains.
        let mut lines = body.lines().zip(1..).skip(1);
        let mut header = |name: &str| {
            let (line, number) = lines.next().unwrap_or_default();
            line.strip_prefix(name).ok_or_else(|| fail(number.max(1), &format!("here must stand `{name}…`")))
        };
        let model = header("model ")?.to_owned();
        let count = header("lines ")?.parse().map_err(|_| fail(3, "the number of lines is no number"))?;
        let mut rows = Vec::new();
        for (line, number) in lines {
            let mut fields = line.split('\t');
            let name = fields.next().unwrap_or_default();
            let keep = fields.next().and_then(|field| field.parse().ok());
            let labels: Option<Vec<(Label, i32)>> = fields
                .map(|field| {
                    let (label, weight) = field.split_once(' ')?;
                    Some((label.parse().ok()?, weight.parse().ok()?))
                })
                .collect();
            match (keep, labels) {
                (Some(keep), Some(labels)) if !name.is_empty() => {
                    rows.push((name.to_owned(), Weights { keep, labels }))
                }
                _ => return Err(fail(number, "this line is no feature with its weights")),
            }
        }
        Ok(Adaptation::new(model, count, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Adaptation {
        let weights = Weights { keep: -77, labels: vec![(Label::Legal, 5), (Label::Title, -9)] };
        let rows =
            vec![("=read # more".to_owned(), weights.clone()), ("@as body".to_owned(), Weights { keep: 3, ..weights })];
        Adaptation::new("2031-01-01 x".into(), 12, rows)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = some().to_text();
        let again = Adaptation::from_text(Path::new("a"), &text).unwrap();
        assert_eq!((again.to_text(), again.lines(), again.model()), (text, 12, "2031-01-01 x"));
        let empty = Adaptation::new("m".into(), 0, Vec::new());
        assert!(Adaptation::from_text(Path::new("a"), &empty.to_text()).unwrap().is_empty());
    }

    #[test]
    fn damage_is_an_error_everywhere() {
        let text = some().to_text();
        for cut in 0..text.len() {
            assert!(Adaptation::from_text(Path::new("a"), &text[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert!(Adaptation::from_text(Path::new("a"), &changed).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn faults_say_what_to_do() {
        let said = |text: &str| Adaptation::from_text(Path::new("my.txt"), text).unwrap_err().to_string();
        assert_eq!(said("[[answer]]\n"), "my.txt:1: this is no file that `chaffinch learn` wrote");
        assert!(said("chaffinch adaptation 9\n").contains("version 9, and this program reads version 1"));
        assert!(said("chaffinch adaptation 1\nmodel x\n").starts_with("my.txt:2: the checksum is wrong"));
        let forged = "chaffinch adaptation 1\nmodel x\nlines 3\nx\tmany\n";
        let forged = format!("{forged}checksum {:016x}\n", hash_of(forged));
        assert_eq!(said(&forged), "my.txt:4: this line is no feature with its weights");
    }
}
