//! Single keys from the terminal, for the commands that ask.

use std::io;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A character.
    Char(char),
    /// Back to before: the escape key.
    Back,
    /// No more: Ctrl-C or Ctrl-D.
    Stop,
}

/// The terminal gives keys as they are pressed, until this is dropped. Only so long: what is printed in between
/// needs the terminal's usual line ends, and Ctrl-C should work while the program computes.
struct Raw;

impl Raw {
    fn new() -> io::Result<Raw> {
        enable_raw_mode().map(|()| Raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody to tell who could do anything about it.
        _ = disable_raw_mode();
    }
}

/// Waits for a key.
pub(super) fn read() -> io::Result<Key> {
    let _raw = Raw::new()?;
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(Key::Stop),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                return Ok(Key::Char(c));
            }
            KeyCode::Esc => return Ok(Key::Back),
            _ => {}
        }
    }
}
