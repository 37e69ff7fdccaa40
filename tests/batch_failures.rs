//! What can go wrong with some documents of a batch: it is told, with the right exit status, and the others are cleaned.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

mod support;
use support::{Folder, SCRAPE, STATE, complaint, files_below};

fn scrapes(count: usize) -> Folder {
    let folder = Folder::new();
    for i in 0..count {
        folder.write(&format!("in/{i:05}.txt"), SCRAPE.replace("three winters", &format!("{i} winters")));
    }
    folder
}

fn command(folder: &Folder, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaffinch"));
    command.args(words).current_dir(folder.path("")).env_clear().stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Whether every document but these came out as it does alone.
fn others_are_right(folder: &Folder, but: &[&str]) {
    for (name, _) in files_below(&folder.path("in")) {
        if but.contains(&name.as_str()) || folder.path("in").join(&name).is_symlink() {
            continue;
        }
        let alone = folder.run([format!("in/{name}").as_str()]).assert().success().get_output().stdout.clone();
        assert_eq!(folder.bytes(&format!("out/{name}")), alone, "{name}");
    }
    but.iter().for_each(|name| assert!(!folder.path("out").join(name).exists(), "{name}"));
    let left = folder.names().into_iter().find(|name| name.contains(".chaffinch-"));
    assert_eq!(left, None, "a temporary file is left");
}

fn is_root() -> bool {
    let probe = Folder::with(&[("x", "")]);
    fs::set_permissions(probe.path("x"), fs::Permissions::from_mode(0o000)).unwrap();
    File::open(probe.path("x")).is_ok()
}

#[test]
fn a_file_and_a_folder_that_can_not_be_read() {
    let folder = scrapes(4);
    folder.write("in/closed/x.txt", SCRAPE);
    for name in ["in/00002.txt", "in/closed"] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let mut command = command(&folder, &["in", "--out", "out", "--report", "rep"]);
    if is_root() {
        // Root reads everything; nobody does not.
        fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o777)).unwrap();
        command.uid(65534).gid(65534);
    }
    let Ok(output) = command.output() else {
        println!("skipped: the program can not be run as somebody else");
        return;
    };
    fs::set_permissions(folder.path("in/closed"), fs::Permissions::from_mode(0o755)).unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("chaffinch: 00002.txt: cannot read: Permission denied\n"), "{said}");
    assert!(said.contains("chaffinch: closed: cannot read: Permission denied\n"), "{said}");
    assert!(said.contains("3 documents cleaned") && said.contains("; 2 could not be cleaned\n"), "{said}");
    let summary = folder.json("rep/summary.json");
    assert_eq!(summary["failures"].as_array().unwrap().len(), 2);
    assert_eq!(summary["failures"][0]["name"], "00002.txt");
    others_are_right(&folder, &["00002.txt", "closed/x.txt"]);
}

#[test]
fn a_file_that_vanishes_and_one_that_changes() {
    let folder = scrapes(4);
    folder.write("in/00001.txt", SCRAPE.repeat(600));
    if !Command::new("mkfifo").arg(folder.path("00000")).status().is_ok_and(|status| status.success()) {
        println!("skipped: there is no mkfifo");
        return;
    }
    // The pipe comes first and holds the run up until all is planned.
    let child =
        command(&folder, &["00000", "in", "--out", "out", "--jobs", "1"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = File::options().write(true).open(folder.path("00000")).unwrap();
    fs::remove_file(folder.path("in/00002.txt")).unwrap();
    let (over, begun) = (AtomicBool::new(false), Barrier::new(2));
    let output = thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = File::options().append(true).open(folder.path("in/00001.txt")).unwrap();
            begun.wait();
            while !over.load(Ordering::Relaxed) {
                file.write_all(b"more\n").unwrap();
                thread::sleep(Duration::from_micros(100));
            }
        });
        begun.wait();
        pipe.write_all(SCRAPE.as_bytes()).unwrap();
        drop(pipe);
        // What looks through the folder would wait for somebody to write to it.
        fs::remove_file(folder.path("00000")).unwrap();
        let output = child.wait_with_output().unwrap();
        over.store(true, Ordering::Relaxed);
        output
    });
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("chaffinch: 00002.txt: cannot read: No such file or directory\n"), "{said}");
    assert!(said.contains("chaffinch: 00001.txt: it changed while it was read; clean it again when"), "{said}");
    assert!(said.contains("3 documents cleaned") && said.contains("; 2 could not be cleaned\n"), "{said}");
    others_are_right(&folder, &["00001.txt", "00002.txt"]);
    // Now that nothing writes to it any more.
    folder.run(["in", "--out", "out", "--resume"]).assert().success();
    others_are_right(&folder, &["00002.txt"]);
}

#[test]
fn links_that_lead_round_in_circles() {
    let folder = scrapes(2);
    symlink("../in", folder.path("in/loop")).unwrap();
    symlink("self.txt", folder.path("in/self.txt")).unwrap();
    let assert = folder.run(["in", "--out", "out"]).assert().code(1);
    let said = said(assert.get_output());
    assert!(said.contains("chaffinch: self.txt: cannot read: Too many levels of symbolic links\n"), "{said}");
    assert!(said.contains("2 documents cleaned") && said.contains("; 1 could not be cleaned\n"), "{said}");
    others_are_right(&folder, &["self.txt", "loop"]);
}

/// A file system of its own; gone with the value.
struct Mount(PathBuf);

impl Mount {
    /// `None`, with a message, where nothing may be mounted.
    fn new(at: &Path, options: &str) -> Option<Mount> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).stderr(Stdio::null());
        if !mount.status().is_ok_and(|status| status.success()) {
            println!("skipped: only root may mount a small file system");
            return None;
        }
        Some(Mount(at.to_owned()))
    }

    fn again(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_it_and_it_goes_on_when_there_is_room() {
    let folder = scrapes(40);
    let words = ["in", "--out", "disk/out", "--report", "disk/rep", "--report-format", "jsonl"];
    let Some(mount) = Mount::new(&folder.path("disk"), "size=160k") else { return };
    let output = command(&folder, &words).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("No space left on device\n"), "{said}");
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("chaffinch: there is no space left; make some, and the same command with --resume goes on: ")
    );
    let reference = ["in", "--out", "ref/out", "--report", "ref/rep", "--report-format", "jsonl"];
    folder.run(reference).assert().success();
    let expected = files_below(&folder.path("ref"));
    let written = files_below(&folder.path("disk"));
    assert!(written.len() > 4 && written.len() < expected.len(), "{}", written.len());
    for file in &written {
        assert!(expected.contains(file), "{} is half-written", file.0);
    }
    mount.again("size=10m");
    folder.run(words.into_iter().chain(["--resume"])).assert().success();
    assert_eq!(files_below(&folder.path("disk")), expected);
}

#[test]
fn an_output_folder_that_can_not_be_written_to() {
    let folder = scrapes(2);
    let Some(mount) = Mount::new(&folder.path("disk"), "size=1m") else { return };
    fs::create_dir(folder.path("disk/out")).unwrap();
    fs::create_dir(folder.path("disk/rep")).unwrap();
    mount.again("ro");
    let said = complaint(&folder.run(["in", "--out", "disk/out"]).assert().code(1));
    assert_eq!(said, format!("chaffinch: cannot write disk/out/{STATE}: Read-only file system"));
    let said = complaint(&folder.run(["in", "--out", "disk/new"]).assert().code(1));
    assert_eq!(said, "chaffinch: cannot make the folder disk/new: Read-only file system");
    // Where only reports can not be written, every document is told, and none has a clean text without a report.
    let assert = folder.run(["in", "--out", "out", "--report", "disk/rep"]).assert().code(1);
    let output = assert.get_output();
    assert!(self::said(output).contains("chaffinch: 00001.txt: cannot write disk/rep/00001.diff: read-only file"));
    assert!(files_below(&folder.path("out")).is_empty());
}

#[test]
fn names_that_are_no_text_are_gone_on_with_too() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = scrapes(1);
    let name = OsStr::from_bytes(b"caf\xe9\n\xff.txt");
    fs::write(folder.path("in").join(name), SCRAPE).unwrap();
    let words = ["in", "--out", "out", "--report", "rep", "--resume"];
    folder.run(words).assert().success();
    assert!(folder.path("out").join(name).exists());
    let said = complaint(&folder.run(words).assert().success());
    assert!(said.starts_with("chaffinch: 0 documents cleaned, 2 left alone"), "{said}");
    fs::remove_file(folder.path("in").join(name)).unwrap();
    symlink("nowhere", folder.path("in").join(name)).unwrap();
    let assert = folder.run(words).assert().code(1);
    assert!(self::said(assert.get_output()).contains("chaffinch: caf\\xe9␊\\xff.txt: cannot read: No such file"));
}
