//! The syntax of phrases: what the signs at their ends say.

use crate::label::Label;

/// A built-in phrase is named by its file and its place in it, so many bits of which are the place.
pub(super) const PLACE_BITS: u32 = 22;

/// Which list a string stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Phrases,
    Weak,
    Patterns,
}

/// What the index says of a phrase that was found: its label and list, in one byte.
pub(super) fn kind(label: Label, list: List) -> u8 {
    label.index() as u8 | u8::from(list == List::Weak) << 7
}

/// The label and list of a kind; patterns have none.
pub(super) fn of_kind(kind: u8) -> (Label, List) {
    let list = if kind & 0x80 == 0 { List::Phrases } else { List::Weak };
    (Label::ALL[usize::from(kind & 0x7f)], list)
}

/// A phrase without its anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchored<'a> {
    pub(super) text: &'a str,
    pub(super) start: bool,
    pub(super) end: bool,
}

/// Takes the anchors off: `=whole`, `^start`, `end$`, and `^both$`, which is the same as `=both`.
pub(super) fn anchored(raw: &str) -> Anchored<'_> {
    if let Some(text) = raw.strip_prefix('=') {
        return Anchored { text, start: true, end: true };
    }
    let (text, start) = raw.strip_prefix('^').map_or((raw, false), |text| (text, true));
    let (text, end) = text.strip_suffix('$').map_or((text, false), |text| (text, true));
    Anchored { text, start, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_give_back_what_they_are_of() {
        for label in Label::ALL {
            for list in [List::Phrases, List::Weak] {
                assert_eq!(of_kind(kind(label, list)), (label, list));
            }
        }
    }

    #[test]
    fn anchors_come_off() {
        assert_eq!(anchored("=a"), Anchored { text: "a", start: true, end: true });
        assert_eq!(anchored("^a$"), anchored("=a"));
        assert_eq!(anchored("^a"), Anchored { text: "a", start: true, end: false });
        assert_eq!(anchored("a = b$"), Anchored { text: "a = b", start: false, end: true });
    }
}
