//! Eight bytes of text at a time, in one number: which of them are letters or digits, and how many in a row.
//!
//! Lines are short and their words shorter, so what tells words apart must cost little for each, and the same whatever
//! their length: a loop over bytes ends where nobody could foresee it, and that costs more than all it did.

/// One in each byte.
const EACH: u64 = 0x0101_0101_0101_0101;
/// Eight spaces.
pub(crate) const SPACES: u64 = b' ' as u64 * EACH;
/// The high bit of each byte. Sets of bytes of a window are numbers with these bits.
pub(crate) const HIGH: u64 = 0x80 * EACH;

/// Ones for the first n bytes.
pub(crate) const FIRST: [u64; 9] =
    [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xff_ffff_ffff, 0xffff_ffff_ffff, u64::MAX >> 8, u64::MAX];

/// The first eight bytes, zeros where there are fewer.
#[inline(always)]
pub(crate) fn load(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    // Fewer are read in pieces that may overlap: no loop whose end nobody can foresee.
    let at = |at: usize| u64::from(bytes[at]) << (8 * at);
    match bytes.len() {
        0 => 0,
        length @ 1..4 => at(0) | at(length / 2) | at(length - 1),
        length => {
            let four = |at: usize| bytes[at..].first_chunk().map_or(0, |four| u64::from(u32::from_le_bytes(*four)));
            four(0) | four(length - 4) << (8 * (length - 4))
        }
    }
}

/// The bytes from `low` to `high`, both ASCII.
#[inline(always)]
const fn between(window: u64, low: u8, high: u8) -> u64 {
    // With the high bit set nothing is borrowed from the next byte, and the bit stays where the byte is as large.
    let large = window | HIGH;
    (large - low as u64 * EACH) & !(large - (high + 1) as u64 * EACH) & !window & HIGH
}

/// The digits of ASCII.
#[inline(always)]
pub(crate) const fn digits(window: u64) -> u64 {
    between(window, b'0', b'9')
}

/// The lower case letters of ASCII: all that there are in folded text.
#[inline(always)]
pub(crate) const fn letters(window: u64) -> u64 {
    between(window, b'a', b'z')
}

/// How many bytes from the first on are in a set.
#[inline(always)]
pub(crate) const fn leading(set: u64) -> usize {
    ((!set & HIGH).trailing_zeros() / 8) as usize
}

/// Bytes that are not spaces, of a window of ASCII.
#[inline(always)]
pub(crate) const fn no_spaces(window: u64) -> u64 {
    // What is added to a space stops below the high bit.
    ((window ^ SPACES) + (u64::MAX - HIGH)) & HIGH
}

/// Controls, in a window of ASCII.
#[inline(always)]
pub(crate) const fn controls(window: u64) -> u64 {
    ((window + EACH) | !((window | HIGH) - SPACES)) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(of: impl Fn(u8) -> bool, bytes: &[u8; 8]) -> u64 {
        (0..8).filter(|i| of(bytes[*i])).map(|i| 0x80 << (8 * i)).sum()
    }

    #[test]
    fn sets_are_those_of_the_bytes() {
        for byte in 0..=255u8 {
            for at in 0..8 {
                for other in
                    [0u8, b' ', b'/', b'0', b'9', b':', b'@', b'A', b'Z', b'[', b'`', b'a', b'z', b'{', 0x7f, 0xff]
                {
                    let mut bytes = [other; 8];
                    bytes[at] = byte;
                    let window = load(&bytes);
                    assert_eq!(digits(window), set(|b| b.is_ascii_digit(), &bytes));
                    assert_eq!(letters(window), set(|b| b.is_ascii_lowercase(), &bytes));
                    let words = digits(window) | letters(window);
                    let is_word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
                    assert_eq!(leading(words), bytes.iter().take_while(|b| is_word(b)).count());
                    if bytes.is_ascii() {
                        assert_eq!(no_spaces(window), set(|b| b != b' ', &bytes));
                        assert_eq!(controls(window), set(|b| b.is_ascii_control(), &bytes));
                    }
                }
            }
        }
        let bytes = b"abcdefghi";
        for length in 0..=9 {
            let expected = bytes[..length.min(8)].iter().rev().fold(0, |window, b| window << 8 | u64::from(*b));
            assert_eq!(load(&bytes[..length]), expected);
        }
    }
}
