//! What the article speaks of: which of a line's words occur in the text, in its head, and elsewhere.

use std::ops::Range;

use super::columns::col;
use super::token::{Word, kind, mix};
use super::{Row, Sheet, log, share};

/// The words of a page and where they occur; reused from page to page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topic {
    /// By hash, in an open table: a word's place in `seen` and one more, 0 for none.
    slots: Vec<u32>,
    mask: usize,
    seen: Vec<Seen>,
    shares: Vec<Shares>,
    /// The words that count, row after row: a place in `seen` each.
    places: Vec<u32>,
    hashes: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    hash: u32,
    core: u16,
    out: u16,
    head: u16,
}

/// What a word gives to the sums of a line: its weight, and the same where it occurs in the text, in the head, in the
/// rest, once or more often (a line of such a part has seen it there itself).
type Shares = [u16; 8];

/// Of one line, so many words are looked at; their weights fit the sums.
const MOST_WORDS: usize = 96;

impl Topic {
    /// Writes the columns. `core` says which rows are of the text, `segment` is the main run of text.
    pub(crate) fn fill(&mut self, sheet: &mut Sheet, core: &[bool], segment: Range<usize>) {
        let head = segment.start.saturating_sub(3)..(segment.start + 3).min(segment.end);
        self.read(sheet, core, &head);
        self.shares.clear();
        self.shares.extend(self.seen.iter().map(shares));
        let mut places = self.places.as_slice();
        for (r, is_core) in core.iter().enumerate() {
            let (of_row, rest) = places[1..].split_at(places[0] as usize);
            places = rest;
            let mut sums = Shares::default();
            for place in of_row {
                sums.iter_mut().zip(&self.shares[*place as usize]).for_each(|(sum, share)| *sum += share);
            }
            let [weights, core_once, head_once, out_once, _, core_more, head_more, out_more] = sums.map(u32::from);
            let in_core = if *is_core { core_more } else { core_once };
            let in_head = if head.contains(&r) { head_more } else { head_once };
            let in_rest = if *is_core { out_once } else { out_more };
            sheet.set(col::TopicCore, r, share(in_core, weights));
            sheet.set(col::TopicHead, r, share(in_head, weights));
            sheet.set(col::TopicOut, r, share(in_rest, weights));
            sheet.set(col::TopicCount, r, log(of_row.len() as u32));
        }
    }

    /// Finds the words that count and where they occur.
    fn read(&mut self, sheet: &Sheet, core: &[bool], head: &Range<usize>) {
        let total: usize = sheet.rows.iter().map(|r| r.words.len().min(MOST_WORDS)).sum();
        let size = (total + total / 2 + 16).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, 0);
        self.mask = size - 1;
        self.seen.clear();
        self.places.clear();
        self.places.reserve(total + sheet.rows.len());
        for (r, row) in sheet.rows.iter().enumerate() {
            let mut hashes = std::mem::take(&mut self.hashes);
            words(row, &sheet.words[row.words.clone()], &mut hashes);
            let (is_core, is_head) = (core[r], u16::from(head.contains(&r)));
            self.places.push(hashes.len() as u32);
            for hash in &hashes {
                let place = self.place(*hash);
                self.places.push(place);
                let seen = &mut self.seen[place as usize];
                let count = if is_core { &mut seen.core } else { &mut seen.out };
                *count = count.saturating_add(1);
                seen.head = seen.head.saturating_add(is_head);
            }
            self.hashes = hashes;
        }
    }

    /// A word's place in `seen`.
    fn place(&mut self, hash: u32) -> u32 {
        let mut at = hash as usize & self.mask;
        loop {
            match self.slots[at] {
                0 => {
                    self.seen.push(Seen { hash, ..Seen::default() });
                    self.slots[at] = self.seen.len() as u32;
                    return self.seen.len() as u32 - 1;
                }
                place if self.seen[place as usize - 1].hash == hash => return place - 1,
                _ => at = (at + 1) & self.mask,
            }
        }
    }
}

/// The words of a line that count: no short ones, no function words.
fn words(row: &Row, words: &[Word], hashes: &mut Vec<u32>) {
    let counts = |word: &Word| word.chars >= 4 && word.kind & (kind::FUNCTION | kind::SYMBOL) == 0;
    hashes.clear();
    if row.figures.ideographs > 0 {
        hashes.extend(words.iter().take(MOST_WORDS).enumerate().filter_map(|(i, w)| {
            if w.kind & kind::IDEOGRAPH != 0 {
                // Pairs of characters stand for words where none are marked.
                let next = words.get(i + 1).filter(|n| n.kind & kind::IDEOGRAPH != 0)?;
                Some(mix(w.hash, next.hash).max(1))
            } else {
                counts(w).then_some(w.hash.max(1))
            }
        }));
        return;
    }
    // Without a branch for each word, of which every other one would be guessed wrong.
    hashes.resize(words.len().min(MOST_WORDS), 0);
    let mut count = 0;
    for word in words.iter().take(MOST_WORDS) {
        hashes[count] = word.hash.max(1);
        count += usize::from(counts(word));
    }
    hashes.truncate(count);
}

/// Rare words of the page say more than its common ones.
fn shares(seen: &Seen) -> Shares {
    let weight = match u32::from(seen.core) + u32::from(seen.out) {
        0..=3 => 8,
        4..=8 => 5,
        9..=20 => 3,
        _ => 1,
    };
    let more = |count: u16, than: u16| if count > than { weight } else { 0 };
    let (core, head, out) = (seen.core, seen.head, seen.out);
    [weight, more(core, 0), more(head, 0), more(out, 0), 0, more(core, 1), more(head, 1), more(out, 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::token;

    #[test]
    fn words_of_the_text_are_told_from_words_of_the_rest() {
        let lines = [
            "Lighthouse keepers mourn their lantern",
            "The lantern of the lighthouse burned",
            "Lighthouse, lantern",
            "Trousers, lantern",
            "灯台守は灯台を守る",
            "灯台",
            "",
        ];
        let mut sheet = Sheet::default();
        for line in lines {
            let start = sheet.words.len();
            let figures = token::read(line, &mut sheet.words, |hash| hash == token::word_hash("their"));
            sheet.rows.push(Row { figures, words: start..sheet.words.len(), ..Row::default() });
        }
        sheet.lay_out();
        let mut topic = Topic::default();
        // The second time, nothing is left of the first.
        for _ in 0..2 {
            topic.fill(&mut sheet, &[true, true, false, false, true, false, false], 0..2);
            // keepers and mourn stand nowhere else.
            assert_eq!(sheet.column(col::TopicCount)[..4], [log(4), log(3), log(2), log(2)]);
            assert_eq!(sheet.column(col::TopicCore)[..4], [share(13, 29), share(13, 21), 255, share(5, 13)]);
            assert_eq!(sheet.column(col::TopicHead)[..4], [share(13, 29), share(13, 21), 255, share(5, 13)]);
            assert_eq!(sheet.column(col::TopicOut)[..4], [share(13, 29), share(13, 21), share(5, 13), share(5, 13)]);
            assert_eq!(sheet.column(col::TopicCore)[5], 255, "pairs of characters stand for words");
            assert_eq!(sheet.column(col::TopicCount)[6], 0);
        }
    }

    #[test]
    fn the_last_character_that_is_looked_at_has_a_next_one() {
        for length in [MOST_WORDS - 1, MOST_WORDS, MOST_WORDS + 1] {
            let mut words = Vec::new();
            let figures = token::read(&"灯".repeat(length), &mut words, |_| false);
            let row = Row { figures, ..Row::default() };
            let mut hashes = vec![1];
            super::words(&row, &words, &mut hashes);
            assert_eq!(hashes.len(), (length - 1).min(MOST_WORDS));
        }
    }
}
