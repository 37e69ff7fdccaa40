//! From bytes to decided lines.

use chaffinch::decode::{Decoder, encode, encoding_for_name};
use chaffinch::lines::{LineReader, Next};
use chaffinch::report::escape as escaping;
use chaffinch::{Cleaner, Document, Options, Page};

use super::settings;
use super::shared::{Chunks, Collect, with_judge};

/// What the first byte of an input chooses; `None` is to find it out.
const ENCODINGS: [Option<&str>; 12] = [
    None,
    Some("utf-8"),
    Some("utf-16le"),
    Some("utf-16be"),
    Some("windows-1252"),
    Some("shift_jis"),
    Some("gb18030"),
    Some("iso-2022-jp"),
    Some("euc-kr"),
    Some("big5"),
    Some("koi8-r"),
    Some("x-user-defined"),
];

fn encoding(choice: u8) -> Option<&'static encoding_rs::Encoding> {
    let name = ENCODINGS[usize::from(choice) % ENCODINGS.len()]?;
    Some(encoding_for_name(name).expect("the standard has it"))
}

/// Decoding does not depend on how the reads cut the input, and goes back where nothing was replaced.
pub(super) fn decoder(mut data: &[u8]) {
    let [choice, size] = settings(&mut data);
    let decoded = |size: u8| {
        let mut decoder = Decoder::new(Chunks::new(data, size), encoding(choice));
        let mut text = String::new();
        while decoder.decode(&mut text).expect("nothing fails") {}
        let encoding = decoder.encoding().expect("nothing fails");
        assert_eq!(decoder.bytes_read(), data.len() as u64);
        (text, encoding, decoder.replacements())
    };
    let whole = decoded(0);
    assert_eq!(whole, decoded(size.max(1)));
    let (text, encoding, replacements) = whole;
    let one_to_one = ["UTF-8", "UTF-16LE", "UTF-16BE", "windows-1252"].contains(&encoding.name());
    if one_to_one && replacements == 0 {
        assert_eq!(encode(&text, encoding).as_deref(), Some(data));
    }
}

/// Lines are the decoded text, however the reads cut it and however much room the page has.
pub(super) fn lines(mut data: &[u8]) {
    let [choice, size, most] = settings(&mut data);
    let read = |size: u8, most: usize| {
        let mut reader = LineReader::new(Chunks::new(data, size), encoding(choice));
        let mut page = Page::new();
        let mut all = Vec::new();
        let mut next = Next::Line;
        while next != Next::End {
            page.clear();
            next = match next {
                Next::Piece => reader.piece(&mut page),
                _ => reader.fill(&mut page, most, 4096),
            }
            .expect("nothing fails");
            all.extend(page.lines().map(|line| (line.number, line.text.to_owned(), line.eol, line.part)));
        }
        all
    };
    let whole = read(0, 2048);
    assert_eq!(whole, read(size.max(1), usize::from(most) + 1));
    let mut decoder = Decoder::new(data, encoding(choice));
    let mut text = String::new();
    while decoder.decode(&mut text).expect("nothing fails") {}
    let joined: String = whole.iter().flat_map(|(_, text, eol, _)| [text.as_str(), eol.as_str()]).collect();
    assert_eq!(joined, text);
}

/// Kept and removed lines are the input, the numbers add up, and the reads do not show.
pub(super) fn cleaner(mut data: &[u8]) {
    let [choice, size, window] = settings(&mut data);
    let mut options = Options::default();
    options.encoding = encoding(choice);
    if !window.is_multiple_of(4) {
        options.window = usize::from(window);
    }
    let clean = |size: u8| {
        with_judge(|judge| {
            let mut sink = Collect::default();
            let reader = Chunks::new(data, size);
            let summary = Cleaner::new(judge, &options).clean(reader, Document::new("-"), &mut sink);
            (sink, summary.expect("nothing fails"))
        })
    };
    let (sink, summary) = clean(0);
    assert_eq!(summary.bytes, sink.all.len() as u64);
    assert_eq!(summary.kept_bytes, sink.clean.len() as u64);
    assert_eq!(summary.lines, sink.lines.last().map_or(0, |line| line.0));
    let encoding = encoding_for_name(&summary.encoding).expect("the summary names it");
    let (expected, _) = encoding.decode_without_bom_handling(data);
    assert_eq!(sink.all, expected);
    assert_eq!((sink, summary), clean(size.max(1)));
}

/// Repeats point to lines that stay, and a page is the same the second time.
pub(super) fn repeats(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let page = Page::from_text(&text);
    let mut repeats = chaffinch::repeats::Repeats::new();
    let found = repeats.find(&page, 0..page.len()).to_vec();
    for (line, found) in page.lines().zip(&found) {
        if let Some(found) = found.filter(|found| found.sure) {
            let of = usize::try_from(found.of).expect("it is a line of the page");
            assert_ne!(found.of, line.number);
            assert!(of >= 1 && of <= page.len(), "line {} repeats line {of}", line.number);
        }
    }
    repeats.reset();
    assert_eq!(repeats.find(&page, 0..page.len()), found);
}

/// Nothing that a terminal or a browser would act on is left.
pub(super) fn escape(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = escaping::terminal(&text);
    assert!(shown.chars().all(|c| c == '\t' || !c.is_control()), "{shown:?}");
    assert!(!shown.contains(['\u{202e}', '\u{2066}', '\u{feff}']), "{shown:?}");
    let html = escaping::html(&text);
    assert!(!html.contains(['<', '>', '"', '\'']) && html.chars().all(|c| c == '\t' || !c.is_control()), "{html:?}");
}
