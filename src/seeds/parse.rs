//! Reading seed files: the phrase syntax, a quick reader for the built-in files and a careful one for a user's.
//!
//! Both read TOML of one form, a table for each label with lists of strings. The built-in files are read at every
//! start, so they keep to a subset that a line reader takes in at a glance: lower case as folding leaves it, double
//! quotes, no escapes. What a user wrote goes through the `toml` crate, whose errors know where they are.

use std::ops::Range;
use std::path::Path;

use memchr::memchr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};
use crate::label::Label;

/// The longest phrase or pattern, in bytes.
pub(super) const MAX_PHRASE: usize = 500;

/// Which list a string stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Phrases,
    Weak,
    Patterns,
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

/// Reads a built-in file: calls `each` with label, list and the place of every phrase, in file order.
///
/// The error is the number of the line that is not of the subset.
pub(super) fn built_in(text: &str, mut each: impl FnMut(Label, List, Range<usize>)) -> Result<(), usize> {
    let mut label = None;
    let mut list = None;
    let mut at = 0;
    for (number, line) in (1..).zip(text.split('\n')) {
        let start = at;
        at += line.len() + 1;
        let mut rest = line.trim();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if list.is_none() {
            if let Some(name) = rest.strip_prefix('[') {
                let name = name.strip_suffix(']').ok_or(number)?;
                label = Some(Label::ALL.into_iter().find(|label| label.name() == name).ok_or(number)?);
                continue;
            }
            let (key, value) = rest.split_once('=').ok_or(number)?;
            list = match key.trim_end() {
                "phrases" => Some(List::Phrases),
                "weak" => Some(List::Weak),
                _ => return Err(number),
            };
            rest = value.trim_start().strip_prefix('[').ok_or(number)?;
        }
        let (Some(label), Some(open)) = (label, list) else { return Err(number) };
        // `rest` is an end piece of the trimmed line.
        let offset = start + line.trim_end().len() - rest.len();
        let bytes = rest.as_bytes();
        if memchr(b'\\', bytes).is_some() {
            return Err(number);
        }
        let mut i = 0;
        while let Some(&byte) = bytes.get(i) {
            i += 1;
            match byte {
                b' ' | b'\t' | b',' => {}
                b'"' => {
                    let length = memchr(b'"', &bytes[i..]).ok_or(number)?;
                    each(label, open, offset + i..offset + i + length);
                    i += length + 1;
                }
                b']' => {
                    list = None;
                    if !matches!(rest[i..].trim_start().bytes().next(), None | Some(b'#')) {
                        return Err(number);
                    }
                    break;
                }
                b'#' => break,
                _ => return Err(number),
            }
        }
    }
    if list.is_some() { Err(text.lines().count()) } else { Ok(()) }
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
    use super::*;

    fn failure(text: &str) -> String {
        user(Path::new("my seeds.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn anchors_come_off() {
        assert_eq!(anchored("=a"), Anchored { text: "a", start: true, end: true });
        assert_eq!(anchored("^a$"), anchored("=a"));
        assert_eq!(anchored("^a"), Anchored { text: "a", start: true, end: false });
        assert_eq!(anchored("a = b$"), Anchored { text: "a = b", start: false, end: true });
        assert!(fault(anchored("^$")).is_some() && fault(anchored("#")).is_some() && fault(anchored("=#")).is_none());
        assert!(fault(anchored("a ## b")).is_some() && fault(anchored("#.# b")).is_some());
        assert!(fault(anchored(&"a".repeat(501))).is_some());
    }

    #[test]
    fn the_quick_reader_takes_its_subset() {
        let text = "# \"no\"\n[legal]\nphrases = [\"a b\", \"=c\"] # x\n\nweak = [\n  \"d\", # \"e\"\n  \"ü\",\"f\"\n]\n[body]\r\nphrases=[\"g\"]\r\n";
        let mut seen = Vec::new();
        built_in(text, |label, list, place| seen.push((label, list, &text[place]))).unwrap();
        use List::{Phrases, Weak};
        let legal = [(Phrases, "a b"), (Phrases, "=c"), (Weak, "d"), (Weak, "ü"), (Weak, "f")];
        let mut want: Vec<_> = legal.map(|(list, phrase)| (Label::Legal, list, phrase)).into();
        want.push((Label::Body, Phrases, "g"));
        assert_eq!(seen, want);
        let items = user(Path::new("x"), text).unwrap();
        assert!(items.iter().map(|item| (item.label, item.list, item.text.as_str())).eq(want));
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [3, 3, 6, 7, 7, 10]);
    }

    #[test]
    fn the_quick_reader_names_the_line_it_can_not_read() {
        let read = |text| built_in(text, |_, _, _| ());
        assert_eq!(read("[lega]"), Err(1));
        assert_eq!(read("phrases = [\"a\"]"), Err(1));
        assert_eq!(read("[legal]\nphrase = []"), Err(2));
        assert_eq!(read("[legal]\nphrases = [\n'a']"), Err(3));
        assert_eq!(read("[legal]\nphrases = [\"a\\n\"]"), Err(2));
        assert_eq!(read("[legal]\nphrases = [\"a\" # ok\n] # ok"), Ok(()));
        assert_eq!(read("[legal]\nphrases = [\"a]"), Err(2));
        assert_eq!(read("[legal]\nphrases = [\"a\"] x"), Err(2));
        assert_eq!(read("[legal]\nphrases = [\n\"a\""), Err(3));
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
