//! One input, to a file or standard output: a document, or a stream of them.

use std::path::{Path, PathBuf};

use chaffinch::formats::{Compression, Layout, StreamFormat};
use chaffinch::report::Format;

use super::formats::compression;
use super::paths::{file_not_folder, input_of, is_plain, refuse_present};
use super::{Formats, Input};
use crate::cli::Usage;
use crate::cli::files::resolve;
use crate::cli::output::shown;

/// One input, to a file or standard output.
#[derive(Debug)]
pub(crate) struct Single {
    pub(crate) input: Input,
    /// Standard output where there is none.
    pub(crate) out: Option<PathBuf>,
    pub(crate) report: Option<(PathBuf, Format)>,
    pub(crate) overwrite: bool,
    /// Where what was learned of the site goes.
    pub(crate) learn: Option<PathBuf>,
    /// What the input is.
    pub(crate) format: StreamFormat,
    /// What a clean text that is no file's is compressed with.
    pub(crate) compression: Compression,
    /// Set where the input is a stream of documents.
    pub(crate) stream: Option<Stream>,
}

/// What there is to know about a stream of documents.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) formats: Formats,
    /// Where records go that can not be cleaned.
    pub(crate) rejects: Option<PathBuf>,
    /// How many threads clean.
    pub(crate) jobs: usize,
}

/// Where everything is to go, as it was typed.
pub(super) struct Places {
    pub(super) out: Option<PathBuf>,
    pub(super) report: Option<PathBuf>,
    pub(super) report_format: Option<Format>,
    pub(super) rejects: Option<PathBuf>,
    pub(super) learn: Option<PathBuf>,
    pub(super) overwrite: bool,
}

/// Settles what was typed. `None` where nothing is named and standard input is a terminal.
pub(super) fn settle(
    input: Option<PathBuf>,
    places: Places,
    formats: Formats,
    jobs: usize,
) -> Result<Option<Single>, Usage> {
    let input = input_of(input);
    let Places { out, report, report_format, rejects, learn, overwrite } = places;
    let report = report.map(|path| report_file(path, report_format)).transpose()?;
    if let Some(out) = &out {
        file_not_folder("--out", out)?;
    }
    if let Some(rejects) = &rejects {
        file_not_folder("--rejects", rejects)?;
    }
    if let Some(learn) = &learn {
        file_not_folder("--learn", learn)?;
    }
    let Some(input) = input else { return Ok(None) };
    let outputs = [
        ("--out", out.as_deref()),
        ("--report", report.as_ref().map(|(path, _)| path.as_path())),
        ("--rejects", rejects.as_deref()),
        ("--learn", learn.as_deref()),
    ];
    distinct(&input, &outputs, overwrite)?;
    let format = formats.of(&input);
    let stream = match formats.is_stream(format) {
        true => Some(stream(&input, format, report.as_ref(), Stream { formats, rejects, jobs })?),
        false if rejects.is_some() => {
            return Err(Usage(format!("--rejects: {} is one document and has no records", input.shown())));
        }
        false => None,
    };
    let compression = out.as_deref().map_or(format.compression, |out| compression(out, format));
    Ok(Some(Single { input, out, report, overwrite, learn, format, compression, stream }))
}

/// Refuses what can not be asked of a stream of documents.
fn stream(
    input: &Input,
    format: StreamFormat,
    report: Option<&(PathBuf, Format)>,
    stream: Stream,
) -> Result<Stream, Usage> {
    if let Some((path, other)) = report.filter(|(_, format)| *format != Format::Jsonl) {
        return Err(Usage(format!(
            "--report {}: {} holds many documents, whose report can not be {other}; use .jsonl",
            shown(path),
            input.shown()
        )));
    }
    if stream.formats.labels_field.is_some() && format.layout != Layout::Jsonl {
        return Err(Usage(format!("--labels-field: {} has no fields; JSON Lines have", input.shown())));
    }
    if stream.formats.splitter.is_some() && format.layout != Layout::Text {
        return Err(Usage(format!("--split: {} has records and is not split", input.shown())));
    }
    Ok(stream)
}

fn report_file(path: PathBuf, format: Option<Format>) -> Result<(PathBuf, Format), Usage> {
    if path == Path::new("-") {
        return Err(Usage("--report -: standard output is for the clean text; name a file".into()));
    }
    file_not_folder("--report", &path)?;
    match format.or_else(|| format_of(&path)) {
        Some(format) => Ok((path, format)),
        None => Err(Usage(format!(
            "--report {}: no format has that extension; use .diff, .jsonl or .html, or --report-format",
            shown(&path)
        ))),
    }
}

/// The format that the extension of a report's file speaks for, which may be compressed.
pub(super) fn format_of(path: &Path) -> Option<Format> {
    match StreamFormat::from_path(path).compression {
        Compression::None => Format::from_path(path),
        _ => Format::from_path(Path::new(path.file_stem()?)),
    }
}

/// Refuses what would end up in one file, or in the input, and what is there already.
pub(super) fn distinct(input: &Input, outputs: &[(&str, Option<&Path>)], overwrite: bool) -> Result<(), Usage> {
    let real = |path: &Path| resolve(path).ok();
    let mut seen: Vec<(&str, &Path)> = Vec::new();
    for &(option, path) in outputs {
        let Some(path) = path else { continue };
        let twin = seen.iter().find(|(_, other)| is_plain(path) && real(path) == real(other));
        if let Some((other, path)) = twin {
            return Err(Usage(format!("{other} and {option} are both {}", shown(path))));
        }
        if matches!(input, Input::File(input) if is_plain(input) && real(input) == real(path)) {
            return Err(Usage(format!("{} is the input and would be overwritten", shown(path))));
        }
        seen.push((option, path));
    }
    seen.iter().try_for_each(|(_, path)| refuse_present(path, overwrite))
}
