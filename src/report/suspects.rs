//! Finding the characters that a report may have to write in another way, eight bytes at a time: most lines have none,
//! and none of their characters is looked at then.

use crate::bytes::{FIRST, HIGH, SPACES, load};

/// What the text is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For the eye alone.
    Show,
    /// For elements and quoted attributes.
    Html,
    /// For a string in JSON.
    Json,
}

/// Calls `each` with the place of every character that must be written in another way, in order, and of some others.
#[inline(always)]
pub(super) fn each(text: &str, purpose: Purpose, mut each: impl FnMut(usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.len() - at;
        let (window, before) = match bytes.last_chunk::<8>() {
            _ if rest >= 8 => (load(&bytes[at..]), 0),
            // Of the last bytes, those before them are read again.
            Some(last) => (u64::from_le_bytes(*last), 8 - rest),
            None => (load(bytes) | SPACES & !FIRST[rest], 0),
        };
        let mut odd = odd(window, purpose) & !FIRST[before];
        while odd != 0 {
            let place = at - before + odd.trailing_zeros() as usize / 8;
            if bytes.get(place).is_some_and(|byte| may_begin(*byte)) {
                each(place);
            }
            odd &= odd - 1;
        }
        at += 8;
    }
}

/// The bytes of a window that are not plain ASCII.
#[inline(always)]
fn odd(window: u64, purpose: Purpose) -> u64 {
    let each = |byte: u8| u64::from_le_bytes([byte; 8]);
    // With the high bits away nothing is carried from one byte into the next.
    let low = window & !HIGH;
    let is = |byte| !((low ^ each(byte)) + each(0x7f));
    let odd = window | !(low + each(0x80 - b' ')) | (low + each(1));
    HIGH & match purpose {
        Purpose::Show => odd,
        // Of `&` and `'`, and of `<` and `>`, one becomes the other by one bit.
        Purpose::Html => {
            let is_either = |byte, bit| !(((low | each(bit)) ^ each(byte)) + each(0x7f));
            odd | is(b'"') | is_either(b'\'', 1) | is_either(b'>', 2)
        }
        Purpose::Json => odd | is(b'"') | is(b'\\'),
    }
}

/// Whether a character that begins with this byte may have to be written in another way. Few beyond ASCII do that are
/// written often.
#[inline(always)]
fn may_begin(byte: u8) -> bool {
    matches!(byte, ..0x80 | 0xc2 | 0xd8 | 0xe1..=0xe3 | 0xef..)
}

#[cfg(test)]
mod tests {
    use super::super::escape::{html, is_treacherous};
    use super::*;

    fn places(text: &str, purpose: Purpose) -> Vec<usize> {
        let mut places = Vec::new();
        each(text, purpose, |at| places.push(at));
        places
    }

    #[test]
    fn whatever_is_to_be_rewritten_is_found() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let found = |purpose| {
                let places = places(&text, purpose);
                assert!(places.is_empty() || places == [0], "{c:?}");
                !places.is_empty()
            };
            assert!(found(Purpose::Show) || !is_treacherous(c), "{c:?}");
            assert!(found(Purpose::Html) || html(&text) == text, "{c:?}");
            assert!(found(Purpose::Json) || serde_json::to_string(&text).unwrap().len() == text.len() + 2, "{c:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "a<b> “c” \u{1b} é\u{a0}\\ 'd'& \"—\t\u{7f}ж ".repeat(30);
        let chosen = |text: &str, suspects: &str| -> Vec<usize> {
            text.char_indices().filter(|(_, c)| suspects.contains(*c)).map(|(at, _)| at).collect()
        };
        for from in (0..60).filter(|from| text.is_char_boundary(*from)) {
            for to in (from..from + 70).chain([text.len()]).filter(|to| text.is_char_boundary(*to)) {
                let text = &text[from..to];
                assert_eq!(places(text, Purpose::Show), chosen(text, "“”\u{1b}\u{a0}—\t\u{7f}"));
                assert_eq!(places(text, Purpose::Html), chosen(text, "“”\u{1b}\u{a0}—\t\u{7f}<>'\"&"));
                assert_eq!(places(text, Purpose::Json), chosen(text, "“”\u{1b}\u{a0}—\t\u{7f}\"\\"));
            }
        }
    }
}
