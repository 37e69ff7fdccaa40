//! The answers file on disk. Answers are added at its end and nothing else in it is touched, so that what a person
//! wrote there, comments and order, stays. It is replaced as a whole each time: it is never there half-written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chaffinch::answers::Entry;

use super::super::output::{OutFile, shown};

const HEAD: &str = "\
# What was said about lines: chaffinch obeys it before its model. Answers may be edited, moved and put together with
# others; of several that fit a line the one with the narrower scope wins, then the later.
";

pub(super) struct Store {
    path: PathBuf,
    /// The files that are obeyed; the store's own is one of them once it is there.
    obeyed: Vec<PathBuf>,
}

impl Store {
    pub(super) fn new(path: PathBuf, obeyed: Vec<PathBuf>) -> Store {
        Store { path, obeyed }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The files to obey.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let own = (!self.obeyed.contains(&self.path) && self.path.exists()).then(|| self.path.clone());
        self.obeyed.iter().cloned().chain(own).collect()
    }

    /// Adds answers, and gives back what [`Store::remove`] takes to undo it.
    pub(super) fn add(&self, entries: &[Entry]) -> Result<String> {
        let added: String = entries.iter().map(|entry| format!("\n{entry}")).collect();
        // Read each time, as an editor may be open beside the review.
        let mut text = self.read()?;
        if text.is_empty() {
            text.push_str(HEAD);
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&added);
        self.write(&text)?;
        Ok(added)
    }

    /// Takes out what was added last.
    pub(super) fn remove(&self, added: &str) -> Result<()> {
        let mut text = self.read()?;
        if let Some(at) = text.rfind(added) {
            text.replace_range(at..at + added.len(), "");
            self.write(&text)?;
        }
        Ok(())
    }

    fn read(&self) -> Result<String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", shown(&self.path))),
        }
    }

    fn write(&self, text: &str) -> Result<()> {
        let mut file = OutFile::create(&self.path, true)?;
        file.write_all(text.as_bytes())?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use chaffinch::answers::{Scope, What};

    use super::*;

    #[test]
    fn what_a_person_wrote_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::write(&path, "# mine, without a line end").unwrap();
        let store = Store::new(path.clone(), Vec::new());
        let entry = |line: &str| Entry {
            what: What::Line(line.into()),
            keep: true,
            label: None,
            scope: Scope::Everywhere,
            copy: None,
        };
        let first = store.add(&[entry("a"), entry("b")]).unwrap();
        let between = fs::read_to_string(&path).unwrap();
        store.add(&[entry("c")]).unwrap();
        fs::write(&path, fs::read_to_string(&path).unwrap() + "# more\n").unwrap();
        store.remove(&first).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(between.starts_with("# mine, without a line end\n\n[[answer]]\nline = \"a\"\n"), "{between}");
        assert!(text.starts_with("# mine") && text.ends_with("# more\n") && text.contains("\"c\""), "{text}");
        assert!(!text.contains("\"a\"") && !text.contains("\"b\""), "{text}");
    }
}
