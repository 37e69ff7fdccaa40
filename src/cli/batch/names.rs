//! Documents' names as bytes, and the order that a batch keeps them in.
//!
//! What is sorted and kept on disk is bytes. A name's key sorts folders before what lies in them, part by part, and puts
//! files that differ in nothing but their extension beside each other, for their reports would be called alike.

use std::path::{Component, Path, PathBuf};

/// The bytes of a relative name, its parts separated by slashes.
pub(crate) fn bytes(name: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for part in name.components() {
        let Component::Normal(part) = part else { continue };
        if !out.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(part.as_encoded_bytes());
    }
    out
}

/// The name of these bytes.
#[cfg(unix)]
pub(crate) fn path(bytes: &[u8]) -> PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

/// The name of these bytes. Names that are no Unicode do not get here, see [`is_usable`].
#[cfg(not(unix))]
pub(crate) fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Whether a name can be told from its bytes.
pub(crate) fn is_usable(name: &Path) -> bool {
    cfg!(unix) || name.to_str().is_some()
}

/// What a name is sorted by: its parts, then the last one's stem, then its extension. No part is empty or holds a NUL.
pub(crate) fn key(name: &[u8]) -> Vec<u8> {
    let file = name.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    // What begins with its only dot has no extension, as in `Path::file_stem`.
    let dot = name[file..].iter().rposition(|&b| b == b'.').filter(|&at| at > 0).map_or(name.len(), |at| file + at);
    let mut key: Vec<u8> = name[..dot].iter().map(|&b| if b == b'/' { 0 } else { b }).collect();
    key.extend_from_slice(&[0, 0]);
    key.extend_from_slice(&name[dot..]);
    key
}

/// The name that has this key.
pub(crate) fn of_key(key: &[u8]) -> Vec<u8> {
    let (group, extension) = key.split_at(group(key).len());
    let stem = group.iter().map(|&b| if b == 0 { b'/' } else { b });
    stem.chain(extension.iter().copied().skip(2)).collect()
}

/// The part of a key that files have in common which differ in nothing but their extension.
pub(crate) fn group(key: &[u8]) -> &[u8] {
    let end = key.windows(2).position(|pair| pair == [0, 0]).unwrap_or(key.len());
    &key[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_paths_do_and_keep_stems_together() {
        let sorted = ["a.md", "a.mz.txt", "a.txt", "a/.md", "a/b.txt", "a/c/d", "a-b.txt", "b/10.txt", "b/2.txt"];
        let mut names = sorted.map(|name| key(name.as_bytes()));
        names.sort();
        let got: Vec<_> = names.iter().map(|key| String::from_utf8(of_key(key)).unwrap()).collect();
        assert_eq!(got, ["a.md", "a.txt", "a/.md", "a/b.txt", "a/c/d", "a-b.txt", "a.mz.txt", "b/10.txt", "b/2.txt"]);
        assert_eq!(group(&names[0]), group(&names[1]));
        assert_ne!(group(&names[1]), group(&names[2]));
    }

    #[test]
    fn names_come_back_from_their_keys() {
        for name in ["a", ".a", "a.", "a.b.c", "x/.hidden", "x/y.z/w", "x/y.z/w.tar.gz", "..."] {
            assert_eq!(of_key(&key(name.as_bytes())), name.as_bytes(), "{name}");
            assert_eq!(bytes(&path(name.as_bytes())), name.as_bytes(), "{name}");
        }
        assert_eq!(bytes(Path::new("./a//b/")), b"a/b");
    }
}
