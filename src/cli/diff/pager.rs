//! Standard output for something to look at: through the user's pager where a person is looking.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use anstream::{AutoStream, ColorChoice, StripStream};

use super::super::output::Stdout;

/// Where a view goes.
pub(super) enum Out {
    /// Standard output itself.
    Plain(Stdout),
    /// A pager, which has the terminal until it ends.
    Paged { to: Box<dyn Write>, child: Child },
}

/// Where the view goes, and whether it is in colour there.
pub(super) fn open(paged: bool, color: ColorChoice) -> (Out, bool) {
    let choice = match color {
        ColorChoice::Auto => AutoStream::choice(&io::stdout()),
        asked => asked,
    };
    let colored = choice != ColorChoice::Never;
    let pager = if paged && io::stdout().is_terminal() { start() } else { None };
    let out = match pager {
        // A pipe is no terminal, but what goes through this one ends on one.
        Some((child, to)) if colored => Out::Paged { to: Box::new(BufWriter::new(to)), child },
        Some((child, to)) => {
            let to: Box<dyn Write> = Box::new(BufWriter::new(to));
            Out::Paged { to: Box::new(StripStream::new(to)), child }
        }
        None => Out::Plain(Stdout::colored(color)),
    };
    (out, colored)
}

/// Starts `$PAGER` (a program and words for it), or less. Where there is none the view goes to the terminal directly.
fn start() -> Option<(Child, ChildStdin)> {
    let named = std::env::var("PAGER").unwrap_or_else(|_| "less -R".into());
    let mut words = named.split_whitespace();
    let mut command = match words.next() {
        None | Some("cat") => return None,
        Some(program) => Command::new(program),
    };
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Leave at once what fits on the screen, and leave it on the screen.
        command.env("LESS", "FRX");
    }
    let mut child = command.spawn().ok()?;
    let to = child.stdin.take()?;
    Some((child, to))
}

impl Out {
    /// Hands over the end and waits until the reader has read, also where something went wrong before.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Out::Plain(mut out) => out.flush(),
            Out::Paged { mut to, mut child } => {
                let flushed = to.flush();
                drop(to);
                child.wait()?;
                flushed
            }
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Plain(out) => out.write(bytes),
            Out::Paged { to, .. } => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Plain(out) => out.flush(),
            Out::Paged { to, .. } => to.flush(),
        }
    }
}
