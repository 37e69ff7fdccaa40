//! Where a document lies, as an answers file sees it, and whether that is within an answer's scope.

use std::path::{Component, Path, PathBuf};

use super::Scope;
use crate::sink::Document;

/// A document's place relative to one answers file.
#[derive(Debug)]
pub(super) struct Place {
    /// Its path below the file's folder, or from the root where it lies elsewhere.
    path: String,
    /// Whether it lies below the file's folder.
    inside: bool,
    /// What reports call it.
    name: String,
    host: Option<String>,
}

impl Place {
    pub(super) fn new(document: &Document, base: &Path) -> Place {
        let name = normal(&document.name);
        match &document.path {
            Some(path) => Place { inside: path.starts_with(base), path: place_in(base, path), host: host(path), name },
            // All that is known is a name; the caller meant something by it.
            None => Place { inside: true, path: name.clone(), host: host(Path::new(&document.name)), name },
        }
    }

    /// How narrowly a scope holds this document; 0 where it does not. What a scope that is `lost` names is not there, so
    /// that it may be a document's name.
    pub(super) fn rank(&self, scope: &Scope, lost: bool) -> u32 {
        const FOLDER: u32 = 3;
        match scope {
            Scope::Everywhere => 1,
            Scope::Host(name) => {
                let holds = self.host.as_deref().is_some_and(|host| {
                    host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                });
                if holds { 2 } else { 0 }
            }
            Scope::Folder(folder) => {
                let folder = normal(folder);
                let depth = folder.split('/').filter(|part| !part.is_empty()).count();
                let holds = match folder.as_str() {
                    "" => self.inside,
                    "/" => self.path.starts_with('/'),
                    folder => {
                        let below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
                        below(&self.path) || lost && below(&self.name)
                    }
                };
                if holds { FOLDER + u32::try_from(depth).unwrap_or(u32::MAX - FOLDER - 1) } else { 0 }
            }
            Scope::Document(name) => {
                let name = normal(name);
                if self.path == name || lost && self.name == name { u32::MAX } else { 0 }
            }
        }
    }
}

/// The path that an answers file in the folder `base` writes for `path`; both are real paths from the root.
pub fn place_in(base: &Path, path: &Path) -> String {
    match path.strip_prefix(base) {
        Ok(below) => parts(below),
        Err(_) => parts(path),
    }
}

fn parts(path: &Path) -> String {
    let mut out = String::new();
    for component in path.components() {
        match component {
            Component::RootDir => out.push('/'),
            Component::CurDir => {}
            other => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                out.push_str(&other.as_os_str().to_string_lossy());
            }
        }
    }
    out
}

/// A path as a person may have written it, without `./` and a slash at the end.
fn normal(path: &str) -> String {
    parts(&PathBuf::from(path))
}

/// The host a document comes from: the last folder on its way whose name is that of a host, as
/// `scrapes/www.quay.example/12.txt` shows it.
pub fn host(path: &Path) -> Option<String> {
    let folders = path.parent()?.components().rev();
    let names = folders.filter_map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    names.map(str::to_lowercase).find(|name| is_host(name))
}

/// Whether `name` is two or more labels of letters, digits and hyphens with points between, the last of letters only.
fn is_host(name: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty() && !part.starts_with('-') && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let mut parts = name.rsplit('.');
    let last = parts
        .next()
        .is_some_and(|top| top.starts_with("xn--") || top.chars().count() >= 2 && top.chars().all(char::is_alphabetic));
    let mut more = parts.peekable();
    last && more.peek().is_some() && more.all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_other_folders() {
        for (path, expected) in [
            ("/data/www.Quay.example/a.txt", Some("www.quay.example")),
            ("quay.example/2031/07/a.txt", Some("quay.example")),
            ("/data/v1.2/a.txt", None),
            ("quay.example", None),
            ("a.b.example/c.example/x", Some("c.example")),
            ("..example/x", None),
        ] {
            assert_eq!(host(Path::new(path)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn places_are_relative_to_the_file() {
        assert_eq!(place_in(Path::new("/a"), Path::new("/a/b/c.txt")), "b/c.txt");
        assert_eq!(place_in(Path::new("/a/x"), Path::new("/a/b/c.txt")), "/a/b/c.txt");
        assert_eq!(normal("./b/./c/"), "b/c");
        assert_eq!(normal("."), "");
    }

    #[test]
    fn a_document_without_a_path_goes_by_its_name() {
        let place = Place::new(&Document::new("a/b.txt"), Path::new("/x"));
        assert_eq!(place.rank(&Scope::Document("./a/b.txt".into()), false), u32::MAX);
        assert!(place.rank(&Scope::Folder("a".into()), false) > place.rank(&Scope::Folder(".".into()), false));
        assert_eq!(place.rank(&Scope::Folder("b".into()), false), 0);
        let mut document = Document::new("a/b.txt");
        document.path = Some("/far/in/a/b.txt".into());
        let place = Place::new(&document, Path::new("/x"));
        let rank = |scope: Scope, lost| place.rank(&scope, lost) > 0;
        assert!(rank(Scope::Document("a/b.txt".into()), true) && rank(Scope::Folder("a".into()), true));
        assert!(!rank(Scope::Document("a/b.txt".into()), false) && !rank(Scope::Folder("a".into()), false));
        assert!(!rank(Scope::Document("b.txt".into()), true));
    }
}
