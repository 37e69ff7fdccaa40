//! Folders with files of every format: each is cleaned as what it is, and what is broken costs nothing else.

use std::io::{Read, Write};

use chaffinch::formats::pack::Pack;
use chaffinch::formats::{Compression, unpack};
use predicates::str::contains;
use serde_json::json;

mod support;
use support::{Folder, KEPT_LABELS, SCRAPE, complaint, files_below};

fn pack(bytes: impl AsRef<[u8]>, compression: Compression) -> Vec<u8> {
    let mut pack = Pack::new(Vec::new(), compression).unwrap();
    pack.write_all(bytes.as_ref()).unwrap();
    pack.finish().unwrap()
}

fn json_lines(count: usize) -> String {
    (1..=count).map(|number| format!("{{\"n\": {number}, \"text\": {}}}\n", json!(SCRAPE))).collect()
}

fn wet(count: usize) -> String {
    let length = SCRAPE.len();
    format!("WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: {length}\r\n\r\n{SCRAPE}\r\n\r\n").repeat(count)
}

/// A folder with a file of each kind in `in`.
fn one_of_each() -> Folder {
    let folder = Folder::with(&[("in/page.txt", SCRAPE), ("in/a/crawl.jsonl", &json_lines(3)), ("in/c.wet", &wet(2))]);
    folder.write("in/a/b.jsonl.gz", pack(json_lines(4), Compression::Gzip));
    folder.write("in/a/c.warc.wet.gz", [pack(wet(1), Compression::Gzip), pack(wet(1), Compression::Gzip)].concat());
    folder.write("in/d.txt.zst", pack(SCRAPE, Compression::Zstd));
    folder.write("in/e.ndjson.zst", pack(json_lines(2), Compression::Zstd));
    folder
}

#[test]
fn every_file_is_cleaned_as_what_it_is() {
    let folder = one_of_each();
    let words = |jobs| ["in", "--out", "1", "--report", "r1", "--jobs", "1"].map(|word| word.replace('1', jobs));
    let said = complaint(&folder.run(words("1").iter().map(String::as_str)).assert().success());
    assert!(said.starts_with("chaffinch: 7 files with 15 documents cleaned, "), "{said}");
    for (name, report) in [
        ("page.txt", "page.diff"),
        ("a/crawl.jsonl", "a/crawl.jsonl"),
        ("a/b.jsonl.gz", "a/b.jsonl.jsonl"),
        ("a/c.warc.wet.gz", "a/c.warc.wet.jsonl"),
        ("c.wet", "c.jsonl"),
        ("d.txt.zst", "d.txt.diff"),
        ("e.ndjson.zst", "e.ndjson.jsonl"),
    ] {
        let alone = folder.run([&format!("in/{name}"), "-q"]).assert().success().get_output().stdout.clone();
        assert!(folder.bytes(&format!("1/{name}")) == alone, "{name} is not what it is alone");
        assert!(folder.text(&format!("r1/{report}")).contains("Cookie settings"), "{report}");
    }
    assert_eq!(files_below(&folder.path("r1")).len(), 9);
    folder.run(["restore", "1/d.txt.zst", "r1/d.txt.diff"]).assert().success().stdout(SCRAPE);
    let summary = folder.json("r1/summary.json");
    assert_eq!((&summary["documents"], &summary["totals"]["documents"]), (&json!(7), &json!(15)));
    for jobs in ["2", "20"] {
        folder.run(words(jobs).iter().map(String::as_str)).assert().success();
        assert!(files_below(&folder.path(jobs)) == files_below(&folder.path("1")), "{jobs} jobs show");
        assert!(files_below(&folder.path(&format!("r{jobs}"))) == files_below(&folder.path("r1")), "{jobs} jobs show");
    }
}

#[test]
fn what_is_broken_costs_nothing_else() {
    let folder = one_of_each();
    let (gzip, zstd) = (folder.bytes("in/a/b.jsonl.gz"), folder.bytes("in/e.ndjson.zst"));
    folder.write("in/cut.jsonl.gz", &gzip[..gzip.len() / 2]);
    folder.write("in/cut.txt.zst", &folder.bytes("in/d.txt.zst")[..300]);
    folder.write("in/cut.jsonl.zst", &zstd[..zstd.len() - 9]);
    folder.write("in/none.wet.gz", SCRAPE);
    folder.write("in/bad.jsonl", json_lines(1) + "{\"text\": \n{}\n" + &json_lines(1));
    folder.write("in/bad.wet", wet(1) + &wet(1).replace("Length: ", "Length: 9") + &wet(1));
    let words = ["in", "--out", "out", "--report", "rep", "--rejects", "bad"];
    let assert = folder.run(words).assert().code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    for line in [
        "chaffinch: cut.jsonl.gz: after ",
        "chaffinch: cut.txt.zst: cannot read: the zstd data is cut off: its end is missing\n",
        "chaffinch: cut.jsonl.zst: after ",
        "chaffinch: none.wet.gz: after 0 records: cannot read: the gzip data is broken (",
        "chaffinch: bad.jsonl:2: not valid JSON: ",
        "chaffinch: bad.jsonl:3: it has no field \"text\"\n",
        "chaffinch: bad.wet:2: it ends after ",
        "; 4 could not be cleaned; 3 records could not be cleaned\n",
    ] {
        assert!(said.contains(line), "{line:?} is not in {said}");
    }
    // The good ones are what they are without the others.
    let good = one_of_each();
    good.run(["in", "--out", "out"]).assert().success();
    for (name, bytes) in files_below(&good.path("out")).iter().filter(|(name, _)| !name.starts_with('.')) {
        assert!(folder.bytes(&format!("out/{name}")) == *bytes, "{name} is another");
    }
    let names = |root: &str| -> Vec<String> {
        files_below(&folder.path(root))
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !name.starts_with('.'))
            .collect()
    };
    assert_eq!(names("out").iter().filter(|name| !good.path(&format!("out/{name}")).exists()).count(), 2);
    assert!(
        !names("out").iter().any(|name| name.contains("cut")) && !names("rep").iter().any(|name| name.contains("cut"))
    );
    assert_eq!(names("bad"), ["bad.jsonl", "bad.wet"]);
    assert_eq!(folder.text("bad/bad.jsonl"), "{\"text\": \n{}\n");
    let failures = folder.json("rep/summary.json")["failures"].clone();
    let named: Vec<&str> =
        failures.as_array().unwrap().iter().map(|failure| failure["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["bad.jsonl", "bad.wet", "cut.jsonl.gz", "cut.jsonl.zst", "cut.txt.zst", "none.wet.gz"]);
    assert_eq!(failures[0]["message"], "2 of its 4 records could not be cleaned");
    assert!(folder.text("rep/index.html").contains("bad.jsonl: 2 of its 4 records could not be cleaned"));
    // What was bad is still bad when nothing has changed, and what has been mended is no longer there.
    let assert = folder.run(words.into_iter().chain(["--resume"])).assert().code(1);
    assert!(String::from_utf8(assert.get_output().stderr.clone()).unwrap().contains("3 records could not be cleaned"));
    folder.write("in/bad.jsonl", json_lines(2));
    folder.run(words.into_iter().chain(["--resume"])).assert().code(1);
    assert_eq!(names("bad"), ["bad.wet"]);
}

#[test]
fn strict_leaves_the_file_and_goes_on_with_the_others() {
    let folder = Folder::with(&[("in/a.jsonl", "{}\n"), ("in/b.jsonl", &json_lines(1))]);
    let assert = folder.run(["in", "--out", "out", "--strict"]).assert().code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(said.contains("chaffinch: a.jsonl: stopped at record 1, as it was asked for\n"), "{said}");
    assert!(!folder.path("out/a.jsonl").exists() && folder.path("out/b.jsonl").exists());
}

#[test]
fn formats_can_be_said_for_a_folder() {
    let folder = Folder::with(&[("in/a.data", &json_lines(2)), ("in/b", &json_lines(1))]);
    let words = ["in", "--out", "out", "--input-format", "jsonl", "--labels-field", "labels", "--text-field", "text"];
    folder.run(words).assert().success().stderr(contains("2 files with 3 documents cleaned"));
    assert!(folder.text("out/b").contains("\"labels\":["));
    // Texts are split, and other files are not.
    let folder = Folder::with(&[("in/a.txt", &format!("{SCRAPE}\n--\n{SCRAPE}\n")), ("in/b.jsonl", &json_lines(1))]);
    let words = ["in", "--out", "out", "--split", "^--$", "--encoding", "utf-8", "--drop", KEPT_LABELS];
    let said = complaint(&folder.run(words).assert().success());
    assert!(said.contains("2 files with 3 documents cleaned") && said.contains("; 3 alarms"), "{said}");
    assert_eq!(folder.text("out/a.txt"), "--\n");
}

#[test]
fn rejects_lie_beside_everything_else() {
    let folder = one_of_each();
    for (words, why) in [
        (&["--rejects", "out"][..], "would be written twice; use another --report or --rejects folder"),
        (&["--rejects", "in/bad"], "lies in the input folder"),
        (&["--rejects", "in/page.txt"], "that is a file, and a folder is needed"),
    ] {
        let assert = folder.run(["in", "--out", "out"].into_iter().chain(words.iter().copied())).assert().code(2);
        assert!(complaint(&assert).contains(why), "{words:?}");
        assert!(!folder.path("out/page.txt").exists());
    }
    // One that has nothing in it is not there.
    folder.run(["in", "--out", "out", "--rejects", "bad"]).assert().success();
    assert_eq!(files_below(&folder.path("bad")), []);
}

#[test]
fn a_record_stream_in_a_folder_is_packed_as_it_was() {
    let folder = one_of_each();
    folder.run(["in", "--out", "out"]).assert().success();
    // Each record of an archive is a member of its own, as it should be.
    let bytes = folder.bytes("out/a/c.warc.wet.gz");
    let mut decoder = flate2::bufread::GzDecoder::new(bytes.as_slice());
    let mut first = String::new();
    decoder.read_to_string(&mut first).unwrap();
    assert_eq!(first.matches("WARC/1.0").count(), 1);
    let mut all = String::new();
    unpack(bytes.as_slice(), Compression::Gzip).unwrap().read_to_string(&mut all).unwrap();
    assert_eq!(all, first.repeat(2));
}
