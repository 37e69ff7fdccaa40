//! A reader with as much of what comes next in view as is asked for: a record is looked at whole before it is taken.

use std::io::{self, Read};

/// How much is asked of the reader at least.
const STEP: usize = 64 * 1024;
/// A buffer that a large record has left behind is given back when it is larger than this.
const KEEP: usize = 4 << 20;

/// Bytes that were read and not yet taken, and where more come from.
#[derive(Debug)]
pub(super) struct Ahead<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    over: bool,
}

impl<R: Read> Ahead<R> {
    pub(super) fn new(reader: R) -> Ahead<R> {
        Ahead { reader, buffer: Vec::new(), start: 0, over: false }
    }

    /// What is in view.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Brings `count` bytes into view, or all that there are; says how many are, which can be more.
    pub(super) fn see(&mut self, count: usize) -> io::Result<usize> {
        while self.bytes().len() < count && !self.over {
            self.read()?;
        }
        Ok(self.bytes().len())
    }

    /// Brings some more into view; `false` at the end of the input.
    pub(super) fn see_more(&mut self) -> io::Result<bool> {
        let before = self.bytes().len();
        Ok(self.see(before + 1)? > before)
    }

    /// Takes `count` bytes out of view.
    pub(super) fn take(&mut self, count: usize) {
        self.start += count;
        if self.start == self.buffer.len() {
            self.start = 0;
            self.buffer.clear();
            self.buffer.shrink_to(KEEP);
        }
    }

    fn read(&mut self) -> io::Result<()> {
        // Moving the rest to the front waits until it is the smaller part.
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + STEP.max(filled / 2), 0);
        let result = loop {
            match self.reader.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let count = *result.as_ref().unwrap_or(&0);
        self.buffer.truncate(filled + count);
        self.over = result? == 0;
        Ok(())
    }
}
