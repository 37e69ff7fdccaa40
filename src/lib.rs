//! chaffinch takes the raw text a scraper dumped and gives back the article.

mod classify;
pub mod error;
mod features;
#[doc(hidden)]
pub mod fold;
pub mod label;
pub mod line;
pub mod model;
pub mod report;
pub mod sink;
#[cfg(feature = "train")]
#[doc(hidden)]
pub mod train;
pub mod verdict;

pub use error::{Error, Result};
pub use label::{Label, LabelSet};
pub use line::{Eol, Line, Page, Part};
pub use sink::{Alarm, Decided, Document, Needs, Sink, Summary};
pub use verdict::{Evidence, Repeat, Verdict};
