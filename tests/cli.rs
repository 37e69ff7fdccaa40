//! One document at a time: the filter, files, reports, and the input back again.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use predicates::prelude::*;
use predicates::str::contains;

mod support;
use support::{DROPPED_LABELS, Folder, KEPT_LABELS, SCRAPE, chaffinch, complaint};

#[test]
fn a_pipe_gives_the_input_less_whole_lines() {
    let output = chaffinch().write_stdin(SCRAPE).assert().success().stderr("").get_output().stdout.clone();
    let clean = String::from_utf8(output).unwrap();
    assert!(clean.contains("brass band.\r\n") && clean.contains("Odile Marchetti"), "{clean}");
    assert!(!clean.contains("Cookie settings") && !clean.contains("Skip to content"), "{clean}");
    let mut rest = SCRAPE.split_inclusive('\n');
    for line in clean.split_inclusive('\n') {
        assert!(rest.any(|raw| raw == line), "{line:?} is not a line of the input, in order");
    }
}

#[test]
fn every_way_in_and_out_gives_the_same_text() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("diff", SCRAPE)]);
    let expected = chaffinch().write_stdin(SCRAPE).assert().success().get_output().stdout.clone();
    for words in [&["raw.txt"][..], &["clean", "raw.txt"], &["./diff"], &["clean", "diff"], &["raw.txt", "--quiet"]] {
        folder.run(words.iter().copied()).assert().success().stdout(expected.clone());
    }
    folder.run(["-"]).write_stdin(SCRAPE).assert().success().stdout(expected.clone());
    folder.run(["raw.txt", "-o", "clean.txt"]).assert().success().stdout("").stderr("");
    assert_eq!(folder.bytes("clean.txt"), expected);
    folder.run(["raw.txt", "--window", "16", "--jobs", "2"]).assert().success();
}

#[test]
fn the_input_comes_back_from_clean_text_and_report() {
    let no_newline = SCRAPE.to_owned();
    let crlf = SCRAPE.replace("\r\n", "\n").replace('\n', "\r\n");
    let inputs =
        [no_newline.clone(), no_newline.clone() + "\n", crlf, no_newline + "\n\n\n", String::new(), "\n".into()];
    for (i, input) in inputs.iter().enumerate() {
        let folder = Folder::with(&[("raw.txt", input)]);
        for report in ["removed.diff", "removed.jsonl"] {
            folder
                .run(["raw.txt", "--report", report, "-o", "clean.txt", "--overwrite", "-q"])
                .assert()
                .success()
                .stderr("");
            folder.run(["restore", "clean.txt", report]).assert().success().stdout(input.clone()).stderr("");
            folder.run(["restore", "clean.txt", report, "-o", "again.txt", "--overwrite"]).assert().success();
            assert_eq!(folder.text("again.txt"), *input, "input {i} from {report}");
        }
        // `patch` has nothing to do for an empty diff, and says so with its exit status on some systems.
        if !folder.text("removed.diff").contains("@@") {
            continue;
        }
        let status = Command::new("patch")
            .args(["-R", "--quiet", "--binary", "clean.txt", "removed.diff"])
            .current_dir(folder.path(""))
            .status()
            .expect("the program `patch` is needed for the tests");
        assert!(status.success());
        assert_eq!(folder.text("clean.txt"), *input, "input {i} from patch");
    }
}

#[test]
fn every_report_says_what_was_removed() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    for name in ["removed.diff", "removed.jsonl", "removed.html"] {
        folder.run(["raw.txt", "--report", name]).assert().success().stdout(contains("brass band"));
        assert!(folder.text(name).contains("Cookie settings"), "{name}");
    }
    let numbers: Vec<u64> = folder
        .text("removed.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|record| record["type"] == "line")
        .map(|record| record["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=SCRAPE.split('\n').count() as u64).collect::<Vec<_>>());
    folder.run(["raw.txt", "--report", "removed", "--report-format", "jsonl"]).assert().success();
    assert_eq!(folder.bytes("removed"), folder.bytes("removed.jsonl"));
}

#[test]
fn labels_can_be_kept_and_dropped() {
    let everything = ["--keep", DROPPED_LABELS];
    chaffinch()
        .args(everything)
        .write_stdin("Home\nCookie settings\n")
        .assert()
        .success()
        .stdout("Home\nCookie settings\n");
    chaffinch().args(["--drop", KEPT_LABELS]).write_stdin(SCRAPE).assert().success().stdout("");
}

#[test]
fn a_loss_is_told_and_can_be_kept_quiet() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let assert = folder.run(["raw.txt", "--drop", KEPT_LABELS]).assert().success();
    let said = complaint(&assert);
    assert!(said.starts_with("chaffinch: raw.txt came out empty") && said.contains("--report"), "{said}");
    let assert = folder.run(["raw.txt", "--drop", KEPT_LABELS, "--report", "why.diff"]).assert().success();
    assert!(complaint(&assert).contains("see why.diff"));
    folder.run(["raw.txt", "--drop", KEPT_LABELS, "--quiet"]).assert().success().stderr("");
}

#[test]
fn other_encodings_go_in_and_utf_8_comes_out() {
    let folder = Folder::new();
    let text = SCRAPE.replace("Odile", "Zoë").replace("The small", "The pleasantly small");
    let (latin, _, lossy) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lossy);
    folder.write("raw.txt", &latin);
    folder
        .run(["raw.txt", "--encoding", "windows-1252", "-o", "clean.txt", "--report", "removed.jsonl"])
        .assert()
        .success();
    assert!(folder.text("clean.txt").contains("Zoë Marchetti"));
    assert!(folder.text("removed.jsonl").contains("windows-1252"));
    folder.run(["restore", "clean.txt", "removed.jsonl"]).assert().success().stdout(latin.into_owned());
}

#[test]
fn what_can_not_be_restored_exactly_is_told() {
    let folder = Folder::new();
    folder.write("raw.txt", b"Home \xff\nCookie settings\n");
    folder
        .run(["raw.txt", "--encoding", "utf-8", "-q", "-o", "clean.txt", "--report", "removed.jsonl"])
        .assert()
        .success();
    let assert = folder.run(["restore", "clean.txt", "removed.jsonl"]).assert().code(1);
    assert!(complaint(&assert).contains("malformed"));
}

#[test]
fn a_watched_pipe_shows_lines_before_its_end() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .args(["--window", "16", "--encoding", "utf-8", "--quiet", "--keep", DROPPED_LABELS])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for i in 0..200 {
        writeln!(input, "Line {i} of a stream that does not end before somebody has seen its beginning.").unwrap();
    }
    input.flush().unwrap();
    // Standard input is still open: were the output held back, this would wait for ever.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("Line 0 "), "{first:?}");
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn help_and_version_are_answers() {
    chaffinch().arg("--version").assert().success().stdout(contains(env!("CARGO_PKG_VERSION")));
    chaffinch().arg("--help").assert().success().stdout(contains("--report").and(contains("Exit status")));
    chaffinch().args(["explain", "--help"]).assert().success().stdout(contains("score"));
}
