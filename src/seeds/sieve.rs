//! A sieve for keys: told quickly, and from little memory, that a key is not among some.
//!
//! It is a Bloom filter (Bloom 1970) whose bits for a key lie in one number, so that one look at memory answers.

use std::borrow::Cow;

/// Three bits in one number for each key; bytes, so that it can be compiled in as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sieve(Cow<'static, [[u8; 8]]>);

impl Sieve {
    /// Of these keys, with about `size` numbers.
    pub(super) fn new(keys: impl Iterator<Item = u32>, size: usize) -> Sieve {
        let mut numbers = vec![0u64; size.next_power_of_two()];
        for key in keys {
            let (at, bits) = bits(key, numbers.len());
            numbers[at] |= bits;
        }
        Sieve(numbers.into_iter().map(u64::to_le_bytes).collect())
    }

    /// The one whose [`Sieve::bytes`] these are.
    pub(super) fn built_in(bytes: &'static [u8]) -> Sieve {
        Sieve(bytes.as_chunks().0.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_flattened()
    }

    /// Whether the key may be among them. Never `false` of one that is.
    #[inline(always)]
    pub(super) fn has(&self, key: u32) -> bool {
        let (at, bits) = bits(key, self.0.len());
        u64::from_le_bytes(self.0[at]) & bits == bits
    }
}

/// Where a sieve of this length, a power of two, has the bits of a key. Three of them: with as many keys in a number as
/// there are (about six), two let three times as many others pass.
#[inline(always)]
fn bits(key: u32, length: usize) -> (usize, u64) {
    (key as usize & (length - 1), 1 << (key >> 26) | 1 << (key >> 20 & 63) | 1 << (key >> 14 & 63))
}
