//! Hashing for repeats: a small integer mix and open-addressing tables that are reused from page to page.
//!
//! The standard library's maps are seeded at random and allocate; here the same text must give the same result on
//! every machine, and a page must cost a memset rather than an allocation.

/// Longest walk through a table. Text made to collide finds the table full here rather than slow; what does not get
/// in is a repeat that is not noticed, which is the harmless side.
const PROBES: usize = 48;

/// Folds `value` into the running hash `hash`.
#[inline]
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Spreads the high bits of a running hash over all bits; never 0, which marks an empty slot.
#[inline]
pub(super) fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash ^ (hash >> 29)) | 1 << 63
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    value: u32,
}

/// A table from hashes to small numbers that only grows until it is reset.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
}

impl Table {
    /// Empties the table and makes room for `expected` keys.
    pub(super) fn reset(&mut self, expected: usize) {
        self.slots.clear();
        self.slots.resize((expected * 2).next_power_of_two().max(16), Slot::default());
    }

    /// The slot of `key`, and whether it is taken by that key already. `None` when the walk is too long.
    #[inline]
    fn probe(&self, key: u64) -> Option<(usize, bool)> {
        let mask = self.slots.len().checked_sub(1)?;
        for step in 0..PROBES.min(self.slots.len()) {
            let at = (key as usize).wrapping_add(step) & mask;
            match self.slots[at].key {
                0 => return Some((at, false)),
                taken if taken == key => return Some((at, true)),
                _ => {}
            }
        }
        None
    }

    /// The number stored under `key`.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<u32> {
        match self.probe(key)? {
            (at, true) => Some(self.slots[at].value),
            _ => None,
        }
    }

    /// The number stored under `key`; stores `value` when there is none. `None` when there was none.
    #[inline]
    pub(super) fn get_or_insert(&mut self, key: u64, value: u32) -> Option<u32> {
        match self.probe(key)? {
            (at, true) => Some(self.slots[at].value),
            (at, false) => {
                self.slots[at] = Slot { key, value };
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_what_was_put_in_until_reset() {
        let mut table = Table::default();
        assert_eq!(table.get(7), None);
        assert_eq!(table.get_or_insert(7, 1), None);
        table.reset(1000);
        for i in 0..1000 {
            assert_eq!(table.get_or_insert(finish(mix(0, i)), i as u32), None);
        }
        assert!((0..1000).all(|i| table.get_or_insert(finish(mix(0, i)), 5) == Some(i as u32)));
        table.reset(4);
        assert_eq!(table.get(finish(mix(0, 3))), None);
    }

    #[test]
    fn colliding_keys_are_refused_rather_than_walked() {
        let mut table = Table::default();
        table.reset(1000);
        for i in 1..1000u64 {
            table.get_or_insert(i << 32, i as u32);
        }
        assert_eq!(table.get(1 << 32), Some(1));
        assert_eq!(table.get(900 << 32), None);
    }
}
