//! No input makes time more than linear: texts made to be hard, doubled and doubled again, and the instructions counted.
//!
//! The processor's own counter is read with `perf`; where that is not allowed valgrind counts, and where both are missing
//! this is skipped with a message. A window is 2,048 lines or 1 MiB, so what is more than linear inside one shows below
//! that size, and what is more than linear from window to window above it; the step from the first window to the second
//! is no growth, as from then on what two share is read twice. A few kinds are measured at small sizes.
//! `CHAFFINCH_SLOW=1` measures every kind and every view from 1 MB to 8 MB. `CHAFFINCH_COUNTER` names what counts:
//! `perf`, `valgrind`, which is fifty times as slow and takes an hour or two, or `clock`, which takes the processor time,
//! the least of five.
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use nix::sys::resource::{UsageWho, getrusage};

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
    // As much context as a window can have.
    ("dense and sparse in turn", |bytes| {
        lines(bytes / 2, |n| match n % 9000 {
            0..1400 => format!("a dense line {}", n % 700),
            at if at % 16 == 0 => format!("a line far from others {n}"),
            _ => String::new(),
        })
    }),
    ("combining marks", |bytes| lines(bytes, |_| format!("a{}", "\u{301}\u{323}".repeat(500)))),
    ("brackets", |bytes| lines(bytes, |_| format!("{})", "](".repeat(300)))),
    ("quoted in turn", |bytes| {
        let sentence = |n: usize| format!("w{} ", chance(n) % 5000) + &varied(chance(n) % 400, true) + ".";
        lines(bytes, |n| if n % 2 == 0 { sentence(n) } else { (0..6).map(|at| sentence(n + at)).collect::<String>() })
    }),
    ("escapes", |bytes| lines(bytes, |_| "\u{1b}[31m<b>\u{202e}&\u{1b}[0m".repeat(9))),
];

/// What counts instructions here.
#[derive(Clone, Copy)]
enum Counter {
    /// The processor's own count, as the kernel tells it: at full speed, and the same but for a few in ten thousand.
    Perf,
    /// The same number every time, fifty times as slow.
    Valgrind,
    /// Not instructions but microseconds of processor time.
    Clock,
}

impl Counter {
    /// The better of the two that works here; a word about it where none does.
    fn find() -> Option<Counter> {
        let counters = [("perf", Counter::Perf), ("valgrind", Counter::Valgrind), ("clock", Counter::Clock)];
        if let Ok(asked) = std::env::var("CHAFFINCH_COUNTER") {
            let named = counters.into_iter().find(|(name, _)| *name == asked);
            return Some(named.unwrap_or_else(|| panic!("CHAFFINCH_COUNTER is perf, valgrind or clock")).1);
        }
        let works = |counter: &Counter| counter.count(Path::new("true"), &[]).is_some();
        let found = counters[..2].iter().map(|(_, counter)| *counter).find(works);
        if found.is_none() {
            eprintln!("skipped: neither perf may count instructions here nor is valgrind installed");
        }
        found
    }

    /// The sizes to measure at: from 1 MiB on where that was asked for, else from `fast` bytes.
    fn sizes(fast: usize) -> Vec<usize> {
        let (least, count) = if support::slow() { (1 << 20, 4) } else { (fast, 3) };
        (0..count).map(|doubled| least << doubled).collect()
    }

    /// What may be chance.
    fn least(self) -> u64 {
        match self {
            Counter::Perf | Counter::Valgrind => 1,
            Counter::Clock => 50_000,
        }
    }

    /// Instructions that a program needs; `None` where they can not be counted.
    fn count(self, program: &Path, args: &[&str]) -> Option<u64> {
        if let Counter::Clock = self {
            return (0..5).map(|_| processor_time(program, args)).min()?;
        }
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = match self {
            Counter::Perf => {
                let mut command = Command::new("perf");
                command.args(["stat", "-x,", "-e", "instructions:u", "-o"]).arg(&log).arg("--");
                command
            }
            Counter::Valgrind => {
                let mut command = Command::new("valgrind");
                let file = format!("--log-file={}", log.display());
                command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", &file]);
                command
            }
            Counter::Clock => return None,
        };
        let quiet = command.arg(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // One that is not installed, and one whose program failed.
        quiet.status().ok().filter(|status| status.success())?;
        let log = fs::read_to_string(log).ok()?;
        let count = match self {
            Counter::Perf => log.lines().find(|line| line.contains("instructions"))?.split(',').next()?,
            _ => log.lines().find_map(|line| line.split("Collected :").nth(1))?,
        };
        count.trim().parse().ok()
    }

    /// Instructions that chaffinch needs for `args`.
    fn instructions(self, args: &[&str]) -> u64 {
        let count = self.count(Path::new(env!("CARGO_BIN_EXE_chaffinch")), args);
        count.unwrap_or_else(|| panic!("{args:?} failed, or its instructions could not be counted"))
    }
}

/// Microseconds that a program was run by the processor.
fn processor_time(program: &Path, args: &[&str]) -> Option<u64> {
    // What all children took together is known, so there may be but one at a time.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap();
    let taken = || {
        let time = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().user_time();
        time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64
    };
    let before = taken();
    let mut command = Command::new(program);
    let quiet = command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().ok().filter(|status| status.success())?;
    Some(taken() - before)
}

fn text_file(folder: &Path, kind: &Kind, bytes: usize) -> PathBuf {
    let path = folder.join("in.txt");
    fs::write(&path, kind.1(bytes)).unwrap();
    path
}

/// Measures at `sizes`, each twice the one before, and checks that what comes on top doubles at most. Less than `least`
/// is nothing that could be told from chance.
fn doubles(name: &str, sizes: &[usize], least: u64, count: impl Fn(usize) -> u64) -> Result<(), String> {
    let counts: Vec<u64> = sizes.iter().map(|size| count(*size)).collect();
    let mut report = format!("{name}: {counts:?}");
    // What a run costs before its first line is not to hide anything, so what comes on top is compared; where more was
    // cheaper, as a line too long to be judged is, there is but the sum.
    let ratio = |three: &[u64]| match (three[1].saturating_sub(three[0]), three[2].saturating_sub(three[1])) {
        (0, _) => three[2] as f64 / three[1].max(least) as f64,
        (first, second) => second as f64 / first.max(least) as f64,
    };
    let ratios: Vec<f64> = counts.windows(3).map(ratio).collect();
    _ = write!(report, " {ratios:.2?}");
    eprintln!("{report}");
    // 2 is linear, 4 quadratic; between them, where a window is not yet full there is less to compare with.
    if ratios.iter().all(|ratio| *ratio < 2.7) { Ok(()) } else { Err(report) }
}

#[test]
fn time_is_linear() {
    let Some(counter) = Counter::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let kinds = if support::slow() { KINDS.len() } else { 2 };
    let sizes = Counter::sizes(16 << 10);
    let mut wrong = Vec::new();
    let only = std::env::var("CHAFFINCH_KIND").ok();
    for kind in KINDS[..kinds].iter().filter(|kind| only.as_deref().is_none_or(|only| kind.0.contains(only))) {
        let plain = doubles(kind.0, &sizes, counter.least(), |bytes| {
            let input = text_file(folder.path(), kind, bytes);
            counter.instructions(&[input.to_str().unwrap(), "-o", "/dev/null", "--overwrite"])
        });
        wrong.extend(plain.err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reports_and_views_are_linear() {
    let Some(counter) = Counter::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let kinds: &[usize] = if support::slow() { &[0, 1, 4, 5, 8, 13, 14, 19] } else { &[4] };
    let views: &[&str] = if support::slow() {
        &["report.diff", "report.jsonl", "report.html", "diff", "explain", "review", "compare", "restore"]
    } else {
        &["report.jsonl"]
    };
    let sizes = Counter::sizes(8 << 10);
    let mut wrong = Vec::new();
    for kind in kinds.iter().map(|kind| &KINDS[*kind]) {
        for how in views {
            let measured = doubles(&format!("{how} of {}", kind.0), &sizes, counter.least(), |bytes| {
                let input = text_file(folder.path(), kind, bytes);
                let (input, path) =
                    (input.to_str().unwrap(), |name: &str| folder.path().join(name).display().to_string());
                let clean = |report: &str, out: &str| {
                    let args = [input, "-o", &path(out), "--overwrite", "--report", &path(report)];
                    let args = args.map(str::to_owned);
                    support::chaffinch().args(args).assert().success();
                };
                match *how {
                    "diff" | "explain" => counter.instructions(&[how, input]),
                    "review" => counter.instructions(&["review", "--list", input]),
                    "compare" => {
                        clean("a.jsonl", "clean");
                        counter.instructions(&["compare", &path("a.jsonl"), &path("a.jsonl")])
                    }
                    "restore" => {
                        clean("a.diff", "clean");
                        counter.instructions(&["restore", &path("clean"), &path("a.diff")])
                    }
                    report => {
                        counter.instructions(&[input, "-o", "/dev/null", "--overwrite", "--report", &path(report)])
                    }
                }
            });
            wrong.extend(measured.err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
