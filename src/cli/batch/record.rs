//! What is remembered of a document that was done: enough to leave it alone next time, and to tell of it as if it had
//! just been cleaned.

use chaffinch::report::{Count, Stats};
use chaffinch::{Alarm, Label, Summary};
use serde::{Deserialize, Serialize};

/// Lines, bytes, words.
type Three = [u64; 3];

/// A document that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What it was done with, see [`Fingerprint`](super::fingerprint::Fingerprint).
    pub(crate) made_with: [u8; 16],
    /// Hash of the input's bytes.
    pub(crate) source: [u8; 16],
    /// Sizes of the clean text and of the report.
    pub(crate) clean_bytes: u64,
    pub(crate) report_bytes: Option<u64>,
    /// Lines that hold something, and how many of them were kept.
    pub(crate) text_lines: u64,
    pub(crate) kept_lines: u64,
    /// The alarm's place in [`ALARMS`], from 1; 0 for none.
    alarm: u8,
    /// The share of the judged text that is decided wrongly if the scores are right, in 1/10,000.
    pub(crate) doubt: u16,
    /// What was counted, in the order of [`slots`], without those that are 0.
    counts: Vec<(u8, Three)>,
    /// Documents in it, and how many of them have an alarm: 1 at most, but for a stream of records.
    pub(crate) documents: u64,
    pub(crate) alarms: u64,
    replacements: u64,
    /// Records of a stream that could not be cleaned.
    pub(crate) bad: u64,
    /// Hash and number of each removed line, in the order of the hashes.
    pub(crate) removed: Vec<(u64, u32)>,
}

const ALARMS: [Alarm; 3] = [Alarm::Empty, Alarm::NearlyEmpty, Alarm::Untouched];

/// Every count of some statistics, in an order that is only ever added to at its end.
fn slots(stats: &mut Stats) -> impl Iterator<Item = &mut Count> {
    let Stats { kept, removed, blank, unjudged, by_label, removed_by_label, .. } = stats;
    let pairs = by_label.iter_mut().zip(removed_by_label.iter_mut()).flat_map(|(all, removed)| [all, removed]);
    [kept, removed, blank, unjudged].into_iter().chain(pairs)
}

impl Record {
    /// Of a document that is about to be done with this.
    pub(crate) fn of(made_with: [u8; 16]) -> Record {
        Record { made_with, ..Record::default() }
    }

    /// Notes what was counted.
    pub(crate) fn count(&mut self, stats: &Stats, summary: &Summary) {
        let mut stats = stats.clone();
        (self.documents, self.alarms, self.replacements) = (stats.documents, stats.alarms, stats.replacements);
        let counts = slots(&mut stats).map(|count| [count.lines, count.bytes, count.words]);
        self.counts = (0..).zip(counts).filter(|(_, three)| *three != [0; 3]).collect();
        self.text_lines = summary.text_lines;
        self.kept_lines = summary.kept_lines;
        let place = summary.alarm.and_then(|alarm| ALARMS.iter().position(|one| *one == alarm));
        self.alarm = place.map_or(0, |place| place as u8 + 1);
    }

    /// What was counted.
    pub(crate) fn stats(&self) -> Stats {
        let mut stats = Stats::new();
        for (slot, count) in (0..).zip(slots(&mut stats)) {
            if let Ok(at) = self.counts.binary_search_by_key(&slot, |(slot, _)| *slot) {
                [count.lines, count.bytes, count.words] = self.counts[at].1;
            }
        }
        (stats.documents, stats.alarms, stats.replacements) = (self.documents, self.alarms, self.replacements);
        stats
    }

    /// What is to be said where some of its records could not be cleaned.
    pub(crate) fn bad_records(&self) -> Option<String> {
        let all = self.documents + self.bad;
        (self.bad > 0).then(|| format!("{} of its {all} records could not be cleaned", self.bad))
    }

    pub(crate) fn alarm(&self) -> Option<Alarm> {
        usize::from(self.alarm).checked_sub(1).and_then(|place| ALARMS.get(place)).copied()
    }
}

/// A removed line's text, which is noted when it is met for the second time: what stands on one page alone is never
/// among the lines that were removed most often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) hash: u64,
    /// [`Label::index`], as far as the line has a label.
    pub(crate) label: Option<u8>,
    pub(crate) text: String,
}

impl Text {
    pub(crate) fn label(&self) -> Option<Label> {
        Label::ALL.get(usize::from(self.label?)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back() {
        let mut stats = Stats::new();
        for (i, count) in (0..).zip(slots(&mut stats)) {
            count.lines = i % 3;
            count.words = i * 7 % 5;
        }
        stats.documents = 2;
        let mut summary = Summary::default();
        summary.alarm = Some(Alarm::Untouched);
        let mut record = Record::default();
        record.count(&stats, &summary);
        let bytes = postcard::to_allocvec(&record).unwrap();
        let back: Record = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back.stats(), stats);
        assert_eq!(back.alarm(), Some(Alarm::Untouched));
        assert_eq!(back, record);
    }
}
