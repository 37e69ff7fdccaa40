//! Templates: the lines that the pages of a site share, learned from the pages themselves.
//!
//! What stands on many pages of a site is seldom the article. Pages are [sketched](Sketcher) as keys of their lines
//! (`key`), a [`Memory`] keeps a bounded sample of them for each group of documents (a folder, a host), and a
//! [`Template`] made from it tells the classifier, line by line, on how many other pages a line stands, where, and what
//! that says. Memories can be written to a [file](Memory::to_bytes), read again and put together.

mod file;
mod group;
mod index;
mod key;
mod lookup;
mod mask;
mod memory;
mod show;
mod site;
mod sketch;
mod weigh;

pub use group::GroupBy;
pub(crate) use lookup::Lookup;
pub use memory::{Limits, Memory};
pub use show::SharedLine;
pub use site::{Repeated, Template};
pub use sketch::{Sketch, Sketcher};
