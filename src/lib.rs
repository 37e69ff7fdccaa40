//! chaffinch takes the raw text a scraper dumped and gives back the article.

pub mod classify;
pub mod decide;
pub mod decode;
mod detect;
pub mod error;
#[doc(hidden)]
pub mod fold;
pub mod label;
pub mod line;
#[doc(hidden)]
pub mod lines;
pub mod pipeline;
pub mod report;
pub mod restore;
pub mod sink;
pub mod verdict;
pub mod window;
mod words;

pub use decide::Blanks;
pub use error::{Error, Result};
pub use label::{Label, LabelSet};
pub use line::{Eol, Line, Page, Part};
pub use pipeline::{Cleaner, Options, clean};
pub use sink::{Alarm, Decided, Document, Needs, Sink, Summary};
pub use verdict::{Evidence, Repeat, Verdict};
pub use window::{Judge, Span};

/// The README's code is tested like any other.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
