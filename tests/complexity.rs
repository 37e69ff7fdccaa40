//! No input makes time more than linear: texts made to be hard, doubled and doubled again, and the instructions counted.
//!
//! Valgrind counts instructions, the same number every time; where it is missing, this is skipped with a message. A
//! window is 2,048 lines or 1 MiB, so what is more than linear inside one shows below that size, and what is more than
//! linear from window to window above it. `CHAFFINCH_SLOW=1` measures every kind at 1, 2, 4 and 8 MB; else a few, which are small, as
//! valgrind takes fifty times as long.
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod support;

const SENTENCE: &str =
    "The last chain ferry on the Harr will keep running after its passengers raised enough money to buy it";

/// Lines that `line` makes of their number, `bytes` of them.
fn lines(bytes: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < bytes {
        text.push_str(&line(number));
        text.push('\n');
        number += 1;
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

/// A number that looks like chance.
fn chance(number: usize) -> usize {
    let x = (number as u64 ^ 0x2545_f491).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x >> 33) as usize
}

/// The sentence with its words in another order, or with one of them exchanged.
fn varied(number: usize, shuffle: bool) -> String {
    let mut words: Vec<String> = SENTENCE.split(' ').map(str::to_owned).collect();
    let count = words.len();
    if shuffle {
        (0..count).for_each(|at| words.swap(at, chance(number * 31 + at) % count));
    } else {
        words[chance(number) % count] = format!("x{}", chance(number + 7));
    }
    words.join(" ")
}

/// A kind of text by its name.
type Kind = (&'static str, fn(usize) -> String);

const KINDS: &[Kind] = &[
    ("equal lines", |bytes| lines(bytes, |_| format!("{SENTENCE}."))),
    ("prefixes", |bytes| lines(bytes, |n| SENTENCE.repeat(9)[..n % 900 + 1].to_owned())),
    ("one word", |bytes| "la ".repeat(bytes / 3)),
    ("one word on every line", |bytes| lines(bytes, |_| "la ".repeat(150))),
    ("alternating captions", |bytes| {
        lines(bytes, |n| {
            let credit = if n % 2 == 1 { " (Image: Joel Pask/Harrowmere Mercury)" } else { "" };
            format!("The boat number {} approaches the Saltby slipway on Tuesday morning.{credit}", n / 2)
        })
    }),
    ("nested quotes", |bytes| lines(bytes, |n| format!("{}{SENTENCE}", "> ".repeat(n % 300)))),
    ("nested quotation marks", |bytes| {
        lines(bytes, |n| format!("{}{}{}", "“".repeat(n % 90), &SENTENCE[n % 40..], "”".repeat(n % 90)))
    }),
    ("separators", |bytes| lines(bytes, |_| "| ".repeat(3000))),
    ("near duplicates", |bytes| lines(bytes, |n| varied(n, false))),
    ("the same words in another order", |bytes| lines(bytes, |n| varied(n, true))),
    ("nearly phrases", |bytes| {
        const NEAR: [&str; 6] = [
            "sign up for our newslette",
            "subscribe nowx",
            "already a subscribe",
            "read mor",
            "all rights reserve",
            "skip to main conten",
        ];
        lines(bytes, |n| (0..20).map(|at| NEAR[(n + at) % NEAR.len()]).collect::<Vec<_>>().join(" "))
    }),
    ("phrases", |bytes| lines(bytes, |_| "read more subscribe now sign in newsletter share ".repeat(60))),
    ("numbers", |bytes| lines(bytes, |_| "1,2".repeat(900))),
    ("lines of one letter", |bytes| lines(bytes / 8, |n| char::from(b'a' + (n % 26) as u8).to_string())),
    ("empty lines", |bytes| "\n".repeat(bytes / 8)),
    ("one line in a thousand", |bytes| lines(bytes / 8, |n| if n % 1000 == 0 { "x".into() } else { String::new() })),
    ("combining marks", |bytes| lines(bytes, |_| format!("a{}", "\u{301}\u{323}".repeat(500)))),
    ("brackets", |bytes| lines(bytes, |_| format!("{})", "](".repeat(300)))),
    ("quoted in turn", |bytes| {
        let sentence = |n: usize| format!("w{} ", chance(n) % 5000) + &varied(chance(n) % 400, true) + ".";
        lines(bytes, |n| if n % 2 == 0 { sentence(n) } else { (0..6).map(|at| sentence(n + at)).collect::<String>() })
    }),
    ("escapes", |bytes| lines(bytes, |_| "\u{1b}[31m<b>\u{202e}&\u{1b}[0m".repeat(9))),
];

/// Instructions that the program needs for `args`.
fn instructions(args: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", log.display()))
        .arg(env!("CARGO_BIN_EXE_chaffinch"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{args:?}: {}", fs::read_to_string(&log).unwrap_or_default());
    let log = fs::read_to_string(log).unwrap();
    let count = log.lines().find_map(|line| line.split("Collected :").nth(1)).expect("callgrind says what it counted");
    count.trim().parse().unwrap()
}

fn text_file(folder: &Path, kind: &Kind, bytes: usize) -> PathBuf {
    let path = folder.join("in.txt");
    fs::write(&path, kind.1(bytes)).unwrap();
    path
}

/// Measures at `sizes`, each twice the one before, and checks that what comes on top doubles at most.
fn doubles(name: &str, sizes: &[usize], count: impl Fn(usize) -> u64) -> Result<(), String> {
    let counts: Vec<u64> = sizes.iter().map(|size| count(*size)).collect();
    // What a run costs before its first line is not to hide anything.
    let steps: Vec<u64> = counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let mut report = format!("{name}: {counts:?}");
    let ratios: Vec<f64> = steps.windows(2).map(|pair| pair[1] as f64 / pair[0].max(1) as f64).collect();
    _ = write!(report, " {ratios:.2?}");
    eprintln!("{report}");
    // 2 is linear, 4 quadratic; between them, where a window is not yet full there is less to compare with.
    if ratios.iter().all(|ratio| *ratio < 2.7) { Ok(()) } else { Err(report) }
}

fn has_valgrind() -> bool {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    if !found {
        eprintln!("skipped: valgrind is not installed");
    }
    found
}

#[test]
fn time_is_linear() {
    if !has_valgrind() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (kinds, base) = if support::slow() { (KINDS.len(), 1 << 20) } else { (2, 16 << 10) };
    let sizes = &[base, 2 * base, 4 * base, 8 * base][..if support::slow() { 4 } else { 3 }];
    let mut wrong = Vec::new();
    let only = std::env::var("CHAFFINCH_KIND").ok();
    for kind in KINDS[..kinds].iter().filter(|kind| only.as_deref().is_none_or(|only| kind.0.contains(only))) {
        let plain = doubles(kind.0, sizes, |bytes| {
            let input = text_file(folder.path(), kind, bytes);
            instructions(&[input.to_str().unwrap(), "-o", "/dev/null", "--overwrite"])
        });
        wrong.extend(plain.err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reports_and_views_are_linear() {
    if !has_valgrind() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (kinds, base): (&[usize], _) =
        if support::slow() { (&[0, 1, 4, 5, 8, 13, 14, 19], 256 << 10) } else { (&[4], 8 << 10) };
    let (sizes, views): (&[usize], &[&str]) = if support::slow() {
        let views = &["report.diff", "report.jsonl", "report.html", "diff", "explain", "review", "compare", "restore"];
        (&[base, 2 * base, 4 * base, 8 * base], views)
    } else {
        (&[base, 2 * base, 4 * base], &["report.jsonl"])
    };
    let mut wrong = Vec::new();
    for kind in kinds.iter().map(|kind| &KINDS[*kind]) {
        for how in views {
            let measured = doubles(&format!("{how} of {}", kind.0), sizes, |bytes| {
                let input = text_file(folder.path(), kind, bytes);
                let (input, path) =
                    (input.to_str().unwrap(), |name: &str| folder.path().join(name).display().to_string());
                let clean = |report: &str, out: &str| {
                    let args = [input, "-o", &path(out), "--overwrite", "--report", &path(report)];
                    let args = args.map(str::to_owned);
                    support::chaffinch().args(args).assert().success();
                };
                match *how {
                    "diff" | "explain" => instructions(&[how, input]),
                    "review" => instructions(&["review", "--list", input]),
                    "compare" => {
                        clean("a.jsonl", "clean");
                        instructions(&["compare", &path("a.jsonl"), &path("a.jsonl")])
                    }
                    "restore" => {
                        clean("a.diff", "clean");
                        instructions(&["restore", &path("clean"), &path("a.diff")])
                    }
                    report => instructions(&[input, "-o", "/dev/null", "--overwrite", "--report", &path(report)]),
                }
            });
            wrong.extend(measured.err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
