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

/// UTF-16 without a mark is told by its NULs, which text in other encodings does not have.
fn guess_utf16(prefix: &[u8], whole: bool, is_utf8: bool) -> Option<&'static Encoding> {
    memchr::memchr(0, prefix)?;
    let (pairs, rest) = prefix.as_chunks::<2>();
    if whole && !rest.is_empty() {
        return None;
    }
    if reads_as_utf16(pairs.iter().map(|&pair| u16::from_le_bytes(pair)), is_utf8) {
        Some(UTF_16LE)
    } else if reads_as_utf16(pairs.iter().map(|&pair| u16::from_be_bytes(pair)), is_utf8) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether the units are text. The sign for alphabets is that many units are below U+2000, where another encoding
/// would have as many control characters. The sign for other scripts is white space that stands where it should and
/// never the wrong way round, in bytes that are not UTF-8; `一` (U+4E00) brings NULs on the wrong side.
fn reads_as_utf16(units: impl Iterator<Item = u16>, is_utf8: bool) -> bool {
    let white = |unit: u16| matches!(unit, 0x0a | 0x0d | 0x20);
    let (mut count, mut latin, mut low, mut swapped) = (0u32, 0, 0, 0);
    let (mut spaces, mut swapped_spaces, mut stray_spaces) = (0, 0, 0);
    let mut high_surrogate = false;
    for unit in units {
        if high_surrogate != (0xdc00..=0xdfff).contains(&unit) {
            return false;
        }
        high_surrogate = (0xd800..=0xdbff).contains(&unit);
        count += 1;
        latin += u32::from(unit < 0x100);
        low += u32::from(unit < 0x2000);
        swapped += u32::from(unit & 0xff == 0);
        if white(unit) {
            spaces += 1;
        } else if white(unit.swap_bytes()) {
            swapped_spaces += 1;
        } else if white(unit & 0xff) || white(unit >> 8) {
            stray_spaces += 1;
        }
    }
    let alphabet = latin >= 2 && low * 4 >= count && swapped * 16 <= low;
    // A fifth of the bytes of most texts are spaces, and hardly any are in Chinese or Japanese.
    let other = !is_utf8 && spaces >= 2 && swapped_spaces == 0 && stray_spaces * 8 <= count;
    alphabet || other
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

    fn guessed(bytes: &[u8]) -> &'static str {
        decode(bytes, usize::MAX, None).1
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
    fn encodings_are_found_out() {
        let polish = "Zażółć gęślą jaźń, rzekł Błażej i poszedł do źródła. Potem wrócił późno.\n";
        let russian = "Вчера вечером в городе открыли новый мост через реку, сообщила мэрия.\n";
        let japanese = "新しい橋が昨日の夕方に開通したと市が発表しました。カタカナも使います。\n";
        let chinese = "昨天傍晚，新桥正式通车，市政府在新闻发布会上宣布了这一消息。\n";
        let korean = "어제 저녁 새 다리가 개통되었다고 시가 발표했습니다.\n";
        let german = "Über die Brücke führen künftig zwei Gleise, hieß es am Abend aus dem Rathaus.\n";
        for (text, name) in [
            (polish, "windows-1250"),
            (russian, "windows-1251"),
            (russian, "KOI8-U"),
            (japanese, "Shift_JIS"),
            (japanese, "EUC-JP"),
            (chinese, "GBK"),
            (korean, "EUC-KR"),
            (german, "windows-1252"),
        ] {
            let text = text.repeat(4);
            let encoding = encoding_for_name(name).unwrap();
            let bytes = encode(&text, encoding).unwrap();
            assert_eq!(decode(&bytes, 7, None), (text.clone(), name, 0));
            assert_eq!(guessed(text.as_bytes()), "UTF-8");
            for (utf16, name) in [(UTF_16LE, "UTF-16LE"), (UTF_16BE, "UTF-16BE")] {
                let bytes = encode(&text, utf16).unwrap();
                assert_eq!(decode(&bytes, 7, None), (text.clone(), name, 0));
            }
        }
        assert_eq!(guessed(b"caf\xe9"), "windows-1252");
        assert_eq!(guessed("pâté, café".as_bytes()), "UTF-8");
        // Broken UTF-8 is still UTF-8.
        assert_eq!(guessed(b"p\xc3\xa2t\xc3\xa9 \xc3\xa0 la cr\xc3\xa8me, caf\xc3"), "UTF-8");
        assert_eq!(guessed(b"\xe2\x80\x9cNo\xe2\x80\x9d \xe2\x80\x93 \xe2\x80\xa6 \xff."), "UTF-8");
        // Some NULs do not make UTF-16.
        assert_eq!(guessed(b"a line\0and another\0\0and so on"), "UTF-8");
        assert_eq!(guessed(b"\x1b$B$\"\x1b(B"), "UTF-8");
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
