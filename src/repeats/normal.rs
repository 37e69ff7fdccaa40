//! The form in which lines are compared: a row of word hashes, without the marks that differ between copies.
//!
//! A pull quote has quotation marks that its paragraph lacks, a teaser an ellipsis, a list item a bullet. So a line
//! becomes its words only, and what stood between the words survives as bits beside them, since it tells where
//! sentences end and credits begin. Scripts that write no spaces count by character.

use unicode_normalization::char::is_combining_mark;

use super::hash::{finish, mix};
use crate::bytes::{self, FIRST, load};

/// A word as 56 bits of hash and 8 bits about what follows it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token(u64);

impl Token {
    /// A sentence ends here.
    pub(super) const END: u64 = 1;
    /// Some mark stands between this word and the next.
    pub(super) const BREAK: u64 = 2;
    /// A slash follows, as in `Name/AGENCY`.
    pub(super) const SLASH: u64 = 4;
    /// An opening bracket follows.
    pub(super) const BRACKET: u64 = 8;
    /// A quotation mark follows.
    pub(super) const QUOTE: u64 = 16;
    /// The word has a digit.
    pub(super) const DIGIT: u64 = 32;
    /// A single character of a script without spaces.
    pub(super) const CHAR: u64 = 64;
    /// A sign of copyright follows.
    pub(super) const RIGHTS: u64 = 128;

    /// Whether both are the same word.
    #[inline]
    pub(super) fn same(self, other: Token) -> bool {
        (self.0 ^ other.0) >> 8 == 0
    }

    /// Whether one of the bits `marks` is set.
    #[inline]
    pub(super) fn has(self, marks: u64) -> bool {
        self.0 & marks != 0
    }

    /// The word without the bits beside it.
    #[inline]
    pub(super) fn word(self) -> u64 {
        self.0 >> 8
    }

    /// What the token counts, in half words: two characters of a script without spaces are about one word.
    #[inline]
    pub(super) fn weight(self) -> u32 {
        if self.has(Token::CHAR) { 1 } else { 2 }
    }
}

/// What a line looks like, besides its words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Half words.
    pub(super) weight: u32,
    /// Characters after folding.
    pub(super) chars: u32,
    /// Characters of what stands before the first space.
    pub(super) head: u32,
    /// Words with a digit.
    pub(super) digits: u32,
    /// Bits of this type's constants.
    pub(super) flags: u16,
}

impl Shape {
    /// The line ends as a sentence does.
    pub(super) const SENTENCE: u16 = 1;
    /// It ends as a question.
    pub(super) const QUESTION: u16 = 2;
    /// It ends with an ellipsis.
    pub(super) const CUT: u16 = 4;
    /// It begins with a bullet, a number or a heading mark.
    pub(super) const BULLET: u16 = 8;
    /// It begins with a quotation mark.
    pub(super) const QUOTED: u16 = 16;
    /// It has the signs of programs or tables.
    pub(super) const CODE: u16 = 32;
    /// It consists of two or more rule characters only (`--`, `____`), as above a signature.
    pub(super) const RULE: u16 = 64;
    /// It ends with a colon: what follows is somebody's words.
    pub(super) const COLON: u16 = 128;

    /// Whether one of the bits `flags` is set.
    #[inline]
    pub(super) fn has(self, flags: u16) -> bool {
        self.flags & flags != 0
    }
}

/// The hash that [`tokens`] gives a lower-case word.
pub(super) fn word(text: &str) -> u64 {
    let mut spelling = Spelling::default();
    text.as_bytes().chunks(8).for_each(|bytes| spelling.push(load(bytes), bytes.len()));
    spelling.finish() >> 8
}

/// The bytes of a word, hashed eight at a time however they come.
#[derive(Clone, Copy, Default)]
struct Spelling {
    hash: u64,
    /// The last bytes, fewer than eight.
    rest: u64,
    /// How many there are.
    count: usize,
    /// Bytes in all.
    length: usize,
}

impl Spelling {
    /// Adds the first `length` bytes of `window`; the others must be 0.
    #[inline]
    fn push(&mut self, window: u64, length: usize) {
        self.length += length;
        self.rest |= window << (8 * self.count);
        self.count += length;
        if self.count >= 8 {
            self.hash = mix(self.hash, self.rest);
            self.count -= 8;
            // What did not fit.
            self.rest = window.checked_shr(8 * (length - self.count) as u32).unwrap_or(0);
        }
    }

    #[inline]
    fn finish(self) -> u64 {
        finish(if self.count > 0 { mix(self.hash, self.rest) } else { self.hash })
    }
}

/// Whether `c` is a character of a script that puts no spaces between words (Hangul does, but its copies differ in
/// spacing).
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c != '・'
}

/// Appends the words of `folded` (see [`crate::fold::fold`]) to `out`.
pub(super) fn tokens(folded: &str, out: &mut Vec<Token>) -> Shape {
    let begin = out.len();
    let mut reader = Reader {
        out,
        spelling: Spelling::default(),
        digit: false,
        dot: false,
        begin,
        signs: 0,
        shape: Shape::default(),
    };
    let rest = reader.skip_list_mark(folded);
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
            let window = load(&bytes[at..]);
            let digits = bytes::digits(window);
            let length = bytes::leading(digits | bytes::letters(window));
            let word = FIRST[length];
            reader.letters(window & word, length, digits & word != 0);
            reader.shape.chars += length as u32;
            at += length;
        } else if byte.is_ascii() {
            reader.shape.chars += 1;
            reader.sign(byte);
            at += 1;
        } else {
            let c = rest[at..].chars().next().unwrap_or_default();
            reader.shape.chars += 1;
            reader.read(c);
            at += c.len_utf8();
        }
    }
    reader.end(folded)
}

struct Reader<'a> {
    out: &'a mut Vec<Token>,
    /// The word being read.
    spelling: Spelling,
    digit: bool,
    /// A full stop was read; whether it ends a sentence shows in the next character.
    dot: bool,
    begin: usize,
    /// Signs that are frequent in programs, paths and tables.
    signs: usize,
    shape: Shape,
}

impl Reader<'_> {
    /// Takes a bullet, `3.` or `3)` off, and notes it.
    fn skip_list_mark<'t>(&mut self, folded: &'t str) -> &'t str {
        let head = folded.split(' ').next().unwrap_or_default();
        self.shape.head = head.chars().count() as u32;
        // A block quotation in markdown is marked as quotations in mails are; the former has quotation marks besides.
        let quotation = folded.trim_start_matches(['>', ' ', '*', '_']);
        if quotation.starts_with(['"', '\'', '「', '『']) {
            self.shape.flags |= Shape::QUOTED;
        } else if folded.starts_with(['*', '-', '+', '•', '·', '‣', '◦', '▪', '■', '●', '►', '>', '#', '○', '✓', '✔'])
        {
            self.shape.flags |= Shape::BULLET;
        }
        let digits = head.trim_end_matches(['.', ')']);
        let number = digits.len() < head.len() && digits.len() < 4 && !digits.is_empty();
        if number && head.len() < folded.len() && digits.bytes().all(|b| b.is_ascii_digit()) {
            self.shape.flags |= Shape::BULLET;
            self.shape.chars += self.shape.head;
            return &folded[head.len()..];
        }
        folded
    }

    /// Reads an ASCII character that is no letter or digit of folded text.
    #[inline]
    fn sign(&mut self, byte: u8) {
        self.signs += usize::from(SIGNS[usize::from(byte)]);
        match byte {
            b' ' => {
                self.finish_word();
                self.settle_dot();
            }
            // Apostrophes differ between copies, or are quotation marks; a word is the same without.
            b'\'' => {}
            b'.' => {
                self.finish_word();
                self.dot = true;
            }
            b'!' | b'?' => {
                self.finish_word();
                self.mark(Token::END | Token::BREAK);
            }
            b'/' => self.breaks(Token::SLASH),
            b'(' | b'[' => self.breaks(Token::BRACKET),
            b'"' => {
                self.finish_word();
                self.mark(Token::QUOTE | Token::BREAK);
            }
            b')' | b']' | b'}' => {
                self.finish_word();
                self.mark(Token::BREAK);
            }
            _ => self.breaks(0),
        }
    }

    /// Reads a character beyond ASCII.
    fn read(&mut self, c: char) {
        match c {
            '。' | '؟' | '।' | '܀' | '።' => {
                self.finish_word();
                self.mark(Token::END | Token::BREAK);
            }
            '（' => self.breaks(Token::BRACKET),
            '©' | '®' => self.breaks(Token::RIGHTS),
            '「' | '」' | '『' | '』' => {
                self.finish_word();
                self.mark(Token::QUOTE | Token::BREAK);
            }
            c if is_spaceless(c) => {
                self.finish_word();
                self.letter(c, false);
                self.push(Token::CHAR);
            }
            c if c.is_alphanumeric() || is_combining_mark(c) => self.letter(c, c.is_numeric()),
            _ => self.breaks(0),
        }
    }

    fn letter(&mut self, c: char, digit: bool) {
        let mut bytes = [0; 4];
        let length = c.encode_utf8(&mut bytes).len();
        self.letters(u32::from_le_bytes(bytes).into(), length, digit);
    }

    #[inline]
    fn letters(&mut self, letters: u64, length: usize, digit: bool) {
        self.dot = false;
        self.digit |= digit;
        self.spelling.push(letters, length);
    }

    fn breaks(&mut self, marks: u64) {
        self.finish_word();
        self.settle_dot();
        self.mark(marks | Token::BREAK);
    }

    #[inline]
    fn finish_word(&mut self) {
        if self.spelling.length > 0 {
            self.push(0);
        }
    }

    fn push(&mut self, marks: u64) {
        let digit = if self.digit { Token::DIGIT } else { 0 };
        let token = Token(self.spelling.finish() & !0xff | marks | digit);
        self.shape.weight += token.weight();
        self.shape.digits += u32::from(self.digit);
        self.out.push(token);
        (self.spelling, self.digit) = (Spelling::default(), false);
    }

    #[inline]
    fn settle_dot(&mut self) {
        if self.dot {
            self.dot = false;
            self.mark(Token::END | Token::BREAK);
        }
    }

    fn mark(&mut self, marks: u64) {
        if let Some(last) = self.out[self.begin..].last_mut() {
            last.0 |= marks;
        }
    }

    fn end(mut self, folded: &str) -> Shape {
        self.finish_word();
        self.settle_dot();
        self.mark(Token::BREAK);
        let mut shape = self.shape;
        let bare = folded.trim_end_matches(['"', '\'', ')', ']', ' ', '」', '』', '*', '_']);
        if bare.ends_with("...") || bare.ends_with("[...") {
            shape.flags |= Shape::CUT;
        } else if bare.ends_with(['.', '!', '?', '。', '؟', '।', '።']) && self.out.len() > self.begin {
            shape.flags |= Shape::SENTENCE;
            if bare.ends_with(['?', '؟']) {
                shape.flags |= Shape::QUESTION;
            }
        }
        if bare.trim_end_matches(['↑', ' ']).ends_with(':') {
            shape.flags |= Shape::COLON;
        }
        if is_code(folded, self.signs) {
            shape.flags |= Shape::CODE;
        }
        if self.out.len() == self.begin && folded.len() > 1 && folded.chars().all(|c| "-_=*~".contains(c)) {
            shape.flags |= Shape::RULE;
        }
        shape
    }
}

/// Signs that are frequent in programs, paths and tables.
const SIGNS: [bool; 256] = {
    let (mut table, signs, mut i) = ([false; 256], b"{}<>=;\\$|_^/@%~`", 0);
    while i < signs.len() {
        table[signs[i] as usize] = true;
        i += 1;
    }
    table
};

/// Whether a line with so many signs is of a program or a table, which legitimately repeat lines.
fn is_code(folded: &str, signs: usize) -> bool {
    signs >= 3 && signs * 16 > folded.len() || folded.ends_with(['{', '}', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Token>, Shape) {
        let (mut folded, mut out) = (String::new(), Vec::new());
        crate::fold::fold(text, &mut folded);
        let shape = tokens(&folded, &mut out);
        (out, shape)
    }

    fn alike(a: &str, b: &str) -> bool {
        let (a, b) = (read(a).0, read(b).0);
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same(*b))
    }

    #[test]
    fn marks_at_the_edges_do_not_count() {
        assert!(alike("“We can’t go on,” she said. ”", "We can't go on, she said"));
        assert!(alike("  • The well-known case…", "The well known case"));
        assert!(alike("3. Harbour news", "Harbour news") && alike("## Harbour — news", "harbour: News"));
        assert!(!alike("Harbour news", "Harbour new"));
        assert!(alike("「港は静かだった。」", "港は静かだった"));
    }

    #[test]
    fn sentences_end_where_they_do() {
        let (out, shape) = read("It cost 3.50 in all (said Ms Pell). Then what? “Nothing.”");
        let ends: Vec<usize> = out.iter().enumerate().filter(|(_, t)| t.has(Token::END)).map(|(i, _)| i).collect();
        assert_eq!(ends, [8, 10, 11]);
        assert!(shape.has(Shape::SENTENCE) && !shape.has(Shape::QUESTION));
        assert!(read("Then what?").1.has(Shape::QUESTION));
        assert!(read("And so it …").1.has(Shape::CUT));
        assert!(read("港は静かだった。船が来た").0[6].has(Token::END));
    }

    #[test]
    fn shapes_tell_lists_code_and_rules() {
        assert!(read("12) Salt").1.has(Shape::BULLET) && !read("12 salts").1.has(Shape::BULLET));
        assert!(read("if (x <= y) { return; }").1.has(Shape::CODE));
        assert!(read("--").1.has(Shape::RULE) && read("--").0.is_empty());
        assert_eq!(read("two 犬").1.weight, 3);
        assert_eq!(read("photo").0[0].word(), word("photo"));
        assert_eq!(read("ก็ได้ นะ").1.weight, 7);
    }
}
