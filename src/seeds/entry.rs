//! A phrase as it lies in an index.

use crate::bytes::load;

/// One phrase in the index. Small, because there are tens of thousands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The first bytes: as many as are fixed, eight at most.
    pub(super) head: u64,
    /// Those after them: as many as are fixed, four at most.
    pub(super) more: u32,
    /// The last four bytes, where `length` says that they are known.
    pub(super) tail: u32,
    /// The caller's name for the phrase.
    pub(super) name: u32,
    /// How many bytes `head` and `more` have.
    pub(super) fixed: u8,
    /// The length of the phrase, where nothing in it but its first character stands for a number, and it is more than
    /// `head` and `more` have and not more than 255; otherwise 0.
    pub(super) length: u8,
    /// Whether `head`, `more` and `tail` are all of the phrase.
    pub(super) whole: bool,
    /// Whether the phrase must stand at the line's end.
    pub(super) last: bool,
    /// What the caller wants to know of it at once.
    pub(super) kind: u8,
}

/// An entry as it lies in memory, and in the file that is compiled in.
pub(super) type Stored = [u8; 24];

/// Bits of the byte that has the number of fixed bytes.
const WHOLE: u8 = 0x40;
const LAST: u8 = 0x80;

impl Entry {
    pub(super) fn store(&self) -> Stored {
        let mut out = [0; 24];
        out[..8].copy_from_slice(&self.head.to_le_bytes());
        for (at, number) in [(8, self.more), (12, self.tail), (16, self.name)] {
            out[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        let flag = |is: bool, bit: u8| if is { bit } else { 0 };
        let fixed = self.fixed | flag(self.whole, WHOLE) | flag(self.last, LAST);
        out[20..23].copy_from_slice(&[fixed, self.length, self.kind]);
        out
    }

    #[inline(always)]
    pub(super) fn read(stored: &Stored) -> Entry {
        let number = |at: usize| u32::from_le_bytes([stored[at], stored[at + 1], stored[at + 2], stored[at + 3]]);
        Entry {
            head: load(&stored[..8]),
            more: number(8),
            tail: number(12),
            name: number(16),
            fixed: stored[20] & !(WHOLE | LAST),
            length: stored[21],
            whole: stored[20] & WHOLE != 0,
            last: stored[20] & LAST != 0,
            kind: stored[22],
        }
    }
}
