//! Finding the keys of a page's lines among those of its site, all in one go.

/// Keys of a bucket that are looked at before the others are searched.
const NEAR: usize = 4;

/// The different keys of a site.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Ascending, and [`NEAR`] of the largest number behind them.
    keys: Vec<u64>,
    /// By so many of a key's first bits: where keys that begin with them, or with more, begin; and at last their number.
    /// Above [`PLACE`], which of eight kinds of key are in the bucket.
    bits: u32,
    buckets: Vec<u32>,
}

/// The bits of a bucket that are a place. A site has 2^19 lines at most.
const PLACE: u32 = 0xff_ffff;

impl Index {
    /// Of keys in ascending order; with about as many buckets as there are keys.
    pub(super) fn new(mut keys: Vec<u64>) -> Index {
        let bits = keys.len().next_power_of_two().trailing_zeros();
        let mut buckets = vec![0; (1 << bits) + 1];
        keys.iter().for_each(|key| buckets[bucket(*key, bits) + 1] += 1);
        for at in 1..buckets.len() {
            buckets[at] += buckets[at - 1];
        }
        keys.iter().for_each(|key| buckets[bucket(*key, bits)] |= kind(*key));
        keys.extend([u64::MAX; NEAR]);
        Index { keys, bits, buckets }
    }

    /// Writes the place of each key that is known to `places`.
    pub(super) fn look_up(&self, keys: impl Iterator<Item = Option<u64>> + Clone, places: &mut Vec<Option<u32>>) {
        // One step after the other for all of them, so that memory is not waited for anew with every key.
        places.clear();
        places.extend(keys.clone().map(|key| key.map(|key| self.buckets[bucket(key, self.bits)])));
        for (key, place) in keys.zip(places) {
            let bucket = key.zip(*place).filter(|(key, bucket)| bucket & kind(*key) != 0);
            *place = bucket.and_then(|(key, bucket)| self.search(key, bucket & PLACE));
        }
    }

    /// Where a key is, which is not before a place.
    fn search(&self, key: u64, place: u32) -> Option<u32> {
        let first = place as usize;
        let smaller = self.keys[first..first + NEAR].iter().filter(|other| **other < key).count();
        let mut at = first + smaller;
        if smaller == NEAR {
            // Keys are hashes, so few begin with the same bits, unless someone made a file of those that do.
            let end = (self.buckets[bucket(key, self.bits) + 1] & PLACE) as usize;
            at += self.keys[at..end].partition_point(|other| *other < key);
        }
        (self.keys[at] == key && at + NEAR < self.keys.len()).then_some(at as u32)
    }
}

/// The first bits of a key.
fn bucket(key: u64, bits: u32) -> usize {
    key.unbounded_shr(u64::BITS - bits) as usize
}

/// The kind of a key, as one of the bits above [`PLACE`]: by the key's last bits, which have no say in its bucket.
fn kind(key: u64) -> u32 {
    1 << (24 + (key & 7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::key::hash;

    #[track_caller]
    fn check(mut keys: Vec<u64>) {
        keys.sort_unstable();
        keys.dedup();
        let index = Index::new(keys.clone());
        let asked = [0, 1, u64::MAX, u64::MAX - 1, 1 << 63].into_iter();
        let asked = asked.chain(keys.iter().flat_map(|key| [*key, key ^ 1, !key])).map(Some).chain([None]);
        let mut places = vec![Some(7)];
        index.look_up(asked.clone(), &mut places);
        let expected = asked.map(|key| keys.binary_search(&key?).ok().map(|at| at as u32));
        assert_eq!(places, expected.collect::<Vec<_>>());
    }

    #[test]
    fn keys_are_found() {
        for count in [0u32, 1, 2, 3, 5, 300] {
            check((0..count).map(|i| hash(&i.to_le_bytes())).collect());
        }
    }

    #[test]
    fn keys_that_someone_made_up_are_found() {
        check((7..20).chain([1 << 63, u64::MAX]).collect());
        check(vec![u64::MAX]);
        check((0..100).map(|i| u64::MAX - 3 * i).collect());
    }
}
