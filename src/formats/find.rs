//! One record of a stream, for a look at it.

use std::io;

use super::batch::{Batch, Kind, Records};
use super::jsonl::Object;
use super::{Editing, Layout, warc};
use crate::sink::Document;

/// What stands under a number.
#[derive(Debug)]
#[non_exhaustive]
pub enum Record {
    /// A document, and its text in UTF-8.
    Text(Document, Vec<u8>),
    /// A record that can not be cleaned, and why.
    Bad(String),
    /// A record that holds no text to clean.
    Other,
    /// Nothing: the stream has only so many records (or lines).
    None(u64),
}

/// Finds the record with this number, reading no further than that.
///
/// # Errors
/// When the reader fails.
pub fn find(records: &mut dyn Records, number: u64, editing: &Editing) -> io::Result<Record> {
    let mut seen = 0;
    loop {
        let mut batch = Batch::new();
        let more = records.next(&mut batch)?;
        for (bytes, at, kind) in batch.units() {
            seen = at;
            if at != number {
                continue;
            }
            return Ok(match kind {
                // Blank lines and separators have the number of what is beside them.
                Kind::Through { last: false } if editing.layout != Layout::Jsonl => continue,
                Kind::Through { .. } | Kind::MoreBad => Record::Other,
                Kind::Bad(why) => Record::Bad(why.clone()),
                Kind::Record(part) => {
                    let mut document = editing.document(number);
                    match editing.layout {
                        Layout::Jsonl => {
                            let mut text = String::new();
                            match Object::parse(bytes, &editing.text_field, None, &mut text) {
                                Err(why) => return Ok(Record::Bad(why)),
                                Ok(mut object) => document.url = object.url(),
                            }
                            Record::Text(document, text.into_bytes())
                        }
                        layout => {
                            if layout == Layout::Warc {
                                document.url = warc::Head::parse(&bytes[..part.start]).ok().and_then(|head| head.url);
                            }
                            Record::Text(document, bytes[part.clone()].to_vec())
                        }
                    }
                }
            });
        }
        if !more {
            return Ok(if number > seen || number == 0 { Record::None(seen) } else { Record::Other });
        }
    }
}
