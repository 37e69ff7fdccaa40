//! Counting what a document loses, line by line, for the page that tells it of the whole folder.

use std::collections::HashMap;
use std::ops::Range;

use chaffinch::report::Stats;
use chaffinch::{Decided, Document, Needs, Part, Sink, Summary};

use super::keyed::Keyed;
use super::record::{Record, Text};

/// So many different removed lines are counted for a document; more are only counted by label.
const LINES: usize = 4096;
/// So much of a line is shown.
const SHOWN: usize = 200;

/// Counts of one document; used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    stats: Stats,
    lines: HashMap<u64, Removed, Keyed>,
    /// The removed lines' texts, one behind the other.
    texts: String,
    /// Bytes of judged lines, and those that are decided wrongly if the scores are right, in millionths.
    judged: u64,
    doubtful: u64,
}

/// A line that was removed.
#[derive(Debug)]
struct Removed {
    count: u32,
    label: Option<u8>,
    /// Where it stands in the texts.
    text: Range<usize>,
}

impl Tally {
    /// Puts what was counted into the document's record.
    pub(crate) fn fill(&self, record: &mut Record, summary: &Summary) {
        record.count(&self.stats, summary);
        record.doubt = (self.doubtful / 100).checked_div(self.judged).unwrap_or(0) as u16;
        record.removed = self.lines.iter().map(|(hash, line)| (*hash, line.count)).collect();
        record.removed.sort_unstable();
    }

    /// The text of a removed line of the last document.
    pub(crate) fn text(&self, hash: u64) -> Option<Text> {
        let line = self.lines.get(&hash)?;
        Some(Text { hash, label: line.label, text: shortened(&self.texts[line.text.clone()]) })
    }
}

impl Sink for Tally {
    fn needs(&self) -> Needs {
        self.stats.needs()
    }

    fn begin(&mut self, document: &Document) -> chaffinch::Result<()> {
        self.stats = Stats::new();
        self.lines.clear();
        self.texts.clear();
        (self.judged, self.doubtful) = (0, 0);
        self.stats.begin(document)
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        self.stats.line(decided)?;
        let (line, verdict) = (decided.line, decided.verdict);
        if line.part != Part::Whole || line.is_blank() {
            return Ok(());
        }
        if verdict.label.is_some() {
            let bytes = line.text.len() as u64;
            self.judged += bytes;
            self.doubtful += bytes * ((1.0 - verdict.score.clamp(0.0, 1.0)) * 1e6).round() as u64;
        }
        if verdict.keep {
            return Ok(());
        }
        let label = verdict.label.map(|label| label.index() as u8);
        let hash = hash(label, line.text);
        if let Some(line) = self.lines.get_mut(&hash) {
            line.count = line.count.saturating_add(1);
        } else if self.lines.len() < LINES {
            let start = self.texts.len();
            // Few texts are asked for, and shortening one twice does it no more harm.
            match line.text.len() > 2 * SHOWN {
                true => self.texts.push_str(&shortened(line.text)),
                false => self.texts.push_str(line.text),
            }
            self.lines.insert(hash, Removed { count: 1, label, text: start..self.texts.len() });
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> chaffinch::Result<()> {
        self.stats.finish(summary)
    }
}

/// The same for lines that differ in white space only.
fn hash(label: Option<u8>, text: &str) -> u64 {
    // FNV-1a, and a last mix, as its low bits alone are poor.
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut hash = step(0xcbf2_9ce4_8422_2325, label.unwrap_or(u8::MAX));
    let mut inside = false;
    for c in text.chars() {
        let white = c.is_whitespace();
        hash = match c {
            _ if white && inside => step(hash, b' '),
            _ if white => hash,
            '\0'..='\x7f' => step(hash, c as u8),
            _ => c.encode_utf8(&mut [0; 4]).bytes().fold(hash, step),
        };
        inside = !white;
    }
    if inside {
        hash = step(hash, b' ');
    }
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

/// The line without superfluous white space, as far as it is shown.
fn shortened(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > SHOWN {
            let end = (0..=SHOWN).rev().find(|&at| out.is_char_boundary(at)).unwrap_or(0);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_makes_no_other_line() {
        assert_eq!(hash(Some(1), "  Read\t more "), hash(Some(1), "Read more"));
        assert_ne!(hash(Some(1), "Read more"), hash(Some(2), "Read more"));
        assert_ne!(hash(Some(1), "Read more"), hash(Some(1), "Readmore"));
        // States on disk have these numbers.
        assert_eq!(hash(Some(3), " Mehr\u{3000}über\u{a0}uns "), 0x486d_76cd_3190_ac74);
        assert_eq!(shortened(" a  b\tc "), "a b c");
        for (head, space) in ["", "a", "ab"].iter().zip(["", " ", "\u{3000}"]).flat_map(|pair| [pair, (&"abc", pair.1)])
        {
            let long = format!("{head}{}", format!("{space}é ü").repeat(200));
            assert_eq!(shortened(&shortened(&long)), shortened(&long));
        }
        let long = shortened(&"é".repeat(300));
        assert_eq!((long.chars().count(), long.ends_with('…')), (101, true));
    }
}
