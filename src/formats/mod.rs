//! Streams that hold many documents, and compressed ones: JSON Lines, WARC and WET files, split texts.
//!
//! A stream is cut into records by one reader, the records are cleaned by any number of [`Editor`]s, and what they
//! make is put together again in the order of the input. What is no text of a document goes through byte for byte. A
//! record that can not be cleaned is set aside with the reason, and the rest goes on. Nothing here needs more memory
//! than a few records, each of at most [`RECORD_LIMIT`] bytes, however long the stream is.
//!
//! The way: [`unpack()`] → [`Records`] (cut into a [`Batch`]) → [`Editor`] (a [`Product`]) → [`pack`], with
//! [`in_order`] for the threads.

use std::path::Path;

mod ahead;
mod batch;
mod edit;
mod find;
mod json;
mod jsonl;
mod labels;
pub mod pack;
mod parallel;
mod split;
mod unpack;
mod warc;

pub use batch::{Batch, Records};
pub use edit::{Editing, Editor, Failure, Product};
pub use find::{Record, find};
pub use jsonl::JsonLines;
pub use parallel::in_order;
pub use split::{Split, Splitter};
pub use unpack::unpack;
pub use warc::Warc;

/// The largest record that is cleaned, in bytes of the uncompressed stream. A larger one is set aside like a broken
/// one: it has to be in memory as a whole, and no page has so much text.
pub const RECORD_LIMIT: usize = 64 << 20;

/// What is too large to be in memory passes in pieces of this size.
const PIECE: usize = 1 << 20;

/// Why a record is set aside that is larger than [`RECORD_LIMIT`].
fn too_long() -> String {
    format!("it is longer than {} MiB", RECORD_LIMIT >> 20)
}

/// How documents lie in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// The stream is the text of one document, or of several with a separator between them.
    #[default]
    Text,
    /// A JSON object a line, with the text in one of its fields.
    Jsonl,
    /// Records of a web archive, of which those of type `conversion` hold text: Common Crawl's WET files.
    Warc,
}

/// What a stream is compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Nothing.
    #[default]
    None,
    /// Gzip, of any number of members.
    Gzip,
    /// Zstandard, of any number of frames.
    Zstd,
}

/// Layout and compression of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct StreamFormat {
    /// How documents lie in it.
    pub layout: Layout,
    /// What it is compressed with.
    pub compression: Compression,
}

impl StreamFormat {
    /// The format that the extensions of `path` speak for, in any case: `.jsonl.gz`, `.wet`, `.txt.zst`. What has no
    /// known extension is plain text.
    pub fn from_path(path: &Path) -> StreamFormat {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let (rest, compression) = match name.rsplit_once('.') {
            Some((rest, last)) => match compression(last) {
                Some(compression) => (rest, compression),
                None => (&*name, Compression::None),
            },
            None => (&*name, Compression::None),
        };
        let layout = rest.rsplit_once('.').and_then(|(_, last)| layout(last)).unwrap_or_default();
        StreamFormat { layout, compression }
    }

    /// The format called `name`: a layout, a compression, or both with a dot between them, as in `jsonl.gz`.
    pub fn from_name(name: &str) -> Option<StreamFormat> {
        let (first, last) = match name.split_once('.') {
            Some((first, last)) => (first, Some(last)),
            None => (name, None),
        };
        match (layout(first), last) {
            (Some(layout), None) => Some(StreamFormat { layout, compression: Compression::None }),
            (Some(layout), Some(last)) => Some(StreamFormat { layout, compression: compression(last)? }),
            (None, None) => Some(StreamFormat { layout: Layout::Text, compression: compression(first)? }),
            (None, Some(_)) => None,
        }
    }
}

fn layout(name: &str) -> Option<Layout> {
    match name.to_ascii_lowercase().as_str() {
        "text" | "txt" | "md" | "markdown" => Some(Layout::Text),
        "jsonl" | "ndjson" | "jsonlines" => Some(Layout::Jsonl),
        "warc" | "wet" | "wat" => Some(Layout::Warc),
        _ => None,
    }
}

fn compression(name: &str) -> Option<Compression> {
    match name.to_ascii_lowercase().as_str() {
        "gz" | "gzip" => Some(Compression::Gzip),
        "zst" | "zstd" => Some(Compression::Zstd),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> (Layout, Compression) {
        let StreamFormat { layout, compression } = StreamFormat::from_path(Path::new(path));
        (layout, compression)
    }

    #[test]
    fn formats_come_from_extensions() {
        assert_eq!(of("a/b.txt"), (Layout::Text, Compression::None));
        assert_eq!(of("a.jsonl/b"), (Layout::Text, Compression::None));
        assert_eq!(of("jsonl"), (Layout::Text, Compression::None));
        assert_eq!(of("page.md.gz"), (Layout::Text, Compression::Gzip));
        assert_eq!(of("page.gz"), (Layout::Text, Compression::Gzip));
        assert_eq!(of("a.b.JSONL.ZST"), (Layout::Jsonl, Compression::Zstd));
        assert_eq!(of("x.ndjson"), (Layout::Jsonl, Compression::None));
        assert_eq!(of("CC-MAIN-20310101000000-00001.warc.wet.gz"), (Layout::Warc, Compression::Gzip));
        assert_eq!(of("x.warc"), (Layout::Warc, Compression::None));
    }

    #[test]
    fn formats_have_names() {
        let of = |name| StreamFormat::from_name(name).map(|format| (format.layout, format.compression));
        assert_eq!(of("jsonl"), Some((Layout::Jsonl, Compression::None)));
        assert_eq!(of("wet.gz"), Some((Layout::Warc, Compression::Gzip)));
        assert_eq!(of("text.zst"), Some((Layout::Text, Compression::Zstd)));
        assert_eq!(of("gz"), Some((Layout::Text, Compression::Gzip)));
        for name in ["", "json", "jsonl.bz2", "gz.jsonl", "jsonl.gz.gz", "html"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
