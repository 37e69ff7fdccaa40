//! Keeping two runs from writing to one folder. A lock goes with its process, however that ends.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
use anyhow::Context;
use anyhow::Result;

use crate::cli::Usage;
use crate::cli::output::shown;

/// What is said where another run was there first.
pub(super) fn busy(folder: &Path) -> Usage {
    Usage(format!("another run is writing to {}; wait for it, stop it, or choose another folder", shown(folder)))
}

/// How the state is opened.
#[cfg(unix)]
pub(super) fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).append(true);
    options
}

/// Whether opening it failed because another run has it.
#[cfg(unix)]
pub(super) fn in_use(_: &io::Error) -> bool {
    false
}

/// Takes the lock. Where the file system knows no locks, one goes without.
#[cfg(unix)]
pub(super) fn lock(file: &File, folder: &Path) -> Result<()> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => Err(busy(folder).into()),
        _ => Ok(()),
    }
}

/// The file, as long as its lock can be held while another takes its name.
#[cfg(unix)]
pub(super) fn until_replaced(file: File) -> Option<File> {
    Some(file)
}

/// Windows replaces no file that is open.
#[cfg(not(unix))]
pub(super) fn until_replaced(_: File) -> Option<File> {
    None
}

/// Keeps other runs out of a folder that has no state, as long as the value lives.
#[cfg(unix)]
pub(crate) fn hold(folder: &Path) -> Result<File> {
    let file = File::open(folder).with_context(|| format!("cannot read the folder {}", shown(folder)))?;
    lock(&file, folder)?;
    Ok(file)
}

/// Folders can not be held here.
#[cfg(not(unix))]
pub(crate) fn hold(_: &Path) -> Result<()> {
    Ok(())
}

/// Whether the file is still the one of this name.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Opened for one process alone.
#[cfg(not(unix))]
pub(super) fn options() -> OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    let mut options = File::options();
    // Others may read it and rename over it, and not write to it.
    options.read(true).append(true).share_mode(1 | 4);
    options
}

#[cfg(not(unix))]
pub(super) fn in_use(error: &io::Error) -> bool {
    error.raw_os_error() == Some(32)
}

#[cfg(not(unix))]
pub(super) fn lock(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn is_at(_: &File, _: &Path) -> bool {
    true
}
