//! `chaffinch restore`: the input again, from the clean text and its report.

use std::io::{BufReader, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::config::{Input, Restore};
use super::output::{OutFile, Stdout, shown};
use super::{FAILURE, complain};

/// Restores it. To a file, it appears only if all went well.
pub(crate) fn restore(task: &Restore) -> Result<ExitCode> {
    let name = shown(&task.report);
    let clean = task.clean.open().with_context(|| task.clean.shown())?.reader;
    let report = Input::File(task.report.clone()).open().with_context(|| name.clone())?.reader;
    let (clean, report) = (BufReader::new(clean), BufReader::new(report));
    let info = match &task.out {
        Some(path) => {
            let mut out = OutFile::create(path, task.overwrite)?;
            let info = chaffinch::restore::restore(clean, report, &mut out).with_context(|| name.clone())?;
            out.finish_synced()?;
            info
        }
        None => {
            let mut out = Stdout::new(false, false);
            let info = chaffinch::restore::restore(clean, report, &mut out).with_context(|| name.clone())?;
            out.flush().map_err(chaffinch::Error::Write)?;
            info
        }
    };
    if info.is_exact() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut reasons = Vec::new();
    if info.replacements > 0 {
        reasons.push(format!("{} malformed sequences had been replaced while reading", info.replacements));
    }
    if info.unmappable > 0 {
        reasons.push(format!("{} characters do not exist in {}", info.unmappable, info.encoding));
    }
    if let Some(expected) = info.expected_bytes.filter(|expected| *expected != info.bytes) {
        reasons.push(format!("it had {expected} bytes, and these are {}", info.bytes));
    }
    complain(&format!("{name}: the input could not be restored exactly: {}", reasons.join("; ")));
    Ok(ExitCode::from(FAILURE))
}
