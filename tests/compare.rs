//! Comparing two runs, and estimating from a sample how good one is.

use predicates::str::contains;

mod support;
use support::{Folder, SCRAPE, complaint};

const ANSWERS: &str = "[[answer]]\nline = 'cookie settings'\nverdict = 'keep'\nscope = 'everywhere'\n";

#[test]
fn what_changed_is_shown_with_both_reasons() {
    let folder = Folder::with(&[("in/a.txt", SCRAPE), ("in/b.txt", "Cookie settings\n"), ("my.toml", ANSWERS)]);
    let run = |out: &'static str, report: &'static str, more: &'static [&'static str]| {
        let words = ["in", "--out", out, "--report", report, "--report-format", "jsonl", "-q"];
        folder.run(words.into_iter().chain(more.iter().copied())).assert().success();
    };
    run("o1", "r1", &[]);
    run("o2", "r2", &["--answers", "my.toml"]);
    let same = folder.run(["compare", "r1", "r1"]).assert().success();
    same.stdout("0 of 13 lines changed: 0 now dropped, 0 now kept, 0 with another label; in 0 of 2 documents\n");
    let assert = folder.run(["compare", "r1", "r2"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(said.contains("drop → keep") && said.contains("Cookie settings"), "{said}");
    assert!(said.contains("before: ") && said.contains("now: answered in my.toml:1 (everywhere)"), "{said}");
    assert!(said.contains("because of: answers 2\n") || said.contains("because of: answers 1\n"), "{said}");
    assert!(said.contains("answers: none → my.toml "), "{said}");
    run("o3", "r3", &["--drop", "body", "--favor", "recall"]);
    let assert = folder.run(["compare", "r1", "r3"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(said.contains("  because of: options\n"), "{said}");
    assert!(said.contains("options: none → drop body, favor recall\n"), "{said}");
    // The summaries of the folders are no reports.
    std::fs::remove_file(folder.path("r2/b.jsonl")).unwrap();
    folder.run(["compare", "r1", "r2"]).assert().success().stdout(contains("1 only in the earlier run"));
    let assert = folder.run(["compare", "r1/a.jsonl", "r2/a.jsonl", "--json"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let records: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["new"]["evidence"][0]["kind"], "answer");
    assert_eq!((&records[0]["text"], &records[1]["now_kept"]), (&"Cookie settings".into(), &1.into()));
}

#[test]
fn reports_of_streams_are_compared_record_by_record() {
    let records = format!("{{}}\n{0}\n{0}\n", serde_json::json!({ "text": SCRAPE }));
    let folder = Folder::with(&[("in.jsonl", &records), ("less.jsonl", records.rsplit_once("\n{").unwrap().0)]);
    folder.run(["in.jsonl", "--report", "1.jsonl.gz", "-q"]).assert().code(1);
    folder.run(["in.jsonl", "--report", "2.jsonl", "-q", "--keep", "legal"]).assert().code(1);
    folder.run(["less.jsonl", "--report", "3.jsonl", "-q"]).assert().code(1);
    let assert = folder.run(["compare", "1.jsonl.gz", "2.jsonl"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(said.starts_with("2.jsonl:2\n") && said.contains("\n2.jsonl:3\n"), "{said}");
    assert!(said.contains("; in 2 of 2 documents\n"), "{said}");
    let said = complaint(&folder.run(["compare", "2.jsonl", "3.jsonl"]).assert().code(1));
    assert!(said.contains("not of the same documents: only one of them has in.jsonl:3 here"), "{said}");
}

#[test]
fn reports_that_do_not_fit_are_told() {
    let folder = Folder::with(&[("a.txt", "One line\n"), ("b.txt", "One line\nAnd two\n"), ("c.jsonl", "{}\n")]);
    for name in ["a", "b"] {
        let (raw, report) = (format!("{name}.txt"), format!("{name}.jsonl"));
        folder.run([raw.as_str(), "--report", &report, "-q"]).assert().success();
    }
    let cut = folder.text("a.jsonl");
    folder.write("cut.jsonl", &cut[..cut.trim_end().rfind('\n').unwrap() + 1]);
    let cases = [("b.jsonl", "not of the same text"), ("c.jsonl", "not a record"), ("cut.jsonl", "cut short")];
    for (new, expected) in cases {
        let assert = folder.run(["compare", "a.jsonl", new]).assert().code(1);
        let said = complaint(&assert);
        assert!(said.contains(expected), "{said}");
    }
    complaint(&folder.run(["compare", "a.jsonl", "."]).assert().code(2));
    complaint(&folder.run(["compare", "a.jsonl", "none.jsonl"]).assert().code(1));
}

#[test]
fn hostile_text_is_shown_escaped() {
    let record = |verdict: &str| {
        format!(
            "{{\"type\":\"document\",\"schema\":1,\"chaffinch\":\"9\",\"basis\":{{\"\\u001b]0;\":\"{verdict}\\u202e\"}}}}\n{{\"type\":\"line\",\"line\":1,\"verdict\":\
             \"{verdict}\",\"label\":\"x\\u001b[2J\",\"score\":1,\"evidence\":[{{\"kind\":\"\\u009b\",\"text\":\
             \"\\u202ey\"}}],\"text\":\"\\u001b]0;z\\u0007{}\"}}\n{{\"type\":\"summary\"}}\n",
            "x".repeat(1_000_000)
        )
    };
    let folder = Folder::with(&[("a.jsonl", &record("drop")), ("b.jsonl", &record("keep"))]);
    for words in [&["compare", "a.jsonl", "b.jsonl"][..], &["compare", "a.jsonl", "b.jsonl", "--json"]] {
        let assert = folder.run(words.iter().copied()).assert().success();
        let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{words:?}");
        assert!(said.contains('z'));
    }
}

#[test]
fn an_audit_estimates_from_what_was_said() {
    let folder = Folder::with(&[("in/a.txt", SCRAPE), ("in/b.txt", SCRAPE)]);
    let list = |n: &'static str| {
        let assert = folder.run(["audit", "in", "--sample", n, "--list"]).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    assert_eq!(list("9").lines().count(), 9);
    assert_eq!(list("9"), list("9"));
    let all = list("500");
    assert_eq!(all.lines().count(), 24);
    // Everything is looked at, and the person agrees with all but one removal.
    let clean = folder.run(["in/a.txt"]).assert().success().get_output().stdout.clone();
    let clean = String::from_utf8(clean).unwrap();
    let answer = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let stays = clean.contains(fields[3]) || fields[1..3] == ["a.txt", "16"];
        format!("{}\t{}\t{}\n", fields[0], if stays { "keep" } else { "drop" }, fields[3])
    };
    folder.write("said.tsv", all.lines().map(answer).collect::<String>());
    let assert = folder.run(["audit", "in", "--sample", "500", "--answers-from", "said.tsv"]).assert().success();
    let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let dropped = 24 - 2 * clean.lines().filter(|line| !line.trim().is_empty()).count();
    let lost = 100.0 / dropped as f64;
    assert!(said.contains("24 of the 24 lines of the sample are answered (24 lines, 2 documents)"), "{said}");
    let expected = format!("of what it dropped, {lost:.1} % should have stayed, 95 % interval {lost:.1}–{lost:.1} %");
    assert!(said.contains(&expected), "{said}\n{expected}");
    assert!(said.contains("precision by words 100.0 %") && said.contains("recall by words 9"), "{said}");
}

#[test]
fn an_audit_refuses_what_it_can_not_use() {
    let folder = Folder::with(&[("in/a.txt", SCRAPE), ("said.tsv", "0123\tkeep\n4567\tmaybe\n")]);
    let said = complaint(&folder.run(["audit", "in"]).assert().code(2));
    assert!(said.contains("--answers-from"), "{said}");
    let said = complaint(&folder.run(["audit", "in", "--answers-from", "said.tsv"]).assert().code(2));
    assert!(said.contains("said.tsv:2: write a key"), "{said}");
}
