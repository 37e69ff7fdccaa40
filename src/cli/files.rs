//! What paths lead to: the documents of a file or folder, and where something that is not there yet will lie.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::batch::{Found, Selection, walk};
use super::output::plain;

/// An input that can not be cleaned, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The document's name, as a job's.
    pub(crate) name: PathBuf,
    /// What went wrong, in one line.
    pub(crate) message: String,
}

/// The documents of a file or folder: path and name of each, in the order of the names, and what can not be read.
pub(crate) fn documents(input: &Path, selection: &Selection) -> (Vec<(PathBuf, PathBuf)>, Vec<Failure>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    match fs::metadata(input) {
        Ok(data) if data.is_dir() => {
            let Ok(()) = walk(input, selection, |one| {
                match one {
                    Found::Document { name, .. } => found.push((input.join(&name), name)),
                    Found::Unreadable { name, message } => failures.push(Failure { name, message }),
                }
                Ok::<(), std::convert::Infallible>(())
            });
        }
        Ok(_) => found.push((input.to_owned(), input.to_owned())),
        Err(error) => {
            failures.push(Failure { name: input.to_owned(), message: format!("cannot read: {}", plain(&error)) });
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    failures.sort_by(|a, b| a.name.cmp(&b.name));
    (found, failures)
}

/// The real path of what is there, followed by what is not there yet.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for ancestor in path.ancestors() {
        let Ok(mut real) = fs::canonicalize(ancestor) else { continue };
        for component in path.strip_prefix(ancestor).into_iter().flat_map(Path::components) {
            match component {
                Component::ParentDir => {
                    real.pop();
                }
                other => real.push(other),
            }
        }
        return Ok(real);
    }
    Ok(path)
}

/// Resolves the paths of documents, of which most lie in the folder of the one before.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    folder: PathBuf,
    real: PathBuf,
}

impl Resolver {
    /// The real path of a document, which is `plain` where it is known to be no link itself.
    pub(crate) fn resolve(&mut self, path: &Path, plain: bool) -> io::Result<PathBuf> {
        let folder = path.parent().filter(|folder| plain && *folder != Path::new(""));
        let Some((folder, name)) = folder.zip(path.file_name()) else { return resolve(path) };
        if self.folder != folder {
            self.real = resolve(folder)?;
            self.folder = folder.to_owned();
        }
        Ok(self.real.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_not_there_are_resolved_below_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        assert_eq!(resolve(&folder.path().join("new/deeper/../x")).unwrap(), real.join("new/x"));
        assert_eq!(resolve(folder.path()).unwrap(), real);
    }

    #[cfg(unix)]
    #[test]
    fn documents_are_resolved_folder_by_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("a")).unwrap();
        std::os::unix::fs::symlink("a", at("b")).unwrap();
        fs::write(at("a/1"), "").unwrap();
        std::os::unix::fs::symlink("1", at("a/2")).unwrap();
        let mut resolver = Resolver::default();
        for (path, plain) in [("a/1", true), ("b/1", true), ("b/2", false), ("a/1", false), ("b/../a/1", true)] {
            assert_eq!(resolver.resolve(&at(path), plain).unwrap(), fs::canonicalize(at("a/1")).unwrap(), "{path}");
        }
        assert_eq!(resolver.resolve(Path::new("x"), true).unwrap(), resolve(Path::new("x")).unwrap());
    }
}
