//! The words of a line, character by character.
//!
//! A pull quote has quotation marks that its paragraph lacks, a teaser an ellipsis, a list item a bullet. So a line
//! becomes its words only, and what stood between the words survives as bits beside them. Scripts that write no spaces
//! count by character. This is the definition, and what lines beyond ASCII are read by; [`super::scan`] reads the
//! others, sixty-four bytes at a time.

use unicode_normalization::char::is_combining_mark;

use super::shape::{self, SIGNS, Shape};
use super::token::{Spelling, Token};
use crate::bytes::{self, FIRST, load};
use crate::unicode;

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
    let (flags, mark) = shape::begin(folded);
    let mut reader =
        Reader { out, spelling: Spelling::default(), digit: false, dot: false, begin, signs: 0, weight: 0, digits: 0 };
    let rest = &folded[mark..];
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
            at += length;
        } else if byte.is_ascii() {
            reader.sign(byte);
            at += 1;
        } else {
            let c = rest[at..].chars().next().unwrap_or_default();
            reader.read(c);
            at += c.len_utf8();
        }
    }
    reader.finish_word();
    reader.settle_dot();
    reader.mark(Token::BREAK);
    let Reader { signs, weight, digits, .. } = reader;
    let count = |text: &str| text.chars().count() as u32;
    Shape {
        weight,
        chars: count(folded),
        head: count(folded.split(' ').next().unwrap_or_default()),
        digits,
        flags: flags | shape::end(folded, out.len() - begin, signs),
    }
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
    /// Half words, and words with a digit.
    weight: u32,
    digits: u32,
}

impl Reader<'_> {
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
            // Most letters beyond ASCII, which need no tables.
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{400}'..='\u{481}' => {
                self.letter(c, false);
            }
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
            c => match unicode::of(c) {
                bits if bits & unicode::ALPHANUMERIC != 0 => self.letter(c, bits & unicode::NUMERIC != 0),
                _ if is_combining_mark(c) => self.letter(c, false),
                _ => self.breaks(0),
            },
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
        let token = Token::new(self.spelling, marks | digit);
        self.weight += token.weight();
        self.digits += u32::from(self.digit);
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
            last.mark(marks);
        }
    }
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
    fn letters_are_those_of_the_tables() {
        for c in ('\u{c0}'..='\u{24f}').chain('\u{400}'..='\u{481}').filter(|c| !"×÷".contains(*c)) {
            assert!(c.is_alphanumeric() && !c.is_numeric() && !is_spaceless(c), "{c:?}");
        }
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
        assert_eq!(read("photo").0[0].word(), super::super::token::word("photo"));
        assert_eq!(read("ก็ได้ นะ").1.weight, 7);
    }
}
