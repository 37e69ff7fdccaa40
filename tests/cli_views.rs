//! The views for the terminal: `diff` and `explain`.

use predicates::prelude::*;
use predicates::str::contains;

mod support;
use support::{DROPPED_LABELS, Folder, KEPT_LABELS, SCRAPE, chaffinch};

#[test]
fn diff_shows_removed_lines_with_their_labels() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let output = folder.run(["diff", "raw.txt"]).assert().success().get_output().stdout.clone();
    let view = String::from_utf8(output).unwrap();
    assert!(view.lines().any(|line| line.starts_with("    16 ") && line.ends_with(" - Cookie settings")), "{view}");
    assert!(view.lines().last().unwrap().contains(" of 12 lines removed: "), "{view}");
    folder.run(["diff"]).write_stdin(SCRAPE).assert().success().stdout(view.clone());
    folder.run(["diff", "-"]).write_stdin(SCRAPE).assert().success().stdout(view);
}

#[test]
fn diff_folds_what_is_long_unless_all_is_asked_for() {
    let text = "Cookie settings\n".repeat(60);
    let keep_nothing = ["--drop", KEPT_LABELS];
    let folded = chaffinch().arg("diff").args(keep_nothing).write_stdin(text.clone()).assert().success();
    let folded = String::from_utf8(folded.get_output().stdout.clone()).unwrap();
    assert!(folded.lines().count() < 30 && folded.contains(" more lines of "), "{folded}");
    let full = chaffinch().args(["diff", "--full"]).args(keep_nothing).write_stdin(text).assert().success();
    let full = String::from_utf8(full.get_output().stdout.clone()).unwrap();
    assert_eq!(full.matches("- Cookie settings").count(), 60);
}

#[test]
fn explain_shows_every_line_and_why() {
    let output = chaffinch().arg("explain").write_stdin(SCRAPE).assert().success().get_output().stdout.clone();
    let view = String::from_utf8(output).unwrap();
    let numbers: Vec<usize> = view.lines().filter_map(|line| line.get(..6)?.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=SCRAPE.split('\n').count()).collect::<Vec<_>>());
    let cookie = view.lines().position(|line| line.ends_with("  Cookie settings")).unwrap();
    assert!(view.lines().nth(cookie).unwrap().starts_with("    16 - "), "{view}");
    assert!(view.lines().nth(cookie + 1).unwrap().starts_with("          "), "a removal has no reason: {view}");
    assert!(view.lines().all(|line| line.chars().count() <= 100), "{view}");
}

#[test]
fn scraped_text_never_reaches_the_terminal_raw() {
    let hostile = "\u{1b}]0;owned\u{7}Cookie settings \u{1b}[2J\u{9b}31m \u{202e}gpj.exe\u{200b}\r\u{8}\nHome\u{0}\n";
    for command in ["diff", "explain"] {
        for keep in [DROPPED_LABELS, "byline"] {
            let words = [command, "--keep", keep, "--encoding", "utf-8"];
            let output = chaffinch().args(words).write_stdin(hostile).assert().success().get_output().stdout.clone();
            let view = String::from_utf8(output).unwrap();
            let raw = |c: char| (c.is_control() && c != '\n') || "\u{9b}\u{202e}\u{200b}".contains(c);
            assert!(!view.contains(raw), "{view:?}");
        }
    }
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let escape = || contains("\u{1b}[");
    for command in ["diff", "explain"] {
        let run = |words: &[&str]| {
            let mut run = chaffinch();
            run.arg(command).args(words).write_stdin(SCRAPE);
            run
        };
        run(&[]).assert().success().stdout(escape().not());
        run(&["--color", "never"]).assert().success().stdout(escape().not());
        run(&["--color", "always"]).assert().success().stdout(escape());
        run(&[]).env("CLICOLOR_FORCE", "1").assert().success().stdout(escape());
        run(&[]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").assert().success().stdout(escape().not());
    }
}

#[test]
fn an_alarm_is_told_in_the_diff_too() {
    let words = ["diff", "--drop", KEPT_LABELS];
    chaffinch().args(words).write_stdin(SCRAPE).assert().success().stderr(contains("standard input came out empty"));
}
