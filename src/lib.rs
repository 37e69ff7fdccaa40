//! chaffinch takes the raw text a scraper dumped and gives back the article.

pub mod adapt;
pub mod answers;
mod bytes;
pub mod classify;
pub mod decide;
pub mod decode;
mod detect;
pub mod error;
mod features;
#[doc(hidden)]
pub mod fold;
#[cfg(feature = "formats")]
pub mod formats;
pub mod label;
pub mod line;
#[doc(hidden)]
pub mod lines;
pub mod model;
mod numbers;
pub mod pipeline;
pub mod repeats;
pub mod report;
pub mod restore;
pub mod seeds;
mod sets;
pub mod sink;
pub mod template;
#[cfg(feature = "train")]
#[doc(hidden)]
pub mod train;
mod unicode;
pub mod verdict;
pub mod window;
mod words;

pub use adapt::Adaptation;
pub use answers::Answers;
pub use classify::{Classifier, Favor, Mode, Settings};
pub use decide::Blanks;
pub use error::{Error, Result};
pub use label::{Label, LabelSet};
pub use line::{Eol, Line, Page, Part};
pub use model::Model;
pub use pipeline::{Cleaner, Options, clean};
pub use seeds::Seeds;
pub use sink::{Alarm, Basis, Decided, Document, Needs, Sink, Summary};
pub use template::Template;
pub use verdict::{Evidence, Repeat, Verdict};
pub use window::{Judge, Span};

/// The README's code is tested like any other.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
