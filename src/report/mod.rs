//! Sinks: what people and programs get to see of the decisions.
//!
//! All of them are fed the same decided lines and hold a bounded part of a document in memory, however long it is.
//! [`CleanText`] is the result; [`Diff`], [`Jsonl`] and [`Html`] are reports of what was taken out, and why; from
//! the first two and the clean text, [`restore`](crate::restore::restore) makes the input again.

use std::io::Write;
use std::path::Path;

use crate::sink::Sink;

mod clean;
#[doc(hidden)]
pub mod csp;
pub(crate) mod diff;
pub mod escape;
#[doc(hidden)]
pub mod figures;
mod html;
mod hunk;
mod jsonl;
mod stats;
mod suspects;

pub use clean::CleanText;
pub use diff::Diff;
pub use html::Html;
pub use jsonl::{Jsonl, SCHEMA};
pub use stats::{Count, Stats};

/// The kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A unified diff.
    Diff,
    /// JSON Lines.
    Jsonl,
    /// One self-contained page.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Diff, Format::Jsonl, Format::Html];

    /// The format's name, which is also the extension of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Diff => "diff",
            Format::Jsonl => "jsonl",
            Format::Html => "html",
        }
    }

    /// The format whose extension, in any case, `path` has.
    pub fn from_path(path: &Path) -> Option<Format> {
        Format::from_name(path.extension()?.to_str()?)
    }

    /// The format that is called `name`, in any case; `patch`, `ndjson` and `htm` are understood too.
    pub fn from_name(name: &str) -> Option<Format> {
        match name.to_ascii_lowercase().as_str() {
            "diff" | "patch" => Some(Format::Diff),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "html" | "htm" => Some(Format::Html),
            _ => None,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The sink that writes a report of `format` to `out`; give a buffered writer.
pub fn sink<'w>(format: Format, out: impl Write + 'w) -> Box<dyn Sink + 'w> {
    match format {
        Format::Diff => Box::new(Diff::new(out)),
        Format::Jsonl => Box::new(Jsonl::new(out)),
        Format::Html => Box::new(Html::new(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_come_from_extensions() {
        for format in Format::ALL {
            assert_eq!(Format::from_path(Path::new(&format!("x/removed.{format}"))), Some(format));
        }
        assert_eq!(Format::from_path(Path::new("A.HTM")), Some(Format::Html));
        assert_eq!(Format::from_path(Path::new("diff")), None);
        assert_eq!(Format::from_path(Path::new("a.txt")), None);
    }
}
