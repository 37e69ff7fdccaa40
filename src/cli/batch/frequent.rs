//! The lines that were removed most often, over any number of documents in bounded memory.
//!
//! Counting is exact as long as the different lines fit. When they do not, the rarer half is forgotten, and how often a
//! line may have been met before it was counted again is told. Documents come in the order of their names, so the result
//! is the same however many threads cleaned them.

use std::collections::HashMap;

use super::keyed::Keyed;

/// Different lines that are counted.
const LINES: usize = 1 << 20;

/// How often a line was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frequency {
    pub(crate) hash: u64,
    pub(crate) lines: u64,
    pub(crate) documents: u64,
    /// The place, in the order of all, of the first document it was met in.
    pub(crate) first: u64,
}

/// Counts lines by their hashes.
#[derive(Debug)]
pub(crate) struct Frequent {
    room: usize,
    counts: HashMap<u64, Frequency, Keyed>,
    /// No line was forgotten that was met more often than this.
    forgotten: u64,
}

impl Frequent {
    pub(crate) fn new() -> Frequent {
        Frequent::with_room(LINES)
    }

    fn with_room(room: usize) -> Frequent {
        Frequent { room, counts: HashMap::default(), forgotten: 0 }
    }

    /// Adds a removed line of the document at this place.
    pub(crate) fn add(&mut self, place: u64, hash: u64, lines: u32) {
        if self.counts.len() >= self.room && !self.counts.contains_key(&hash) {
            self.forget();
        }
        let entry = self.counts.entry(hash).or_insert(Frequency { hash, first: place, ..Frequency::default() });
        entry.lines += u64::from(lines);
        entry.documents += 1;
    }

    fn forget(&mut self) {
        let mut lines: Vec<u64> = self.counts.values().map(|count| count.lines).collect();
        let middle = lines.len() / 2;
        let bound = *lines.select_nth_unstable(middle).1;
        self.counts.retain(|_, count| count.lines > bound);
        self.forgotten += bound;
    }

    /// The `most` lines that were removed most often, and more than once; and by how much their counts may be low.
    pub(crate) fn top(self, most: usize) -> (Vec<Frequency>, u64) {
        let mut all: Vec<Frequency> = self.counts.into_values().filter(|count| count.documents > 1).collect();
        all.sort_unstable_by_key(|count| (std::cmp::Reverse((count.lines, count.documents)), count.hash));
        all.truncate(most);
        (all, self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_counted_exactly() {
        let mut frequent = Frequent::with_room(100);
        for place in 0..10 {
            frequent.add(place, 7, 2);
            frequent.add(place, 100 + place, 1);
            if place % 3 == 0 {
                frequent.add(place, 8, 1);
            }
        }
        let (top, low) = frequent.top(5);
        let seven = Frequency { hash: 7, lines: 20, documents: 10, first: 0 };
        let eight = Frequency { hash: 8, lines: 4, documents: 4, first: 0 };
        assert_eq!((top, low), (vec![seven, eight], 0));
    }

    #[test]
    fn what_is_frequent_survives_what_is_rare() {
        let mut frequent = Frequent::with_room(64);
        for place in 0..10_000 {
            frequent.add(place, 1_000_000 + place, 1);
            frequent.add(place, place % 2, 1);
            assert!(frequent.counts.len() <= 64);
        }
        let (top, low) = frequent.top(2);
        assert_eq!(top.iter().map(|count| count.hash).collect::<Vec<_>>(), [0, 1]);
        assert!(top.iter().all(|count| count.lines + low >= 5000 && count.lines <= 5000), "{top:?}, {low}");
    }
}
