//! Which removed lines were met before, over any number of documents in 12 MiB.
//!
//! A text is noted when its line is met for the second time, and only once. Both questions are answered so that an error
//! does no harm: a line that wrongly counts as met is noted early, and one that wrongly counts as new is noted again.

/// Words of the filter; a power of two.
const WORDS: usize = 1 << 20;
/// Words that lie together in the machine's cache: one line has all its bits in them, so it is waited for once.
const BLOCK: usize = 8;
/// Places for hashes of noted texts; a power of two.
const PLACES: usize = 1 << 19;

/// Hashes that were met, and those whose text was noted.
#[derive(Debug)]
pub(crate) struct Sightings {
    met: Vec<u64>,
    /// Where the first block begins.
    start: usize,
    noted: Vec<u64>,
}

impl Sightings {
    /// Nothing was met. No memory is used before something is.
    pub(crate) fn new() -> Sightings {
        Sightings { met: Vec::new(), start: 0, noted: Vec::new() }
    }

    /// Whether `hash` was met before; now it was.
    pub(crate) fn met(&mut self, hash: u64) -> bool {
        if self.met.is_empty() {
            self.met = vec![0; WORDS + BLOCK];
            self.start = self.met.as_ptr().align_offset(BLOCK * size_of::<u64>()).min(BLOCK);
        }
        let block = (hash >> 40) as usize % (WORDS / BLOCK) * BLOCK + self.start;
        let block = &mut self.met[block..block + BLOCK];
        let mut all = true;
        // Four places in it, of nine bits of the hash each.
        for i in 0..4 {
            let (word, bit) = ((hash >> (9 * i)) as usize % BLOCK, hash >> (9 * i + 3) & 63);
            all &= block[word] >> bit & 1 == 1;
            block[word] |= 1 << bit;
        }
        all
    }

    /// Whether the text was not noted yet; now it is.
    pub(crate) fn is_new(&mut self, hash: u64) -> bool {
        let was = self.noted.get(hash as usize & (PLACES - 1)).copied();
        self.noted(hash);
        was != Some(hash)
    }

    /// The text was noted.
    pub(crate) fn noted(&mut self, hash: u64) {
        if self.noted.is_empty() {
            self.noted = vec![0; PLACES];
        }
        self.noted[hash as usize & (PLACES - 1)] = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_is_told_once() {
        let mut sightings = Sightings::new();
        let hashes: Vec<u64> = (1..100_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let early = hashes.iter().filter(|hash| sightings.met(**hash)).count();
        assert!(early < 100, "{early} of the lines were told to be met before they were");
        assert!(hashes.iter().all(|hash| sightings.met(*hash)));
        assert!(sightings.is_new(7));
        assert!(!sightings.is_new(7));
    }
}
