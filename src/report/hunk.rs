//! One hunk of the diff report: its body is held until its counts are known.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write};

use similar::DiffOp;
use similar::udiff::UnifiedHunkHeader;

use crate::label::Label;

/// Kept lines around a change.
pub(super) const CONTEXT: usize = 3;

/// What follows the last line of a file that does not end in a line feed.
pub(super) const NO_NEWLINE: &[u8] = b"\n\\ No newline at end of file\n";

/// Removed lines by label.
#[derive(Clone, Debug, Default)]
pub(super) struct Removed {
    labels: [u64; Label::ALL.len()],
    blank: u64,
    any: bool,
}

impl Removed {
    /// Whether a line was counted.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Counts one line.
    pub(super) fn count(&mut self, label: Option<Label>) {
        self.any = true;
        match label {
            Some(label) => self.labels[label.index()] += 1,
            None => self.blank += 1,
        }
    }

    fn add(&mut self, other: &Removed) {
        self.any |= other.any;
        self.blank += other.blank;
        for (mine, theirs) in self.labels.iter_mut().zip(other.labels) {
            *mine += theirs;
        }
    }

    /// `navigation 4, related 2`: most first, blank lines only where there is nothing else.
    fn describe(&self) -> String {
        let mut counts: Vec<_> = Label::ALL.iter().map(|label| (self.labels[label.index()], label.name())).collect();
        counts.retain(|&(count, _)| count > 0);
        if counts.is_empty() {
            counts.push((self.blank, "blank"));
        }
        // The sort is stable, so equal counts stay in the labels' order.
        counts.sort_by_key(|&(count, _)| std::cmp::Reverse(count));
        let mut out = String::new();
        for (i, (count, name)) in counts.into_iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            // Writing to a string can not fail.
            _ = write!(out, "{comma}{name} {count}");
        }
        out
    }
}

/// A hunk that may still grow.
#[derive(Debug)]
pub(super) struct Hunk {
    /// Lines before the first change, on the side of the input and of the clean text.
    old: u64,
    new: u64,
    leading: Vec<Vec<u8>>,
    /// At most so many lines of trailing context fit the leading context.
    pub(super) room: usize,
    /// Changed lines and context between them, with their signs, and how many they are on either side.
    body: Vec<u8>,
    old_lines: u64,
    new_lines: u64,
    /// Kept lines behind the last change.
    pub(super) gap: VecDeque<Vec<u8>>,
    removed: Removed,
}

impl Hunk {
    /// A hunk whose first change stands behind `old` lines of the input and `new` lines of the clean text; `cut` if
    /// another hunk ended right here.
    pub(super) fn new(old: u64, new: u64, leading: Vec<Vec<u8>>, cut: bool) -> Hunk {
        let complete = leading.len() == CONTEXT || leading.len() as u64 == old;
        // Without any context behind it, `git apply` would take the hunk for the end of the file; one line more than
        // in front of it is as much as `patch` forgives.
        let room = if complete { CONTEXT } else { leading.len().max(usize::from(!cut)) };
        Hunk {
            old,
            new,
            leading,
            room,
            body: Vec::new(),
            old_lines: 0,
            new_lines: 0,
            gap: VecDeque::new(),
            removed: Removed::default(),
        }
    }

    /// Bytes of the body.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// Adds a change; returns how many lines it is on either side.
    pub(super) fn change(&mut self, full: &[u8], kept: &[u8], removed: &Removed) -> (u64, u64) {
        let gap = self.gap.len() as u64;
        for text in self.gap.drain(..) {
            push(&mut self.body, b' ', &text);
        }
        let old = push_all(&mut self.body, b'-', full);
        let new = push_all(&mut self.body, b'+', kept);
        self.old_lines += gap + old;
        self.new_lines += gap + new;
        self.removed.add(removed);
        (old, new)
    }

    /// Writes the hunk with at most `trailing` lines of context behind it and then `huge`, which may be the beginning
    /// of a line; returns the lines of the gap that are not in it.
    pub(super) fn write(
        mut self,
        out: &mut impl Write,
        trailing: usize,
        at_end: bool,
        huge: Option<&[u8]>,
    ) -> io::Result<VecDeque<Vec<u8>>> {
        let trailing = trailing.min(self.room).min(self.gap.len());
        let rest = self.gap.split_off(trailing);
        let behind = trailing + usize::from(huge.is_some());
        if !at_end || !rest.is_empty() {
            // `patch` would take more context in front than behind for the end of the file.
            let surplus = self.leading.len().saturating_sub(behind);
            self.leading.drain(..surplus);
        }
        let context = (self.leading.len() + behind) as u64;
        let op = DiffOp::Replace {
            old_index: index(self.old - self.leading.len() as u64),
            old_len: index(self.old_lines + context),
            new_index: index(self.new - self.leading.len() as u64),
            new_len: index(self.new_lines + context),
        };
        writeln!(out, "{} {}", UnifiedHunkHeader::new(&[op]), self.removed.describe())?;
        let mut leading = Vec::new();
        self.leading.iter().for_each(|text| push(&mut leading, b' ', text));
        self.gap.iter().for_each(|text| push(&mut self.body, b' ', text));
        out.write_all(&leading)?;
        out.write_all(&self.body)?;
        if let Some(text) = huge {
            out.write_all(b" ")?;
            out.write_all(text)?;
        }
        Ok(rest)
    }
}

fn index(lines: u64) -> usize {
    usize::try_from(lines).unwrap_or(usize::MAX)
}

fn push_all(body: &mut Vec<u8>, sign: u8, text: &[u8]) -> u64 {
    let mut lines = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        push(body, sign, line);
        lines += 1;
    }
    lines
}

fn push(body: &mut Vec<u8>, sign: u8, line: &[u8]) {
    body.push(sign);
    body.extend_from_slice(line);
    if line.last() != Some(&b'\n') {
        body.extend_from_slice(NO_NEWLINE);
    }
}
