//! Which documents belong together, by where they lie and what they are called.

use std::path::{Component, Path};
use std::str::FromStr;

use crate::answers::host;
use crate::sink::Document;

/// What makes a group of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum GroupBy {
    /// The folder they lie in.
    #[default]
    Folder,
    /// The host they come from, as a folder's or the file's name says it.
    Host,
    /// What their names begin with.
    Prefix,
    /// There are no groups.
    None,
}

impl GroupBy {
    /// All of them.
    pub const ALL: [GroupBy; 4] = [GroupBy::Folder, GroupBy::Host, GroupBy::Prefix, GroupBy::None];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            GroupBy::Folder => "folder",
            GroupBy::Host => "host",
            GroupBy::Prefix => "prefix",
            GroupBy::None => "none",
        }
    }

    /// What reports call the group that a document is in.
    pub const fn place(self) -> &'static str {
        match self {
            GroupBy::Folder => "this folder",
            GroupBy::Host => "this host",
            GroupBy::Prefix | GroupBy::None => "this group",
        }
    }

    /// The group of a document; `None` where it belongs to none. One with an address belongs to its host, whichever
    /// way it came.
    pub fn group(self, document: &Document) -> Option<String> {
        let name = Path::new(&document.name);
        let path = document.path.as_deref().unwrap_or(name);
        match self {
            GroupBy::None => None,
            _ if document.url.is_some() => document.url.as_deref().and_then(host_of_url).map(without_www),
            GroupBy::Folder => folder(name).or_else(|| folder_name(path)),
            GroupBy::Host => host_of_name(name).or_else(|| host(path)).map(without_www),
            GroupBy::Prefix => prefix(name),
        }
    }
}

impl FromStr for GroupBy {
    type Err = String;

    fn from_str(name: &str) -> Result<GroupBy, String> {
        let known = GroupBy::ALL.into_iter().find(|by| by.name() == name);
        known.ok_or_else(|| format!("groups are made by {}", GroupBy::ALL.map(GroupBy::name).join(", ")))
    }
}

/// The folders in a document's name, with `/` between them on every system.
fn folder(name: &Path) -> Option<String> {
    let parts = name.parent()?.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    Some(parts.collect::<Vec<_>>().join("/")).filter(|name| !name.is_empty())
}

/// The name of the folder that the document lies in.
fn folder_name(path: &Path) -> Option<String> {
    Some(path.parent()?.file_name()?.to_string_lossy().into_owned())
}

/// The host of an address.
fn host_of_url(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let name = authority.rsplit('@').next()?.split(':').next()?.to_lowercase();
    is_host(&name).then_some(name)
}

fn without_www(host: String) -> String {
    match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') => rest.to_owned(),
        _ => host,
    }
}

/// The host in a file's name that was made of an address: `https___quay.example_2031_ferry.txt`.
fn host_of_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let rest = ["https", "http"].iter().find_map(|scheme| {
        let rest = name.strip_prefix(scheme)?;
        let rest = rest.strip_prefix("%3a%2f%2f").unwrap_or(rest);
        Some(rest.trim_start_matches([':', '/', '_', '-', '+', '=']))
    });
    let rest = rest.unwrap_or(&name);
    let end = rest.find(['_', '%', '+', '=', '@', ',', '~', ' ', '!', '?', '#', '&', ':'])?;
    let first = &rest[..end];
    is_host(first).then(|| first.to_owned())
}

/// The letters that a file's name begins with: `quay` of `quay-2031-07.txt` and `quay_0012.txt`.
fn prefix(path: &Path) -> Option<String> {
    let name = path.file_stem()?.to_string_lossy().to_lowercase();
    let end = name.find(|c: char| !c.is_alphabetic()).unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_owned())
}

fn is_host(name: &str) -> bool {
    host(&Path::new(name).join("x")).as_deref() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(by: GroupBy, path: &str) -> String {
        let mut document = Document::new(path);
        document.path = Some(Path::new("/data/Quay").join(path));
        by.group(&document).unwrap_or_else(|| "-".into())
    }

    #[test]
    fn folders_are_told_apart_by_their_way() {
        assert_eq!(group(GroupBy::Folder, "quay/news/1.txt"), "quay/news");
        assert_eq!(group(GroupBy::Folder, "./quay//1.txt"), "quay");
        assert_eq!(group(GroupBy::Folder, "1.txt"), "Quay");
        assert_eq!(group(GroupBy::None, "quay/1.txt"), "-");
        let mut record = Document::new("crawl.wet.gz");
        for (url, expected) in [
            ("https://www.Mast.example:8080/a?b", Some("mast.example")),
            ("http://me@mast.example/", Some("mast.example")),
            ("urn:uuid:12", None),
        ] {
            record.url = Some(url.into());
            assert_eq!(GroupBy::Folder.group(&record).as_deref(), expected, "{url}");
        }
        assert_eq!(GroupBy::None.group(&record), None);
    }

    #[test]
    fn hosts_stand_in_paths_and_names() {
        for (path, expected) in [
            ("www.quay.example/2031/1.txt", "quay.example"),
            ("in/https___www.quay.example_2031_ferry.html.txt", "quay.example"),
            ("in/http%3A%2F%2Fnews.quay.example%2Fferry", "news.quay.example"),
            ("quay.example/mast.example_ferry.txt", "mast.example"),
            ("in/ferry.txt", "-"),
            ("in/ferry_2.txt", "-"),
            ("in/Report v1.2 final.txt", "-"),
        ] {
            assert_eq!(group(GroupBy::Host, path), expected, "{path}");
        }
    }

    #[test]
    fn prefixes_are_letters() {
        assert_eq!(group(GroupBy::Prefix, "in/Quay-2031_07.txt"), "quay");
        assert_eq!(group(GroupBy::Prefix, "in/quay0012.txt"), "quay");
        assert_eq!(group(GroupBy::Prefix, "in/0012.txt"), "-");
    }
}
