//! One document, from a file or standard input to a file or standard output.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use chaffinch::Sink;
use chaffinch::report::{self, CleanText};

use super::config::{Config, Single};
use super::output::{OutFile, Stdout, shown};
use super::{Usage, classifier, cleaner, complain};

/// Cleans it. The report appears only when all of the clean text has been written.
pub(crate) fn clean(single: &Single, config: &Config) -> Result<ExitCode> {
    let mut cleaner = cleaner(&classifier(&config.judging)?, &config.judging);
    let name = single.input.shown();
    let (reader, document, is_output) = single.input.open().with_context(|| name.clone())?;
    if is_output && single.out.is_none() {
        return Err(Usage(format!("{name} is the input and the output")).into());
    }
    let mut clean = match &single.out {
        Some(path) => CleanOut::File(OutFile::create(path, single.overwrite)?),
        None => CleanOut::Stdout(Stdout::new(config.judging.live, single.report.is_some())),
    };
    let mut report = match &single.report {
        Some((path, format)) => Some((OutFile::create(path, single.overwrite)?, *format)),
        None => None,
    };
    let summary = {
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(CleanText::new(&mut clean))];
        if let Some((file, format)) = &mut report {
            sinks.push(report::sink(*format, file));
        }
        cleaner.clean(reader, document, &mut sinks).with_context(|| name.clone())?
    };
    clean.finish()?;
    if let Some((file, _)) = report {
        file.finish_synced()?;
    }
    if let (Some(alarm), false) = (summary.alarm, config.quiet) {
        let hint = match &single.report {
            Some((path, _)) => format!("see {}", shown(path)),
            None => "--report FILE says why".into(),
        };
        complain(&format!("{name} {alarm} ({hint})"));
    }
    Ok(ExitCode::SUCCESS)
}

enum CleanOut {
    File(OutFile),
    Stdout(Stdout),
}

impl CleanOut {
    fn finish(self) -> Result<()> {
        match self {
            CleanOut::File(file) => file.finish_synced(),
            // The clean text's sink has flushed it, as the last thing it did.
            CleanOut::Stdout(_) => Ok(()),
        }
    }
}

impl Write for CleanOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            CleanOut::File(out) => out.write(bytes),
            CleanOut::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            CleanOut::File(out) => out.flush(),
            CleanOut::Stdout(out) => out.flush(),
        }
    }
}
