//! Single characters: their classes, and what of them folding and counting must know.

use crate::unicode;

/// Classes of a line's first and last character, ordered so that splits on them mean something.
pub(crate) mod class {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const SYMBOL: u8 = 20;
    pub(crate) const ARROW: u8 = 40;
    pub(crate) const BULLET: u8 = 60;
    pub(crate) const BRACKET: u8 = 80;
    pub(crate) const DIGIT: u8 = 100;
    pub(crate) const UPPER: u8 = 120;
    pub(crate) const LOWER: u8 = 140;
    pub(crate) const COLON: u8 = 160;
    pub(crate) const COMMA: u8 = 180;
    pub(crate) const DOTS: u8 = 200;
    pub(crate) const QUOTE: u8 = 220;
    pub(crate) const ASK: u8 = 235;
    pub(crate) const STOP: u8 = 250;
}

/// Whether `c` is of a script that is written without spaces between words.
pub(crate) const fn is_ideograph(c: char) -> bool {
    let c = c as u32;
    // Most are below all of them.
    c >= 0x0e00
        && matches!(c, 0x0e00..=0x0e7f | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
}

/// Whether folding leaves `c` in its place as what it is: a letter, a sign, white space. Does not know all of them.
pub(crate) fn is_plain(c: char) -> bool {
    match c {
        c if c.is_ascii() => !c.is_ascii_control() || c.is_ascii_whitespace() || c == '\u{b}',
        '\u{bf}'..='\u{17e}' => !matches!(c, '\u{130}' | '\u{132}' | '\u{133}' | '\u{13f}' | '\u{140}' | '\u{149}'),
        '\u{2010}'..='\u{2016}'
        | '\u{2018}'..='\u{201f}'
        | '\u{2020}'..='\u{2023}'
        | '\u{2026}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{20ac}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{25a0}'..='\u{25ff}' => true,
        '\u{a0}'..='\u{a7}'
        | '\u{a9}'
        | '\u{ab}'
        | '\u{ac}'
        | '\u{ae}'
        | '\u{b0}'
        | '\u{b1}'
        | '\u{b6}'
        | '\u{b7}'
        | '\u{bb}' => true,
        '\u{391}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}' | '\u{400}'..='\u{481}' => true,
        _ => false,
    }
}

const fn char_class(c: char) -> u8 {
    match c {
        '.' | '。' | '!' | '！' | '।' | '؟' => class::STOP,
        '?' | '？' => class::ASK,
        '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '「' | '」' | '『' | '』' => {
            class::QUOTE
        }
        '…' => class::DOTS,
        ',' | '，' | '、' | ';' | '；' => class::COMMA,
        ':' | '：' => class::COLON,
        '(' | ')' | '[' | ']' | '{' | '}' | '（' | '）' | '【' | '】' => class::BRACKET,
        '*' | '•' | '·' | '-' | '–' | '—' | '+' | '◦' | '●' | '▪' | '■' => class::BULLET,
        '>' | '<' | '›' | '‹' | '→' | '←' | '▸' | '▶' | '▼' | '⟩' | '↓' | '↑' => class::ARROW,
        c if c.is_ascii_digit() => class::DIGIT,
        c if c.is_ascii_lowercase() => class::LOWER,
        c if c.is_ascii_uppercase() => class::UPPER,
        c if c.is_ascii() => class::SYMBOL,
        c if is_ideograph(c) => class::LOWER,
        _ => class::NONE,
    }
}

pub(crate) fn class_of(c: char) -> u8 {
    match char_class(c) {
        class::NONE => match unicode::of(c) {
            bits if bits & unicode::LOWERCASE != 0 => class::LOWER,
            bits if bits & unicode::UPPERCASE != 0 => class::UPPER,
            bits if bits & unicode::ALPHABETIC != 0 => class::LOWER,
            _ => class::SYMBOL,
        },
        class => class,
    }
}

/// Whether `c` is a letter or number, as [`char::is_alphanumeric`] says.
#[inline]
pub(crate) fn is_alphanumeric(c: char) -> bool {
    unicode::of(c) & unicode::ALPHANUMERIC != 0
}

/// The lower case of `c` where it is in upper case; one character stands for the few that map to several.
#[inline]
pub(crate) fn lower_of(c: char) -> Option<char> {
    let moved = |by: u32| char::from_u32(c as u32 + by);
    match c {
        '\u{d7}' | '\u{df}'..='\u{ff}' | '\u{430}'..='\u{45f}' => None,
        '\u{c0}'..='\u{de}' | '\u{410}'..='\u{42f}' => moved(0x20),
        '\u{400}'..='\u{40f}' => moved(0x50),
        c if unicode::of(c) & unicode::UPPERCASE != 0 => Some(c.to_lowercase().next().unwrap_or(c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quick_is_the_same() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_alphanumeric(c), c.is_alphanumeric(), "{c:?}");
            let lower = c.is_uppercase().then(|| c.to_lowercase().next().unwrap());
            assert_eq!(lower_of(c), lower, "{c:?}");
        }
    }
}
