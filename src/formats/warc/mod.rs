//! Web archives: the text of `conversion` records is cleaned, every other record goes through byte for byte.
//!
//! Written here rather than taken from a library because of what is asked of it: the header of a record has to come
//! back as it was, a record of any size has to pass in pieces, and what follows a broken one has to be found again.

mod digest;
mod header;
mod reader;

pub(super) use header::{Head, rewrite};
pub use reader::Warc;
