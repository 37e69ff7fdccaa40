//! How documents lie in the inputs, and what becomes of records that can not be cleaned.

use std::path::{Path, PathBuf};

use chaffinch::formats::{Compression, Layout, Splitter, StreamFormat};

use super::Input;
use crate::cli::Usage;
use crate::cli::args::FormatArgs;

/// How documents lie in the inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Formats {
    /// What every input is; otherwise its name says it.
    forced: Option<StreamFormat>,
    /// The field of JSON Lines that holds the text.
    pub(crate) text_field: String,
    /// The field of JSON Lines that labels are added as.
    pub(crate) labels_field: Option<String>,
    /// What separates the documents of a text.
    pub(crate) splitter: Option<Splitter>,
    /// Stop at the first record that can not be cleaned.
    pub(crate) strict: bool,
}

impl Formats {
    /// What an input is.
    pub(crate) fn of(&self, input: &Input) -> StreamFormat {
        match input {
            Input::File(path) => self.of_file(path),
            Input::Stdin => self.forced.unwrap_or_default(),
        }
    }

    /// What a file is.
    pub(crate) fn of_file(&self, path: &Path) -> StreamFormat {
        self.forced.unwrap_or_else(|| StreamFormat::from_path(path))
    }

    /// Whether an input of this format is a stream of records.
    pub(crate) fn is_stream(&self, format: StreamFormat) -> bool {
        format.layout != Layout::Text || self.splitter.is_some()
    }
}

/// Settles what was typed, and where rejected records go.
pub(super) fn settle(args: FormatArgs) -> Result<(Formats, Option<PathBuf>), Usage> {
    let FormatArgs { input_format, text_field, labels_field, split, rejects, strict } = args;
    if labels_field.as_ref() == Some(&text_field) {
        return Err(Usage("--labels-field: that is the field of the text; name another one".into()));
    }
    let splitter =
        split.map(|pattern| Splitter::new(&pattern)).transpose().map_err(|e| Usage(format!("--split: {e}")))?;
    Ok((Formats { forced: input_format, text_field, labels_field, splitter, strict }, rejects))
}

/// What an output is compressed with: what its name says, and where it says nothing, what the input is.
pub(crate) fn compression(out: &Path, input: StreamFormat) -> Compression {
    match out.extension() {
        Some(_) => StreamFormat::from_path(out).compression,
        None => input.compression,
    }
}
