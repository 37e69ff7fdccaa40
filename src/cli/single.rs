//! One input, from a file or standard input to a file or standard output.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use chaffinch::formats::Compression;
use chaffinch::formats::pack::Pack;
use chaffinch::report::{self, CleanText};
use chaffinch::{Cleaner, Error, Sink};

use super::config::{Config, Single};
use super::input::Opened;
use super::learn::Sites;
use super::output::{OutFile, Stdout, packed, shown};
use super::{Usage, classifier, complain, records};

/// Cleans it. The report appears only when all of the clean text has been written.
pub(crate) fn clean(single: &Single, config: &Config) -> Result<ExitCode> {
    let classifier = classifier(&config.judging)?;
    let name = single.input.shown();
    let opened = single.input.open_as(single.format.compression).with_context(|| name.clone())?;
    if opened.is_output && single.out.is_none() {
        return Err(Usage(format!("{name} is the input and the output")).into());
    }
    if let Some(stream) = &single.stream {
        return records::clean_single(single, stream, opened, &classifier, config);
    }
    let Opened { reader, document, .. } = opened;
    let out = CleanOut::create(single, config)?;
    let mut clean = Pack::new(out, single.compression()).map_err(Error::Write)?;
    let mut report = match &single.report {
        Some((path, format)) => Some((packed(path, single.overwrite)?, *format)),
        None => None,
    };
    let sites = Sites::new(single.learn.as_deref(), single.overwrite, &config.judging)?;
    let summary = {
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(CleanText::new(&mut clean))];
        if let Some((file, format)) = &mut report {
            sinks.push(report::sink(*format, file));
        }
        let mut cleaner = Cleaner::new(sites.on_the_way(classifier), &config.judging.options);
        cleaner.clean(reader, document, &mut sinks).with_context(|| name.clone())?
    };
    clean.finish().map_err(Error::Write)?.finish()?;
    if let Some((file, _)) = report {
        file.finish().map_err(Error::Write)?.finish_synced()?;
    }
    sites.finish()?;
    if let (Some(alarm), false) = (summary.alarm, config.quiet) {
        let hint = match &single.report {
            Some((path, _)) => format!("see {}", shown(path)),
            None => "--report FILE says why".into(),
        };
        complain(&format!("{name} {alarm} ({hint})"));
    }
    Ok(ExitCode::SUCCESS)
}

impl Single {
    /// What the clean text is compressed with; compressed bytes mean nothing to a terminal.
    pub(crate) fn compression(&self) -> Compression {
        if self.out.is_none() && io::stdout().is_terminal() { Compression::None } else { self.compression }
    }
}

/// Where a clean text goes.
pub(crate) enum CleanOut {
    File(OutFile),
    Stdout(Stdout),
}

impl CleanOut {
    /// Opens what the command line names.
    pub(crate) fn create(single: &Single, config: &Config) -> Result<CleanOut> {
        Ok(match &single.out {
            Some(path) => CleanOut::File(OutFile::create(path, single.overwrite)?),
            None => CleanOut::Stdout(Stdout::new(config.judging.live, single.report.is_some())),
        })
    }

    /// Gives a file its name.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            CleanOut::File(file) => file.finish_synced(),
            CleanOut::Stdout(mut out) => Ok(out.flush().map_err(Error::Write)?),
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
