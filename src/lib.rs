//! chaffinch takes the raw text a scraper dumped and gives back the article.

pub mod error;
#[doc(hidden)]
pub mod fold;
pub mod label;
pub mod line;
#[doc(hidden)]
pub mod repeats;
pub mod report;
pub mod sink;
pub mod verdict;

pub use error::{Error, Result};
pub use label::{Label, LabelSet};
pub use line::{Eol, Line, Page, Part};
pub use sink::{Alarm, Decided, Document, Needs, Sink, Summary};
pub use verdict::{Evidence, Repeat, Verdict};
