//! What a line looks like, besides its words: how it begins and ends, and whether it is text at all.

/// What a line looks like, besides its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// How a folded line begins: flags, and the bytes of the number (`3.` or `3)`) that it begins with as an item of a list.
#[inline]
pub(super) fn begin(folded: &str) -> (u16, usize) {
    match folded.as_bytes().first() {
        Some(b'a'..=b'z') => (0, 0),
        Some(b'0'..=b'9') => begin_with_digit(folded),
        Some(b'"' | b'\'') => (Shape::QUOTED, 0),
        Some(b'-' | b'+' | b'#') => (Shape::BULLET, 0),
        Some(b'!'..=b'~') if !folded.starts_with(['>', '*', '_']) => (0, 0),
        _ => (begin_with_sign(folded), 0),
    }
}

fn begin_with_digit(folded: &str) -> (u16, usize) {
    let bytes = folded.as_bytes();
    let digits = bytes.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let signs = bytes[digits..].iter().take_while(|byte| matches!(byte, b'.' | b')')).count();
    let number = digits < 4 && signs > 0 && bytes.get(digits + signs) == Some(&b' ');
    if number { (Shape::BULLET, digits + signs) } else { (0, 0) }
}

fn begin_with_sign(folded: &str) -> u16 {
    // A block quotation in markdown is marked as quotations in mails are; the former has quotation marks besides.
    let quotation = folded.trim_start_matches(['>', ' ', '*', '_']);
    if quotation.starts_with(['"', '\'', '「', '『']) {
        return Shape::QUOTED;
    }
    let bullets = ['*', '-', '+', '•', '·', '‣', '◦', '▪', '■', '●', '►', '>', '#', '○', '✓', '✔'];
    if folded.starts_with(bullets) { Shape::BULLET } else { 0 }
}

/// How a folded line ends that has so many words and signs of programs.
#[inline]
pub(super) fn end(folded: &str, words: usize, signs: usize) -> u16 {
    let code = if signs >= 3 && signs * 16 > folded.len() { Shape::CODE } else { 0 };
    match folded.as_bytes().last() {
        Some(b'a'..=b'z' | b'0'..=b'9') if words > 0 => code,
        _ => code | end_with_sign(folded, words),
    }
}

fn end_with_sign(folded: &str, words: usize) -> u16 {
    if folded.ends_with('.') && !folded.ends_with("...") && words > 0 {
        return Shape::SENTENCE;
    }
    // Programs and tables legitimately repeat lines.
    let mut flags = if folded.ends_with(['{', '}', ';']) { Shape::CODE } else { 0 };
    let bare = folded.trim_end_matches(['"', '\'', ')', ']', ' ', '」', '』', '*', '_']);
    if bare.ends_with("...") {
        flags |= Shape::CUT;
    } else if bare.ends_with(['.', '!', '?', '。', '؟', '।', '።']) && words > 0 {
        flags |= Shape::SENTENCE;
        if bare.ends_with(['?', '؟']) {
            flags |= Shape::QUESTION;
        }
    }
    if bare.trim_end_matches(['↑', ' ']).ends_with(':') {
        flags |= Shape::COLON;
    }
    if words == 0 && folded.len() > 1 && folded.bytes().all(|byte| b"-_=*~".contains(&byte)) {
        flags |= Shape::RULE;
    }
    flags
}

/// Signs that are frequent in programs, paths and tables.
pub(super) const SIGNS: [bool; 256] = {
    let (mut table, signs, mut i) = ([false; 256], b"{}<>=;\\$|_^/@%~`", 0);
    while i < signs.len() {
        table[signs[i] as usize] = true;
        i += 1;
    }
    table
};
