//! Finding phrases in a folded line: where words begin and end, what counts as the whole line, and which of several
//! overlapping finds are reported.

use std::ops::{Deref, Range};

use fearless_simd::{Level, Simd};

use super::index::{Candidate, Index, Place};
use super::key::{is_word, phrase_end};
use super::starts::{BLOCK, Starts};
use crate::bytes::load;
use crate::features::character::is_alphanumeric;
use crate::features::token::{Word, kind};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) id: u32,
    /// The label and list, see `phrase`.
    pub(super) kind: u8,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether nothing else is on the line but bullets, punctuation and markup.
    pub(super) whole: bool,
}

/// What was found in a line, each phrase once.
#[derive(Clone, Debug, Default)]
pub(super) struct Finds(Vec<Find>);

impl Finds {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

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

/// What looking at a line needs, kept from line to line.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    /// The instructions that this machine has.
    pub(super) level: Level,
    pub(super) finds: Finds,
    starts: Starts,
    /// The hashes of the line's words and one more, where they are known.
    words: Vec<u32>,
    /// Where something may stand.
    promising: Vec<u16>,
    places: Vec<Place>,
}

impl Default for Scan {
    fn default() -> Scan {
        Scan {
            level: Level::new(),
            finds: Finds::default(),
            starts: Starts::default(),
            words: Vec::new(),
            promising: Vec::new(),
            places: Vec::new(),
        }
    }
}

impl Scan {
    /// Takes the words of a line, or that they are not known.
    pub(super) fn set_words(&mut self, words: Option<&[Word]>) {
        self.words.clear();
        let Some(words) = words else { return };
        self.words.resize(words.len() + 1, 0);
        let mut count = 0;
        for word in words {
            self.words[count] = word.hash;
            count += usize::from(word.kind & kind::SYMBOL == 0);
        }
        self.words.truncate(count + 1);
        self.words[count] = 0;
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
        let marks = line.bytes().rev().take_while(|byte| matches!(byte, b' ' | b'*' | b'_' | b'.' | b':' | b'|'));
        let trimmed = &line[..line.len() - marks.count()];
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
            if is_alphanumeric(c) {
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

    /// Puts what of `index` stands at the line's start into the finds.
    #[inline(always)]
    pub(super) fn scan_starts<'p>(&self, index: &Index, text: impl Fn(u32) -> &'p [u8], scan: &mut Scan) {
        let (line, filter) = (self.line.as_bytes(), &index.filter);
        let mut before = 0;
        for &at in self.starts() {
            let byte = line[at];
            // Each start that is no sign begins a word, and they follow one another.
            let word = byte.is_ascii_alphanumeric();
            let promising = match scan.words.get(before..before + 2) {
                Some(words) if byte.is_ascii() => {
                    filter.has_byte(byte, word) || word && filter.has_words(words[0], words[1])
                }
                _ => true,
            };
            before += usize::from(word);
            if promising {
                index.look_up(line, at, &mut scan.places);
            }
        }
        self.follow(index, &text, scan);
    }

    /// Puts what of `index` stands anywhere into the finds.
    #[inline(always)]
    pub(super) fn scan<'p, S: Simd>(&self, simd: S, index: &Index, text: impl Fn(u32) -> &'p [u8], scan: &mut Scan) {
        let len = self.line.len();
        let (first, last) = match len <= HEAD + TAIL {
            true => (0..len, len..len),
            false => (0..floor(self.line, HEAD), floor(self.line, len - TAIL)..len),
        };
        for range in [first, last].into_iter().filter(|range| !range.is_empty()) {
            self.find_places(simd, range, index, scan);
            self.follow(index, &text, scan);
        }
    }

    /// First where words begin, then at which of these places anything may stand.
    #[inline(always)]
    fn find_places<S: Simd>(&self, simd: S, range: Range<usize>, index: &Index, scan: &mut Scan) {
        let line = &self.line.as_bytes()[range.start..];
        let Scan { starts, words, promising, places, .. } = scan;
        starts.read(simd, self.line, range.clone());
        // Room for the place after the last, which is written and not taken.
        promising.resize(HEAD + TAIL + 1, 0);
        let (mut count, mut before) = (0, 0);
        let known = starts.words() + 1 == words.len();
        for (block, marks) in starts.blocks().iter().enumerate() {
            let mut left = marks.all;
            while left != 0 {
                let bit = left.trailing_zeros();
                let at = block * BLOCK + bit as usize;
                promising[count] = at as u16;
                let word = marks.words >> bit & 1 != 0;
                count += usize::from(if !known {
                    index.may_have(load(&line[at..]))
                } else if word {
                    before += 1;
                    index.filter.has_words(words[before - 1], words[before]) | index.filter.has_byte(line[at], word)
                } else {
                    index.filter.has_byte(line[at], word) && index.may_have(load(&line[at..]))
                });
                left &= left - 1;
            }
        }
        for &at in &promising[..count] {
            index.look_up(self.line.as_bytes(), range.start + usize::from(at), places);
        }
    }

    /// Looks at what stands at the places, and forgets them.
    #[inline(always)]
    fn follow<'p>(&self, index: &Index, text: &impl Fn(u32) -> &'p [u8], scan: &mut Scan) {
        let bytes = self.line.as_bytes();
        let Scan { places, finds, .. } = scan;
        for place in places.iter() {
            let at = place.at as usize;
            index.follow(
                bytes,
                place,
                #[inline(always)]
                |Candidate { name: id, length, last, kind }| {
                    let end = match length {
                        Some(length) => Some(at + length),
                        None => phrase_end(bytes, at, text(id)),
                    };
                    let end = end.filter(|end| (!last || self.ends_at(*end)) && self.is_boundary(*end));
                    let Some(end) = end else { return };
                    let whole = self.is_whole(&(at..end));
                    finds.push(Find { id, kind, start: at as u32, end: end as u32, whole });
                },
            );
        }
        places.clear();
    }

    /// Whether no word goes on from before `at` to behind it.
    fn is_boundary(&self, at: usize) -> bool {
        let byte = |at: usize| self.line.as_bytes().get(at).copied();
        // Hardly ever is it more than ASCII that tells.
        match (at.checked_sub(1).and_then(byte), byte(at)) {
            (None, _) | (_, None) => return true,
            (Some(before), Some(after)) if before.is_ascii() && after.is_ascii() => {
                return !(before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric());
            }
            _ => {}
        }
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
    // Most lines end with a letter, or one sign after it.
    let last = text.bytes().rev().take(2).position(|byte| byte.is_ascii_alphanumeric());
    if let (Some(at), true) = (last, text.bytes().next_back().is_some_and(|byte| byte.is_ascii())) {
        return text.len() - at;
    }
    text.char_indices().rev().find(|(_, c)| is_alphanumeric(*c)).map_or(0, |(at, c)| at + c.len_utf8())
}

/// The nearest character boundary at `at` or before it.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;

    use super::super::index::Phrases;
    use super::*;

    fn find(phrase: &str, end: bool, line: &str) -> Option<bool> {
        let mut phrases = Phrases::new(1);
        phrases.push(phrase, end, 0, 0);
        let mut scan = Scan::default();
        let index = phrases.index();
        dispatch!(scan.level, simd => Framed::new(line).scan(simd, &index, |_| phrase.as_bytes(), &mut scan));
        scan.finds.first().map(|find| find.whole)
    }

    fn starts(phrase: &str, line: &str) -> Option<bool> {
        let mut phrases = Phrases::new(1);
        phrases.push(phrase, false, 0, 0);
        let mut scan = Scan::default();
        Framed::new(line).scan_starts(&phrases.index(), |_| phrase.as_bytes(), &mut scan);
        scan.finds.first().map(|find| find.whole)
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
