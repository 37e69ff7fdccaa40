//! One document to look at: a file, standard input, or one record of these.

use std::path::PathBuf;

use super::formats::{refuse_encoding, settle_reading};
use super::paths::one_file;
use super::{Formats, Input};
use crate::cli::Usage;
use crate::cli::args::{JudgingArgs, LookArgs};

/// One document to look at.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) input: Input,
    pub(crate) formats: Formats,
    /// Which record, where the input is a stream of them.
    pub(crate) record: Option<u64>,
}

/// Settles what was typed for `command`.
pub(super) fn settle(
    input: Option<PathBuf>,
    command: &str,
    args: LookArgs,
    judging: &JudgingArgs,
) -> Result<Option<Look>, Usage> {
    let LookArgs { record, reading } = args;
    let formats = settle_reading(reading)?;
    let Some(input) = one_file(input, command)? else { return Ok(None) };
    let format = formats.of(&input);
    match (formats.is_stream(format), record) {
        (true, None) => Err(Usage(format!("{} holds many documents; --record N shows one of them", input.shown()))),
        (false, Some(_)) => Err(Usage(format!("--record: {} is one document and has no records", input.shown()))),
        _ => {
            refuse_encoding(format, judging)?;
            Ok(Some(Look { input, formats, record }))
        }
    }
}
