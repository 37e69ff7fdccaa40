//! The built binary, run as a user with an empty environment would run it, and texts to run it on.
#![allow(dead_code, reason = "each test crate uses a part of it")]

#[cfg(feature = "formats")]
pub(crate) mod streams;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A small scrape, with CRLF here and there and no final newline.
pub(crate) const SCRAPE: &str = "\
Skip to content\n\
Home\n\
News | Sport | Weather | Culture\n\
\n\
Harbour ferry returns to service after three winters in dock\n\
\n\
The small passenger ferry that once linked both banks of the harbour made its first crossing in three years on Monday, \
carrying some forty people and a brass band.\r\n\
\n\
“We had almost given up on her,” said Odile Marchetti, who has run the ticket office since 1998 and who kept its clock \
wound through every one of the winters in between.\n\
\n\
The repairs cost a little more than two million crowns, the harbour board said in a statement, most of which went into \
a new engine and a hull that no longer takes in water.\r\n\
\n\
Subscribe to our newsletter\n\
Share this article\n\
Share this article\n\
Cookie settings\n\
© 2031 The Quayside Courier. All rights reserved.";

/// What every label set to drop, or to keep, does to a document does not depend on the classifier.
pub(crate) const KEPT_LABELS: &str = "title,standfirst,heading,body,caption";
/// The labels that are dropped by default.
pub(crate) const DROPPED_LABELS: &str = "byline,navigation,related,subscription,membership,advertising,sharing,comments,\
                                  legal,about,duplicate-caption,duplicate-quote,duplicate,interface";

/// The program, with nothing in its environment.
pub(crate) fn chaffinch() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaffinch"));
    command.env_clear();
    // Windows can not start a process without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// Whether tests that measure are to take their time, for figures at full size.
pub(crate) fn slow() -> bool {
    std::env::var_os("CHAFFINCH_SLOW").is_some()
}

/// A folder for one test.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// One with these files in it.
    pub(crate) fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// The program, run in this folder.
    pub(crate) fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = chaffinch();
        command.current_dir(self.0.path()).args(words);
        command
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// Every file in it, hidden ones too, with its contents, in the order of the names. A batch's state is no result and
    /// is left out.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        files_below(self.0.path())
    }

    /// The names of every file in it.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }
}

/// What a batch has done, hidden in its output folder.
pub(crate) const STATE: &str = ".chaffinch-state";

/// Every file below a folder, with its contents, in the order of the names; without a batch's state.
pub(crate) fn files_below(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if path.file_name().is_none_or(|name| name != STATE) {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

/// What the program said, which must be one line that begins with its name; with slashes in paths on every system.
pub(crate) fn complaint(assert: &assert_cmd::assert::Assert) -> String {
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert_eq!(said.matches('\n').count(), 1, "not one line: {said:?}");
    assert!(said.starts_with("chaffinch: ") && said.ends_with('\n'), "{said:?}");
    let said = said.trim_end();
    if cfg!(windows) { said.replace('\\', "/") } else { said.to_owned() }
}

/// Runs it, checks that nothing but the inputs is there afterwards, and gives what it said.
pub(crate) fn refused(folder: &Folder, words: &[&str], code: i32) -> String {
    let before = folder.files();
    let assert = folder.run(words.iter().copied()).assert().code(code).stdout("");
    assert_eq!(folder.files(), before, "{words:?} left something behind");
    assert!(!folder.path("out").join(STATE).exists(), "{words:?} left a state behind");
    complaint(&assert)
}

/// The folder of labelled pages beside the project; `None`, with a message, where it is not there.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("CHAFFINCH_SHARED").map_or_else(beside, PathBuf::from);
    if !folder.join("seed").is_dir() {
        println!("skipped: there are no labelled pages in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The most memory of all programs that this process has run so far, in bytes.
#[cfg(unix)]
pub(crate) fn peak() -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let kib = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    if cfg!(target_vendor = "apple") { kib } else { kib * 1024 }
}
