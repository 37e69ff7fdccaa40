//! The file for records that can not be cleaned. It is there if there are any.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chaffinch::Error;
use chaffinch::formats::Compression;
use chaffinch::formats::pack::Pack;

use super::output::{OutFile, shown};

/// Begins as a hidden file, so that what is wrong with its place is known before hours of work.
pub(crate) struct Rejects {
    path: PathBuf,
    file: Pack<OutFile>,
    replace: bool,
    empty: bool,
}

impl Rejects {
    /// Starts the file that will be called `path`.
    pub(crate) fn create(path: &Path, compression: Compression, replace: bool) -> Result<Rejects> {
        let file = Pack::new(OutFile::create(path, replace)?, compression).map_err(Error::Write)?;
        Ok(Rejects { path: path.to_owned(), file, replace, empty: true })
    }

    /// Gives the file its name. If nothing is in it, one of an earlier run that may be replaced goes away.
    pub(crate) fn finish(self) -> Result<()> {
        if !self.empty {
            return self.file.finish().map_err(Error::Write)?.finish_synced();
        }
        if self.replace && fs::metadata(&self.path).is_ok_and(|data| data.is_file()) {
            fs::remove_file(&self.path).with_context(|| format!("cannot remove {}", shown(&self.path)))?;
        }
        Ok(())
    }
}

impl Write for Rejects {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.empty &= bytes.is_empty();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
