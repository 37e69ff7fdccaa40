//! A phrase as it lies in an index.

use crate::bytes::load;

/// One phrase in the index. Small, because there are tens of thousands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The first bytes: as many as are fixed, eight at most.
    pub(super) head: u64,
    /// Those after them: as many as are fixed, four at most.
    pub(super) more: u32,
    /// The caller's name for the phrase.
    pub(super) name: u32,
    /// The upper half of the key's hash.
    pub(super) hash: u32,
    /// How many bytes `head` and `more` have.
    pub(super) fixed: u8,
    /// Whether they are all of the phrase.
    pub(super) whole: bool,
    /// Whether the phrase must stand at the line's end.
    pub(super) last: bool,
    /// What the caller wants to know of it at once.
    pub(super) kind: u8,
}

/// An entry as it lies in memory, and in the file that is compiled in.
pub(super) type Stored = [u8; 24];

impl Entry {
    pub(super) fn store(&self) -> Stored {
        let mut out = [0; 24];
        out[..8].copy_from_slice(&self.head.to_le_bytes());
        for (at, number) in [(8, self.more), (12, self.name), (16, self.hash)] {
            out[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        out[20..].copy_from_slice(&[self.fixed, self.whole.into(), self.last.into(), self.kind]);
        out
    }

    #[inline(always)]
    pub(super) fn read(stored: &Stored) -> Entry {
        let number = |at: usize| u32::from_le_bytes([stored[at], stored[at + 1], stored[at + 2], stored[at + 3]]);
        Entry {
            head: load(&stored[..8]),
            more: number(8),
            name: number(12),
            hash: number(16),
            fixed: stored[20],
            whole: stored[21] != 0,
            last: stored[22] != 0,
            kind: stored[23],
        }
    }
}
