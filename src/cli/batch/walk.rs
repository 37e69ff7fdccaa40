//! Finding the documents below a folder, as ripgrep finds the files it searches.
//!
//! Hidden files, and what `.gitignore` (in a repository), `.ignore` and git's own lists name, are passed over. Links to
//! files are followed, for that is how people gather documents; links to folders are not, so no file is found twice and
//! no loop is possible.

use std::fs;
use std::path::{Path, PathBuf};

use chaffinch::answers::FILE_NAME;
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};

use super::names;
use super::state;
use crate::cli::output::{is_temporary, plain};

/// Which files of a folder are documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Patterns of names to take, or with `!` to leave; the last that fits decides. They win over the two below.
    pub(crate) globs: Vec<String>,
    /// Take hidden files too.
    pub(crate) hidden: bool,
    /// Look into no ignore file.
    pub(crate) no_ignore: bool,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Found {
    /// A document: its name below the folder, its size, and whether it is known to be a file and no link.
    Document { name: PathBuf, bytes: u64, plain: bool },
    /// What could not be looked at, and why.
    Unreadable { name: PathBuf, message: String },
}

/// Whether the patterns are well formed; what is wrong otherwise.
pub(crate) fn check(globs: &[String]) -> Result<(), String> {
    overrides(Path::new("."), globs).map(drop)
}

fn overrides(root: &Path, globs: &[String]) -> Result<Override, String> {
    let mut builder = OverrideBuilder::new(root);
    for glob in globs {
        builder.add(glob).map_err(|e| e.to_string())?;
    }
    builder.build().map_err(|e| e.to_string())
}

/// Hands every document below `root` on, in no order.
///
/// # Errors
/// What `found` fails with.
pub(crate) fn walk<E>(
    root: &Path,
    selection: &Selection,
    mut found: impl FnMut(Found) -> Result<(), E>,
) -> Result<(), E> {
    let mut builder = WalkBuilder::new(root);
    builder.hidden(!selection.hidden).follow_links(false).require_git(true);
    if selection.no_ignore {
        builder.parents(false).ignore(false).git_ignore(false).git_global(false).git_exclude(false);
    }
    // Patterns were checked before anything began.
    if let Ok(overrides) = overrides(root, &selection.globs) {
        builder.overrides(overrides);
    }
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found(unreadable(root, &error))?;
                continue;
            }
        };
        // The folder itself, and what came from standard input.
        let Some(kind) = entry.file_type().filter(|_| entry.depth() > 0) else { continue };
        if kind.is_dir() || is_ours(entry.file_name().as_encoded_bytes()) {
            continue;
        }
        let name = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
        let fail = |name: PathBuf, why: &str| Found::Unreadable { name, message: format!("cannot read: {why}") };
        if !names::is_usable(&name) {
            found(fail(name, "its name is no Unicode"))?;
            continue;
        }
        match fs::metadata(entry.path()) {
            Ok(data) if data.is_file() => {
                found(Found::Document { name, bytes: data.len(), plain: kind.is_file() })?;
            }
            // A folder behind a link, a pipe, a socket.
            Ok(_) => {}
            Err(error) => found(fail(name, &plain(&error)))?,
        }
    }
    Ok(())
}

/// What chaffinch itself puts into folders is no scrape.
fn is_ours(name: &[u8]) -> bool {
    name == FILE_NAME.as_bytes() || name == state::FILE_NAME.as_bytes() || is_temporary(name)
}

fn unreadable(root: &Path, error: &ignore::Error) -> Found {
    let mut inner = error;
    let mut name = None;
    loop {
        match inner {
            ignore::Error::WithPath { path, err } => {
                name = Some(path);
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            _ => break,
        }
    }
    let below = name.map(|path| path.strip_prefix(root).unwrap_or(path));
    let name = below.filter(|name| *name != Path::new("")).unwrap_or(root).to_owned();
    let message = match inner {
        ignore::Error::Io(error) => plain(error),
        other => other.to_string(),
    };
    Found::Unreadable { name, message: format!("cannot read: {message}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path, selection: &Selection) -> Vec<String> {
        let mut names = Vec::new();
        let result: Result<(), ()> = walk(root, selection, |found| {
            names.push(match found {
                Found::Document { name, .. } => name.to_str().unwrap().replace('\\', "/"),
                Found::Unreadable { name, message } => format!("{}: {message}", name.display()),
            });
            Ok(())
        });
        result.unwrap();
        names.sort();
        names
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn hidden_and_ignored_files_are_passed_over_unless_asked_for() {
        let folder = folder(&[
            ("a.txt", ""),
            ("b/c.txt", ""),
            ("b/c.log", ""),
            ("b/.ignore", "*.log\n"),
            (".hidden", ""),
            (".cache/x.txt", ""),
            ("chaffinch.answers.toml", ""),
            (".chaffinch-state", ""),
            ("b/.chaffinch-abc.tmp", ""),
        ]);
        let with = |hidden, no_ignore| Selection { hidden, no_ignore, ..Selection::default() };
        assert_eq!(names(folder.path(), &with(false, false)), ["a.txt", "b/c.txt"]);
        assert_eq!(names(folder.path(), &with(false, true)), ["a.txt", "b/c.log", "b/c.txt"]);
        let all = [".cache/x.txt", ".hidden", "a.txt", "b/.ignore", "b/c.log", "b/c.txt"];
        assert_eq!(names(folder.path(), &with(true, true)), all);
    }

    #[test]
    fn ignore_files_of_git_hold_in_a_repository() {
        let folder = folder(&[("in/a.txt", ""), ("in/b.tmp", ""), (".gitignore", "*.tmp\n")]);
        let root = folder.path().join("in");
        assert_eq!(names(&root, &Selection::default()), ["a.txt", "b.tmp"]);
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(names(&root, &Selection::default()), ["a.txt"]);
    }

    #[test]
    fn globs_take_and_leave() {
        let folder = folder(&[("a.txt", ""), ("b/c.md", ""), ("b/d.txt", ""), ("b/.e.md", "")]);
        let with =
            |globs: &[&str]| Selection { globs: globs.iter().map(|g| (*g).into()).collect(), ..Selection::default() };
        assert_eq!(names(folder.path(), &with(&["*.txt"])), ["a.txt", "b/d.txt"]);
        assert_eq!(names(folder.path(), &with(&["!b/*.txt"])), ["a.txt", "b/c.md"]);
        assert_eq!(names(folder.path(), &with(&["*.txt", "!a*"])), ["b/d.txt"]);
        assert!(check(&["{a".into()]).unwrap_err().contains("{a"));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed_and_dead_links_are_told() {
        use std::os::unix::fs::symlink;
        let folder = folder(&[("in/a.txt", ""), ("outside.txt", "")]);
        let root = folder.path().join("in");
        symlink(&root, root.join("loop")).unwrap();
        symlink("self", root.join("self")).unwrap();
        symlink("../outside.txt", root.join("link.txt")).unwrap();
        symlink("nowhere", root.join("dead.txt")).unwrap();
        assert_eq!(
            names(&root, &Selection::default()),
            [
                "a.txt",
                "dead.txt: cannot read: No such file or directory",
                "link.txt",
                "self: cannot read: Too many levels of symbolic links"
            ]
        );
    }
}
