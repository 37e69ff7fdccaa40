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
}
