//! How documents lie in the inputs, and what becomes of records that can not be cleaned.

use std::path::{Path, PathBuf};

use chaffinch::formats::{Compression, Layout, Splitter, StreamFormat};

use super::Input;
use crate::cli::Usage;
use crate::cli::args::{FormatArgs, JudgingArgs, ReadingArgs};

/// The field of JSON Lines that holds the text, if nobody says another.
const TEXT_FIELD: &str = "text";

/// How documents lie in the inputs.
#[derive(Clone, Debug)]
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

impl Default for Formats {
    fn default() -> Formats {
        Formats { forced: None, text_field: TEXT_FIELD.into(), labels_field: None, splitter: None, strict: false }
    }
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
    let FormatArgs { reading, labels_field, rejects, strict } = args;
    let formats = settle_reading(reading)?;
    if labels_field.as_ref() == Some(&formats.text_field) {
        return Err(Usage("--labels-field: that is the field of the text; name another one".into()));
    }
    Ok((Formats { labels_field, strict, ..formats }, rejects))
}

/// Settles what was typed about how to read.
pub(super) fn settle_reading(args: ReadingArgs) -> Result<Formats, Usage> {
    let ReadingArgs { input_format, text_field, split } = args;
    let splitter =
        split.map(|pattern| Splitter::new(&pattern)).transpose().map_err(|e| Usage(format!("--split: {e}")))?;
    Ok(Formats { forced: input_format, text_field, splitter, ..Formats::default() })
}

/// Refuses an encoding where there is no choice.
pub(super) fn refuse_encoding(format: StreamFormat, judging: &JudgingArgs) -> Result<(), Usage> {
    match format.layout {
        Layout::Jsonl | Layout::Warc if judging.encoding.is_some() => {
            Err(Usage("--encoding: JSON Lines and web archives are always read as UTF-8".into()))
        }
        _ => Ok(()),
    }
}

/// What an output is compressed with: what its name says, and where it says nothing, what the input is.
pub(crate) fn compression(out: &Path, input: StreamFormat) -> Compression {
    match out.extension() {
        Some(_) => StreamFormat::from_path(out).compression,
        None => input.compression,
    }
}
