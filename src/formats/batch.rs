//! Records as they lie in the stream, some of them together: what goes from the reader to whoever cleans them.

use std::io;
use std::ops::Range;

/// A batch is full from this size on. Less, and threads would wait for each other; more, and memory would be wasted.
const FULL: usize = 1 << 20;

/// Cuts a stream into records.
pub trait Records {
    /// Adds what comes next to `batch`; `false` at the end of the stream.
    ///
    /// # Errors
    /// When the reader fails. What the batch holds is whole, and a record that was not is not in it.
    fn next(&mut self, batch: &mut Batch) -> io::Result<bool>;

    /// Adds records until the batch is full, or holds `records`; `false` at the end of the stream.
    ///
    /// # Errors
    /// As [`Records::next`].
    fn fill(&mut self, batch: &mut Batch, records: usize) -> io::Result<bool> {
        while batch.bytes.len() < FULL && batch.units.len() < records {
            if !self.next(batch)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<R: Records + ?Sized> Records for Box<R> {
    fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        (**self).next(batch)
    }
}

/// Some records in the order of the stream.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    units: Vec<Unit>,
}

/// A stretch of the stream and what is to be done with it.
#[derive(Debug)]
struct Unit {
    end: usize,
    /// Of the record, counted from 1.
    number: u64,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A record that holds a document. For a web archive, its text is in this part.
    Record(Range<usize>),
    /// Goes through as it is, and whether it ends a record.
    Through { last: bool },
    /// A record that can not be cleaned, and why.
    Bad(String),
    /// More of the bad record before, which is too large to be in one piece.
    MoreBad,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Its size in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a stretch.
    pub(super) fn push(&mut self, bytes: &[u8], number: u64, kind: Kind) {
        self.bytes.extend_from_slice(bytes);
        self.units.push(Unit { end: self.bytes.len(), number, kind });
    }

    /// Every stretch with the number of its record.
    pub(super) fn units(&self) -> impl Iterator<Item = (&[u8], u64, &Kind)> {
        let mut start = 0;
        self.units.iter().map(move |unit| {
            let bytes = &self.bytes[start..unit.end];
            start = unit.end;
            (bytes, unit.number, &unit.kind)
        })
    }
}
