//! Reading a user's seed file: TOML with a table for each label, and lists of strings in it.
//!
//! It goes through the `toml` crate, whose errors know where they are.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::phrase::{Anchored, List};
use crate::error::{Error, Result};
use crate::label::Label;

/// The longest phrase or pattern, in bytes.
pub(super) const MAX_PHRASE: usize = 500;

/// What is wrong with a folded phrase, if anything.
pub(super) fn fault(phrase: Anchored<'_>) -> Option<&'static str> {
    if phrase.text.is_empty() {
        Some("empty phrase; nothing is left of it once case, spaces and control characters are folded")
    } else if phrase.text.len() > MAX_PHRASE {
        Some("phrase of more than 500 bytes; a few words are enough")
    } else if phrase.text.contains("##") {
        Some("`##` in a phrase; a single `#` already stands for a number of any length")
    } else if phrase.text.contains("#.#") || phrase.text.contains("#,#") {
        Some("`#.#` in a phrase; a `#` takes the points and commas between digits with it, so it would never match")
    } else if phrase.text == "#" && !(phrase.start && phrase.end) {
        Some("a phrase of only `#` would match every number; write `=#` for a line that is one")
    } else {
        None
    }
}

/// A string of a user's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) label: Label,
    pub(super) list: List,
    pub(super) text: String,
    /// From 1.
    pub(super) line: usize,
}

/// The error at `line` of the file.
pub(super) fn error(path: &Path, line: usize, message: impl Into<String>) -> Error {
    Error::Seeds { path: path.to_owned(), line, message: message.into() }
}

/// Reads a user's file; the items are in file order.
pub(super) fn user(path: &Path, text: &str) -> Result<Vec<Item>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let line_at = |offset: usize| 1 + text.bytes().take(offset).filter(|&b| b == b'\n').count();
    let fail = |span: Range<usize>, message: String| Err(error(path, line_at(span.start), message));
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(e) => {
            let message = e.message().lines().collect::<Vec<_>>().join("; ");
            return fail(e.span().unwrap_or(0..0), message);
        }
    };
    let mut spans: Vec<(usize, Label, List, &str)> = Vec::new();
    for (name, table) in root.get_ref() {
        let DeValue::Table(table) = table.get_ref() else {
            let message = format!("`{}` must stand below the name of a label, such as [subscription]", name.get_ref());
            return fail(name.span(), message);
        };
        let label = match name.get_ref().parse::<Label>() {
            Ok(label) => label,
            Err(e) => return fail(name.span(), e.to_string()),
        };
        for (key, value) in table {
            let list = match key.get_ref().as_ref() {
                "phrases" => List::Phrases,
                "weak" => List::Weak,
                "patterns" => List::Patterns,
                other => {
                    let message = format!("unknown key `{other}`; a label has the lists phrases, weak and patterns");
                    return fail(key.span(), message);
                }
            };
            match strings(value) {
                Ok(strings) => spans.extend(strings.into_iter().map(|(at, text)| (at, label, list, text))),
                Err(span) => {
                    let message = format!("`{}` must be a list of strings: [\"one\", \"two\"]", key.get_ref());
                    return fail(span, message);
                }
            }
        }
    }
    spans.sort_unstable_by_key(|item| item.0);
    // Counting on from the item before keeps the whole linear in the file's length.
    let (mut line, mut counted) = (1, 0);
    let items = spans.into_iter().map(|(at, label, list, string)| {
        line += text.as_bytes()[counted..at].iter().filter(|&&b| b == b'\n').count();
        counted = at;
        Item { label, list, text: string.to_owned(), line }
    });
    Ok(items.collect())
}

/// The strings of a list with their places, or the place of what is none.
fn strings<'a>(value: &'a Spanned<DeValue<'_>>) -> Result<Vec<(usize, &'a str)>, Range<usize>> {
    let DeValue::Array(array) = value.get_ref() else { return Err(value.span()) };
    let string = |item: &'a Spanned<DeValue<'_>>| match item.get_ref() {
        DeValue::String(text) => Ok((item.span().start, text.as_ref())),
        _ => Err(item.span()),
    };
    array.iter().map(string).collect()
}

#[cfg(test)]
mod tests {
    use super::super::phrase::anchored;
    use super::*;

    fn failure(text: &str) -> String {
        user(Path::new("my seeds.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn phrases_that_say_nothing_are_faults() {
        assert!(fault(anchored("^$")).is_some() && fault(anchored("#")).is_some() && fault(anchored("=#")).is_none());
        assert!(fault(anchored("a ## b")).is_some() && fault(anchored("#.# b")).is_some());
        assert!(fault(anchored(&"a".repeat(501))).is_some());
    }

    #[test]
    fn a_users_mistakes_are_named_with_file_and_line() {
        assert!(failure("\n[sharing\n").starts_with("my seeds.toml:2: "));
        let unknown = failure("# mine\n\n[shares]\nphrases = []");
        assert!(unknown.starts_with("my seeds.toml:3: unknown label \"shares\"; the labels are title, "), "{unknown}");
        assert_eq!(
            failure("[sharing]\nphrase = [\"a\"]"),
            "my seeds.toml:2: unknown key `phrase`; a label has the lists phrases, weak and patterns"
        );
        assert_eq!(
            failure("[sharing]\nphrases = \"a\""),
            "my seeds.toml:2: `phrases` must be a list of strings: [\"one\", \"two\"]"
        );
        assert!(failure("[sharing]\nphrases = [\"a\",\n\n3]").starts_with("my seeds.toml:4: `phrases` must be"));
        assert!(failure("a = 1").starts_with("my seeds.toml:1: `a` must stand below"));
        assert!(failure("[legal]\nweak=[]\n[legal]\n").starts_with("my seeds.toml:3: "));
        assert!(failure("\u{feff}\r\n[legal]\r\n= 2").starts_with("my seeds.toml:3: "));
    }
}
