//! The quick reader for the built-in files, which the build script has.
//!
//! They are TOML like a user's, but keep to a subset that a line reader takes in at a glance: lower case as folding
//! leaves it, double quotes, no escapes. The tests read them both ways.

use std::ops::Range;

use super::phrase::List;
use crate::label::Label;

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
        if bytes.contains(&b'\\') {
            return Err(number);
        }
        let mut i = 0;
        while let Some(&byte) = bytes.get(i) {
            i += 1;
            match byte {
                b' ' | b'\t' | b',' => {}
                b'"' => {
                    let length = bytes[i..].iter().position(|byte| *byte == b'"').ok_or(number)?;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse::user;
    use super::*;

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
}
