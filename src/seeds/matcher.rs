//! Finding phrases in a folded line: where words begin and end, what counts as the whole line, and which of several
//! overlapping finds are reported.

use std::ops::{Deref, Range};

use super::index::{Candidate, Index, phrase_end};
use crate::bytes::{self, HIGH, load};

/// Of a longer line only so many bytes at its beginning …
pub(super) const HEAD: usize = 600;
/// … and so many at its end are looked at.
pub(super) const TAIL: usize = 200;
/// Finds that are weighed against each other; what a line holds beyond them is left alone.
const MAX_FINDS: usize = 64;
/// Places where a line may be said to start: before and after its bullets and list numbers.
const MAX_STARTS: usize = 16;
/// Bullets and list numbers are looked for in so many bytes.
const MAX_LEAD: usize = 64;

/// A phrase found in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) id: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether nothing else is on the line but bullets, punctuation and markup.
    pub(super) whole: bool,
}

/// What was found in a line, each phrase once.
#[derive(Debug, Default)]
pub(super) struct Finds(Vec<Find>);

impl Finds {
    pub(super) fn push(&mut self, find: Find) {
        if let Some(seen) = self.0.iter_mut().find(|seen| seen.id == find.id) {
            seen.whole |= find.whole;
        } else if self.0.len() < MAX_FINDS {
            self.0.push(find);
        }
    }
}

impl Deref for Finds {
    type Target = [Find];

    fn deref(&self) -> &[Find] {
        &self.0
    }
}

/// A folded line, with the places where it starts and ends once what surrounds its words is left aside.
#[derive(Debug)]
pub(super) struct Framed<'a> {
    line: &'a str,
    starts: [usize; MAX_STARTS],
    count: usize,
    /// The end of the last word.
    end: usize,
    /// The same for the text of a Markdown link that is the line, and where that text's bracket closes.
    link: Option<(usize, usize)>,
}

impl<'a> Framed<'a> {
    pub(super) fn new(line: &'a str) -> Framed<'a> {
        let mut framed = Framed { line, starts: [0; MAX_STARTS], count: 0, end: word_end(line), link: None };
        framed.find_starts();
        let trimmed = line.trim_end_matches([' ', '*', '_', '.', ':', '|']);
        if trimmed.len() <= HEAD && trimmed.ends_with(')') {
            framed.link = trimmed.rfind("](").map(|at| (word_end(&line[..at]), at));
        }
        framed
    }

    /// Every sign before the first word is a start, for phrases that begin with a sign; then the first word, and when
    /// that is a list number (`1.`, `[12]`) or lynx's word for a button, what comes after it.
    fn find_starts(&mut self) {
        let mut skip = 0;
        for (at, c) in self.line.char_indices() {
            if at > MAX_LEAD || self.count == MAX_STARTS {
                return;
            }
            if at < skip || c == ' ' {
                continue;
            }
            self.starts[self.count] = at;
            self.count += 1;
            if c.is_alphanumeric() {
                match marker_end(&self.line[at..]) {
                    Some(length) => skip = at + length,
                    None => return,
                }
            }
        }
    }

    fn starts(&self) -> &[usize] {
        &self.starts[..self.count]
    }

    /// Whether only punctuation and markup follow `at`.
    fn ends_at(&self, at: usize) -> bool {
        at >= self.end || self.link.is_some_and(|(end, close)| (end..=close).contains(&at))
    }

    /// Whether `place` holds all that is on the line.
    pub(super) fn is_whole(&self, place: &Range<usize>) -> bool {
        self.starts().last().is_none_or(|&last| place.start <= last) && self.ends_at(place.end)
    }

    /// Puts what of `index` stands at the line's start into `finds`.
    pub(super) fn scan_starts<'p>(&self, index: &Index, text: impl Fn(u32) -> &'p [u8], finds: &mut Finds) {
        for &at in self.starts() {
            self.probe(at, index, &text, finds);
        }
    }

    /// Puts what of `index` stands anywhere into `finds`.
    pub(super) fn scan<'p>(&self, index: &Index, text: impl Fn(u32) -> &'p [u8], finds: &mut Finds) {
        let len = self.line.len();
        if len <= HEAD + TAIL {
            self.scan_range(0..len, index, &text, finds);
        } else {
            self.scan_range(0..floor(self.line, HEAD), index, &text, finds);
            self.scan_range(floor(self.line, len - TAIL)..len, index, &text, finds);
        }
    }

    fn scan_range<'p>(&self, range: Range<usize>, index: &Index, text: &impl Fn(u32) -> &'p [u8], finds: &mut Finds) {
        let line = self.line.as_bytes();
        let mut in_word = self.line[..range.start].chars().next_back().is_some_and(is_word);
        let mut at = range.start;
        while at < range.end {
            // Most text is ASCII, of which eight bytes are looked at together.
            let window = load(&line[at..]);
            let left = range.end - at;
            if window & HIGH == 0 {
                let words = bytes::letters(window) | bytes::digits(window);
                let others = bytes::no_spaces(window) & !words;
                let mut starts = words & !(words << 8 | u64::from(in_word) << 7) | others;
                if left < 8 {
                    starts &= (1 << (8 * left)) - 1;
                }
                while starts != 0 {
                    let at = at + starts.trailing_zeros() as usize / 8;
                    if !index.has_nothing(load(&line[at..])) {
                        self.probe(at, index, text, finds);
                    }
                    starts &= starts - 1;
                }
                in_word = words >> 63 == 1;
                at += 8;
                continue;
            }
            let end = at + left.min(8);
            for c in self.line[at..].chars() {
                let word = is_word(c);
                if !(word && in_word) && c != ' ' {
                    self.probe(at, index, text, finds);
                }
                in_word = word;
                at += c.len_utf8();
                if at >= end {
                    break;
                }
            }
        }
    }

    fn probe<'p>(&self, at: usize, index: &Index, text: &impl Fn(u32) -> &'p [u8], finds: &mut Finds) {
        let bytes = self.line.as_bytes();
        index.probe(bytes, at, |Candidate { name: id, length, last }| {
            let end = match length {
                Some(length) => Some(at + length),
                None => phrase_end(bytes, at, text(id)),
            };
            let Some(end) = end.filter(|end| (!last || self.ends_at(*end)) && self.is_boundary(*end)) else { return };
            let whole = self.is_whole(&(at..end));
            finds.push(Find { id, start: at as u32, end: end as u32, whole });
        });
    }

    /// Whether no word goes on from before `at` to behind it.
    fn is_boundary(&self, at: usize) -> bool {
        let (before, after) = (&self.line[..at], &self.line[at..]);
        !(after.chars().next().is_some_and(is_word) && before.chars().next_back().is_some_and(is_word))
    }
}

/// The length of a list number or the like at the beginning of `text`: `12.`, `3)`, `4]`, `button)`.
fn marker_end(text: &str) -> Option<usize> {
    if text.starts_with("button)") {
        return Some(7);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut after = text.bytes().skip(digits);
    match (digits, after.next(), after.next()) {
        (1..=4, Some(b'.' | b')'), Some(b' ' | b'[')) | (1..=4, Some(b']'), Some(_)) => Some(digits + 1),
        _ => None,
    }
}

/// The end of the last letter or digit.
fn word_end(text: &str) -> usize {
    text.char_indices().rev().find(|(_, c)| c.is_alphanumeric()).map_or(0, |(at, c)| at + c.len_utf8())
}

/// The nearest character boundary at `at` or before it.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether `c` is of a word that has a beginning and an end.
///
/// Letters of scripts written without spaces are not, and Hangul neither: its particles cling to the word.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let combining = matches!(c, '\u{300}'..='\u{36f}');
    let unspaced = matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}');
    combining || (!unspaced && c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::index::Phrases;
    use super::*;

    fn find(phrase: &str, end: bool, line: &str) -> Option<bool> {
        let mut phrases = Phrases::new(1);
        phrases.push(phrase.as_bytes(), end, 0);
        let mut finds = Finds::default();
        Framed::new(line).scan(&phrases.index(), |_| phrase.as_bytes(), &mut finds);
        finds.first().map(|find| find.whole)
    }

    fn starts(phrase: &str, line: &str) -> Option<bool> {
        let mut phrases = Phrases::new(1);
        phrases.push(phrase.as_bytes(), false, 0);
        let mut finds = Finds::default();
        Framed::new(line).scan_starts(&phrases.index(), |_| phrase.as_bytes(), &mut finds);
        finds.first().map(|find| find.whole)
    }

    #[test]
    fn words_have_boundaries() {
        assert_eq!(find("share", false, "please share it"), Some(false));
        assert_eq!(find("share", false, "shared"), None);
        assert_eq!(find("share", false, "timeshare"), None);
        assert_eq!(find("share", false, "shared share"), Some(false));
        assert_eq!(find("share", false, "share"), Some(true));
        assert_eq!(find("über uns", false, "darüber uns"), None);
        assert_eq!(find("über", false, "überall"), None);
        assert_eq!(find("c", false, "c\u{327}a"), None);
        assert_eq!(find("foto:", false, "foto:ana"), Some(false));
        assert_eq!(find("©", false, "x©2020"), Some(false));
    }

    #[test]
    fn scripts_without_spaces_have_none() {
        assert_eq!(find("記事", false, "関連記事一覧"), Some(false));
        assert_eq!(find("구독", false, "지금구독하기"), Some(false));
        assert_eq!(find("line", false, "でline送る"), Some(false));
        assert_eq!(find("line", false, "でonline送る"), None);
    }

    #[test]
    fn the_whole_line_is_what_is_left_without_bullets_and_markup() {
        let whole = ["share", "• share »", "1. share", "[12]share", "* [3]share:", "## **share!**", "(button) share"];
        for line in whole.iter().chain(&["[share](https://a.example/b)", "  * [share](/b \"title\")", "12) [share]"]) {
            assert_eq!(starts("share", line), Some(true), "{line}");
            assert_eq!(find("share", true, line), Some(true), "{line}");
        }
        assert_eq!(starts("share", "- share this"), Some(false));
        assert_eq!(starts("share", "a share"), None);
        assert_eq!(find("share", true, "a share »"), Some(false));
        assert_eq!(find("share", true, "share this"), None);
        assert_eq!(starts("→", "→"), Some(true));
        assert_eq!(starts("© #", "* © 2020 ana"), Some(false));
    }

    #[test]
    fn only_the_ends_of_long_lines_are_looked_at() {
        let line = |before: usize, after: usize| format!("{} share {}", "ü ".repeat(before), "ü ".repeat(after));
        assert!(find("share", false, &line(190, 1000)).is_some());
        assert!(find("share", false, &line(500, 500)).is_none());
        assert!(find("share", false, &line(1000, 50)).is_some());
        assert!(find("share", false, &format!("{}share", "ü".repeat(1000))).is_none());
    }
}
