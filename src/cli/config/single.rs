//! One document, to a file or standard output.

use std::path::{Path, PathBuf};

use chaffinch::report::Format;

use super::Input;
use super::paths::{file_not_folder, input_of, is_plain, refuse_present};
use crate::cli::Usage;
use crate::cli::files::resolve;
use crate::cli::output::shown;

/// One document, to a file or standard output.
#[derive(Debug)]
pub(crate) struct Single {
    pub(crate) input: Input,
    /// Standard output where there is none.
    pub(crate) out: Option<PathBuf>,
    pub(crate) report: Option<(PathBuf, Format)>,
    pub(crate) overwrite: bool,
}

/// Settles what was typed. `None` where nothing is named and standard input is a terminal.
pub(super) fn settle(
    input: Option<PathBuf>,
    out: Option<PathBuf>,
    report: Option<PathBuf>,
    format: Option<Format>,
    overwrite: bool,
) -> Result<Option<Single>, Usage> {
    let input = input_of(input);
    let report = report.map(|path| report_file(path, format)).transpose()?;
    if let Some(out) = &out {
        file_not_folder("--out", out)?;
    }
    let Some(input) = input else { return Ok(None) };
    let single = Single { input, out, report, overwrite };
    distinct(&single)?;
    Ok(Some(single))
}

fn report_file(path: PathBuf, format: Option<Format>) -> Result<(PathBuf, Format), Usage> {
    if path == Path::new("-") {
        return Err(Usage("--report -: standard output is for the clean text; name a file".into()));
    }
    file_not_folder("--report", &path)?;
    match format.or_else(|| Format::from_path(&path)) {
        Some(format) => Ok((path, format)),
        None => Err(Usage(format!(
            "--report {}: no format has that extension; use .diff, .jsonl or .html, or --report-format",
            shown(&path)
        ))),
    }
}

/// Refuses what would end up in one file, or in the input, and what is there already.
pub(super) fn distinct(single: &Single) -> Result<(), Usage> {
    let report = single.report.as_ref().map(|(path, _)| path);
    let outputs: Vec<&PathBuf> = single.out.iter().chain(report).collect();
    let real = |path: &Path| resolve(path).ok();
    if let [out, report] = outputs[..]
        && is_plain(out)
        && real(out) == real(report)
    {
        return Err(Usage(format!("--out and --report are both {}", shown(out))));
    }
    for path in outputs {
        if matches!(&single.input, Input::File(input) if is_plain(input) && real(input) == real(path)) {
            return Err(Usage(format!("{} is the input and would be overwritten", shown(path))));
        }
        refuse_present(path, single.overwrite)?;
    }
    Ok(())
}
