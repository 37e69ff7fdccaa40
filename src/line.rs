//! Lines as the rest of the library sees them: text without its terminator, the terminator apart.
//!
//! Terminators are data, not noise: the clean text and the reports must give the input back byte for byte,
//! so every line remembers which one it had.

/// How a line ended in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Eol {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`, only in documents whose first 64 KiB hold no `\n` at all.
    Cr,
    /// Nothing: the last line of an input without a final newline, or a piece of an over-long line that goes on.
    None,
}

impl Eol {
    /// The terminator's characters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Eol::Lf => "\n",
            Eol::CrLf => "\r\n",
            Eol::Cr => "\r",
            Eol::None => "",
        }
    }
}

/// Whether a [`Line`] is a whole line or a piece of one that is too long to judge.
///
/// Lines of more than 1 MiB are passed through in pieces, so that no line, however long, has to fit in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The whole line.
    Whole,
    /// The first piece of an over-long line.
    First,
    /// A piece in the middle.
    Middle,
    /// The last piece; it has the terminator.
    Last,
}

/// A line of the decoded input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1. All pieces of an over-long line have the same number.
    pub number: u64,
    /// The text without its terminator.
    pub text: &'a str,
    /// The terminator.
    pub eol: Eol,
    /// Whole line or piece.
    pub part: Part,
}

impl Line<'_> {
    /// Whether nothing but white space (or a byte-order mark) stands on the line.
    pub fn is_blank(&self) -> bool {
        self.part == Part::Whole && is_blank(self.text)
    }
}

/// Whether nothing but white space (or a byte-order mark) is in `text`.
pub fn is_blank(text: &str) -> bool {
    // Most lines are told by their first character that is no space, and many are far from the left.
    let mut bytes = text.as_bytes();
    while let Some((b"        ", rest)) = bytes.split_first_chunk() {
        bytes = rest;
    }
    match bytes.iter().position(|byte| *byte != b' ') {
        None => true,
        Some(at) if bytes[at].is_ascii_graphic() => false,
        Some(at) => {
            let rest = &text[text.len() - bytes.len() + at..];
            rest.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
        }
    }
}

/// A run of lines in one buffer, reused from window to window and document to document.
#[derive(Clone, Debug, Default)]
pub struct Page {
    text: String,
    spans: Vec<Span>,
    /// How many lines are not blank.
    written: usize,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
    number: u64,
    eol: Eol,
    part: Part,
    blank: bool,
}

impl Page {
    /// An empty page.
    pub fn new() -> Page {
        Page::default()
    }

    /// A page of the lines of `text`, as the line reader would read them (for tests and small tools).
    pub fn from_text(text: &str) -> Page {
        let mut page = Page::new();
        for (i, line) in text.split_inclusive('\n').enumerate() {
            let (body, eol) = match line.strip_suffix('\n') {
                Some(rest) => match rest.strip_suffix('\r') {
                    Some(rest) => (rest, Eol::CrLf),
                    None => (rest, Eol::Lf),
                },
                None => (line, Eol::None),
            };
            page.push(Line { number: i as u64 + 1, text: body, eol, part: Part::Whole });
        }
        page
    }

    /// Adds a line at the end.
    pub fn push(&mut self, line: Line<'_>) {
        let start = self.text.len();
        self.text.push_str(line.text);
        let end = self.text.len();
        let blank = line.is_blank();
        self.written += usize::from(!blank);
        self.spans.push(Span { start, end, number: line.number, eol: line.eol, part: line.part, blank });
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Number of lines that are not [blank](Line::is_blank).
    pub fn written(&self) -> usize {
        self.written
    }

    /// Bytes of text held, terminators not counted.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The lines' text, one behind the other.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where the text of line `index` stands in [`Page::text`].
    pub(crate) fn range(&self, index: usize) -> std::ops::Range<usize> {
        let span = &self.spans[index];
        span.start..span.end
    }

    /// Line `index`, from 0.
    ///
    /// # Panics
    /// When `index` is not below [`Page::len`].
    pub fn line(&self, index: usize) -> Line<'_> {
        let span = &self.spans[index];
        Line { number: span.number, text: &self.text[span.start..span.end], eol: span.eol, part: span.part }
    }

    /// Whether line `index` is [blank](Line::is_blank), at no cost.
    ///
    /// # Panics
    /// When `index` is not below [`Page::len`].
    pub fn is_blank(&self, index: usize) -> bool {
        self.spans[index].blank
    }

    /// The lines in order.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        (0..self.len()).map(|i| self.line(i))
    }

    /// Removes the first `count` lines, keeping the buffers.
    pub fn remove_front(&mut self, count: usize) {
        let cut = self.spans.get(count).map_or(self.text.len(), |span| span.start);
        self.text.drain(..cut);
        self.written -= self.spans.drain(..count).filter(|span| !span.blank).count();
        for span in &mut self.spans {
            span.start -= cut;
            span.end -= cut;
        }
    }

    /// Removes every line, keeping the buffers.
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.written = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_terminators_and_numbers() {
        let mut page = Page::from_text("a\r\nb\n\nc");
        let seen: String = page.lines().map(|l| format!("{}{}", l.text, l.eol.as_str())).collect();
        assert_eq!(seen, "a\r\nb\n\nc");
        page.remove_front(2);
        assert_eq!(page.len(), 2);
        assert_eq!((page.line(1).text, page.line(1).number, page.line(1).eol), ("c", 4, Eol::None));
        assert!(page.line(0).is_blank() && page.is_blank(0) && !page.is_blank(1));
        assert_eq!(page.written(), 1);
        page.clear();
        assert!(page.is_empty() && page.written() == 0);
    }

    #[test]
    fn blank_is_white_space_or_a_mark() {
        assert!(is_blank(" \t\u{a0}\u{3000}") && is_blank("\u{feff}") && is_blank(""));
        assert!(!is_blank("."));
        for at in 0..20 {
            let spaces = " ".repeat(at);
            assert!(is_blank(&spaces) && is_blank(&format!("{spaces}\u{2003} ")) && !is_blank(&format!("{spaces}é")));
            assert!(is_blank(&format!("{spaces}\t")) && !is_blank(&format!("{spaces}\u{0}{spaces}")));
        }
    }
}
