//! The input again, and every way in which it can not be had.

use std::io::{BufReader, Cursor};

use chaffinch::report::{Diff, Format};
use chaffinch::restore::{RestoreInfo, restore};
use chaffinch::{Document, Eol};
use proptest::prelude::*;

use super::toy::{Toy, clean, feed, input, over_long, page, report, toys};

fn back(clean: &[u8], report: &[u8], buffer: usize) -> Result<(Vec<u8>, RestoreInfo), String> {
    let mut out = Vec::new();
    let read = |bytes| BufReader::with_capacity(buffer, Cursor::new(bytes));
    let info = restore(read(clean.to_vec()), read(report.to_vec()), &mut out).map_err(|e| e.to_string())?;
    Ok((out, info))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_reports_give_the_input_back(toys in toys(), buffer in 1..64usize) {
        for format in [Format::Diff, Format::Jsonl] {
            let report = report(format, &Document::new("page.txt"), &toys);
            let (bytes, info) = back(clean(&toys).as_bytes(), &report, buffer).map_err(TestCaseError::fail)?;
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), input(&toys));
            prop_assert!(info.is_exact());
            prop_assert_eq!(info.bytes as usize, input(&toys).len());
        }
    }

    #[test]
    fn cut_hunks_give_the_input_back(toys in toys(), limit in 1..200usize, huge in 1..40usize) {
        let mut diff = Diff::with_limits(Vec::new(), limit, huge);
        if super::toy::try_feed(&mut diff, &Document::new("x"), &toys).is_ok() {
            let (bytes, _) = back(clean(&toys).as_bytes(), &diff.into_inner(), 16).map_err(TestCaseError::fail)?;
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), input(&toys));
        }
    }

    /// A damaged report or clean text never gives something else than an error, or what is still right.
    #[test]
    fn damage_is_noticed(toys in toys(), place in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        for format in [Format::Diff, Format::Jsonl] {
            let whole = report(format, &Document::new("page.txt"), &toys);
            if whole.is_empty() {
                continue;
            }
            let at = place.index(whole.len());
            let mut damaged = whole.clone();
            if cut {
                damaged.truncate(at);
            } else {
                damaged[at] = with;
            }
            let result = back(clean(&toys).as_bytes(), &damaged, 4096);
            if cut && at > 0 && at < whole.len() - 1 {
                let error = result.expect_err("a report that is cut short");
                prop_assert!(error.starts_with("cannot restore: line "), "{error}");
            }
        }
    }

    #[test]
    fn any_report_gives_an_answer(clean in ".*", start in "(|\\{|# chaffinch 1 encoding=x\n|--- a\n\\+\\+\\+ b\n@@ -1,2 \\+1 @@\n)", rest in "(.|[-+ \\\\]\n)*") {
        let _ = back(clean.as_bytes(), (start + &rest).as_bytes(), 8);
    }
}

/// A document in another encoding, as bytes.
fn encoded(encoding: &'static str, toys: &[Toy], bytes: &[u8]) {
    let mut document = Document::new("page.txt");
    document.encoding = encoding;
    document.bytes = Some(bytes.len() as u64);
    for format in [Format::Diff, Format::Jsonl] {
        let (result, info) = back(clean(toys).as_bytes(), &report(format, &document, toys), 5).unwrap();
        assert_eq!(result, bytes, "{encoding} {format}");
        assert!(info.is_exact() && info.encoding == encoding, "{info:?}");
    }
}

#[test]
fn other_encodings_come_back() {
    encoded(
        "windows-1252",
        &page("-Übersicht\nGrüße – heute\n-Menü"),
        b"-\xdcbersicht\nGr\xfc\xdfe \x96 heute\n-Men\xfc",
    );
    encoded("windows-1252", &page("Grüße\n"), b"Gr\xfc\xdfe\n");
    encoded("UTF-16LE", &page("\u{feff}ä\n-b\r\n"), b"\xff\xfe\xe4\0\n\0-\0b\0\r\0\n\0");
}

#[test]
fn what_can_not_be_exact_says_so() {
    let toys = page("-a\u{fffd}\nb\n");
    let mut document = Document::new("x");
    document.encoding = "windows-1252";
    document.bytes = Some(6);
    let jsonl = report(Format::Jsonl, &document, &toys);
    let (bytes, info) = back(clean(&toys).as_bytes(), &jsonl, 99).unwrap();
    assert_eq!((bytes.as_slice(), info.unmappable), (&b"-a?\nb\n"[..], 1));
    assert!(!info.is_exact());
    document.encoding = "UTF-8";
    document.bytes = Some(999);
    let (_, info) = back(clean(&toys).as_bytes(), &report(Format::Jsonl, &document, &toys), 99).unwrap();
    assert!(!info.is_exact());
}

#[test]
fn over_long_lines_stream_through() {
    for eol in [Eol::Lf, Eol::None] {
        let toys = [page("-a\nb\n-c\n"), over_long(3000, eol)].concat();
        let mut diff = Diff::with_limits(Vec::new(), 2000, 100);
        feed(&mut diff, &Document::new("x"), &toys);
        let diff = diff.into_inner();
        assert!(diff.len() > 9000, "the line is context");
        for report in [diff, report(Format::Jsonl, &Document::new("x"), &toys)] {
            assert_eq!(back(clean(&toys).as_bytes(), &report, 64).unwrap().0, input(&toys).as_bytes());
        }
    }
}

#[test]
fn each_inconsistency_names_its_line() {
    let toys = page("-a\nb\nc\nd\ne\nf\n-g\nh\n");
    let text = clean(&toys);
    let diff = String::from_utf8(report(Format::Diff, &Document::new("x"), &toys)).unwrap();
    let jsonl = String::from_utf8(report(Format::Jsonl, &Document::new("x"), &toys)).unwrap();
    let cases: Vec<(String, String, &str)> = vec![
        (text.replace('c', "C"), diff.clone(), "line 7 of the report: this is not what stands on line 2"),
        ("b\n".into(), diff.clone(), "line 7 of the report: the clean text has ended"),
        (text.clone() + "more\n", diff.clone(), "line 13 of the report: the clean text has 7 lines"),
        (
            text.clone(),
            diff.replace("-1,8", "-4,8"),
            "line 4 of the report: the hunk starts behind line 3 of the input",
        ),
        (
            text.clone(),
            diff.replace("+1,6", "+99,6"),
            "line 4 of the report: the hunk starts behind line 98 of the clean text, which has 6",
        ),
        (text.clone(), diff.replace("-1,8", "-1,7"), "line 12 of the report: the hunk has other lines"),
        (text.clone(), diff.replace("@@ -", "@@ "), "line 4 of the report: not the header of a hunk"),
        (text.clone(), diff.replace("# end of report: 8", "# end of report: x"), "line 13 of the report: the counts"),
        (text.clone(), diff.replace("UTF-8", "klingon"), "line 1 of the report: unknown encoding \"klingon\""),
        (text.clone(), diff.clone() + &diff, "line 14 of the report: something follows"),
        (text.clone(), diff.clone() + "x\n", "line 14 of the report: something follows"),
        (text.clone(), "Just a text.\n".into(), "line 1 of the report: this is neither"),
        (
            text.clone(),
            diff.lines().take(5).map(|l| format!("{l}\n")).collect(),
            "line 6 of the report: the report is cut short",
        ),
        (
            text.clone(),
            diff.lines().take(12).map(|l| format!("{l}\n")).collect(),
            "line 13 of the report: the report is cut short",
        ),
        ("b\n".into(), jsonl.clone(), "line 4 of the report: the clean text has ended"),
        (text.clone() + "more\n", jsonl.clone(), "line 10 of the report: the clean text goes on"),
        (text.replace('c', "cc"), jsonl.clone(), "line 10 of the report: the clean text had 12 bytes, this one has 13"),
        (
            text.replace("b\n", "b\r\n"),
            jsonl.clone(),
            "line 3 of the report: the line of the clean text that belongs here",
        ),
        (
            text.clone(),
            jsonl.replace("\"line\":5", "\"line\":6"),
            "line 6 of the report: line 5 of the input should come here",
        ),
        (text.clone(), jsonl.replace("\"schema\":1", "\"schema\":9"), "line 1 of the report: this is version 9"),
        (
            text.clone(),
            jsonl.replace("\"text\":\"-g\"", "\"x\":0"),
            "line 8 of the report: the text of the removed line",
        ),
        (text.clone(), jsonl.replace("\"drop\"", "\"dorp\""), "line 2 of the report: unknown verdict"),
        (
            text.clone(),
            jsonl.lines().skip(1).map(|l| format!("{l}\n")).collect(),
            "line 1 of the report: the record of the document",
        ),
        (
            text.clone(),
            jsonl.lines().take(9).map(|l| format!("{l}\n")).collect(),
            "line 10 of the report: the report is cut short",
        ),
        (text.clone(), jsonl.clone() + &jsonl, "line 11 of the report: something follows"),
    ];
    for (clean, report, expected) in cases {
        let error = back(clean.as_bytes(), report.as_bytes(), 4096).expect_err(expected);
        assert!(error.contains(expected), "{error:?} should be {expected:?}");
    }
}

#[test]
fn diffs_of_other_programs_are_understood() {
    let diff = "diff -u a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n a\n-b\n c\n";
    assert_eq!(back(b"a\nc\n", diff.as_bytes(), 3).unwrap().0, b"a\nb\nc\n");
    assert_eq!(back(b"kept\n", b"", 3).unwrap().0, b"kept\n");
}
