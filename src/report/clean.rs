//! The clean text: the kept lines as they were, terminators included, so that it is the input minus whole lines.

use std::io::Write;

use crate::error::{Error, Result};
use crate::sink::{Decided, Sink, Summary};

/// Writes the kept lines.
#[derive(Debug)]
pub struct CleanText<W> {
    out: W,
}

impl<W: Write> CleanText<W> {
    /// Writes to `out`, line by line; give a buffered writer.
    pub fn new(out: W) -> CleanText<W> {
        CleanText { out }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Sink for CleanText<W> {
    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        if !decided.verdict.keep {
            return Ok(());
        }
        let line = decided.line;
        self.out.write_all(line.text.as_bytes()).map_err(Error::Write)?;
        self.out.write_all(line.eol.as_str().as_bytes()).map_err(Error::Write)
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.out.flush().map_err(Error::Write)
    }
}
