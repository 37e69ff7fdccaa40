//! Streams of documents: what is not the text of one goes through byte for byte, what is broken is set aside and what
//! follows it is found, and neither the reads nor the threads show in the result.

use std::io::{self, Read};
use std::ops::Range;

use chaffinch::formats::{
    Batch, Compression, Editing, Editor, JsonLines, Layout, Product, RECORD_LIMIT, Records, Split, Splitter, Warc,
    in_order, pack, unpack,
};
use chaffinch::{Document, Judge, Label, Needs, Options, Page, Span, Verdict};
use proptest::prelude::*;

/// Drops lines that start with `x`.
struct Toy;

impl Judge for Toy {
    fn start(&mut self, _: &Document) {}

    fn judge(&mut self, page: &Page, fresh: Range<usize>, _: Span, _: Needs, out: &mut Vec<Verdict>) {
        out.extend(fresh.map(|index| {
            let drop = page.line(index).text.starts_with('x');
            let label = if drop { Label::Navigation } else { Label::Body };
            Verdict::new(!drop, Some(label), 0.75)
        }));
    }
}

/// Gives its bytes out in the given sizes, over and over, with interruptions in between.
struct Chunks<'a>(&'a [u8], &'a [usize], usize);

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.2 += 1;
        if self.2.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let size = self.1.get(self.2 % self.1.len().max(1)).copied().unwrap_or(usize::MAX).max(1);
        let count = size.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// How a stream is to be read.
fn records<'r>(layout: Layout, split: &str, reader: impl Read + Send + 'r) -> Box<dyn Records + Send + 'r> {
    match layout {
        Layout::Jsonl => Box::new(JsonLines::new(reader)),
        Layout::Warc => Box::new(Warc::new(reader)),
        _ => Box::new(Split::new(reader, Splitter::new(split).unwrap(), None)),
    }
}

fn editing(layout: Layout) -> Editing {
    let mut editing = Editing::default();
    editing.layout = layout;
    editing.name = "in".into();
    editing.text_field = "text".into();
    editing.rejects = true;
    editing
}

/// What became of a stream as a whole.
#[derive(Debug, Default, PartialEq)]
struct Whole {
    clean: String,
    packed: Vec<u8>,
    report: String,
    rejects: String,
    failures: Vec<(u64, String)>,
    records: u64,
    kept: u64,
}

/// Cleans a stream with so many threads, into batches of at most so many records.
fn run(mut records: impl Records + Send, editing: &Editing, jobs: usize, at_once: usize) -> Whole {
    let mut whole = Whole::default();
    let mut joiner = pack::Joiner::new(Vec::new(), Compression::Gzip);
    let mut more = true;
    let produce = || {
        let mut batch = Batch::new();
        while more && batch.is_empty() {
            more = records.fill(&mut batch, at_once).unwrap();
        }
        let size = batch.len();
        (!batch.is_empty()).then_some((batch, size))
    };
    let setup = || {
        let editor = Editor::new(Toy, &Options::default(), editing.clone());
        (editor, pack::Packer::new(Compression::Gzip).unwrap())
    };
    let work = |(editor, packer): &mut (Editor<Toy>, pack::Packer), batch: Batch| {
        let product = editor.edit(&batch).unwrap();
        let piece = packer.pack(product.clean.clone(), &product.ends).unwrap();
        (product, piece)
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let consume = |(product, piece): (Product, pack::Piece)| {
        joiner.join(&piece).unwrap();
        whole.clean += &text(&product.clean);
        whole.report += &text(&product.report);
        whole.rejects += &text(&product.rejects);
        whole.failures.extend(product.failures.into_iter().map(|failure| (failure.number, failure.message)));
        whole.records += product.records;
        whole.kept += product.summary.kept_lines;
        Ok::<_, ()>(())
    };
    in_order(jobs, produce, setup, work, consume).unwrap();
    whole.packed = joiner.finish().unwrap();
    let mut unpacked = String::new();
    unpack(whole.packed.as_slice(), Compression::Gzip).unwrap().read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, whole.clean);
    whole
}

fn simple(layout: Layout, split: &str, input: &[u8]) -> Whole {
    run(records(layout, split, input), &editing(layout), 1, usize::MAX)
}

fn wet(number: usize, block: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://harr.example/{number}\r\n\
         WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

#[test]
fn only_the_string_of_the_text_changes() {
    let line = "{ \"id\" : 7.0, \"text\" :\"x\\u0061\\nb\\u00e9\\n\\nx\\n\\/\" ,\"text2\":\"x\", \"n\":1e5 }";
    let whole = simple(Layout::Jsonl, "", format!("{line}\r\n\n{line}").as_bytes());
    let clean = line.replace("x\\u0061\\n", "").replace("\\nx\\n", "\\n");
    assert_eq!(whole.clean, format!("{clean}\r\n\n{clean}"));
    assert_eq!((whole.records, whole.kept, whole.failures.len()), (2, 4, 0));
}

#[test]
fn labels_are_added_at_the_end() {
    let mut editing = editing(Layout::Jsonl);
    editing.labels_field = Some("la\"bels".into());
    let input = "{\"text\":\"a\\n\\nx\",\"n\":1 }\n";
    let whole = run(JsonLines::new(input.as_bytes()), &editing, 1, 1);
    let expected = "{\"text\":\"a\\n\",\"n\":1 ,\"la\\\"bels\":[\
                    {\"line\":1,\"verdict\":\"keep\",\"label\":\"body\",\"score\":0.750},\
                    {\"line\":2,\"verdict\":\"drop\",\"label\":\"blank\",\"score\":1.000},\
                    {\"line\":3,\"verdict\":\"drop\",\"label\":\"navigation\",\"score\":0.750}]}\n";
    assert_eq!(whole.clean, expected);
    let value: serde_json::Value = serde_json::from_str(&whole.clean).unwrap();
    assert_eq!(value["la\"bels"][2]["label"], "navigation");
}

#[test]
fn bad_lines_are_set_aside_with_their_number() {
    let good = "{\"text\":\"a\\nx\\n\"}\n";
    let bad = ["{\"text\":\"a\n", "{\"txt\":\"a\"}\n", "{\"text\":5}\n", "null\n", "{\"text\":\"\u{1}\"}\n"];
    let mut input = bad.join(good).into_bytes();
    input.extend(b"{\"text\":\"\xff\"}");
    let whole = simple(Layout::Jsonl, "", &input);
    assert_eq!(whole.clean, "{\"text\":\"a\\n\"}\n".repeat(4));
    assert!(whole.rejects.starts_with(&bad.concat()), "{:?}", whole.rejects);
    let numbers: Vec<u64> = whole.failures.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 3, 5, 7, 9, 10]);
    assert_eq!(whole.failures[1].1, "it has no field \"text\"");
    assert_eq!(whole.failures[5].1, "not valid JSON: no UTF-8 at column 10");
    // Strict, it ends there.
    let mut editing = editing(Layout::Jsonl);
    editing.strict = true;
    let whole = run(JsonLines::new(&input[bad[0].len()..]), &editing, 1, usize::MAX);
    assert_eq!((whole.failures.len(), whole.failures[0].0, &*whole.clean), (1, 2, "{\"text\":\"a\\n\"}\n"));
}

#[test]
fn records_that_are_too_long_pass_by() {
    let good = "{\"text\":\"a\\nx\\n\"}\n";
    let long = format!("{{\"text\":\"{}\"}}\n", "a".repeat(RECORD_LIMIT + (3 << 20)));
    let whole = simple(Layout::Jsonl, "", format!("{good}{long}{good}").as_bytes());
    assert_eq!(whole.failures, [(2, "it is longer than 64 MiB".into())]);
    assert!(whole.rejects == long && whole.clean == "{\"text\":\"a\\n\"}\n".repeat(2));
    let long = wet(2, &"a\n".repeat(RECORD_LIMIT / 2 + 1_000_000));
    let whole = simple(Layout::Warc, "", (wet(1, "a\n") + &long + &wet(3, "b\n")).as_bytes());
    assert_eq!(whole.failures, [(2, "it is longer than 64 MiB".into())]);
    assert!(whole.rejects == long && whole.clean == wet(1, "a\n") + &wet(3, "b\n"));
    // What is not cleaned may have any size.
    let long = wet(2, &"a\n".repeat(RECORD_LIMIT / 2 + 1_000_000)).replace("conversion", "response");
    let input = wet(1, "a\n") + &long + &wet(3, "b\n");
    let whole = simple(Layout::Warc, "", input.as_bytes());
    assert!(whole.clean == input && whole.failures.is_empty());
}

#[test]
fn other_records_of_an_archive_stay_as_they_are() {
    let info = "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 8\r\n\r\nx: yes\r\n\r\n\r\n";
    let image = wet(1, "x\n").replace("text/plain", "image/png");
    let same = wet(2, "a\nb\n").replace("Content-Length: ", "Content-Length:   ");
    let whole = simple(Layout::Warc, "", format!("{info}{image}{same}\r\n{}", wet(3, "x\na\r\nx\n")).as_bytes());
    assert_eq!(whole.clean, format!("{info}{image}{same}\r\n{}", wet(3, "a\r\n")));
    assert_eq!((whole.records, whole.failures.len()), (2, 0));
    let members = flate2_members(&whole.packed);
    assert_eq!(members, [info, &image, &same, &format!("\r\n{}", wet(3, "a\r\n"))]);
}

/// The members of a gzip file.
fn flate2_members(mut bytes: &[u8]) -> Vec<String> {
    let mut members = Vec::new();
    while !bytes.is_empty() {
        let mut text = String::new();
        let mut decoder = flate2::bufread::GzDecoder::new(bytes);
        decoder.read_to_string(&mut text).unwrap();
        bytes = decoder.into_inner();
        members.push(text);
    }
    members
}

#[test]
fn an_archive_goes_on_behind_a_wrong_length() {
    for (wrong, why) in [
        ("5", "it does not end where its Content-Length says"),
        ("40", "it does not end where its Content-Length says"),
        ("400", "it does not end where its Content-Length says"),
        ("4000", "it ends after 992 of its 4000 bytes"),
        ("99999999999", "it is longer than 64 MiB"),
        ("many", "its Content-Length is no number: \"many\""),
    ] {
        let bad = wet(2, "A text that speaks of\r\nWARC/1.0\r\nand goes on.\n")
            .replace("Content-Length: 46", &format!("Content-Length: {wrong}"));
        let rest: String = (3..9).map(|number| wet(number, "a\n")).collect();
        let whole = simple(Layout::Warc, "", (wet(1, "b\n") + &bad + &rest).as_bytes());
        assert_eq!(whole.clean, wet(1, "b\n") + &rest, "{wrong}");
        assert_eq!(whole.rejects, bad);
        assert_eq!(whole.failures, [(2, why.into())]);
    }
}

#[test]
fn an_archive_that_is_none_or_ends_too_soon() {
    let whole = simple(Layout::Warc, "", b"Just a text.\n");
    assert_eq!(whole.failures, [(1, "no WARC record begins here".into())]);
    assert_eq!(whole.rejects, "Just a text.\n");
    let input = wet(1, "a\n") + &wet(2, "A longer text.\n");
    let whole = simple(Layout::Warc, "", &input.as_bytes()[..input.len() - 10]);
    assert_eq!(
        (&*whole.clean, &*whole.failures),
        (&*wet(1, "a\n"), &[(2, "it ends after 9 of its 15 bytes".into())][..])
    );
    let whole = simple(Layout::Warc, "", &input.as_bytes()[..wet(1, "a\n").len() + 30]);
    assert_eq!(whole.failures, [(2, "its header does not end".into())]);
    // Without the empty lines at the very end nothing is lost.
    let whole = simple(Layout::Warc, "", input.trim_end_matches("\r\n").as_bytes());
    assert_eq!((whole.records, whole.failures.len()), (2, 0));
}

#[test]
fn the_report_names_every_record() {
    let mut editing = editing(Layout::Jsonl);
    editing.report = true;
    let input = "{\"text\":\"a\\nx\",\"url\":\"https://harr.example/\"}\n\n{}\n{\"text\":\"\"}\n";
    let whole = run(JsonLines::new(input.as_bytes()), &editing, 2, 1);
    let records: Vec<serde_json::Value> =
        whole.report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| records.iter().filter(|record| record["type"] == kind).collect::<Vec<_>>();
    let names: Vec<_> = of("document").iter().map(|record| record["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["in:1", "in:4"]);
    assert_eq!(of("document")[0]["url"], "https://harr.example/");
    assert_eq!(of("document")[0]["bytes"], 3);
    assert_eq!(of("line")[1]["text"], "x");
    assert_eq!(of("summary").len(), 2);
    assert_eq!(of("failure")[0]["name"], "in:3");
    assert_eq!(of("failure")[0]["record"], 3);
    assert_eq!(of("failure")[0]["message"], "it has no field \"text\"");
}

/// A line of a JSON string: its characters, and whether it is dropped.
fn json_line() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a",
        "é",
        "😀",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\\"",
        "\\\\",
        "\\/",
        "\\t",
        "\\u0000",
        " ",
        "x",
        "\\r",
    ]);
    (any::<bool>(), prop::collection::vec(parts, 1..5))
        .prop_map(|(drop, parts)| format!("{}{}\\n", if drop { "x" } else { "b" }, parts.concat()))
}

fn json_record() -> impl Strategy<Value = (String, Vec<String>, String)> {
    let other = prop::sample::select(vec![
        "",
        "\"a\":1.50,",
        " \"text \" : [\"x\\n\"] , ",
        "\"x\":{\"text\":\"x\\n\"},",
        "\"\\u0078\":null,",
    ]);
    let after = prop::sample::select(vec!["", " ", ",\"z\":{\"text\":[]}", ", \"b\": \"x\\nx\\n\" "]);
    (other, prop::collection::vec(json_line(), 0..6), after, prop::sample::select(vec!["\n", "\r\n", "\n\n", " \n"]))
        .prop_map(|(before, lines, after, end)| (format!("{{{before}\"text\":\""), lines, format!("\"{after}}}{end}")))
}

/// The record, and what has to be left of it.
fn expected((before, lines, after): &(String, Vec<String>, String)) -> (String, String) {
    let kept: String = lines.iter().filter(|line| !line.starts_with('x')).map(String::as_str).collect();
    (format!("{before}{}{after}", lines.concat()), format!("{before}{kept}{after}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn json_lines_keep_everything_else(
        objects in prop::collection::vec(json_record(), 0..8),
        sizes in prop::collection::vec(1_usize..60, 1..4),
        jobs in 1_usize..4,
        at_once in 1_usize..4,
    ) {
        let (input, clean): (Vec<String>, Vec<String>) = objects.iter().map(expected).unzip();
        let input = input.concat();
        let whole = run(JsonLines::new(Chunks(input.as_bytes(), &sizes, 0)), &editing(Layout::Jsonl), jobs, at_once);
        prop_assert_eq!(&whole.clean, &clean.concat());
        prop_assert_eq!(whole.records, objects.len() as u64);
        prop_assert!(whole.failures.is_empty() && whole.rejects.is_empty());
    }

    #[test]
    fn archives_keep_everything_else(
        blocks in prop::collection::vec((any::<bool>(), prop::collection::vec("[xb][a-zé]{0,5}\r?\n", 0..6)), 0..8),
        sizes in prop::collection::vec(1_usize..300, 1..4),
        jobs in 1_usize..4,
        at_once in 1_usize..4,
    ) {
        let (mut input, mut clean, mut ends) = (String::new(), String::new(), Vec::new());
        for (number, (text, lines)) in blocks.iter().enumerate() {
            let kept: String = lines.iter().filter(|line| !line.starts_with('x')).map(String::as_str).collect();
            let (record, cleaned) = match text {
                true => (wet(number, &lines.concat()), wet(number, &kept)),
                false => [(); 2].map(|()| wet(number, &lines.concat()).replace("conversion", "metadata")).into(),
            };
            input += &record;
            clean += &cleaned;
            ends.push(cleaned);
        }
        let whole = run(Warc::new(Chunks(input.as_bytes(), &sizes, 0)), &editing(Layout::Warc), jobs, at_once);
        prop_assert_eq!(&whole.clean, &clean);
        prop_assert!(whole.failures.is_empty() && whole.rejects.is_empty());
        if !ends.is_empty() {
            prop_assert_eq!(flate2_members(&whole.packed), ends);
        }
    }

    #[test]
    fn documents_are_cleaned_as_if_alone(
        lines in prop::collection::vec("(=|x|b|==|=b|)\r?\n|\x0c|b", 0..24),
        sizes in prop::collection::vec(1_usize..20, 1..4),
        jobs in 1_usize..4,
    ) {
        let input = lines.concat();
        for pattern in ["^=+$", "\\f"] {
            let split = Split::new(Chunks(input.as_bytes(), &sizes, 0), Splitter::new(pattern).unwrap(), None);
            let whole = run(split, &editing(Layout::Text), jobs, 2);
            let separates = |piece: &str| match pattern {
                "\\f" => piece == "\x0c",
                _ => !piece.trim_end().is_empty() && piece.trim_end().bytes().all(|byte| byte == b'='),
            };
            let pieces: Vec<&str> = match pattern {
                "\\f" => input.split_inclusive('\x0c').flat_map(|piece| match piece.strip_suffix('\x0c') {
                    Some(rest) => vec![rest, "\x0c"],
                    None => vec![piece],
                }).collect(),
                _ => input.split_inclusive('\n').collect(),
            };
            let (mut clean, mut document) = (String::new(), String::new());
            let alone = |document: &str| simple(Layout::Text, "[^\\s\\S]", document.as_bytes()).clean;
            for piece in pieces {
                if separates(piece) {
                    clean += &alone(&std::mem::take(&mut document));
                    clean += piece;
                } else {
                    document += piece;
                }
            }
            prop_assert_eq!(whole.clean, clean + &alone(&document));
        }
    }

    #[test]
    fn anything_at_all_ends_somewhere(
        input in prop::collection::vec(prop::sample::select(vec![
            &b"WARC/1.0\r\n"[..], b"WARC-Type: conversion\r\n", b"Content-Length: 5\r\n", b"\r\n", b"\r\n\r\n", b"abcde",
            b"{\"text\":\"", b"x\\n\"}\n", b"\\u12", b"\"", b"\n", b"\xff", b"\0", b"WARC-Type: response\r\n", b"[", b"}",
        ]), 0..40),
        sizes in prop::collection::vec(1_usize..20, 1..4),
    ) {
        let input = input.concat();
        for layout in [Layout::Jsonl, Layout::Warc, Layout::Text] {
            let editing = editing(layout);
            let whole = run(records(layout, "^x", Chunks(&input, &sizes, 0)), &editing, 1, 3);
            let other = run(records(layout, "^x", input.as_slice()), &editing, 3, 1);
            prop_assert_eq!((whole.clean, whole.rejects, whole.failures), (other.clean, other.rejects, other.failures));
        }
    }
}
