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

#[test]
fn diff_shows_what_is_asked_for() {
    let run = |words: &[&str]| {
        let output = chaffinch().arg("diff").args(words).write_stdin(SCRAPE).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let legal = run(&["--only", "legal", "--context", "0"]);
    assert!(legal.contains(" legal ") && !legal.contains("Subscribe to"), "{legal}");
    let sides = run(&["--side-by-side", "--full"]);
    assert!(sides.lines().any(|row| row.contains(" │ ")) && sides.lines().any(|row| row.contains("▏ ")), "{sides}");
    assert!(sides.lines().all(|row| row.chars().count() <= 100), "{sides}");
    chaffinch().args(["diff", "--only", "headline"]).write_stdin(SCRAPE).assert().code(2).stderr(contains("headline"));
}

#[test]
fn diff_wraps_to_the_width_there_is() {
    let words = ["diff", "--full", "--drop", KEPT_LABELS];
    let output = chaffinch().args(words).env("COLUMNS", "60").write_stdin(SCRAPE).assert().success();
    let view = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let rows: Vec<&str> = view.lines().filter(|row| !row.contains(" removed: ")).collect();
    assert!(rows.iter().all(|row| row.chars().count() <= 60), "{view}");
    assert!(rows.iter().any(|row| row.starts_with(&" ".repeat(27)) && row.trim().len() > 10), "{view}");
}

#[test]
fn a_line_without_end_is_cut() {
    let text = format!("Cookie settings {}\n", "tail ".repeat(200_000));
    for words in [&["diff"][..], &["diff", "--side-by-side"]] {
        let output = chaffinch().args(words).env("COLUMNS", "80").write_stdin(text.clone()).assert().success();
        assert!(output.get_output().stdout.len() < 20_000, "{words:?}");
    }
}

/// Runs the program with a terminal, made by `script`; `None`, with a message, where that is not installed.
#[cfg(target_os = "linux")]
fn on_a_terminal(folder: &Folder, words: &str, environment: &[(&str, &str)]) -> Option<String> {
    let command = format!("{} {words}", env!("CARGO_BIN_EXE_chaffinch"));
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).current_dir(folder.path("."));
    script.env_remove("PAGER").env_remove("LESS").env_remove("NO_COLOR").env("TERM", "xterm");
    script.envs(environment.iter().copied()).stdin(std::process::Stdio::null());
    let Ok(output) = script.output() else {
        println!("skipped: there is no program called script");
        return None;
    };
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    Some(shown)
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_gets_a_pager() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let pager = [("PAGER", "sed s/^/paged:/")];
    let Some(shown) = on_a_terminal(&folder, "diff raw.txt", &pager) else { return };
    assert!(shown.lines().all(|row| row.starts_with("paged:")) && shown.contains("\u{1b}["), "{shown:?}");
    let plain = on_a_terminal(&folder, "diff raw.txt", &[pager[0], ("NO_COLOR", "1")]).unwrap();
    assert!(plain.contains("paged:") && !plain.contains("\u{1b}["), "{plain:?}");
    for (words, pager) in [("diff --no-pager raw.txt", pager), ("diff raw.txt", [("PAGER", "")])] {
        let shown = on_a_terminal(&folder, words, &pager).unwrap();
        assert!(!shown.contains("paged:") && shown.contains("Cookie settings"), "{shown:?}");
    }
    // A pager that is not there, or that leaves early, is no reason to fail.
    assert!(on_a_terminal(&folder, "diff raw.txt", &[("PAGER", "no-such-pager")]).unwrap().contains("Cookie settings"));
    on_a_terminal(&folder, "diff --full raw.txt", &[("PAGER", "true")]).unwrap();
}
