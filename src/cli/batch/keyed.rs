//! Hashing what is a hash already, for maps.
//!
//! A second hash of quality would cost more than all else that is done with a line. But places in a map must not be
//! foreseen: who writes pages could choose lines that all fall on one. So the numbers it is done with are drawn anew for
//! each map.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes [`KeyedHasher`]s.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    mask: u64,
    factor: u64,
}

impl Default for Keyed {
    fn default() -> Keyed {
        let random = RandomState::new();
        Keyed { mask: random.hash_one(0), factor: random.hash_one(1) | 1 }
    }
}

impl BuildHasher for Keyed {
    type Hasher = KeyedHasher;

    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher { keyed: self.clone(), hash: 0 }
    }
}

/// Hashes one number by one multiplication.
#[derive(Debug)]
pub(crate) struct KeyedHasher {
    keyed: Keyed,
    hash: u64,
}

impl Hasher for KeyedHasher {
    fn write_u64(&mut self, number: u64) {
        let product = u128::from(number ^ self.hash ^ self.keyed.mask) * u128::from(self.keyed.factor);
        self.hash = product as u64 ^ (product >> 64) as u64;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_alike_are_told_apart() {
        let keyed = Keyed::default();
        let others: Vec<u64> = (0..1000).map(|i| i << 54).chain(0..1000).chain((0..1000).map(|i| i << 20)).collect();
        // Maps take the place from the low bits, and seven high ones to tell neighbours apart.
        for part in [|hash: u64| hash & 0xfff, |hash: u64| hash >> 52] {
            let mut places: Vec<u64> = others.iter().map(|number| part(keyed.hash_one(number))).collect();
            places.sort_unstable();
            let most = places.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap();
            assert!(most < 100, "{most} of {} on one place", others.len());
        }
        assert_ne!(keyed.hash_one(7u64), Keyed::default().hash_one(7u64));
    }
}
