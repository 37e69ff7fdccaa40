//! Memory does not grow with the input: the real program, fed through a pipe, and the most memory it ever had.
//!
//! The bound is 64 MiB for any input. The inputs here are small enough for every run; `CHAFFINCH_SLOW=1` makes them what
//! the promise is about: 1 GiB, 10 million lines (with `--release`, or it takes long).
#![cfg(unix)]

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

mod support;
use support::peak;

/// The most memory that the program may ever have.
const MOST: i64 = 64 << 20;

/// Runs the program with `args`, writes what `feed` makes to its standard input, and checks what it needed.
fn run(name: &str, args: &[&str], feed: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chaffinch"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    feed(&mut stdin).unwrap_or_else(|error| panic!("{name}: the program stopped reading: {error}"));
    drop(stdin);
    assert!(child.wait().unwrap().success(), "{name} {args:?}");
    // The bound is one for all, so it does not matter which of them it was that needed most.
    assert!(peak() <= MOST, "{name} {args:?}: {} KiB", peak() / 1024);
    eprintln!("{name} {args:?}: at most {} KiB so far", peak() / 1024);
}

/// `unit` over and over, `bytes` in all.
fn repeated(unit: &str, bytes: usize) -> impl Fn(&mut dyn Write) -> io::Result<()> {
    let block = unit.repeat((64 << 10) / unit.len() + 1);
    move |out| {
        let mut left = bytes;
        while left > 0 {
            let count = left.min(block.len() / unit.len() * unit.len());
            out.write_all(&block.as_bytes()[..count])?;
            left -= count;
        }
        Ok(())
    }
}

/// `lines` lines, no two of them the same.
fn distinct(lines: u64) -> impl Fn(&mut dyn Write) -> io::Result<()> {
    move |out| {
        let mut block = Vec::new();
        for number in 0..lines {
            writeln!(block, "{} {number}", number.wrapping_mul(0x9e37_79b9) % 0xffff)?;
            if block.len() > 60 << 10 || number + 1 == lines {
                out.write_all(&block)?;
                block.clear();
            }
        }
        Ok(())
    }
}

const PROSE: &str = "The last chain ferry on the Harr will keep running after its passengers raised enough money.\n\
    Read more\n\nA community benefit society set up in a Saltby pub in May took over the Margaret Ann, it said.\n\n";

/// A whole window of as many words as there can be: of one letter, and of what folding makes much of.
fn crowded(out: &mut dyn Write) -> io::Result<()> {
    let mut state = 1u32;
    for line in 0..2200 {
        let mut text = String::new();
        for _ in 0..300 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match line / 550 {
                0 | 2 => text.push(char::from(b'a' + (state >> 24) as u8 % 26)),
                _ => text.push(['\u{fdfa}', '\u{2155}', '\u{33a5}'][(state >> 24) as usize % 3]),
            }
            text.push(' ');
        }
        writeln!(out, "{text}")?;
    }
    Ok(())
}

#[test]
fn memory_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let report = |format: &str| folder.path().join(format!("report.{format}")).to_str().unwrap().to_owned();
    let (text, line, lines) = if support::slow() { (1 << 30, 1 << 30, 10_000_000) } else { (1 << 20, 20 << 20, 8_000) };
    run("text", &[], repeated(PROSE, text));
    run("one line", &[], repeated("some words in a row ", line));
    run("one line without a space", &[], repeated("x", line));
    run("empty lines", &[], repeated("\n", lines));
    run("short lines", &[], distinct(lines as u64));
    run("crowded", &[], crowded);
    let (text, line, lines) = (text.min(64 << 20), line.min(80 << 20), lines.min(300_000));
    for format in ["diff", "jsonl", "html"] {
        let report = report(format);
        let args = ["--overwrite", "--report", &report];
        run("text", &args, repeated(PROSE, text));
        run("one line", &args, repeated("some words in a row ", line));
        run("empty lines", &args, repeated("\n", lines));
        run("short lines", &args, distinct(lines as u64));
        run("lines that end in CR", &args, repeated("Read more\r", 300 << 10));
    }
    for command in ["diff", "explain"] {
        let args = [command];
        run("text", &args, repeated(PROSE, text));
        run("one line", &args, repeated("some words in a row ", line));
        run("empty lines", &args, repeated("\n", lines));
        run("short lines", &args, distinct(lines as u64));
    }
    // And the way back.
    let (input, clean, removed) = (folder.path().join("in"), folder.path().join("out"), report("jsonl"));
    let mut file = io::BufWriter::new(std::fs::File::create(&input).unwrap());
    repeated(PROSE, text)(&mut file).unwrap();
    file.flush().unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let (input, clean) = (path(&input), path(&clean));
    run("clean", &[&input, "-o", &clean, "--report", &removed, "--overwrite"], |_| Ok(()));
    run("restore", &["restore", &clean, &removed], |_| Ok(()));
    run("compare", &["compare", &removed, &removed], |_| Ok(()));
}
