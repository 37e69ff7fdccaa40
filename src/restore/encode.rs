//! UTF-8 to the encoding the input had, chunk by chunk.

use std::io::Write;

use encoding_rs::{EncoderResult, Encoding};

use super::{RestoreInfo, bad};
use crate::error::{Error, Result};

/// Writes text in the input's encoding and counts what could not be written.
pub(super) struct Encoder<'w, W> {
    out: &'w mut W,
    target: Target,
    name: String,
    /// The beginning of a character whose rest comes with the next chunk.
    carry: Vec<u8>,
    buffer: Vec<u8>,
    bytes: u64,
    unmappable: u64,
}

enum Target {
    Utf8,
    Utf16 { big_endian: bool },
    Other(encoding_rs::Encoder),
}

impl<'w, W: Write> Encoder<'w, W> {
    /// Writes UTF-8 until [`Encoder::set`] says otherwise.
    pub(super) fn new(out: &'w mut W) -> Encoder<'w, W> {
        Encoder {
            out,
            target: Target::Utf8,
            name: "UTF-8".into(),
            carry: Vec::new(),
            buffer: Vec::new(),
            bytes: 0,
            unmappable: 0,
        }
    }

    /// Chooses the encoding; `line` of the report named it.
    pub(super) fn set(&mut self, name: &str, line: u64) -> Result<()> {
        let Some(encoding) = Encoding::for_label_no_replacement(name.as_bytes()) else {
            return Err(bad(line, format!("unknown encoding {name:?}")));
        };
        self.name = encoding.name().to_owned();
        self.target = if encoding == encoding_rs::UTF_8 {
            Target::Utf8
        } else if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
            Target::Utf16 { big_endian: encoding == encoding_rs::UTF_16BE }
        } else {
            Target::Other(encoding.new_encoder())
        };
        Ok(())
    }

    /// Writes a chunk of UTF-8, which may begin and end within a character; `line` of the report asked for it.
    pub(super) fn write(&mut self, mut chunk: &[u8], line: u64) -> Result<()> {
        if matches!(self.target, Target::Utf8) {
            self.bytes += chunk.len() as u64;
            return self.out.write_all(chunk).map_err(Error::Write);
        }
        while !self.carry.is_empty() && !chunk.is_empty() {
            self.carry.push(chunk[0]);
            chunk = &chunk[1..];
            let carry = std::mem::take(&mut self.carry);
            match std::str::from_utf8(&carry) {
                Ok(text) => self.encode(text, false)?,
                Err(e) if e.error_len().is_none() => self.carry = carry,
                Err(_) => return Err(not_utf8(line)),
            }
        }
        let valid = match std::str::from_utf8(chunk) {
            Ok(text) => return self.encode(text, false),
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            Err(_) => return Err(not_utf8(line)),
        };
        self.carry.extend_from_slice(&chunk[valid..]);
        let text = std::str::from_utf8(&chunk[..valid]).map_err(|_| not_utf8(line))?;
        self.encode(text, false)
    }

    /// Ends the output and notes what was written.
    pub(super) fn finish(mut self, info: &mut RestoreInfo) -> Result<()> {
        if !self.carry.is_empty() {
            return Err(not_utf8(1));
        }
        // Some encodings return to their initial state at the end.
        self.encode("", true)?;
        self.out.flush().map_err(Error::Write)?;
        info.encoding = self.name;
        info.bytes = self.bytes;
        info.unmappable = self.unmappable;
        Ok(())
    }

    fn encode(&mut self, mut text: &str, last: bool) -> Result<()> {
        match &mut self.target {
            Target::Utf8 => {}
            Target::Utf16 { big_endian } => {
                self.buffer.clear();
                for unit in text.encode_utf16() {
                    self.buffer.extend(if *big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
                }
                self.bytes += self.buffer.len() as u64;
                self.out.write_all(&self.buffer).map_err(Error::Write)?;
            }
            Target::Other(encoder) => loop {
                self.buffer.resize(text.len().clamp(64, 1 << 16), 0);
                let (result, read, written) =
                    encoder.encode_from_utf8_without_replacement(text, &mut self.buffer, last);
                self.bytes += written as u64;
                self.out.write_all(&self.buffer[..written]).map_err(Error::Write)?;
                text = &text[read..];
                match result {
                    EncoderResult::InputEmpty => break,
                    EncoderResult::OutputFull => {}
                    EncoderResult::Unmappable(_) => {
                        self.unmappable += 1;
                        self.bytes += 1;
                        self.out.write_all(b"?").map_err(Error::Write)?;
                    }
                }
            },
        }
        Ok(())
    }
}

fn not_utf8(line: u64) -> Error {
    bad(line, "the text for it is not UTF-8, as clean text is")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(encoding: &str, text: &str, step: usize) -> (Vec<u8>, RestoreInfo) {
        let mut out = Vec::new();
        let mut info = RestoreInfo::default();
        let mut encoder = Encoder::new(&mut out);
        encoder.set(encoding, 1).unwrap();
        text.as_bytes().chunks(step).for_each(|chunk| encoder.write(chunk, 1).unwrap());
        encoder.finish(&mut info).unwrap();
        (out, info)
    }

    #[test]
    fn chunks_do_not_matter() {
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(encode("windows-1252", "Señor – “Öl”", step).0, b"Se\xf1or \x96 \x93\xd6l\x94");
            assert_eq!(encode("utf-16le", "\u{feff}a𝄞", step).0, b"\xff\xfea\0\x34\xd8\x1e\xdd");
            assert_eq!(encode("UTF-16BE", "é", step).0, b"\0\xe9");
            let (bytes, info) = encode("shift_jis", "名前テスト", step);
            assert_eq!(encoding_rs::SHIFT_JIS.decode(&bytes).0, "名前テスト");
            assert!(info.is_exact());
            let (bytes, _) = encode("iso-2022-jp", "a 名前", step);
            assert!(bytes.ends_with(b"\x1b(B"), "{bytes:?}");
        }
    }

    #[test]
    fn what_can_not_be_written_is_counted() {
        let (bytes, info) = encode("windows-1252", "a\u{fffd}b→", 2);
        assert_eq!(bytes, b"a?b?");
        assert_eq!((info.unmappable, info.bytes), (2, 4));
        assert!(!info.is_exact());
    }

    #[test]
    fn broken_text_and_names_are_errors() {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out);
        assert!(encoder.set("klingon", 3).unwrap_err().to_string().contains("line 3"));
        encoder.set("utf-16le", 1).unwrap();
        assert!(encoder.write(b"a\xffb", 7).unwrap_err().to_string().contains("line 7"));
        encoder.write(b"\xc3", 8).unwrap();
        assert!(encoder.write(b"x", 9).is_err());
    }
}
