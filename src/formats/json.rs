//! A JSON object as text: where a field's value stands in it, and what a string says, so that a string can be cut
//! without writing anything else anew.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What is known of an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Where the text's characters stand, without the quotes around them.
    pub(super) text: Range<usize>,
    /// The field `url`, where it is a string without escapes.
    pub(super) url: Option<String>,
}

/// Finds the string `text_field` in the object `json`, which must not have a field called `new_field` yet.
///
/// # Errors
/// What is wrong with it.
pub(super) fn find(json: &str, text_field: &str, new_field: Option<&str>) -> Result<Fields, String> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let wanted = Wanted { json, text_field, new_field };
    let fields = wanted.deserialize(&mut deserializer).and_then(|fields| {
        deserializer.end()?;
        Ok(fields)
    });
    // The position is always given as one of the first line.
    fields.map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        match error.classify() {
            serde_json::error::Category::Data => message.to_owned(),
            _ => format!("not valid JSON: {message} at column {}", error.column()),
        }
    })
}

struct Wanted<'a> {
    json: &'a str,
    text_field: &'a str,
    new_field: Option<&'a str>,
}

impl<'de> DeserializeSeed<'de> for Wanted<'de> {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'de> {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        // Complaints wait until the rest has been read: that it is no JSON at all would be the better one.
        let mut wrong = None;
        let mut found = false;
        while let Some(Key(key)) = map.next_key()? {
            if key == self.text_field {
                let value: &RawValue = map.next_value()?;
                match string(value.get()) {
                    _ if found => wrong = Some(format!("it has two fields {:?}", self.text_field)),
                    None => wrong = Some(format!("its field {:?} is not a string", self.text_field)),
                    Some(characters) => {
                        // Both are parts of one text.
                        let start = characters.as_ptr() as usize - self.json.as_ptr() as usize;
                        fields.text = start..start + characters.len();
                    }
                }
                found = true;
            } else if key == "url" {
                let value: &RawValue = map.next_value()?;
                fields.url = string(value.get()).filter(|url| !url.contains('\\')).map(str::to_owned);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if self.new_field.is_some_and(|name| name == key) {
                wrong = Some(format!("it has a field {key:?} already"));
            }
        }
        if !found {
            wrong = Some(format!("it has no field {:?}", self.text_field));
        }
        match wrong {
            Some(wrong) => Err(A::Error::custom(wrong)),
            None => Ok(fields),
        }
    }
}

/// The characters of a string's token.
fn string(token: &str) -> Option<&str> {
    token.strip_prefix('"')?.strip_suffix('"')
}

/// A field's name, copied only where it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'de>, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// What the characters of a valid string say, added to `out`. Half a surrogate pair, which is no character, becomes
/// U+FFFD.
pub(super) fn unescape(characters: &str, out: &mut String) {
    out.clear();
    out.reserve(characters.len());
    let mut rest = characters;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (c, length) = escape(&rest[at..]);
        out.push(c);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
}

/// The character that the escape at the beginning of `text` stands for, and the length of the escape.
fn escape(text: &str) -> (char, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode(text),
        // Quote, backslash and slash stand for themselves.
        Some(&other) => char::from(other),
        None => return (char::REPLACEMENT_CHARACTER, text.len()),
    };
    (simple, 2)
}

fn unicode(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, text.len().min(2)) };
    let pair = unit(6).map_or([first, 0], |second| [first, second]);
    match char::decode_utf16(pair).next() {
        Some(Ok(c)) => (c, 6 * c.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// Walks over the characters of a string by the bytes of what they say.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    characters: &'a str,
    at: usize,
    /// Where the next escape is, or the end.
    escape: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(characters: &'a str) -> Cursor<'a> {
        let mut cursor = Cursor { characters, at: 0, escape: 0 };
        cursor.look();
        cursor
    }

    fn look(&mut self) {
        let rest = &self.characters.as_bytes()[self.at..];
        self.escape = self.at + memchr(b'\\', rest).unwrap_or(rest.len());
    }

    /// The characters that say the next `length` bytes, which must end between two characters.
    pub(super) fn advance(&mut self, mut length: usize) -> &'a str {
        let start = self.at;
        while length > 0 {
            let plain = (self.escape - self.at).min(length);
            self.at += plain;
            length -= plain;
            if length > 0 {
                let (c, escape) = escape(&self.characters[self.at..]);
                self.at += escape;
                length = length.saturating_sub(c.len_utf8());
                self.look();
            }
        }
        &self.characters[start..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Result<&str, String> {
        find(json, "text", Some("labels")).map(|fields| &json[fields.text])
    }

    #[test]
    fn the_field_is_found_where_it_stands() {
        assert_eq!(found(r#"{"text":"a"}"#), Ok("a"));
        assert_eq!(found(" { \"id\" : [1, {\"text\": 2}] , \"text\" : \"a\\n\\u00e9\" }\r\n"), Ok("a\\n\\u00e9"));
        assert_eq!(found(r#"{"\u0074ext":"a","x":1e999}"#), Ok("a"));
        let deep = format!(r#"{{"deep":{}{},"text":"a"}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(found(&deep), Ok("a"));
        let fields = find(r#"{"url":"https://a.example/","text":""}"#, "text", None).unwrap();
        assert_eq!((fields.text.len(), fields.url.as_deref()), (0, Some("https://a.example/")));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, message) in [
            (r#"{"id":1}"#, "it has no field \"text\""),
            (r#"{"text":null}"#, "its field \"text\" is not a string"),
            (r#"{"text":["a"]}"#, "its field \"text\" is not a string"),
            (r#"{"text":"a","text":"b"}"#, "it has two fields \"text\""),
            (r#"{"text":"a","labels":1}"#, "it has a field \"labels\" already"),
            (r#"["text"]"#, "invalid type: sequence, expected an object with fields"),
            (r#"{"id":1"#, "not valid JSON: EOF while parsing an object at column 7"),
            (r#"{"text":"a"} x"#, "not valid JSON: trailing characters at column 14"),
            (r#"{"text":"a\q"}"#, "not valid JSON: invalid escape at column 12"),
        ] {
            assert_eq!(found(json), Err(message.to_owned()), "{json}");
        }
    }

    #[test]
    fn strings_say_what_serde_says() {
        let mut out = String::new();
        for characters in ["", "abc", r#"\"\\\/\b\f\n\r\t"#, r"a\u00e9b\ud83d\ude00c\u0000", "é😀\\né"] {
            unescape(characters, &mut out);
            assert_eq!(out, serde_json::from_str::<String>(&format!("\"{characters}\"")).unwrap());
        }
        for (characters, text) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00a", "\u{fffd}a"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83d\n", "\u{fffd}\n"),
        ] {
            unescape(characters, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn a_cursor_cuts_where_the_text_is_cut() {
        let characters = r"a\n\u00e9\ud83d\ude00\ude00é\\\n\nend";
        let mut text = String::new();
        unescape(characters, &mut text);
        let mut cursor = Cursor::new(characters);
        let parts: Vec<&str> = text.split_inclusive('\n').map(|line| cursor.advance(line.len())).collect();
        assert_eq!(parts, [r"a\n", r"\u00e9\ud83d\ude00\ude00é\\\n", r"\n", "end"]);
    }
}
