//! Bytes to text: settles the encoding by a bounded prefix and decodes as the bytes come in.
//!
//! Nothing here waits for the end of the input, and nothing is thrown away unsaid: a byte-order mark stays in the
//! text as U+FEFF, and malformed sequences become U+FFFD and are counted, so that [`encode`] can give the input back
//! wherever the count is 0 and the encoding has one way to write each character.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use crate::detect::guess;
use crate::error::{Error, Result};

/// How many bytes the encoding is judged by, and how many are read at a time.
pub const PREFIX: usize = 64 * 1024;

/// Turns the bytes of a reader into UTF-8, piece by piece.
#[derive(Debug)]
pub struct Decoder<R> {
    reader: R,
    /// Bytes read and not yet decoded are `raw[..filled]`; the length stays [`PREFIX`].
    raw: Vec<u8>,
    filled: usize,
    /// What was decoded while the encoding was found out.
    ahead: String,
    /// The reader said that it is at its end. It is not asked again: a terminal would wait for more.
    eof: bool,
    forced: Option<&'static Encoding>,
    engine: Option<Engine>,
    replacements: u64,
    bytes_read: u64,
}

#[derive(Debug)]
enum Engine {
    /// UTF-8 is checked and copied without a decoder in between.
    Utf8,
    /// Everything else, and whether the decoder was told that the input is over.
    Other(Box<encoding_rs::Decoder>, bool),
}

impl<R: Read> Decoder<R> {
    /// A decoder of what `reader` yields. `forced` is taken at its word; without it the encoding is found out.
    ///
    /// Only the byte order of a forced UTF-16 gives way to a byte-order mark, because the name `utf-16` does not say
    /// which one is meant. The standard's `replacement` encoding counts as none: it would swallow the text.
    pub fn new(reader: R, forced: Option<&'static Encoding>) -> Decoder<R> {
        Decoder::with_buffers(reader, forced, Default::default())
    }

    /// The same, with buffers from [`Decoder::into_buffers`].
    pub fn with_buffers(reader: R, forced: Option<&'static Encoding>, buffers: (Vec<u8>, String)) -> Decoder<R> {
        let (mut raw, mut ahead) = buffers;
        raw.resize(PREFIX, 0);
        ahead.clear();
        let forced = forced.filter(|&encoding| encoding != REPLACEMENT);
        Decoder { reader, raw, filled: 0, ahead, eof: false, forced, engine: None, replacements: 0, bytes_read: 0 }
    }

    /// Gives the buffers back for the next document.
    pub fn into_buffers(self) -> (Vec<u8>, String) {
        (self.raw, self.ahead)
    }

    /// The encoding. Reads the prefix where that has not happened yet.
    ///
    /// # Errors
    /// [`Error::Read`] when the reader fails.
    pub fn encoding(&mut self) -> Result<&'static Encoding> {
        Ok(match self.engine()? {
            Engine::Utf8 => UTF_8,
            Engine::Other(decoder, _) => decoder.encoding(),
        })
    }

    /// Malformed sequences replaced by U+FFFD so far.
    pub fn replacements(&self) -> u64 {
        self.replacements
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Adds the next piece of text to `out`, which may be nothing where a character is still incomplete.
    /// Returns whether there can be more.
    ///
    /// # Errors
    /// [`Error::Read`] when the reader fails.
    pub fn decode(&mut self, out: &mut String) -> Result<bool> {
        self.engine()?;
        if !self.ahead.is_empty() {
            if out.is_empty() {
                std::mem::swap(out, &mut self.ahead);
            } else {
                out.push_str(&self.ahead);
                self.ahead.clear();
            }
            return Ok(!self.eof);
        }
        // More than a cut character means that the bytes read to find the encoding still wait.
        if self.filled < 4 && !self.eof {
            self.read_some()?;
        }
        match &mut self.engine {
            Some(Engine::Other(decoder, over)) => {
                if !*over {
                    self.replacements += decode_other(decoder, &self.raw[..self.filled], self.eof, out);
                    *over = self.eof;
                }
                self.filled = 0;
            }
            _ => {
                let (left, replaced) = decode_utf8(&self.raw[..self.filled], self.eof, out);
                self.replacements += replaced;
                self.raw.copy_within(self.filled - left..self.filled, 0);
                self.filled = left;
            }
        }
        Ok(!self.eof)
    }

    fn engine(&mut self) -> Result<&mut Engine> {
        let encoding = match self.engine {
            Some(_) => UTF_8, // not used: the engine is there
            None => self.find_encoding()?,
        };
        Ok(self.engine.get_or_insert_with(|| match encoding {
            encoding if encoding == UTF_8 => Engine::Utf8,
            encoding => Engine::Other(Box::new(encoding.new_decoder_without_bom_handling()), false),
        }))
    }

    fn find_encoding(&mut self) -> Result<&'static Encoding> {
        if let Some(forced) = self.forced {
            if forced == UTF_16LE || forced == UTF_16BE {
                self.read_up_to(2)?;
                return Ok(match Encoding::for_bom(&self.raw[..self.filled]) {
                    Some((marked, _)) if marked != UTF_8 => marked,
                    _ => forced,
                });
            }
            return Ok(forced);
        }
        self.read_up_to(3)?;
        if let Some((marked, _)) = Encoding::for_bom(&self.raw[..self.filled]) {
            return Ok(marked);
        }
        self.read_up_to(PREFIX)?;
        let prefix = &self.raw[..self.filled];
        // Nearly all texts are UTF-8 without a fault, which a look is enough for, and then it need not be looked at again.
        if let Ok(text) = std::str::from_utf8(prefix)
            && memchr::memchr(0, prefix).is_none()
        {
            self.ahead.push_str(text);
            self.filled = 0;
            return Ok(UTF_8);
        }
        Ok(guess(&self.raw[..self.filled], self.eof))
    }

    /// Reads until `count` bytes are there or the input is over, however short the reads are: what is judged must
    /// not depend on them.
    fn read_up_to(&mut self, count: usize) -> Result<()> {
        while self.filled < count && !self.eof {
            self.read_some()?;
        }
        Ok(())
    }

    fn read_some(&mut self) -> Result<()> {
        loop {
            match self.reader.read(&mut self.raw[self.filled..]) {
                Ok(0) => self.eof = true,
                Ok(count) => {
                    self.filled += count;
                    self.bytes_read += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::Read(error)),
            }
            return Ok(());
        }
    }
}

/// Adds `bytes` to `out`; returns how many bytes at the end are a character that goes on in what comes next (none
/// when this is the `last` of the input), and how many sequences were replaced.
fn decode_utf8(bytes: &[u8], last: bool, out: &mut String) -> (usize, u64) {
    // With the cut character out of the way, good text is checked in one go.
    let left = if last { 0 } else { cut_character(bytes) };
    let mut bytes = &bytes[..bytes.len() - left];
    let mut replaced = 0;
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => {
                out.push_str(text);
                return (left, replaced);
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        // Checked a moment ago; the second look costs only where the input is broken.
        out.push_str(&String::from_utf8_lossy(valid));
        out.push(char::REPLACEMENT_CHARACTER);
        replaced += 1;
        bytes = &rest[error.error_len().unwrap_or(rest.len())..];
    }
}

/// Length of the beginning of a UTF-8 character that `bytes` end with.
fn cut_character(bytes: &[u8]) -> usize {
    // Three bytes at most, and only the first of them is not a continuation byte.
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let Some(start) = tail.iter().rposition(|byte| byte & 0xc0 != 0x80) else { return 0 };
    match std::str::from_utf8(&tail[start..]) {
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => tail.len() - start,
        _ => 0,
    }
}

fn decode_other(decoder: &mut encoding_rs::Decoder, mut bytes: &[u8], last: bool, out: &mut String) -> u64 {
    let mut replaced = 0;
    loop {
        // Never less than a few characters' room, or the decoder could ask for more for ever.
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0);
        out.reserve(room.max(16));
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, out, last);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return replaced,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                out.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
        }
    }
}

/// The encoding called `name`, by any name that the WHATWG standard knows it under.
///
/// # Errors
/// [`Error::UnknownEncoding`]; also for the names that the standard maps to no encoding at all, such as `hz-gb-2312`.
pub fn encoding_for_name(name: &str) -> Result<&'static Encoding> {
    Encoding::for_label_no_replacement(name.trim().as_bytes()).ok_or_else(|| Error::UnknownEncoding(name.to_owned()))
}

/// `text` in `encoding`: the way back from what a [`Decoder`] gave. `None` where a character can not be written in it.
pub fn encode<'a>(text: &'a str, encoding: &'static Encoding) -> Option<Cow<'a, [u8]>> {
    if encoding == UTF_8 {
        Some(Cow::Borrowed(text.as_bytes()))
    } else if encoding == UTF_16LE {
        Some(Cow::Owned(text.encode_utf16().flat_map(u16::to_le_bytes).collect()))
    } else if encoding == UTF_16BE {
        Some(Cow::Owned(text.encode_utf16().flat_map(u16::to_be_bytes).collect()))
    } else if encoding == REPLACEMENT {
        None
    } else {
        let (bytes, _, unmappable) = encoding.encode(text);
        (!unmappable).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yields at most `self.1` bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(out.len());
            self.0.read(&mut out[..count])
        }
    }

    fn decode(bytes: &[u8], step: usize, forced: Option<&'static Encoding>) -> (String, &'static str, u64) {
        let mut decoder = Decoder::new(Slow(bytes, step), forced);
        let mut text = String::new();
        while decoder.decode(&mut text).unwrap() {}
        assert_eq!(decoder.bytes_read(), bytes.len() as u64);
        (text, decoder.encoding().unwrap().name(), decoder.replacements())
    }

    #[test]
    fn marks_decide_and_stay() {
        assert_eq!(decode(b"\xef\xbb\xbfa", 1, None), ("\u{feff}a".into(), "UTF-8", 0));
        assert_eq!(decode(b"\xff\xfea\0", 1, None), ("\u{feff}a".into(), "UTF-16LE", 0));
        assert_eq!(decode(b"\xfe\xff\0a", 1, None), ("\u{feff}a".into(), "UTF-16BE", 0));
        assert_eq!(decode(b"\xff\xfe", 1, None), ("\u{feff}".into(), "UTF-16LE", 0));
        assert_ne!(decode(b"\xef\xbb", 1, None).1, "UTF-8");
        assert_eq!(decode(b"", 1, None), (String::new(), "UTF-8", 0));
    }

    #[test]
    fn what_is_forced_holds() {
        let windows = encoding_for_name("latin1").unwrap();
        assert_eq!(decode("é".as_bytes(), 1, Some(windows)), ("Ã©".into(), "windows-1252", 0));
        assert_eq!(decode(b"\xfe\xff\0a", 1, Some(UTF_16LE)), ("\u{feff}a".into(), "UTF-16BE", 0));
        assert_eq!(decode(b"a\0b\0", 1, Some(UTF_16LE)), ("ab".into(), "UTF-16LE", 0));
        assert_eq!(decode(b"kept", 1, Some(REPLACEMENT)), ("kept".into(), "UTF-8", 0));
        assert!(encoding_for_name("hz-gb-2312").is_err());
        assert!(encoding_for_name("latin-7").unwrap_err().to_string().contains("latin-7"));
    }

    #[test]
    fn the_prefix_may_cut_a_character() {
        for before in PREFIX - 4..=PREFIX {
            for tail in ["€", "𝄞", "é"] {
                let text = "a".repeat(before) + tail + "z";
                assert_eq!(decode(text.as_bytes(), 1000, None), (text.clone(), "UTF-8", 0));
                let wide = encode(&text, UTF_16BE).unwrap();
                assert_eq!(decode(&wide, 4093, None), (text, "UTF-16BE", 0));
            }
        }
    }

    #[test]
    fn broken_sequences_are_replaced_alike_however_they_are_cut() {
        let bytes = b"\xf0\x9f\x98 \xe2\x82\xc3\xa9\xff\x80\xed\xa0\x80\xf4\x90\xe2\xc3 \xf0\x9f";
        let expected = String::from_utf8_lossy(bytes);
        let count = expected.matches('\u{fffd}').count() as u64;
        for step in 1..=bytes.len() {
            assert_eq!(decode(bytes, step, Some(UTF_8)), (expected.clone().into(), "UTF-8", count));
        }
    }

    #[test]
    fn encoding_back_knows_its_limits() {
        let windows = encoding_for_name("windows-1252").unwrap();
        assert_eq!(encode("é€", windows).as_deref(), Some(&b"\xe9\x80"[..]));
        assert_eq!(encode("日", windows), None);
        assert_eq!(encode("\u{fffd}", windows), None);
        assert_eq!(encode("𝄞", UTF_16LE).as_deref(), Some(&b"\x34\xd8\x1e\xdd"[..]));
        assert_eq!(encode("a", REPLACEMENT), None);
    }
}
