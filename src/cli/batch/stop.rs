//! Stopping when asked: the first Ctrl-C (or request to terminate) lets a batch drop the documents at hand, leave
//! everything in order and say how to go on; the second ends it where it is, which does no harm either.

use std::io::{self, Read};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// What shells say of a program that ended by Ctrl-C.
pub(crate) const STATUS: u8 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Listens from now on.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            process::exit(STATUS.into());
        }
    })
    .context("cannot listen for Ctrl-C")
}

/// Whether the batch is to stop.
pub(crate) fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// A reader that obeys at once.
#[derive(Debug)]
pub(crate) struct Stoppable<R>(pub(crate) R);

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_asked() { Err(io::Error::other("stopped")) } else { self.0.read(buffer) }
    }
}
