//! What a correction can hang on: the words of a line, and what the model takes the line for.
//!
//! Words are those of the folded line with every number as `#`, so these features are the same whatever model they
//! correct. They have names that a person can read, which is what an adaptation's file holds:
//!
//! | name | holds for |
//! |---|---|
//! | `briefing`, `our briefing` | lines with this word, or these two side by side |
//! | `^read our` | lines that begin so, with up to three words |
//! | `for free$` | lines that end so |
//! | `=# min read` | lines that are nothing else, of up to eight words |
//! | `@as related` | lines that are likeliest this of all that is dropped, as the model sees it |
//! | `@as body` | lines that are likeliest this of all that is kept |
//!
//! There is nothing that holds for every line: on average the model is right, and what is true of the lines one person
//! was asked about on some pages is not true of the next page.

use unicode_segmentation::UnicodeSegmentation;

use crate::label::{Label, LabelSet};
use crate::report::escape::is_treacherous;

/// Of a long line, so many words at its start and at its end are looked at.
const HEAD: usize = 24;
const TAIL: usize = 12;
/// Longer lines are not remembered whole.
const WHOLE: usize = 8;
/// Longer words are none.
const LONGEST: usize = 60;

/// The words of a line.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    words: Vec<&'t str>,
    /// How many there are; one more where there are some in the middle of a long line.
    count: usize,
}

impl<'t> Tokens<'t> {
    /// The words of a folded line.
    pub(super) fn of(folded: &'t str) -> Tokens<'t> {
        // Far more than enough for the words at both ends, and bounded.
        let ends = |text: &'t str| text.unicode_words().map(word);
        let mut words: Vec<&str> = ends(folded).take(HEAD + TAIL + 1).collect();
        let mut count = words.len();
        if count > HEAD + TAIL {
            words.truncate(HEAD);
            let mut last: Vec<&str> = folded.unicode_words().rev().take(TAIL).map(word).collect();
            last.reverse();
            words.extend(last);
            count += 1;
        }
        Tokens { words, count }
    }

    /// All the words, where there are few enough to remember the line whole.
    pub(super) fn whole(&self) -> Option<&[&'t str]> {
        (self.count <= WHOLE && self.count > 0).then_some(&self.words[..])
    }
}

/// A word as features have it.
fn word(word: &str) -> &str {
    match word.chars().next() {
        Some(c) if c.is_numeric() => "#",
        _ if word.len() > LONGEST || word.chars().any(is_treacherous) => "",
        _ => word,
    }
}

/// A feature of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Feature<'f> {
    /// A kind and its words.
    Words(Kind, &'f [&'f str]),
    /// What the model takes the line for, on the side of what is kept or on the other.
    As(Label),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Inside,
    Start,
    End,
    Whole,
}

impl Feature<'_> {
    /// Its name in a file.
    pub(super) fn name(&self) -> String {
        match self {
            Feature::Words(kind, words) => {
                let words = words.join(" ");
                match kind {
                    Kind::Inside => words,
                    Kind::Start => format!("^{words}"),
                    Kind::End => format!("{words}$"),
                    Kind::Whole => format!("={words}"),
                }
            }
            Feature::As(label) => format!("@as {label}"),
        }
    }

    /// The hash of its name.
    pub(super) fn hash(&self) -> u64 {
        let Feature::Words(kind, words) = self else { return hash_of(&self.name()) };
        let (before, after): (&[u8], &[u8]) = match kind {
            Kind::Inside => (b"", b""),
            Kind::Start => (b"^", b""),
            Kind::End => (b"", b"$"),
            Kind::Whole => (b"=", b""),
        };
        let mut sum = add(START, before);
        for (i, word) in words.iter().enumerate() {
            sum = add(if i == 0 { sum } else { add(sum, b" ") }, word.as_bytes());
        }
        add(sum, after)
    }
}

/// Whether a feature of this name is about the model it was learned on.
pub(super) fn is_habit(name: &str) -> bool {
    name.starts_with('@')
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// 64 bits of FNV-1a.
fn add(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The hash of a feature's name.
pub(super) fn hash_of(name: &str) -> u64 {
    add(START, name.as_bytes())
}

/// What the weights of a line's words are multiplied with, so that long and short lines are on one scale.
pub(super) fn scale(features: u32) -> f64 {
    1.0 / f64::from(features.max(1)).sqrt()
}

/// Calls `each` with every feature of a line; `labels` are the model's outputs for it, or none.
pub(super) fn each(tokens: &Tokens<'_>, labels: &[i32], mut each: impl FnMut(Feature<'_>)) {
    let words = &tokens.words[..];
    let known = |words: &[&str]| words.iter().all(|word| !word.is_empty());
    let mut words_of = |kind: Kind, words: &[&str]| {
        if known(words) {
            each(Feature::Words(kind, words));
        }
    };
    for at in 0..words.len() {
        words_of(Kind::Inside, &words[at..=at]);
        // Between start and end of a long line something is missing.
        if at + 1 < words.len() && !(tokens.count > words.len() && at + 1 == HEAD) {
            words_of(Kind::Inside, &words[at..at + 2]);
        }
    }
    for length in 1..=words.len().min(3) {
        words_of(Kind::Start, &words[..length]);
        words_of(Kind::End, &words[words.len() - length..]);
    }
    if let Some(words) = tokens.whole() {
        words_of(Kind::Whole, words);
    }
    if let Ok(labels) = <&[i32; 19]>::try_from(labels) {
        for keep in [true, false] {
            each(Feature::As(likeliest(labels, keep)));
        }
    }
}

/// The likeliest label of one side.
pub(super) fn likeliest(labels: &[i32; 19], keep: bool) -> Label {
    let fits = |label: &Label| LabelSet::KEPT.contains(*label) == keep;
    // At equality the first: max_by_key would take the last.
    Label::ALL.into_iter().filter(fits).rev().max_by_key(|label| labels[label.index()]).unwrap_or(Label::Body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let mut names = Vec::new();
        each(&Tokens::of(text), &[], |feature| {
            assert_eq!(feature.hash(), hash_of(&feature.name()), "{feature:?}");
            names.push(feature.name());
        });
        names
    }

    #[test]
    fn names_say_what_they_hold_for() {
        assert_eq!(
            names("12 min, read"),
            [
                "#",
                "# min",
                "min",
                "min read",
                "read",
                "^#",
                "read$",
                "^# min",
                "min read$",
                "^# min read",
                "# min read$",
                "=# min read"
            ]
        );
        assert_eq!(names(""), [""; 0]);
        assert_eq!(names("--- *** ---"), [""; 0]);
        let mut labels = [0; 19];
        labels[Label::Legal.index()] = 7;
        let mut seen = Vec::new();
        each(&Tokens::of(""), &labels, |feature| seen.push(feature.name()));
        assert_eq!(seen, ["@as title", "@as legal"]);
    }

    #[test]
    fn long_lines_are_known_by_their_ends() {
        let text: String = (0..100_000).map(|i| format!("w{i} ")).collect();
        let names = names(&text);
        assert!(names.len() < 100);
        assert!(names.iter().any(|name| name == "^w0 w1") && names.iter().any(|name| name == "w99999$"));
        assert!(!names.iter().any(|name| name == "w23 w99988" || name.starts_with('=')), "{names:?}");
    }

    #[test]
    fn words_that_hide_something_are_left_out() {
        let names = names("pay\u{e0041} now");
        assert!(names.iter().all(|name| !name.chars().any(is_treacherous)), "{names:?}");
        assert!(names.iter().any(|name| name == "now") && !names.iter().any(|name| name.starts_with('=')));
    }
}
