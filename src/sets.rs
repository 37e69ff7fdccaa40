//! Sixty-four bytes of text at a time, with the widest instructions that the machine has: which of them are letters, digits
//! and so on, as sets with a bit for each byte. From sets the ends of words are taken without a look at the bytes between.

use std::hint::black_box;

use fearless_simd::prelude::*;
use fearless_simd::u8x64;

/// Bytes of a window.
pub(crate) const WINDOW: usize = 64;

/// Sixty-four bytes of text.
#[derive(Clone, Copy)]
pub(crate) struct Window<S: Simd> {
    simd: S,
    bytes: u8x64<S>,
}

impl<S: Simd> Window<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S, bytes: &[u8; WINDOW]) -> Window<S> {
        Window { simd, bytes: u8x64::load_array_ref(simd, bytes) }
    }

    /// The bytes from `low` to `high`.
    #[inline(always)]
    pub(crate) fn between(self, low: u8, high: u8) -> u64 {
        let (low, count) = (u8x64::splat(self.simd, low), u8x64::splat(self.simd, high - low));
        // Where sets take several instructions the compiler would rather take them apart again, bit by bit.
        black_box((self.bytes - low).simd_le(count).to_bitmask())
    }

    /// The bytes that are this one.
    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> u64 {
        black_box(self.bytes.simd_eq(u8x64::splat(self.simd, byte)).to_bitmask())
    }

    /// The letters of ASCII in lower case.
    #[inline(always)]
    pub(crate) fn lower(self) -> u64 {
        self.between(b'a', b'z')
    }

    /// The digits of ASCII.
    #[inline(always)]
    pub(crate) fn digits(self) -> u64 {
        self.between(b'0', b'9')
    }
}

/// The bytes of a text from `at` on, which is inside it, as far as a window takes them, and which of the window they
/// are, as a run of bits. `short` is room for a text that is shorter than a window.
#[inline(always)]
pub(crate) fn run_at<'t>(text: &'t [u8], at: usize, short: &'t mut [u8; WINDOW]) -> (&'t [u8; WINDOW], u64) {
    let rest = &text[at..];
    // Of the last bytes, those before them are read again where there are some.
    let (window, from) = match (rest.first_chunk(), text.last_chunk()) {
        (Some(window), _) => (window, 0),
        (None, Some(window)) => (window, WINDOW - rest.len()),
        (None, None) => {
            short[..rest.len()].copy_from_slice(rest);
            (&*short, 0)
        }
    };
    (window, u64::MAX << from & u64::MAX >> (WINDOW - WINDOW.min(from + rest.len())))
}

/// The bytes of a text from `at` on; where they are fewer than a window, what `short` has comes behind them.
#[inline(always)]
pub(crate) fn window_at<'t>(text: &'t [u8], at: usize, short: &'t mut [u8; WINDOW]) -> &'t [u8; WINDOW] {
    let rest = &text[at..];
    rest.first_chunk().unwrap_or_else(|| {
        short[..rest.len()].copy_from_slice(rest);
        short
    })
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;

    use super::*;
    use crate::model::lanes;

    #[test]
    fn sets_are_those_of_the_bytes() {
        for level in lanes::levels() {
            for first in [0, 64, 128, 192] {
                let bytes: [u8; WINDOW] = std::array::from_fn(|at| first + at as u8);
                let set = |is: &dyn Fn(u8) -> bool| (0..WINDOW).map(|at| u64::from(is(bytes[at])) << at).sum::<u64>();
                for (low, high) in [(0, 0), (0, 0x1f), (b'a', b'z'), (0x7f, 0xff), (0x80, 0xbf), (0, 0xff)] {
                    let found = dispatch!(level, simd => Window::new(simd, &bytes).between(low, high));
                    assert_eq!(found, set(&|byte| (low..=high).contains(&byte)), "{low} to {high}");
                }
                let found = dispatch!(level, simd => Window::new(simd, &bytes).equal(b' '));
                assert_eq!(found, set(&|byte| byte == b' '));
            }
        }
    }
}
