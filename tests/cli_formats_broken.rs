//! Broken streams through the real program: what is broken is told, set aside and costs nothing else.

use chaffinch::formats::Compression;
use predicates::str::contains;
use serde_json::json;

mod support;
use support::streams::*;
use support::{Folder, KEPT_LABELS, SCRAPE, chaffinch, complaint, refused};

#[test]
fn bad_records_are_told_and_set_aside() {
    let folder = Folder::new();
    let bad = ["{\"text\": \"cut\n", "{\"txt\":\"\\u001b[31m\"}\n", "{\"text\":[1]}\n"];
    folder.write("crawl.jsonl", bad.join(&json_line(1, SCRAPE)));
    let assert = folder.run(["crawl.jsonl", "-o", "out.jsonl", "--rejects", "bad.jsonl"]).assert().code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[0],
        "chaffinch: crawl.jsonl:1: not valid JSON: control character (\\u0000-\\u001F) found while parsing a string at column 13"
    );
    assert_eq!(lines[1], "chaffinch: crawl.jsonl:3: it has no field \"text\"");
    assert_eq!(lines[2], "chaffinch: crawl.jsonl:5: its field \"text\" is not a string");
    assert!(lines[3].contains("2 records cleaned, ") && lines[3].ends_with("; 3 could not be cleaned"), "{said}");
    assert_eq!(folder.text("out.jsonl"), json_line(1, &clean_scrape()).repeat(2));
    assert_eq!(folder.text("bad.jsonl"), bad.concat());
    // Another field may be meant.
    folder.run(["crawl.jsonl", "--text-field", "txt", "-q"]).assert().code(1).stdout("{\"txt\":\"\\u001b[31m\"}\n");
}

#[test]
fn strict_stops_at_the_first() {
    let folder = Folder::new();
    folder.write("crawl.jsonl", json_line(1, SCRAPE) + "{}\n" + &json_line(2, SCRAPE));
    let clean = json_line(1, &clean_scrape());
    let assert = folder.run(["crawl.jsonl", "--strict"]).assert().code(1).stdout(clean);
    assert!(
        assert.get_output().stderr.ends_with(b"chaffinch: crawl.jsonl: stopped at record 2, as it was asked for\n")
    );
    folder.run(["crawl.jsonl", "--strict", "-o", "out.jsonl"]).assert().code(1);
    assert_eq!(folder.names(), ["crawl.jsonl"]);
    folder.write("good.jsonl", json_line(1, SCRAPE));
    folder.run(["good.jsonl", "--strict", "-o", "out.jsonl"]).assert().success();
}

#[test]
fn compressed_data_that_breaks_off() {
    let clean = json_line(1, &clean_scrape());
    for (extension, compression, what) in [("gz", Compression::Gzip, "gzip"), ("zst", Compression::Zstd, "zstd")] {
        let folder = Folder::new();
        let name = format!("crawl.jsonl.{extension}");
        let (first, second) = (pack(json_line(1, SCRAPE), compression), pack(json_line(2, SCRAPE), compression));
        let whole = [first.clone(), second.clone()].concat();
        let mut broken = whole.clone();
        let middle = first.len() + second.len() / 2;
        broken[middle..middle + 30].fill(0xff);
        for (bytes, why) in [
            (&whole[..middle], format!("the {what} data is cut off: its end is missing")),
            (&broken, format!("the {what} data is broken (")),
        ] {
            folder.write(&name, bytes);
            let assert = folder.run([&*name]).assert().code(1);
            assert_eq!(unpacked(&assert.get_output().stdout, compression), clean);
            let said = complaint(&assert);
            assert!(said.starts_with(&format!("chaffinch: {name}: after 1 records: cannot read: {why}")), "{said}");
            let words = [&*name, "-o", "out.jsonl", "--report", "why.jsonl", "--rejects", "bad.jsonl"];
            folder.run(words).assert().code(1).stdout("");
            assert_eq!(folder.names(), [&*name], "something half-written is there");
        }
        // A single text is no different.
        let page = format!("page.txt.{extension}");
        folder.write(&page, &pack(SCRAPE, compression)[..200]);
        let assert = folder.run([&*page, "-o", "out.txt", "--report", "why.diff"]).assert().code(1);
        assert_eq!(
            complaint(&assert),
            format!("chaffinch: {page}: cannot read: the {what} data is cut off: its end is missing")
        );
        assert_eq!(folder.names(), [&*name, &*page]);
        folder.write(&page, SCRAPE);
        let said = complaint(&folder.run([&*page]).assert().code(1));
        assert!(said.contains(&format!("the {what} data is broken")), "{said}");
    }
}

#[test]
fn an_archive_with_a_wrong_length_loses_one_record() {
    let folder = Folder::new();
    let good = wet_record("conversion", SCRAPE);
    let length = format!("Content-Length: {}", SCRAPE.len());
    for wrong in ["0", "7", "99999", "999999999999", "-1"] {
        let bad = good.replace(&length, &format!("Content-Length: {wrong}"));
        folder.write("crawl.warc.wet.gz", [gzip(&good), gzip(&bad), gzip(&good)].concat());
        let words = ["crawl.warc.wet.gz", "-o", "out.wet", "--rejects", "bad.wet", "--overwrite"];
        let assert = folder.run(words).assert().code(1);
        let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert!(
            said.starts_with("chaffinch: crawl.warc.wet.gz:2: ")
                && said.contains("Content-Length") == (wrong != "99999" && wrong.len() < 10),
            "{said}"
        );
        assert_eq!(folder.text("out.wet"), wet_record("conversion", &clean_scrape()).repeat(2), "{wrong}");
        assert_eq!(folder.text("bad.wet"), bad);
    }
}

#[test]
fn what_can_not_be_asked_of_a_stream() {
    let folder = Folder::with(&[("crawl.jsonl", "{\"text\":\"a\"}\n"), ("page.txt", SCRAPE), ("a.wet", "")]);
    let before = folder.files();
    for (words, why) in [
        (
            &["crawl.jsonl", "--report", "why.html"][..],
            "crawl.jsonl holds many documents, whose report can not be html; use .jsonl",
        ),
        (&["page.txt", "--split", "x", "--report", "why.diff"], "can not be diff; use .jsonl"),
        (&["page.txt", "--split", "("], "--split: the pattern can not be used: unclosed group"),
        (&["crawl.jsonl", "--split", "x"], "--split: crawl.jsonl has records and is not split"),
        (&["page.txt", "--rejects", "bad"], "--rejects: page.txt is one document and has no records"),
        (&["a.wet", "--labels-field", "labels"], "--labels-field: a.wet has no fields; JSON Lines have"),
        (&["crawl.jsonl", "--labels-field", "text"], "--labels-field: that is the field of the text"),
        (&["restore", "crawl.jsonl", "page.txt"], "crawl.jsonl holds many documents; restore takes one clean text"),
        (&["crawl.jsonl", "--encoding", "latin1"], "always read as UTF-8"),
        (&["crawl.jsonl", "-o", "x.jsonl", "--rejects", "x.jsonl"], "--out and --rejects are both x.jsonl"),
        (&["crawl.jsonl", "--rejects", "crawl.jsonl"], "crawl.jsonl is the input and would be overwritten"),
        (&["crawl.jsonl", "--rejects", "page.txt"], "page.txt already exists; --overwrite replaces it"),
    ] {
        let said = refused(&folder, words, 2);
        assert!(said.contains(why), "{words:?}: {said}");
    }
    chaffinch().args(["--input-format", "bz2"]).assert().code(2).stderr(contains("text, jsonl and warc"));
    assert_eq!(folder.files(), before);
}

#[test]
fn a_stream_that_can_not_be_written() {
    use std::process::{Command, Stdio};
    let folder = Folder::new();
    let filler = json!("filler, ".repeat(3_000)).to_string();
    folder.write("crawl.jsonl", json_line(1, "A text.\n").replace("[]", &filler).repeat(60));
    let run = |words: &[&str], out: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chaffinch"));
        command.args(words).args(["--drop", KEPT_LABELS, "--keep", "navigation"]).current_dir(folder.path(""));
        command.env_clear().stdout(out).stderr(Stdio::piped()).spawn().unwrap()
    };
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let said = |child: std::process::Child, code: i32| {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        String::from_utf8(output.stderr).unwrap()
    };
    let why = "chaffinch: crawl.jsonl: cannot write standard output: No space left on device\n";
    assert_eq!(said(run(&["crawl.jsonl", "--report", "why.jsonl"], full()), 1), why);
    let words = ["crawl.jsonl", "-o", "out.jsonl", "--report", "/dev/full", "--report-format", "jsonl"];
    let report = said(run(&words, Stdio::null()), 1);
    assert!(report.contains("/dev/full: No space left on device\n"), "{report}");
    assert_eq!(folder.names(), ["crawl.jsonl"]);
    // A reader that goes away is no error.
    let mut child = run(&["crawl.jsonl", "--jobs", "2"], Stdio::piped());
    drop(child.stdout.take());
    assert_eq!(said(child, 0), "");
}
