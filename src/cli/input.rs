//! Where a document's bytes come from. A single input that is compressed is decompressed here, so that nobody else need
//! know of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use chaffinch::Document;
use chaffinch::formats::{Compression, Layout, StreamFormat, unpack};

use super::config::Input;
use super::files::{Resolver, resolve};
use super::output::{is_stdout, shown};

/// An input that was opened.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    pub(crate) document: Document,
    /// It is the file that standard output goes to.
    pub(crate) is_output: bool,
}

impl Input {
    /// What messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Input::Stdin => "standard input".into(),
            Input::File(path) => shown(path),
        }
    }

    /// Opens it; a file is decompressed as its name says.
    pub(crate) fn open(&self) -> Result<Opened> {
        match self {
            Input::Stdin => self.open_as(Compression::None),
            Input::File(path) => self.open_as(StreamFormat::from_path(path).compression),
        }
    }

    /// Opens it and decompresses it.
    pub(crate) fn open_as(&self, compression: Compression) -> Result<Opened> {
        match self {
            Input::Stdin => {
                let mut document = Document::new("-");
                // Answers about the working folder hold for what is piped in there.
                document.path = resolve(Path::new("-")).ok();
                let reader = unpack(io::stdin(), compression)?;
                Ok(Opened { reader, document, is_output: false })
            }
            Input::File(path) => {
                let (file, mut document) = open(path, path)?;
                if compression != Compression::None {
                    // What is to be compared with the text's size is not the file's.
                    document.bytes = None;
                }
                let is_output = is_stdout(&file);
                Ok(Opened { reader: unpack(file, compression)?, document, is_output })
            }
        }
    }
}

/// Opens a file that is one text, to be called `name` in reports, and decompresses it as its name says.
pub(crate) fn open_text(path: &Path, name: &Path) -> Result<(Box<dyn Read + Send>, Document)> {
    let StreamFormat { layout, compression } = StreamFormat::from_path(name);
    if layout != Layout::Text {
        bail!("it holds many documents, and only single ones can be looked at here; clean it, or see diff --record");
    }
    let (file, mut document) = open(path, name)?;
    if compression != Compression::None {
        document.bytes = None;
    }
    Ok((unpack(file, compression)?, document))
}

/// Opens a file as it is, to be called `name` in reports.
pub(crate) fn open(path: &Path, name: &Path) -> Result<(File, Document)> {
    let file = File::open(path).with_context(|| "cannot read")?;
    let mut document = document(path, name, false, &mut Resolver::default());
    document.bytes = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
    Ok((file, document))
}

/// What is known of a document before it is opened; it is `plain` where it is known to be no link. Its name has slashes
/// on every system, so that reports and keys are the same.
pub(crate) fn document(path: &Path, name: &Path, plain: bool, resolver: &mut Resolver) -> Document {
    let name = name.to_string_lossy();
    let mut document = Document::new(if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() });
    document.path = resolver.resolve(path, plain).ok();
    document
}
