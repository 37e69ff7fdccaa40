//! What is clean stays: a second pass over the clean texts of the fixtures takes away next to nothing, and nothing is
//! ever taken away without a reason.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The lines of a report, with the document's text.
fn lines(report: &Path) -> Vec<Value> {
    let text = fs::read_to_string(report).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["type"] == "line").collect()
}

/// The raw texts of the fixtures, one file each.
fn scrapes(to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap() {
        let from = entry.unwrap().path();
        if let Ok(text) = fs::read(from.join("raw.txt")) {
            fs::write(to.join(from.file_name().unwrap()), text).unwrap();
        }
    }
}

/// Cleans every text in the folder `texts` by itself into the folder `out`; calls `each` with its text and the lines of
/// its report.
fn clean(texts: &Path, out: &Path, mut each: impl FnMut(&str, &[Value])) {
    let reports = tempfile::tempdir().unwrap();
    support::chaffinch()
        .args(["--quiet", "--group-by", "none", "--report-format", "jsonl", "--report"])
        .arg(reports.path())
        .arg("--out")
        .arg(out)
        .arg(texts)
        .assert()
        .success();
    for entry in fs::read_dir(texts).unwrap() {
        let text = entry.unwrap().path();
        let mut report = text.file_name().unwrap().to_owned();
        if report.to_string_lossy().starts_with('.') {
            continue; // what the run that wrote the folder remembers
        }
        report.push(".jsonl");
        each(&fs::read_to_string(&text).unwrap(), &lines(&reports.path().join(report)));
    }
}

fn is_removed_text(line: &Value) -> bool {
    line["verdict"] == "drop" && line["label"] != "blank"
}

#[test]
fn every_removal_has_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (raw, once) = (folder.path().join("raw"), folder.path().join("once"));
    scrapes(&raw);
    let mut removed = 0;
    clean(&raw, &once, |_, lines| {
        for line in lines.iter().filter(|line| is_removed_text(line)) {
            removed += 1;
            assert!(line["evidence"].as_array().is_some_and(|e| !e.is_empty()), "{line}");
        }
    });
    assert!(removed > 1000, "{removed}");
}

#[test]
fn a_second_pass_removes_nothing_that_matters() {
    let folder = tempfile::tempdir().unwrap();
    let (raw, once) = (folder.path().join("raw"), folder.path().join("once"));
    scrapes(&raw);
    clean(&raw, &once, |_, _| {});
    let (mut words, mut lost) = (0, 0);
    clean(&once, &folder.path().join("twice"), |text, lines| {
        let text: Vec<&str> = text.split('\n').collect();
        words += text.iter().map(|line| line.split_whitespace().count()).sum::<usize>();
        let at = |line: &Value| text[line["line"].as_u64().unwrap() as usize - 1];
        let gone = lines.iter().filter(|line| is_removed_text(line));
        lost += gone.map(|line| at(line).split_whitespace().count()).sum::<usize>();
    });
    assert!(lost * 100 <= words, "{lost} of {words} words were lost on a second pass");
}
