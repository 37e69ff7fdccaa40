//! Readers and writers that fail, at every byte: an error that says so, nothing half-believed, and a cleaner that goes on.

use std::io::{self, Read, Write};
use std::sync::Arc;

use chaffinch::report::{self, CleanText, Format};
use chaffinch::restore::restore;
use chaffinch::{Classifier, Cleaner, Document, Error, Model, Options, Seeds, Settings, Sink};

mod support;
use support::SCRAPE;

fn cleaner() -> Cleaner<Classifier> {
    let (model, seeds) = (Model::built_in().unwrap(), Seeds::built_in());
    let judge = Classifier::new(Arc::new(model), Arc::new(seeds), Settings::default()).unwrap();
    Cleaner::new(judge, &Options::default())
}

/// Gives out `bytes` in pieces of `size`, then fails.
struct Failing<'a> {
    bytes: &'a [u8],
    size: usize,
    kind: io::ErrorKind,
}

impl Read for Failing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return Err(self.kind.into());
        }
        let count = self.size.min(out.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        out[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

/// Takes `room` bytes, a few at a time and with interruptions, then fails.
struct Full {
    taken: Vec<u8>,
    room: usize,
    kind: io::ErrorKind,
    turn: usize,
}

impl Full {
    fn new(room: usize, kind: io::ErrorKind) -> Full {
        Full { taken: Vec::new(), room, kind, turn: 0 }
    }
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = bytes.len().min(1 + self.turn % 5).min(self.room - self.taken.len());
        if count == 0 && !bytes.is_empty() {
            // Some say it with an error, some by taking nothing.
            return if self.kind == io::ErrorKind::WriteZero { Ok(0) } else { Err(self.kind.into()) };
        }
        self.taken.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error that went wrong below, if it was writing.
fn write_error(error: &Error) -> Option<io::ErrorKind> {
    match error {
        Error::Write(error) => Some(error.kind()),
        _ => None,
    }
}

fn sink<'w>(format: Option<Format>, out: impl Write + 'w) -> Box<dyn Sink + 'w> {
    match format {
        None => Box::new(CleanText::new(out)),
        Some(format) => report::sink(format, out),
    }
}

/// Small enough to be written to the end once for each of its bytes.
const SMALL: &str =
    "Home\nFerry saved\r\n\nThe harbour ferry is back in service, the board said on Monday.\nShare this article";

const FORMATS: [Option<Format>; 4] = [None, Some(Format::Diff), Some(Format::Jsonl), Some(Format::Html)];

#[test]
fn a_reader_may_fail_at_every_byte() {
    let mut cleaner = cleaner();
    let document = || Document::new("a.txt");
    let mut whole = Vec::new();
    cleaner.clean(SCRAPE.as_bytes(), document(), &mut CleanText::new(&mut whole)).unwrap();
    for end in 0..=SCRAPE.len() {
        let size = [1, 7, usize::MAX][end % 3];
        let reader = Failing { bytes: &SCRAPE.as_bytes()[..end], size, kind: io::ErrorKind::ConnectionReset };
        let mut out = Vec::new();
        let error = cleaner.clean(reader, document(), &mut CleanText::new(&mut out)).unwrap_err();
        assert!(matches!(&error, Error::Read(e) if e.kind() == io::ErrorKind::ConnectionReset), "{end}: {error}");
    }
    // What was left behind of all those does not show in the next document.
    let mut again = Vec::new();
    cleaner.clean(SCRAPE.as_bytes(), document(), &mut CleanText::new(&mut again)).unwrap();
    assert_eq!(again, whole);
}

#[test]
fn a_writer_may_fail_at_every_byte() {
    const KINDS: [io::ErrorKind; 3] = [io::ErrorKind::StorageFull, io::ErrorKind::BrokenPipe, io::ErrorKind::WriteZero];
    let mut cleaner = cleaner();
    let document = || Document::new("a.txt");
    for format in FORMATS {
        let mut whole = Vec::new();
        cleaner.clean(SMALL.as_bytes(), document(), &mut *sink(format, &mut whole)).unwrap();
        // The page of an HTML report is long and the same for every document.
        let step = if format == Some(Format::Html) { 211 } else { 1 };
        for room in (0..whole.len()).step_by(step) {
            let kind = KINDS[room % 3];
            let mut out = Full::new(room, kind);
            let error = cleaner.clean(SMALL.as_bytes(), document(), &mut *sink(format, &mut out)).unwrap_err();
            assert_eq!(write_error(&error), Some(kind), "{format:?} at {room}: {error}");
            assert_eq!(out.taken, &whole[..room], "{format:?} at {room}");
        }
        // Short writes and interruptions alone do no harm.
        let mut out = Full::new(whole.len(), io::ErrorKind::StorageFull);
        cleaner.clean(SMALL.as_bytes(), document(), &mut *sink(format, &mut out)).unwrap();
        assert_eq!(out.taken, whole, "{format:?}");
    }
}

#[test]
fn restoring_may_fail_at_every_byte() {
    let mut cleaner = cleaner();
    for format in [Format::Diff, Format::Jsonl] {
        let (mut clean, mut removed) = (Vec::new(), Vec::new());
        let mut sinks: Vec<Box<dyn Sink + '_>> =
            vec![Box::new(CleanText::new(&mut clean)), report::sink(format, &mut removed)];
        cleaner.clean(SCRAPE.as_bytes(), Document::new("a.txt"), &mut sinks).unwrap();
        drop(sinks);
        for room in 0..SCRAPE.len() {
            let mut out = Full::new(room, io::ErrorKind::StorageFull);
            let error = restore(clean.as_slice(), removed.as_slice(), &mut out).unwrap_err();
            assert_eq!(write_error(&error), Some(io::ErrorKind::StorageFull), "{format} at {room}: {error}");
            assert_eq!(out.taken, &SCRAPE.as_bytes()[..room]);
        }
        for end in 0..removed.len() {
            let report = Failing { bytes: &removed[..end], size: 5, kind: io::ErrorKind::TimedOut };
            let error =
                restore(clean.as_slice(), io::BufReader::with_capacity(16, report), &mut Vec::new()).unwrap_err();
            assert!(
                matches!(&error, Error::Read(e) if e.kind() == io::ErrorKind::TimedOut),
                "{format} at {end}: {error}"
            );
        }
        for end in 0..clean.len() {
            let text = Failing { bytes: &clean[..end], size: 5, kind: io::ErrorKind::TimedOut };
            let error =
                restore(io::BufReader::with_capacity(16, text), removed.as_slice(), &mut Vec::new()).unwrap_err();
            assert!(
                matches!(&error, Error::Read(e) if e.kind() == io::ErrorKind::TimedOut),
                "{format} at {end}: {error}"
            );
        }
    }
}

/// The program, with a disk that is full and a reader that has gone away.
#[cfg(target_os = "linux")]
#[test]
fn the_program_says_that_the_disk_is_full() {
    use std::fs::File;
    use std::process::{Command, Stdio};

    let folder = support::Folder::with(&[("raw.txt", SCRAPE)]);
    for words in [&["raw.txt"][..], &["diff", "raw.txt"], &["explain", "raw.txt"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
            .args(words)
            .current_dir(folder.path(""))
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("No space left on device"), "{words:?}: {said}");
    }
    let words = ["raw.txt", "-o", "clean.txt", "--report", "/dev/full", "--report-format", "diff", "--overwrite"];
    let assert = folder.run(words).assert().code(1);
    assert!(support::complaint(&assert).contains("No space left on device"));
}
