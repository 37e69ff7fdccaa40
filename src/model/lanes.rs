//! For tests: the sets of vector instructions of this machine, which must all give the same outputs, and numbers to try
//! them on.

use fearless_simd::Level;

/// From the widest to the one that every machine of this kind has.
pub(crate) fn levels() -> Vec<Level> {
    let best = Level::new();
    let mut levels = vec![best];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        levels.extend(best.as_avx2().map(Level::Avx2));
        levels.extend(best.as_sse4_2().map(Level::Sse4_2));
        levels.extend(best.as_sse2().map(Level::Sse2));
    }
    levels
}

/// Numbers that look random, the same each time.
pub(crate) struct Random(pub u64);

impl Random {
    /// 0 to `bound` - 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % bound
    }

    /// -`most` to `most` - 1.
    pub(crate) fn around(&mut self, most: i64) -> i64 {
        self.below(2 * most as u64) as i64 - most
    }
}
