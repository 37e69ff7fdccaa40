//! A record's header: read as far as it is needed, and written again with what has to change.

use super::digest::renewed;

/// What is known of a record from its header.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Head {
    /// The block's length.
    pub(in crate::formats) length: u64,
    /// The block is the text of a page.
    pub(in crate::formats) is_text: bool,
    /// The page's address.
    pub(in crate::formats) url: Option<String>,
}

/// The fields of a header: name and value of each, and the bytes they take up, with the lines that continue them.
fn fields(header: &[u8]) -> impl Iterator<Item = (&str, String, &[u8])> {
    let mut rest = &header[line_length(header)..];
    std::iter::from_fn(move || {
        let mut length = line_length(rest);
        // A line that begins with white space continues the one before.
        while matches!(rest.get(length), Some(b' ' | b'\t')) {
            length += line_length(&rest[length..]);
        }
        let (field, next) = rest.split_at(length);
        rest = next;
        if field.trim_ascii().is_empty() {
            return None;
        }
        let at = field.iter().position(|&byte| byte == b':').unwrap_or(0);
        let name = std::str::from_utf8(&field[..at]).unwrap_or_default().trim();
        let value = String::from_utf8_lossy(field.get(at + 1..).unwrap_or_default());
        let value = value.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned();
        Some((name, value, field))
    })
}

fn line_length(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

impl Head {
    /// Reads a header, which begins with the line of the version and ends with an empty line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::formats) fn parse(header: &[u8]) -> Result<Head, String> {
        let (mut length, mut kind, mut content, mut url, mut segmented) = (None, None, None, None, false);
        for (name, value, _) in fields(header) {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if name.is_empty() {
                return Err("a line of its header is no field".into());
            } else if is("Content-Length") {
                match value.parse::<u64>() {
                    Ok(value) if length.is_none_or(|length| length == value) => length = Some(value),
                    Ok(_) => return Err("its header has two different fields Content-Length".into()),
                    Err(_) => return Err(format!("its Content-Length is no number: {value:?}")),
                }
            } else if is("WARC-Type") {
                kind = Some(value);
            } else if is("Content-Type") {
                content = Some(value);
            } else if is("WARC-Target-URI") {
                // Version 1.0 of the standard has it in angle brackets.
                url = Some(value.trim_start_matches('<').trim_end_matches('>').to_owned());
            } else if is("WARC-Segment-Number") {
                segmented = true;
            }
        }
        let length = length.ok_or("its header has no field Content-Length")?;
        let kind = kind.ok_or("its header has no field WARC-Type")?;
        // A part of a text that goes on in another record can not be judged.
        let is_text = kind.eq_ignore_ascii_case("conversion") && !segmented && is_utf8_text(content.as_deref());
        Ok(Head { length, is_text, url })
    }
}

/// Whether a block of this type is text in UTF-8; without a type it is, as the records are those of a text extraction.
fn is_utf8_text(content: Option<&str>) -> bool {
    let content = content.unwrap_or("text/plain").to_ascii_lowercase();
    let mut parts = content.split(';').map(str::trim);
    let text = matches!(parts.next(), Some("text/plain" | "text/markdown"));
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    text && charset.is_none_or(|name| matches!(name.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
}

/// Writes `header`, of a record whose block was `before`, for the block `after`: with its length and its digests.
pub(in crate::formats) fn rewrite(header: &[u8], before: &[u8], after: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&header[..line_length(header)]);
    let end = |field: &[u8]| if field.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let mut written = line_length(header);
    for (name, value, field) in fields(header) {
        written += field.len();
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let value = if is("Content-Length") {
            Some(after.len().to_string())
        } else if is("WARC-Block-Digest") || is("WARC-Payload-Digest") {
            match renewed(&value, before, after) {
                Some(value) => Some(value),
                None => continue,
            }
        } else {
            None
        };
        match value {
            Some(value) => out.extend_from_slice(format!("{name}: {value}{}", end(field)).as_bytes()),
            None => out.extend_from_slice(field),
        }
    }
    out.extend_from_slice(&header[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const WET: &str = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://harr.example/ferry\r\n\
                       WARC-Block-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\nContent-Type: text/plain\r\n\
                       Content-Length: 3\r\n\r\n";

    #[test]
    fn a_header_says_what_the_block_is() {
        let head = Head::parse(WET.as_bytes()).unwrap();
        assert_eq!(head, Head { length: 3, is_text: true, url: Some("https://harr.example/ferry".into()) });
        for other in ["application/pdf", "text/plain; charset=latin1", "text/html"] {
            let header = WET.replace("text/plain", other);
            assert!(!Head::parse(header.as_bytes()).unwrap().is_text, "{other}");
        }
        let folded =
            "WARC/1.1\nwarc-type:\n conversion\ncontent-length :3\nWARC-Target-URI: <https://harr.example/>\n\n";
        let head = Head::parse(folded.as_bytes()).unwrap();
        assert_eq!(head, Head { length: 3, is_text: true, url: Some("https://harr.example/".into()) });
        assert!(!Head::parse(WET.replace("conversion", "response").as_bytes()).unwrap().is_text);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (from, to, message) in [
            ("Content-Length: 3\r\n", "", "its header has no field Content-Length"),
            ("Content-Length: 3", "Content-Length: 3x", "its Content-Length is no number: \"3x\""),
            ("Content-Length: 3", "Content-Length: -3", "its Content-Length is no number: \"-3\""),
            ("Content-Type", "Content-Length: 4\r\nX", "its header has two different fields Content-Length"),
            ("WARC-Type: conversion\r\n", "", "its header has no field WARC-Type"),
            ("WARC-Type: conversion", "conversion", "a line of its header is no field"),
        ] {
            assert_eq!(Head::parse(WET.replace(from, to).as_bytes()), Err(message.to_owned()));
        }
    }

    #[test]
    fn only_what_has_to_change_is_changed() {
        let rewritten = |header: &str, before: &[u8], after: &[u8]| {
            let mut out = Vec::new();
            rewrite(header.as_bytes(), before, after, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(rewritten(WET, b"abc", b"abc"), WET);
        let empty = WET.replace("VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
        assert_eq!(rewritten(WET, b"abc", b""), empty.replace("Length: 3", "Length: 0"));
        // A digest that was not that of the block is not there afterwards.
        let without = WET.replace("WARC-Block-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\n", "");
        assert_eq!(rewritten(WET, b"xyz", b"abc"), without);
        let odd = "WARC/1.0\nX-Odd:  a\n\tb\ncontent-length:3\n\n";
        assert_eq!(rewritten(odd, b"abc", b"ab"), "WARC/1.0\nX-Odd:  a\n\tb\ncontent-length: 2\n\n");
    }
}
