//! Where bytes go: files that appear whole or not at all, standard output, and names that are safe to print.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, bail};
use chaffinch::formats::StreamFormat;
use chaffinch::formats::pack::Pack;
use chaffinch::report::escape;
use tempfile::NamedTempFile;

/// One write per small document, and few per large one.
const BUFFER: usize = 64 * 1024;

/// What the hidden name of a file begins and ends with while it is written.
const TEMPORARY: (&str, &str) = (".chaffinch-", ".tmp");

/// A file that appears under its name, complete, when it is [finished](OutFile::finish), and never before.
///
/// It is written beside its place under a hidden name. Dropping it leaves nothing behind.
pub(crate) struct OutFile {
    path: PathBuf,
    kind: Kind,
    len: u64,
}

enum Kind {
    Temporary {
        file: BufWriter<NamedTempFile>,
        overwrite: bool,
    },
    /// A device or a named pipe has no "not yet there", and must not be replaced by a file.
    Special(BufWriter<File>),
}

impl OutFile {
    /// Starts a file that will be called `path`.
    pub(crate) fn create(path: &Path, overwrite: bool) -> Result<OutFile> {
        let cannot = || format!("cannot write {}", shown(path));
        let mut path_buf = path.to_owned();
        if let Ok(data) = fs::metadata(path) {
            if data.is_dir() {
                bail!("{}: it is a folder, and a file is needed", cannot());
            }
            if !data.is_file() {
                let file = File::options().write(true).open(path).with_context(cannot)?;
                return Ok(OutFile {
                    path: path_buf,
                    kind: Kind::Special(BufWriter::with_capacity(BUFFER, file)),
                    len: 0,
                });
            }
            // The file a link points to is replaced, not the link.
            path_buf = fs::canonicalize(path).with_context(cannot)?;
        }
        let folder = match path_buf.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
        // A temporary file is private unless one says otherwise; a result should obey the umask like any other file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = match builder.tempfile_in(folder).map_err(bare) {
            Err(_) if !folder.exists() => bail!("{}: there is no folder {}", cannot(), shown(folder)),
            file => BufWriter::with_capacity(BUFFER, file.with_context(cannot)?),
        };
        Ok(OutFile { path: path_buf, kind: Kind::Temporary { file, overwrite }, len: 0 })
    }

    /// Gives the file its name when its content is on the disk, so that not even a power cut leaves half of it.
    pub(crate) fn finish_synced(mut self) -> Result<()> {
        if let Kind::Temporary { file, .. } = &mut self.kind {
            let synced = file.flush().and_then(|()| file.get_ref().as_file().sync_all());
            synced.with_context(|| format!("cannot write {}", shown(&self.path)))?;
        }
        self.finish()
    }

    /// Bytes that were written.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<()> {
        let cannot = || format!("cannot write {}", shown(&self.path));
        match self.kind {
            Kind::Special(mut file) => file.flush().with_context(cannot),
            Kind::Temporary { file, overwrite } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error).with_context(cannot)?;
                let result = if overwrite { file.persist(&self.path) } else { file.persist_noclobber(&self.path) };
                match result {
                    Ok(_) => Ok(()),
                    Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
                        bail!("{} already exists; --overwrite replaces it", shown(&self.path))
                    }
                    Err(e) => Err(bare(e.error)).with_context(cannot),
                }
            }
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.kind {
            Kind::Temporary { file, .. } => file,
            Kind::Special(file) => file,
        }
    }

    fn name_it(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {}", shown(&self.path), plain(error)))
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer().write(bytes).map_err(|e| self.name_it(&e))?;
        self.len += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Buffers are emptied when they are full and at the end; sinks may flush as often as they like.
        Ok(())
    }
}

/// Whether a file is called as one that is being written, or was when its process was killed.
pub(crate) fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(TEMPORARY.0.as_bytes()) && name.ends_with(TEMPORARY.1.as_bytes())
}

/// Removes what killed processes left half-written in a folder. Nobody may be writing there.
pub(crate) fn remove_temporary(folder: &Path) {
    // What can not be listed or removed is in nobody's way.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_temporary(entry.file_name().as_encoded_bytes()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            _ = fs::remove_file(entry.path());
        }
    }
}

/// A file that is compressed as its name says.
pub(crate) fn packed(path: &Path, overwrite: bool) -> Result<Pack<OutFile>> {
    let file = OutFile::create(path, overwrite)?;
    Ok(Pack::new(file, StreamFormat::from_path(path).compression).map_err(chaffinch::Error::Write)?)
}

/// `tempfile` wraps errors to name its own random paths, which say nothing to the user.
fn bare(error: io::Error) -> io::Error {
    let kind = error.kind();
    match error.raw_os_error().or_else(|| inner_os_error(&error)) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => kind.into(),
    }
}

fn inner_os_error(error: &io::Error) -> Option<i32> {
    let source = std::error::Error::source(error.get_ref()?)?;
    source.downcast_ref::<io::Error>()?.raw_os_error()
}

/// Standard output, held for the whole run.
pub(crate) struct Stdout {
    out: BufWriter<Box<dyn Write>>,
    /// Someone watches: every line is shown as soon as it is decided.
    live: bool,
    /// Whether writing goes on, to nowhere, when the reader has gone away; a report may still be wanted.
    outlive_reader: bool,
    gone: bool,
}

impl Stdout {
    /// Takes hold of standard output. `live` when the input is a stream that someone watches.
    pub(crate) fn new(live: bool, outlive_reader: bool) -> Stdout {
        let out = io::stdout().lock();
        let live = live || out.is_terminal();
        Stdout { out: BufWriter::with_capacity(BUFFER, Box::new(out)), live, outlive_reader, gone: false }
    }

    /// Standard output for text with colours, which are taken out where they are not wanted.
    pub(crate) fn colored(color: ColorChoice) -> Stdout {
        let out = AutoStream::new(io::stdout().lock(), color);
        Stdout { out: BufWriter::with_capacity(BUFFER, Box::new(out)), live: false, outlive_reader: false, gone: false }
    }

    fn tolerate(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe && self.outlive_reader => {
                self.gone = true;
                Ok(())
            }
            Err(e) => Err(io::Error::new(e.kind(), format!("standard output: {}", plain(&e)))),
            Ok(()) => Ok(()),
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.gone {
            let mut result = self.out.write_all(bytes);
            if self.live && bytes.contains(&b'\n') {
                result = result.and_then(|()| self.out.flush());
            }
            self.tolerate(result)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let result = self.out.flush();
        self.tolerate(result)
    }
}

/// Whether `file` is the file that standard output goes to. Reading and writing it at once would never end.
#[cfg(unix)]
pub(crate) fn is_stdout(file: &File) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let out = io::stdout().as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    match (file.metadata(), out) {
        (Ok(a), Ok(b)) => a.is_file() && (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Whether `file` is the file that standard output goes to; not known here.
#[cfg(not(unix))]
pub(crate) fn is_stdout(_: &File) -> bool {
    false
}

/// A path for a message: controls and marks that a terminal would act on are written out, and so are bytes that are
/// no text.
pub(crate) fn shown(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out.push_str(&escape::terminal(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a string can not fail.
            _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// An error of the system without its number, and without what others have wrapped it in.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = match inner_os_error(error) {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.to_string(),
    };
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clean.txt");
        let mut file = OutFile::create(&path, false).unwrap();
        file.write_all(b"text\n").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text\n");
        drop(OutFile::create(&path, true).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_came_in_between_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clean.txt");
        let file = OutFile::create(&path, false).unwrap();
        fs::write(&path, "mine").unwrap();
        assert!(file.finish().unwrap_err().to_string().contains("already exists"));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_are_those_of_other_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (real, link, usual) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
        fs::write(&real, "old").unwrap();
        fs::write(&usual, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = OutFile::create(&link, true).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&real), mode(&usual));
    }

    #[cfg(unix)]
    #[test]
    fn names_are_safe_to_print() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(shown(Path::new(OsStr::from_bytes(b"a\xffb\n\x1b[1m"))), "a\\xffb␊␛[1m");
    }
}
