//! Where a document's bytes come from.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use chaffinch::Document;

use super::config::Input;
use super::files::resolve;
use super::output::shown;

impl Input {
    /// What messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Input::Stdin => "standard input".into(),
            Input::File(path) => shown(path),
        }
    }

    /// Opens it, and says whether it is the file that standard output goes to.
    pub(crate) fn open(&self) -> Result<(Box<dyn Read>, Document, bool)> {
        match self {
            Input::Stdin => {
                let mut document = Document::new("-");
                // Answers about the working folder hold for what is piped in there.
                document.path = resolve(Path::new("-")).ok();
                Ok((Box::new(io::stdin().lock()), document, false))
            }
            Input::File(path) => {
                let (file, document) = open(path, path)?;
                let is_output = super::output::is_stdout(&file);
                Ok((Box::new(file), document, is_output))
            }
        }
    }
}

/// Opens a file, to be called `name` in reports.
pub(crate) fn open(path: &Path, name: &Path) -> Result<(File, Document)> {
    let file = File::open(path).with_context(|| "cannot read")?;
    let mut document = Document::new(name.to_string_lossy());
    document.path = resolve(path).ok();
    document.bytes = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
    Ok((file, document))
}
