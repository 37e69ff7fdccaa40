//! What goes wrong is told in one line, with the right exit status, and leaves nothing half-written.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use predicates::str::contains;

mod support;
#[cfg(unix)]
use support::complaint;
use support::{Folder, SCRAPE, chaffinch, refused};

#[test]
fn files_that_can_not_be_read() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("removed.diff", "")]);
    for words in [
        &["gone.txt"][..],
        &["gone.txt", "-o", "clean.txt", "--report", "new.diff"],
        &["diff", "gone.txt"],
        &["explain", "gone.txt"],
        &["restore", "gone.txt", "removed.diff"],
        &["restore", "raw.txt", "gone.txt"],
    ] {
        assert_eq!(refused(&folder, words, 1), "chaffinch: gone.txt: cannot read: No such file or directory");
    }
}

#[test]
fn folders_where_files_are_expected() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("in/raw.txt", SCRAPE), ("there/x", "")]);
    assert!(refused(&folder, &["in"], 2).contains("in is a folder; name the folder for the clean texts with --out"));
    assert!(refused(&folder, &["diff", "in"], 2).contains("in is a folder"));
    assert!(refused(&folder, &["explain", "in"], 2).contains("in is a folder"));
    assert!(refused(&folder, &["restore", "in", "raw.txt"], 2).contains("in is a folder"));
    assert!(refused(&folder, &["raw.txt", "--report", "there"], 2).contains("there: that is a folder"));
    fs::create_dir_all(folder.path("out/raw.txt")).unwrap();
    let said = refused(&folder, &["in", "--out", "out", "--overwrite"], 2);
    assert_eq!(said, "chaffinch: out/raw.txt is a folder, where a file is to be written");
}

#[test]
fn files_where_folders_are_expected() {
    let folder = Folder::with(&[("in/raw.txt", SCRAPE), ("file", "mine")]);
    assert!(refused(&folder, &["in", "--out", "file"], 2).contains("--out file: that is a file"));
    assert!(refused(&folder, &["in", "--out", "out", "--report", "file"], 2).contains("--report file: that is a file"));
    assert!(refused(&folder, &["in", "--out", "file/below"], 1).contains("cannot make the folder file/below"));
    assert!(refused(&folder, &["in", "--out", "out", "--report", "removed.html"], 2).contains("need a folder"));
}

#[test]
fn folders_that_are_not_there() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    for words in [
        &["raw.txt", "-o", "gone/clean.txt"][..],
        &["raw.txt", "--report", "gone/clean.txt", "--report-format", "diff"],
    ] {
        let said = refused(&folder, words, 1);
        assert_eq!(said, "chaffinch: cannot write gone/clean.txt: there is no folder gone");
    }
}

#[test]
fn models_and_bounds_that_can_not_be_used() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let said = refused(&folder, &["raw.txt", "--model", "raw.txt"], 2);
    assert_eq!(said, "chaffinch: raw.txt: the model file can not be used: it does not start like one");
    let said = refused(&folder, &["raw.txt", "--max-loss", "0.0001%"], 2);
    assert!(said.contains("can not be promised; the least that was calibrated is"), "{said}");
}

#[test]
fn what_is_there_is_not_replaced() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("mine.txt", "mine"), ("removed.diff", "mine")]);
    for (words, file) in [
        (&["raw.txt", "-o", "mine.txt"][..], "mine.txt"),
        (&["raw.txt", "--report", "removed.diff"], "removed.diff"),
        (&["restore", "raw.txt", "removed.diff", "-o", "mine.txt"], "mine.txt"),
    ] {
        let said = refused(&folder, words, 2);
        assert_eq!(said, format!("chaffinch: {file} already exists; --overwrite replaces it"));
    }
    folder.run(["raw.txt", "--report", "removed.diff", "--overwrite"]).assert().success();
    assert_ne!(folder.text("removed.diff"), "mine");
}

#[test]
fn inputs_are_not_written_over() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    for words in [
        &["raw.txt", "-o", "raw.txt", "--overwrite"][..],
        &["raw.txt", "-o", "./raw.txt", "--overwrite"],
        &["raw.txt", "--report", "raw.txt", "--report-format", "diff", "--overwrite"],
        &["raw.txt", "-o", ".", "--overwrite"],
    ] {
        assert!(refused(&folder, words, 2).contains("raw.txt is"), "{words:?}");
    }
    assert!(refused(&folder, &["raw.txt", "-o", "x.diff", "--report", "./x.diff"], 2).contains("both x.diff"));
}

#[cfg(unix)]
#[test]
fn a_file_is_not_appended_to_itself() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let out = fs::File::options().append(true).open(folder.path("raw.txt")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .arg("raw.txt")
        .current_dir(folder.path(""))
        .env_clear()
        .stdout(out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("raw.txt is the input and the output"));
    assert_eq!(folder.text("raw.txt"), SCRAPE);
}

#[test]
fn outputs_lie_beside_the_input() {
    let folder = Folder::with(&[("in/a/raw.txt", SCRAPE)]);
    for (words, relation) in [
        (&["in", "--out", "in"][..], "is the input folder"),
        (&["in", "--out", "in/../in/"], "is the input folder"),
        (&["in", "--out", "in/clean"], "lies in the input folder"),
        (&["in", "--out", "in/a"], "lies in the input folder"),
        (&["in/a", "--out", "in"], "holds the input folder"),
        (&["in", "--out", "."], "holds the input folder"),
        (&["in", "--out", "out", "--report", "in/reports"], "lies in the input folder"),
    ] {
        let said = refused(&folder, words, 2);
        assert!(said.contains(relation), "{words:?}: {said}");
    }
}

#[test]
fn words_that_mean_nothing() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let said = refused(&folder, &["raw.txt", "--encoding", "klingon"], 2);
    assert!(said.contains("unknown encoding \"klingon\"") && said.contains("windows-1252"), "{said}");
    assert!(refused(&folder, &["raw.txt", "--report", "x.doc"], 2).contains(".diff, .jsonl or .html"));
    assert!(refused(&folder, &["raw.txt", "--report", "-"], 2).contains("standard output is for the clean text"));
    assert!(refused(&folder, &["raw.txt", "--keep", "body", "--drop", "body"], 2).contains("--keep and by --drop"));
    assert!(refused(&folder, &["raw.txt", "raw.txt"], 2).contains("--out FOLDER"));
    assert!(refused(&folder, &["restore", "raw.txt", "x.html"], 2).contains("takes a .diff or .jsonl"));
    for words in [&["--keep", "headline"][..], &["--drop", "headline"]] {
        chaffinch().args(words).assert().code(2).stderr(contains("duplicate-caption"));
    }
    chaffinch()
        .args(["--report", "x", "--report-format", "xml"])
        .assert()
        .code(2)
        .stderr(contains("diff, jsonl, html"));
    chaffinch().args(["--window", "3"]).assert().code(2).stderr(contains("16"));
}

#[test]
fn seed_files_that_can_not_be_used() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let said = refused(&folder, &["raw.txt", "--seeds", "mine.toml"], 2);
    assert!(said.contains("mine.toml") && said.contains("No such file"), "{said}");
}

#[test]
fn reports_that_are_none() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("notes.txt", "Milk and eggs.\n")]);
    let said = refused(&folder, &["restore", "raw.txt", "notes.txt", "-o", "again.txt"], 1);
    assert!(said.starts_with("chaffinch: notes.txt: cannot restore: line 1 of the report"), "{said}");
    folder.run(["raw.txt", "-o", "clean.txt", "--report", "removed.jsonl"]).assert().success();
    let report = folder.text("removed.jsonl");
    folder.write("cut.jsonl", &report[..report.len() / 2]);
    let said = refused(&folder, &["restore", "clean.txt", "cut.jsonl", "-o", "again.txt"], 1);
    assert!(said.contains("cannot restore: line "), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_leaves_no_report() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    for words in [&["raw.txt", "--report", "removed.diff"][..], &["diff", "raw.txt"], &["explain", "raw.txt"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
            .args(words)
            .current_dir(folder.path(""))
            .env_clear()
            .stdout(fs::File::create("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "chaffinch: raw.txt: cannot write standard output: No space left on device\n");
        assert_eq!(folder.names(), ["raw.txt"]);
    }
    folder
        .run(["raw.txt", "--report", "/dev/full", "--report-format", "html"])
        .assert()
        .code(1)
        .stderr("chaffinch: cannot write /dev/full: No space left on device\n");
}

#[cfg(unix)]
#[test]
fn devices_are_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    folder
        .run(["raw.txt", "-o", "/dev/null", "--report", "/dev/null", "--report-format", "diff", "--overwrite"])
        .assert()
        .success()
        .stderr("");
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::with(&[("raw.txt", &SCRAPE.repeat(2000))]);
    for words in [&["raw.txt"][..], &["raw.txt", "--report", "removed.diff"], &["diff", "--full", "raw.txt"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
            .args(words)
            .current_dir(folder.path(""))
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{words:?}");
        assert_eq!(output.status.code(), Some(0), "{words:?}");
    }
    // The report was asked for as well, and nobody closed that.
    assert!(folder.text("removed.diff").lines().last().unwrap().starts_with("# end of report"));
}

#[test]
fn an_input_that_is_torn_off_is_cleaned_as_far_as_it_goes() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let cut = SCRAPE.find("Monday").unwrap();
    child.stdin.take().unwrap().write_all(&SCRAPE.as_bytes()[..cut]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("The small passenger ferry"));
}

#[cfg(unix)]
#[test]
fn names_in_messages_are_safe_to_print() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let assert = chaffinch().arg(OsStr::from_bytes(b"a\xff\n\x1b[31m\xe2\x80\xae.txt")).assert().code(1);
    let expected = "chaffinch: a\\xff␊␛[31m\\u{202e}.txt: cannot read: No such file or directory";
    assert_eq!(complaint(&assert), expected);
}
