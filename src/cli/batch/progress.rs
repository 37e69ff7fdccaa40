//! How far a batch is, on standard error: one line that is written over at a terminal, a line now and then elsewhere.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::cli::complain;
use crate::cli::config::ProgressWhen;

/// How often the line is written anew.
const TERMINAL: Duration = Duration::from_millis(100);
const ELSEWHERE: Duration = Duration::from_secs(5);
/// The rate is that of about so long a time.
const MEMORY: f64 = 10.0;

/// The line.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: Shown,
    /// What is being done, where it is not the cleaning.
    what: &'static str,
    documents: u64,
    bytes: u64,
    started: Instant,
    last: Instant,
    last_bytes: u64,
    /// Bytes a second.
    rate: f64,
    /// Whether a line stands there that is to be written over.
    dirty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Terminal,
    Lines,
    No,
}

impl Progress {
    /// Of so many documents and bytes.
    pub(crate) fn new(when: ProgressWhen, quiet: bool, what: &'static str, documents: u64, bytes: u64) -> Progress {
        let terminal = io::stderr().is_terminal();
        let shown = match when {
            ProgressWhen::Never => Shown::No,
            ProgressWhen::Auto if !terminal || quiet => Shown::No,
            _ if terminal => Shown::Terminal,
            _ => Shown::Lines,
        };
        let now = Instant::now();
        Progress { shown, what, documents, bytes, started: now, last: now, last_bytes: 0, rate: 0.0, dirty: false }
    }

    /// How long to wait at most before the next [`tick`](Progress::tick).
    pub(crate) fn pause(&self) -> Duration {
        match self.shown {
            Shown::Terminal => TERMINAL,
            // A stop is looked for, too.
            Shown::Lines | Shown::No => Duration::from_millis(500),
        }
    }

    /// So many documents were found, and there may be more.
    pub(crate) fn found(&mut self, documents: u64) {
        if self.shown == Shown::Terminal && self.last.elapsed() >= TERMINAL {
            self.last = Instant::now();
            self.write_over(&format!("{documents} files found"));
        }
    }

    /// So many documents and bytes are done.
    pub(crate) fn tick(&mut self, documents: u64, bytes: u64) {
        let wanted = match self.shown {
            Shown::Terminal => TERMINAL,
            Shown::Lines => ELSEWHERE,
            Shown::No => return,
        };
        let since = self.last.elapsed();
        if since < wanted {
            return;
        }
        let now = bytes.saturating_sub(self.last_bytes) as f64 / since.as_secs_f64();
        let elapsed = self.started.elapsed().as_secs_f64();
        let weight = 1.0 - (-since.as_secs_f64() / MEMORY.min(elapsed)).exp();
        self.rate += (now - self.rate) * weight;
        self.last = Instant::now();
        self.last_bytes = bytes;
        self.show(documents, bytes);
    }

    /// The last word, where lines are written.
    pub(crate) fn finish(&mut self, documents: u64, bytes: u64) {
        self.clear();
        if self.shown == Shown::Lines {
            let elapsed = self.started.elapsed().as_secs_f64();
            self.rate = bytes as f64 / elapsed.max(0.001);
            self.show(documents, bytes);
        }
    }

    /// Says something else on a line of its own.
    pub(crate) fn say(&mut self, message: &str) {
        self.clear();
        complain(message);
    }

    fn show(&mut self, documents: u64, bytes: u64) {
        let text = self.line(documents, bytes);
        if self.shown == Shown::Lines {
            return complain(&text);
        }
        self.write_over(&text);
    }

    fn write_over(&mut self, text: &str) {
        let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
        let text: String = text.chars().take(width.saturating_sub(1)).collect();
        let mut err = io::stderr().lock();
        _ = write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush());
        self.dirty = true;
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.dirty) {
            let mut err = io::stderr().lock();
            _ = write!(err, "\r\x1b[2K").and_then(|()| err.flush());
        }
    }

    fn line(&self, documents: u64, bytes: u64) -> String {
        // A file may have grown since it was found.
        let all = self.bytes.max(bytes);
        let (what, files) = (self.what, self.documents);
        let mut line = format!("{what}{documents} of {files} files, {} of {}", size(bytes), size(all));
        if self.rate >= 1.0 {
            let left = (all - bytes) as f64 / self.rate;
            // Writing to a string can not fail.
            _ = write!(line, ", {}/s, {} left", size(self.rate as u64), duration(left as u64));
        }
        line
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut value = bytes as f64;
    while value >= 999.5 && unit < 4 {
        value /= 1000.0;
        unit += 1;
    }
    let name = ["B", "kB", "MB", "GB", "TB"][unit];
    if unit == 0 || value >= 99.95 { format!("{value:.0} {name}") } else { format!("{value:.1} {name}") }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 123_456, 9_990_000_000].map(size), ["0 B", "999 B", "1.0 kB", "123 kB", "10.0 GB"]);
        assert_eq!([7, 61, 7300].map(duration), ["7 s", "1 min 01 s", "2 h 01 min"]);
    }

    #[test]
    fn the_line_tells_files_bytes_rate_and_what_is_left() {
        let mut progress = Progress::new(ProgressWhen::Never, false, "", 40, 9_000_000);
        assert_eq!(progress.line(0, 0), "0 of 40 files, 0 B of 9.0 MB");
        progress.rate = 1e6;
        assert_eq!(progress.line(8, 1_500_000), "8 of 40 files, 1.5 MB of 9.0 MB, 1.0 MB/s, 7 s left");
        assert_eq!(progress.line(40, 9_500_000), "40 of 40 files, 9.5 MB of 9.5 MB, 1.0 MB/s, 0 s left");
    }
}
