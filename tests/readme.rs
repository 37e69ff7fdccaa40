//! The README shows what the program really prints.
//!
//! A block after `<!-- output: COMMAND -->` is what COMMAND prints, run by a shell in a folder with the fixtures and,
//! as `scrapes`, their raw texts. `UPDATE_README=1 cargo test --test readme` writes what has changed.
#![cfg(unix)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const OPEN: &str = "<!-- output: ";
const CLOSE: &str = " -->";

/// A folder in which the README's commands are run, one after the other.
fn workplace(root: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    symlink(root.join("fixtures"), folder.path().join("fixtures")).unwrap();
    fs::create_dir(folder.path().join("scrapes")).unwrap();
    for entry in fs::read_dir(root.join("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("raw.txt").exists() {
            let name = path.file_name().unwrap().to_str().unwrap();
            fs::copy(path.join("raw.txt"), folder.path().join(format!("scrapes/{name}.txt"))).unwrap();
        }
    }
    folder
}

fn output(command: &str, folder: &Path) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_chaffinch"));
    let mut path = OsString::from(program.parent().unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let run = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        // Tools cut text by characters and not by bytes.
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
    let printed = String::from_utf8(run.stdout).unwrap_or_else(|e| panic!("{command}: {e}"));
    // What an editor would take away, or git would complain about.
    printed.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn outputs_in_the_readme_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let folder = workplace(root);
    let mut current = String::new();
    let mut commands = 0;
    let mut lines = readme.split_inclusive('\n');
    while let Some(line) = lines.next() {
        current.push_str(line);
        let Some(command) = line.trim_end().strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)) else {
            continue;
        };
        commands += 1;
        let fence = lines.next().filter(|line| line.starts_with("```")).expect("a block follows each command");
        current.push_str(fence);
        current.push_str(&output(command, folder.path()));
        let end = lines.find(|line| line.starts_with("```")).expect("the block ends");
        current.push_str(end);
    }
    assert!(commands > 3, "the README's outputs are not found any more");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(root.join("README.md"), &current).unwrap();
    } else if let Some((now, then)) = current.lines().zip(readme.lines()).find(|(now, then)| now != then) {
        panic!(
            "the README says\n  {then}\nand the program prints\n  {now}\nUPDATE_README=1 cargo test --test readme writes it"
        );
    } else {
        assert_eq!(current, readme, "UPDATE_README=1 cargo test --test readme writes what has changed");
    }
}

#[test]
fn the_readme_lists_every_label() {
    let readme = include_str!("../README.md");
    for label in chaffinch::Label::ALL {
        let default = if label.keep_by_default() { "keep" } else { "drop" };
        let row = format!("| `{label}` | {} | {default} |", label.describe());
        assert!(readme.contains(&row), "the README's table lacks: {row}");
    }
}
