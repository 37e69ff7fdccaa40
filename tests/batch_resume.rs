//! Batches that are stopped, killed, gone on with, or started twice.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

mod support;
use support::{Folder, SCRAPE, STATE, complaint, files_below};

const REPORTS: [&str; 6] = ["--report", "rep", "--report-format", "jsonl", "--jobs", "2"];

/// Scrapes, some of them the same but for a line.
fn scrapes(count: usize) -> Folder {
    let folder = Folder::new();
    for i in 0..count {
        let text = SCRAPE.replace("three winters", &format!("{i} winters")).repeat(1 + i % 3);
        folder.write(&format!("in/{}/{i}.txt", i % 4), text);
    }
    folder
}

/// What an uninterrupted run makes of it: clean texts, reports, state.
fn reference(folder: &Folder) -> [Vec<(String, Vec<u8>)>; 2] {
    let words = ["in", "--out", "ref/out", "--report", "ref/rep", "--report-format", "jsonl"];
    folder.run(words).assert().success();
    [files_below(&folder.path("ref/out")), files_below(&folder.path("ref/rep"))]
}

fn start(folder: &Folder, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .args(words)
        .current_dir(folder.path(""))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn said(child: Child) -> (ExitStatus, String) {
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// A named pipe, which holds a run up that reads from it until something is written. `None`, with a message, where there
/// are none.
fn pipe(folder: &Folder, name: &str) -> Option<()> {
    match Command::new("mkfifo").arg(folder.path(name)).status() {
        Ok(status) if status.success() => Some(()),
        _ => {
            println!("skipped: there is no mkfifo");
            None
        }
    }
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_half_written_and_is_gone_on_with() {
    let folder = scrapes(600);
    let began = Instant::now();
    let expected = reference(&folder);
    // Moments are drawn from the first half of what the whole takes on this machine.
    let half = began.elapsed().as_micros() as u64 / 2;
    let words: Vec<&str> = ["in", "--out", "out", "--resume"].into_iter().chain(REPORTS).collect();
    let mut random = 7_u64;
    let mut killed = 0;
    for _ in 0..12 {
        let mut child = start(&folder, &words);
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(Duration::from_micros((random >> 33) % half));
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        for (root, expected) in ["out", "rep"].into_iter().zip(&expected) {
            if !folder.path(root).exists() {
                continue;
            }
            for (name, bytes) in files_below(&folder.path(root)) {
                if name.contains(".chaffinch-") {
                    continue;
                }
                let whole = expected.iter().find(|(other, _)| *other == name).expect("no other names");
                assert!(whole.1 == bytes, "{root}/{name} is half-written");
            }
        }
    }
    assert!(killed > 0, "it was never killed");
    folder.run(words.iter().copied()).assert().success();
    for (root, expected) in ["out", "rep"].into_iter().zip(&expected) {
        // Nothing else either: no temporary file is left.
        assert_eq!(&files_below(&folder.path(root)), expected, "{root}");
    }
    assert!(folder.bytes(&format!("out/{STATE}")) == folder.bytes(&format!("ref/out/{STATE}")));
}

#[test]
fn ctrl_c_drops_what_is_at_hand_and_says_how_to_go_on() {
    let folder = scrapes(12);
    let expected = reference(&folder);
    if pipe(&folder, "in/1/100.txt").is_none() {
        return;
    }
    // A pipe in a folder is no document; one that is named is.
    let words = ["in/1/100.txt", "in", "--out", "out", "--report", "rep", "--report-format", "jsonl", "--jobs", "1"];
    let child = start(&folder, &words);
    let mut pipe = File::options().write(true).open(folder.path("in/1/100.txt")).unwrap();
    pipe.write_all(SCRAPE.as_bytes()).unwrap();
    signal(&child, "-INT");
    sleep(Duration::from_millis(50));
    // It reads, finds that it was stopped, and reads no more.
    _ = pipe.write_all(&[b'x'; 10]);
    drop(pipe);
    let (status, said) = said(child);
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.starts_with("chaffinch: stopped; the same command with --resume goes on: "), "{said}");
    assert!(!folder.path("out/100.txt").exists() && !folder.path("rep/index.html").exists());
    fs::remove_file(folder.path("in/1/100.txt")).unwrap();
    folder.run(["in", "--resume", "--out", "out"].into_iter().chain(REPORTS)).assert().success();
    assert_eq!([files_below(&folder.path("out")), files_below(&folder.path("rep"))], expected);
}

#[test]
fn what_is_done_and_unchanged_is_left_alone() {
    let folder = scrapes(6);
    let words: Vec<&str> = ["in", "--out", "out", "--resume"].into_iter().chain(REPORTS).collect();
    let run = |more: &[&str]| complaint(&folder.run(words.iter().chain(more).copied()).assert().success());
    assert!(run(&[]).starts_with("chaffinch: 6 documents cleaned, "));
    let modified = |name: &str| fs::metadata(folder.path(name)).unwrap().modified().unwrap();
    let before = [modified("out/0/0.txt"), modified("rep/1/1.jsonl")];
    let all = folder.files();
    assert!(run(&[]).starts_with("chaffinch: 0 documents cleaned, 6 left alone, as they have not changed, "));
    assert_eq!([modified("out/0/0.txt"), modified("rep/1/1.jsonl")], before);
    assert_eq!(folder.files(), all, "the second run tells something else");
    // Changed, new, gone, tampered with.
    folder.write("in/2/2.txt", SCRAPE);
    folder.write("in/2/new.txt", SCRAPE);
    fs::remove_file(folder.path("out/3/3.txt")).unwrap();
    folder.write("rep/0/4.jsonl", "");
    let said = run(&[]);
    assert!(said.starts_with("chaffinch: 4 documents cleaned, 3 left alone"), "{said}");
    assert_eq!(folder.bytes("out/2/2.txt"), folder.bytes("out/2/new.txt"));
    let others: Vec<_> = all.iter().filter(|(name, _)| name.contains("/3") || name.contains("/4.")).collect();
    assert!(others.iter().all(|(name, bytes)| folder.bytes(name) == *bytes));
    // What it is cleaned with.
    assert!(run(&["--keep", "legal"]).starts_with("chaffinch: 7 documents cleaned, "));
    assert!(folder.text("out/2/2.txt").contains("All rights reserved"));
    assert!(run(&["--keep", "legal"]).starts_with("chaffinch: 0 documents cleaned, 7 left alone"));
    folder.write("mine.toml", "[advertising]\nphrases = [\"brass band\"]\n");
    assert!(run(&["--seeds", "mine.toml"]).starts_with("chaffinch: 7 documents cleaned, "));
}

#[test]
fn going_on_replaces_nothing_that_is_not_its_own() {
    let folder = scrapes(4);
    folder.write("out/1/1.txt", "mine");
    let words = ["in", "--out", "out", "--resume"];
    let said = complaint(&folder.run(words).assert().code(2));
    assert_eq!(said, "chaffinch: out/1/1.txt already exists; --overwrite replaces it");
    assert_eq!(folder.text("out/1/1.txt"), "mine");
    folder.run(words.into_iter().chain(["--overwrite"])).assert().success();
    assert_ne!(folder.text("out/1/1.txt"), "mine");
    folder.write("out/.chaffinch-state", "something else");
    let said = complaint(&folder.run(words).assert().code(1));
    assert!(said.contains("is of another version of chaffinch"), "{said}");
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let folder = scrapes(3);
    let words = ["in", "--out", "out", "--report", "rep", "--dry-run"];
    let before = folder.files();
    let assert = folder.run(words).assert().success();
    assert_eq!(
        String::from_utf8(assert.get_output().stdout.clone()).unwrap(),
        "in/0/0.txt -> out/0/0.txt\nin/1/1.txt -> out/1/1.txt\nin/2/2.txt -> out/2/2.txt\n"
    );
    assert_eq!(complaint(&assert), "chaffinch: 3 documents would be cleaned into out; nothing was written");
    assert_eq!(folder.files(), before);
    assert!(!folder.path("out").exists());
    folder.run(["in", "--out", "out", "--report", "rep"]).assert().success();
    assert!(complaint(&folder.run(words).assert().code(2)).contains("already exists"));
    folder.write("in/0/0.txt", SCRAPE);
    let assert = folder.run(words.into_iter().chain(["--resume"])).assert().success();
    assert_eq!(assert.get_output().stdout, b"in/0/0.txt -> out/0/0.txt\n");
    assert!(complaint(&assert).contains("1 document would be cleaned into out; 2 left alone"));
}

#[test]
fn two_runs_do_not_write_to_one_folder() {
    let folder = scrapes(2);
    if pipe(&folder, "first").is_none() {
        return;
    }
    let child = start(&folder, &["first", "in", "--out", "out", "--report", "rep", "--jobs", "1"]);
    let mut pipe = File::options().write(true).open(folder.path("first")).unwrap();
    for words in
        [&["in", "--out", "out"][..], &["in", "--out", "out", "--overwrite"], &["in", "--out", "out", "--resume"]]
    {
        let said = complaint(&folder.run(words.iter().copied()).assert().code(2));
        assert_eq!(said, "chaffinch: another run is writing to out; wait for it, stop it, or choose another folder");
    }
    let said_ = complaint(&folder.run(["in", "--out", "other", "--report", "rep", "--overwrite"]).assert().code(2));
    assert!(said_.contains("another run is writing to rep;"), "{said_}");
    pipe.write_all(SCRAPE.as_bytes()).unwrap();
    drop(pipe);
    let (status, said) = said(child);
    assert!(status.success() && said.starts_with("chaffinch: 3 documents cleaned"), "{said}");
    // The lock went with it.
    folder.run(["in", "--out", "out", "--resume"]).assert().success();
}
