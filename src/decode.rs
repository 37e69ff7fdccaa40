//! Bytes to text: finds the encoding from a bounded prefix and decodes as the bytes come in.
//!
//! Nothing here waits for the end of the input, and nothing is thrown away unsaid: a byte-order mark stays in the
//! text as U+FEFF, and malformed sequences become U+FFFD and are counted, so that [`encode`] can give the input back
//! wherever the count is 0 and the encoding has one way to write each character.

use std::borrow::Cow;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

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
        Decoder::with_buffer(reader, forced, Vec::new())
    }

    /// The same, with a buffer from [`Decoder::into_buffer`].
    pub fn with_buffer(reader: R, forced: Option<&'static Encoding>, mut raw: Vec<u8>) -> Decoder<R> {
        raw.resize(PREFIX, 0);
        let forced = forced.filter(|&encoding| encoding != REPLACEMENT);
        Decoder { reader, raw, filled: 0, eof: false, forced, engine: None, replacements: 0, bytes_read: 0 }
    }

    /// Gives the buffer back for the next document.
    pub fn into_buffer(self) -> Vec<u8> {
        self.raw
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
fn decode_utf8(mut bytes: &[u8], last: bool, out: &mut String) -> (usize, u64) {
    let mut replaced = 0;
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => {
                out.push_str(text);
                return (0, replaced);
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        // Checked a moment ago; the second look costs only where the input is broken or cut.
        out.push_str(&String::from_utf8_lossy(valid));
        let skip = match error.error_len() {
            Some(length) => length,
            None if last => rest.len(),
            None => return (rest.len(), replaced),
        };
        out.push(char::REPLACEMENT_CHARACTER);
        replaced += 1;
        bytes = &rest[skip..];
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

/// The encoding of a text without a byte-order mark that begins with `prefix`; `whole` says that it also ends there.
///
/// ISO-2022-JP is never guessed: it looks like ASCII, and its escape sequences can not be given back exactly.
fn guess(prefix: &[u8], whole: bool) -> &'static Encoding {
    let utf8 = Utf8Count::of(prefix);
    if let Some(encoding) = guess_utf16(prefix, whole, utf8.wrong == 0) {
        return encoding;
    }
    // At the end of the input a cut sequence is an error like any other, except where UTF-8 has shown itself before:
    // "café" in windows-1252 ends like a cut UTF-8 sequence too.
    let wrong = utf8.wrong + u64::from(utf8.cut && whole);
    // A text in UTF-8 with a broken character or two is far more often met than one in another encoding in which
    // four of five pairs of letters happen to be right UTF-8.
    if wrong == 0 || utf8.right >= 4 * wrong {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(prefix, whole);
    detector.guess(None, Utf8Detection::Deny)
}

/// How well bytes read as UTF-8.
struct Utf8Count {
    /// Right characters beyond ASCII.
    right: u64,
    /// Wrong sequences.
    wrong: u64,
    /// Whether the end cuts a character.
    cut: bool,
}

impl Utf8Count {
    fn of(bytes: &[u8]) -> Utf8Count {
        let mut count = Utf8Count { right: 0, wrong: 0, cut: false };
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            // Every character beyond ASCII has exactly one byte from 0xC0 on.
            count.right += chunk.valid().bytes().filter(|&byte| byte >= 0xc0).count() as u64;
            if chunk.invalid().is_empty() {
                continue;
            }
            let end = chunks.peek().is_none();
            if end && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none()) {
                count.cut = true;
            } else {
                count.wrong += 1;
            }
        }
        count
    }
}

/// UTF-16 without a mark shows in where its NULs are: in text with Latin letters every second byte is one, in other
/// scripts those of spaces, digits and line ends are, always on the same side. Text that is right UTF-8 needs
/// the stronger sign, and either way the surrogates must fit.
fn guess_utf16(prefix: &[u8], whole: bool, is_utf8: bool) -> Option<&'static Encoding> {
    if whole && prefix.len() % 2 != 0 {
        return None;
    }
    memchr::memchr(0, prefix)?;
    let (pairs, _) = prefix.as_chunks::<2>();
    let [first, second] = [0, 1].map(|side| pairs.iter().filter(|pair| pair[side] == 0).count());
    let (encoding, nuls, others) = if second > first { (UTF_16LE, second, first) } else { (UTF_16BE, first, second) };
    let many = nuls * 4 >= pairs.len() && others * 16 <= nuls;
    let some = !is_utf8 && nuls * 256 >= pairs.len() && others == 0;
    if nuls < 2 || !(many || some) {
        return None;
    }
    let unit = if encoding == UTF_16LE { u16::from_le_bytes } else { u16::from_be_bytes };
    let mut units = pairs.iter().map(|&pair| unit(pair)).peekable();
    while let Some(unit) = units.next() {
        match unit {
            0xd800..=0xdbff => match units.next_if(|next| (0xdc00..=0xdfff).contains(next)) {
                Some(_) => {}
                None if units.peek().is_none() && !whole => {}
                None => return None,
            },
            0xdc00..=0xdfff => return None,
            _ => {}
        }
    }
    Some(encoding)
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
