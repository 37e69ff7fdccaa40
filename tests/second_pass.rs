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

/// Cleans every text named `name` of the fixtures, by itself; calls `each` with its text and the lines of its report.
fn clean(name: &str, mut each: impl FnMut(&str, &[Value])) {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("in");
    fs::create_dir(&texts).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in fs::read_dir(fixtures).unwrap() {
        let from = entry.unwrap().path();
        if let Ok(text) = fs::read(from.join(name)) {
            fs::write(texts.join(from.file_name().unwrap()), text).unwrap();
        }
    }
    let reports = folder.path().join("reports");
    support::chaffinch()
        .args(["--group-by", "none", "--report-format", "jsonl", "--report"])
        .arg(&reports)
        .arg("--out")
        .arg(folder.path().join("out"))
        .arg(&texts)
        .assert()
        .success();
    for entry in fs::read_dir(&texts).unwrap() {
        let text = entry.unwrap().path();
        let mut report = text.file_name().unwrap().to_owned();
        report.push(".jsonl");
        each(&fs::read_to_string(&text).unwrap(), &lines(&reports.join(report)));
    }
}

fn is_removed_text(line: &Value) -> bool {
    line["verdict"] == "drop" && line["label"] != "blank"
}

#[test]
fn every_removal_has_a_reason() {
    let mut removed = 0;
    clean("raw.txt", |_, lines| {
        for line in lines.iter().filter(|line| is_removed_text(line)) {
            removed += 1;
            assert!(line["evidence"].as_array().is_some_and(|e| !e.is_empty()), "{line}");
        }
    });
    assert!(removed > 1000, "{removed}");
}

#[test]
fn a_second_pass_removes_nothing_that_matters() {
    let (mut words, mut lost) = (0, 0);
    clean("clean.txt", |text, lines| {
        let text: Vec<&str> = text.split('\n').collect();
        words += text.iter().map(|line| line.split_whitespace().count()).sum::<usize>();
        let at = |line: &Value| text[line["line"].as_u64().unwrap() as usize - 1];
        let gone = lines.iter().filter(|line| is_removed_text(line));
        lost += gone.map(|line| at(line).split_whitespace().count()).sum::<usize>();
    });
    assert!(lost * 100 <= words, "{lost} of {words} words were lost on a second pass");
}
