//! What characters are, from a table that the build script makes: in every script as quick as in Latin.

mod bits;

pub(crate) use bits::{ALPHABETIC, ALPHANUMERIC, LOWERCASE, LOWERS, NUMERIC, SETTLED, UPPERCASE};

/// For each 256 characters of the first two planes the page with their bits; many share one. Behind these planes are few
/// characters that anyone meets.
static INDEX: &[u8; 0x200] = include_bytes!(concat!(env!("OUT_DIR"), "/characters.index"));
static PAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/characters.pages"));

/// What holds for a character, as bits.
#[inline]
pub(crate) fn of(c: char) -> u8 {
    let place = c as usize;
    match INDEX.get(place >> 8) {
        Some(page) => PAGES[usize::from(*page) << 8 | place & 0xff],
        None => bits::of(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_it_was_made_of() {
        for c in '\0'..=char::MAX {
            assert_eq!(of(c), bits::of(c), "{c:?}");
            assert_eq!(of(c) & ALPHANUMERIC != 0, c.is_alphanumeric(), "{c:?}");
        }
    }
}
