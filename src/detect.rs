//! Finds out the encoding of a text that has no byte-order mark.
//!
//! UTF-8 and UTF-16 are told by rules of their own, because a wrong guess there is the commonest and the worst;
//! the legacy encodings are left to chardetng, which is what browsers use.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding of a text without a byte-order mark that begins with `prefix`; `whole` says that it also ends there.
///
/// ISO-2022-JP is never guessed: it looks like ASCII, and its escape sequences can not be given back exactly.
pub(crate) fn guess(prefix: &[u8], whole: bool) -> &'static Encoding {
    // Nearly all texts are UTF-8 without a fault, which a look is enough for.
    let faultless = match std::str::from_utf8(prefix) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !whole,
    };
    if faultless && memchr::memchr(0, prefix).is_none() {
        return UTF_8;
    }
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
    // Lines of ASCII are the same in all of them, and most lines of most texts are such.
    let mut lines = Vec::with_capacity(prefix.len());
    prefix.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()).for_each(|line| lines.extend(line));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&lines, whole);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{encode, encoding_for_name};

    fn guessed(bytes: &[u8]) -> &'static str {
        guess(bytes, true).name()
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
            assert_eq!(guessed(&bytes), name);
            assert_eq!(guessed(text.as_bytes()), "UTF-8");
            for (utf16, name) in [(UTF_16LE, "UTF-16LE"), (UTF_16BE, "UTF-16BE")] {
                assert_eq!(guessed(&encode(&text, utf16).unwrap()), name);
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
}
