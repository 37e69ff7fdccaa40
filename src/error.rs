//! Everything that can go wrong in the library, said so that a person knows what to do.

use std::io;
use std::path::PathBuf;

use crate::label::Label;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading the input failed.
    #[error("cannot read the input: {0}")]
    Read(#[source] io::Error),
    /// Writing an output failed.
    #[error("cannot write the output: {0}")]
    Write(#[source] io::Error),
    /// `--encoding` names no encoding of the WHATWG standard.
    #[error("unknown encoding {0:?}; use a name such as utf-8, windows-1252, utf-16le, shift_jis or gb18030")]
    UnknownEncoding(String),
    /// A label that does not exist.
    #[error("unknown label {0:?}; the labels are {names}", names = Label::ALL.map(Label::name).join(", "))]
    UnknownLabel(String),
    /// A seed file that does not parse.
    #[error("{}:{line}: {message}", path.display())]
    Seeds {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// An answers file that does not parse.
    #[error("{}:{line}: {message}", path.display())]
    Answers {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// An adaptation that is foreign, of another version, or damaged.
    #[error("{}:{line}: {message}", path.display())]
    Adaptation {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A model file that is short, foreign or damaged.
    #[error("the model file can not be used: {0}")]
    Model(String),
    /// A pattern that is no regular expression.
    #[error("the pattern can not be used: {0}")]
    Pattern(String),
    /// A template file that is short, foreign or damaged.
    #[error("the template file can not be used: {0}")]
    Template(String),
    /// A report that can not be written as asked for.
    #[error("cannot write the report: {0}")]
    Report(String),
    /// A bound on losses that is tighter than what could be calibrated.
    #[error("a loss of at most {asked:.3}% can not be promised; the least that was calibrated is {least:.3}%")]
    Loss {
        /// What was asked for, in per cent.
        asked: f32,
        /// The least there is, in per cent.
        least: f32,
    },
    /// A report from which the input can not be restored.
    #[error("cannot restore: line {line} of the report: {message}")]
    Restore {
        /// Line of the report, from 1.
        line: u64,
        /// What does not fit.
        message: String,
    },
}
