//! What the named paths are, and what can be refused without looking into them.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::Input;
use crate::cli::Usage;
use crate::cli::output::shown;

/// `None` where nothing is named and standard input is a terminal: nobody types a web page.
pub(super) fn input_of(path: Option<PathBuf>) -> Option<Input> {
    match path {
        Some(path) if path == Path::new("-") => Some(Input::Stdin),
        Some(path) => Some(Input::File(path)),
        None if io::stdin().is_terminal() => None,
        None => Some(Input::Stdin),
    }
}

pub(super) fn one_file(path: Option<PathBuf>, command: &str) -> Result<Option<Input>, Usage> {
    match &path {
        Some(path) if path.is_dir() => Err(Usage(format!("{} is a folder; {command} takes a file", shown(path)))),
        _ => Ok(input_of(path)),
    }
}

pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

pub(super) fn file_not_folder(option: &str, path: &Path) -> Result<(), Usage> {
    match is_folder(path) {
        true => {
            Err(Usage(format!("{option} {}: that is a folder, and a file is needed for one document", shown(path))))
        }
        false => Ok(()),
    }
}

/// Refuses a file that is there, if nobody allowed to replace it. Devices and pipes are written to, not replaced.
pub(super) fn refuse_present(path: &Path, overwrite: bool) -> Result<(), Usage> {
    let special = fs::metadata(path).is_ok_and(|data| !data.is_file());
    match !overwrite && !special && fs::symlink_metadata(path).is_ok() {
        true => Err(Usage(format!("{} already exists; --overwrite replaces it", shown(path)))),
        false => Ok(()),
    }
}

/// Whether the path is a regular file, or nothing yet.
pub(super) fn is_plain(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |data| data.is_file())
}
