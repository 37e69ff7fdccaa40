//! What is asked of characters, as bits, by the standard library and `unicode-normalization`. They search their tables,
//! the former from the beginning for most of what is not Latin, so the build script writes down what they say, and
//! `unicode.rs` reads that.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, is_nfkc_quick};

pub(crate) const ALPHABETIC: u8 = 1;
pub(crate) const NUMERIC: u8 = 1 << 1;
pub(crate) const UPPERCASE: u8 = 1 << 2;
pub(crate) const LOWERCASE: u8 = 1 << 3;
/// In lower case it is another.
pub(crate) const LOWERS: u8 = 1 << 4;
/// It is in compatibility form (NFKC) wherever it stands.
pub(crate) const SETTLED: u8 = 1 << 5;
pub(crate) const ALPHANUMERIC: u8 = ALPHABETIC | NUMERIC;

/// What holds for a character.
pub(crate) fn of(c: char) -> u8 {
    let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
    bit(c.is_alphabetic(), ALPHABETIC)
        | bit(c.is_numeric(), NUMERIC)
        | bit(c.is_uppercase(), UPPERCASE)
        | bit(c.is_lowercase(), LOWERCASE)
        | bit(!c.to_lowercase().eq([c]), LOWERS)
        | bit(is_nfkc_quick([c].into_iter()) == IsNormalized::Yes && canonical_combining_class(c) == 0, SETTLED)
}
