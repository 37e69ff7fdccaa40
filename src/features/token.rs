//! One pass over a line: its words as hashes, and the figures that need to look at every character.
//!
//! Everything that later stages want to know of a line's characters is counted here, so that the text is read once.
//! Words are runs of letters and digits; a character of a script written without spaces (Han, kana, Hangul, Thai)
//! is a word of its own. Hashes are of lower case text with every digit as `0`, the same on every machine.

use super::character::{class, class_of, is_alphanumeric, is_ideograph, is_plain, lower_of};

/// One word of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Hash of the folded word.
    pub hash: u32,
    /// Characters, at most 255.
    pub chars: u8,
    /// What the word looks like.
    pub kind: u8,
}

/// Bits of [`Word::kind`].
pub(crate) mod kind {
    pub(crate) const CAPITAL: u8 = 1;
    pub(crate) const UPPER: u8 = 2;
    pub(crate) const DIGIT: u8 = 4;
    pub(crate) const FUNCTION: u8 = 8;
    pub(crate) const SYMBOL: u8 = 16;
    pub(crate) const IDEOGRAPH: u8 = 32;
}

/// Figures of one line. Counts saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub chars: u32,
    pub letters: u32,
    pub upper: u32,
    pub digits: u32,
    pub ideographs: u32,
    pub words: u32,
    pub capitalised: u32,
    pub all_caps: u32,
    pub function: u32,
    pub commas: u32,
    pub sentence_ends: u32,
    pub separators: u32,
    pub quotes: u32,
    pub brackets: u32,
    pub questions: u32,
    pub colons: u32,
    pub indent: u32,
    pub links: u32,
    pub first: u8,
    pub last: u8,
    pub has_at: bool,
    pub has_copyright: bool,
    pub has_currency: bool,
    pub has_url: bool,
    pub has_clock: bool,
    pub has_year: bool,
    pub longest_lower: u32,
    /// `#` characters that the line starts with, as headings of markdown do.
    pub marks: u32,
    /// The last word is a function word: the sentence goes on.
    pub open_end: bool,
    /// The whole line was read, and its folded form has the same words: none is made or joined by folding, and no
    /// character stands for a word.
    pub plain: bool,
}

/// Mixes a value into a hash: multiply and fold, the same on every machine.
pub(crate) const fn mix(hash: u32, value: u32) -> u32 {
    let x = (hash ^ value) as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (x >> 32) as u32 ^ x as u32
}

/// The start of a word's hash.
pub(crate) const WORD: u32 = 0x811c_9dc5;

pub(super) const fn step(hash: u32, c: u32) -> u32 {
    (hash ^ c).wrapping_mul(0x0100_0193)
}

/// Hash of a folded word, for tables of words that are written out in the source.
pub(crate) fn word_hash(word: &str) -> u32 {
    mix(word.chars().fold(WORD, |h, c| step(h, if c.is_ascii_digit() { u32::from(b'0') } else { c as u32 })), 7)
}

/// The longest part of a line that is looked at; what lies behind it says nothing new about what the line is.
pub(crate) const MOST_BYTES: usize = 4096;

/// Takes the words of a line and counts.
pub(super) struct Reader<'a> {
    /// Those of the line come last.
    words: &'a mut Vec<Word>,
    begin: usize,
    pub(super) figures: Figures,
    lower_run: u32,
}

impl<'a> Reader<'a> {
    /// At the beginning of a line whose words come behind `words`.
    pub(super) fn new(words: &'a mut Vec<Word>) -> Reader<'a> {
        let begin = words.len();
        Reader { words, begin, figures: Figures::default(), lower_run: 0 }
    }

    /// Adds a word of letters and digits.
    #[inline(always)]
    pub(super) fn word(&mut self, hash: u32, chars: usize, look: u8, is_function: impl Fn(u32) -> bool) {
        let f = &mut self.figures;
        let function = is_function(hash);
        let kind = look | if function { kind::FUNCTION } else { 0 };
        f.function += u32::from(function);
        f.all_caps += u32::from(look & kind::UPPER != 0);
        f.capitalised += u32::from(look & kind::CAPITAL != 0);
        let lower = look & (kind::CAPITAL | kind::DIGIT) == 0;
        self.lower_run = if lower { self.lower_run + 1 } else { 0 };
        f.longest_lower = f.longest_lower.max(self.lower_run);
        f.words += 1;
        self.words.push(Word { hash, chars: chars.min(255) as u8, kind });
    }

    /// The figures once all is read.
    #[inline(always)]
    pub(super) fn end(self) -> Figures {
        let mut f = self.figures;
        f.indent = f.indent.min(255);
        let open = self.words[self.begin..].last().is_some_and(|word| word.kind & kind::FUNCTION != 0);
        f.open_end = open && f.last == class::LOWER;
        f
    }
}

/// Reads `text`: puts its words behind those in `words` and returns its figures.
pub(crate) fn read(text: &str, words: &mut Vec<Word>, is_function: impl Fn(u32) -> bool) -> Figures {
    let mut reader = Reader::new(words);
    reader.figures.plain = text.len() <= MOST_BYTES;
    let mut text = text;
    if text.len() > MOST_BYTES {
        let mut cut = MOST_BYTES;
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        text = &text[..cut];
    }
    let mut word = Open::default();
    let mut seen = false;
    let mut last = ' ';
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        // Most characters are ASCII letters and digits of a word that goes on, or a space behind it.
        if SPELLED[usize::from(byte)] != 0 {
            if !seen {
                seen = true;
                reader.figures.first = class_of(char::from(byte));
            }
            let run = word.push_ascii(&text.as_bytes()[at..], &mut reader.figures);
            reader.figures.chars += run as u32;
            at += run;
            last = char::from(text.as_bytes()[at - 1]);
            continue;
        }
        if byte == b' ' && seen {
            reader.figures.chars += 1;
            at += 1;
            word.close(&mut reader, &is_function);
            continue;
        }
        let rest = &text[at..];
        let c = rest.chars().next().unwrap_or_default();
        at += c.len_utf8();
        let space = c.is_whitespace() || c == '\u{feff}';
        let f = &mut reader.figures;
        f.plain &= is_plain(c);
        if !seen {
            if space {
                f.indent += if c == '\t' { 4 } else { 1 };
                continue;
            }
            seen = true;
            f.first = class_of(c);
        }
        f.chars += 1;
        f.marks += u32::from(c == '#' && f.chars == f.marks + 1);
        let ideograph = !c.is_ascii() && is_ideograph(c);
        if !c.is_ascii() && !ideograph && is_alphanumeric(c) {
            word.push(c, f);
        } else {
            // An apostrophe or hyphen inside a word parts it; that is the same in every copy of a text.
            word.close(&mut reader, &is_function);
            if ideograph {
                let f = &mut reader.figures;
                f.ideographs += 1;
                f.letters += 1;
                f.words += 1;
                reader.words.push(Word { hash: mix(step(WORD, c as u32), 7), chars: 1, kind: kind::IDEOGRAPH });
            } else if !space {
                symbol(c, &text[..at - c.len_utf8()], &mut reader);
            }
        }
        if !space {
            last = c;
        }
    }
    word.close(&mut reader, &is_function);
    reader.figures.last = if seen { class_of(last) } else { class::NONE };
    reader.end()
}

/// What an ASCII letter or digit is in the hash of its word; above that, what sums of them count: digits from bit 8 on,
/// letters in upper case from bit 24 on. 0 for every other byte.
const SPELLED: [u32; 256] = {
    let (mut table, mut byte) = ([0; 256], 0u8);
    while byte < 128 {
        table[byte as usize] = match byte {
            b'0'..=b'9' => b'0' as u32 | 1 << 8,
            b'A'..=b'Z' => byte.to_ascii_lowercase() as u32 | 1 << 24,
            b'a'..=b'z' => byte as u32,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// The word that is being read.
#[derive(Default)]
struct Open {
    hash: u32,
    chars: u32,
    kind: u8,
    uppers: u32,
    digits: u32,
}

impl Open {
    /// Adds the ASCII letters and digits that `text` begins with, of which there is one at least; how many there are.
    #[inline]
    fn push_ascii(&mut self, text: &[u8], f: &mut Figures) -> usize {
        if self.chars == 0 {
            let kind = if text[0].is_ascii_uppercase() { kind::CAPITAL } else { 0 };
            *self = Open { hash: WORD, kind, ..Open::default() };
        }
        let (mut hash, mut sums, mut run) = (self.hash, 0, 0);
        for byte in text {
            let spelled = SPELLED[usize::from(*byte)];
            if spelled == 0 {
                break;
            }
            hash = step(hash, spelled & 0xff);
            sums += spelled >> 8;
            run += 1;
        }
        self.hash = hash;
        let (count, digits, uppers) = (run as u32, sums & 0xffff, sums >> 16);
        self.chars += count;
        self.digits += digits;
        self.uppers += uppers;
        f.digits += digits;
        f.letters += count - digits;
        f.upper += uppers;
        run
    }

    /// Adds a letter or digit of another script.
    fn push(&mut self, c: char, f: &mut Figures) {
        if self.chars == 0 {
            *self = Open { hash: WORD, ..Open::default() };
        }
        f.letters += 1;
        let lower = lower_of(c);
        if lower.is_some() {
            f.upper += 1;
            self.uppers += 1;
            if self.chars == 0 {
                self.kind |= kind::CAPITAL;
            }
        }
        let folded = lower.unwrap_or(c);
        let folded = folded as u32;
        self.hash = step(self.hash, folded);
        self.chars += 1;
    }

    fn close(&mut self, reader: &mut Reader<'_>, is_function: impl Fn(u32) -> bool) {
        if self.chars == 0 {
            return;
        }
        let mut look = self.kind;
        if self.digits > 0 {
            look |= kind::DIGIT;
            reader.figures.has_year |= self.digits == 4 && self.chars == 4;
        } else if self.uppers == self.chars && self.chars > 1 {
            look |= kind::UPPER;
        }
        reader.word(mix(self.hash, 7), self.chars as usize, look, is_function);
        self.chars = 0;
    }
}

/// Notes a character between words; `before` is the line up to it.
pub(super) fn symbol(c: char, before: &str, reader: &mut Reader<'_>) {
    let f = &mut reader.figures;
    let mut token = false;
    let previous = || before.chars().next_back().unwrap_or(' ');
    let before_previous = || before.chars().rev().nth(1).unwrap_or(' ');
    match c {
        ',' | '，' | '、' | ';' => f.commas += 1,
        // A full stop ends a sentence when a word of two letters or a bracket stands before it.
        '.' => {
            let word = is_alphanumeric(previous()) && is_alphanumeric(before_previous());
            f.sentence_ends += u32::from(word || matches!(previous(), ')' | '"' | '”'));
        }
        '。' | '!' | '！' | '।' => f.sentence_ends += 1,
        '?' | '？' => {
            f.questions += 1;
            f.sentence_ends += 1;
        }
        ':' | '：' => {
            f.colons += 1;
            f.has_clock |= previous().is_ascii_digit();
        }
        '/' => f.has_url |= previous() == '/' && before_previous() == ':',
        '|' | '·' | '•' | '»' | '›' | '→' | '>' | '▸' | '▶' | '~' | '#' | '*' | '=' | '_' | '✓' | '✕' | '×' | '+' =>
        {
            f.separators += 1;
            token = true;
        }
        '"' | '“' | '”' | '„' | '«' | '「' | '」' => f.quotes += 1,
        '(' => {
            f.brackets += 1;
            f.links += u32::from(previous() == ']');
        }
        '[' => f.brackets += 1,
        '@' => {
            f.has_at = true;
            token = true;
        }
        '©' => {
            f.has_copyright = true;
            token = true;
        }
        '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₴' => {
            f.has_currency = true;
            token = true;
        }
        '%' | '&' | '…' | '<' | ']' => token = true,
        _ => {}
    }
    if token {
        reader.words.push(Word { hash: mix(step(WORD, c as u32), 11), chars: 1, kind: kind::SYMBOL });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(text: &str) -> (Figures, Vec<Word>) {
        let mut words = Vec::new();
        let figures = read(text, &mut words, |h| h == word_hash("the"));
        (figures, words)
    }

    #[test]
    fn words_fold_and_mask_digits() {
        let (f, words) = read_words("  The 12 Finches sang 34 songs. THE end!");
        assert_eq!(words[0].hash, word_hash("the"));
        assert_eq!(words[1].hash, words[4].hash);
        assert_eq!((f.words, f.function, f.digits, f.sentence_ends, f.indent), (8, 2, 4, 2, 2));
        assert_eq!((f.first, f.last), (class::UPPER, class::STOP));
        assert_eq!((f.capitalised, f.all_caps), (3, 1));
    }

    #[test]
    fn unspaced_scripts_count_characters() {
        let (f, words) = read_words("新しい駅です。");
        assert_eq!((f.ideographs, words.len(), f.last), (6, 6, class::STOP));
    }

    #[test]
    fn plain_characters_stay_so_when_folded() {
        for c in ('\0'..=char::MAX).filter(|c| is_plain(*c)) {
            let mut folded = String::new();
            crate::fold::fold(&format!("a{c}b"), &mut folded);
            assert!(folded.chars().all(is_plain), "{c:?}");
            let words = |text: &str| -> Vec<u32> {
                let words = read_words(text).1;
                words.iter().filter(|word| word.kind & kind::SYMBOL == 0).map(|word| word.hash).collect()
            };
            assert_eq!(words(&folded), words(&format!("a{c}b")), "{c:?}");
        }
    }

    #[test]
    fn marks_are_noticed() {
        let (f, _) = read_words("© 2031 Harbour Gazette | [Home](https://harbour.example) 12:40 a@b £3");
        assert!(f.has_copyright && f.has_year && f.has_url && f.has_clock && f.has_at && f.has_currency);
        assert_eq!((f.links, f.separators), (1, 1));
    }

    #[test]
    fn long_lines_are_read_in_part() {
        let (f, _) = read_words(&"ü".repeat(10_000));
        assert_eq!(f.chars, 2048);
    }
}
