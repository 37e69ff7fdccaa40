//! Reviewing: by key without a terminal, and with single keys at one.

mod support;
use support::{Folder, SCRAPE, complaint};

/// Everything is doubtful below a certainty above 1.
const ALL: [&str; 2] = ["--below", "1"];

fn list(folder: &Folder, input: &str) -> Vec<Vec<String>> {
    let assert = folder.run(["review", input, "--list"].into_iter().chain(ALL)).assert().success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn key_of<'l>(list: &'l [Vec<String>], document: &str, text: &str) -> &'l str {
    let found = list.iter().find(|row| row[1] == document && row[6].contains(text));
    &found.unwrap_or_else(|| panic!("{text} is not in {list:?}"))[0]
}

#[test]
fn a_script_answers_by_key() {
    let folder = Folder::with(&[("raw.txt", SCRAPE)]);
    let before = list(&folder, "raw.txt");
    assert!(before.iter().all(|row| row.len() == 7 && row[0].len() == 16), "{before:?}");
    let scores: Vec<f32> = before.iter().map(|row| row[5].parse().unwrap()).collect();
    assert!(scores.is_sorted(), "{scores:?}");
    assert_eq!(before, list(&folder, "raw.txt"));
    let (cookies, brass) = (key_of(&before, "raw.txt", "Cookie settings"), key_of(&before, "raw.txt", "brass band"));
    folder
        .run(["review", "raw.txt", "--keep", cookies, "--drop", brass, "--out", "clean.txt"].into_iter().chain(ALL))
        .assert()
        .success();
    let clean = folder.text("clean.txt");
    assert!(clean.contains("Cookie settings") && !clean.contains("brass band"), "{clean}");
    let answers = folder.text("chaffinch.answers.toml");
    assert!(answers.contains("line = \"cookie settings\"\nverdict = \"keep\"\n"), "{answers}");
    assert!(answers.contains("scope = \"document\"\ndocument = \"raw.txt\"\n"), "{answers}");
    folder.run(["raw.txt"]).assert().success().stdout(clean);
    // What is answered is not doubtful any more.
    let after = list(&folder, "raw.txt");
    assert!(after.iter().all(|row| !row[6].contains("Cookie settings")), "{after:?}");
    let said = complaint(&folder.run(["review", "raw.txt", "--keep", cookies].into_iter().chain(ALL)).assert().code(1));
    assert!(said.contains("no doubtful run has the key"), "{said}");
}

#[test]
fn answers_reach_as_far_as_was_said() {
    let folder =
        Folder::with(&[("in/quay.example/a.txt", SCRAPE), ("in/quay.example/b.txt", SCRAPE), ("in/c.txt", SCRAPE)]);
    let rows = list(&folder, "in");
    let key = key_of(&rows, "quay.example/a.txt", "Cookie settings");
    let words = ["review", "in", "--keep", key, "--scope", "site", "--out", "out"];
    folder.run(words.into_iter().chain(ALL)).assert().success();
    assert!(folder.text("chaffinch.answers.toml").contains("host = \"quay.example\""));
    let kept = |name: &str| folder.text(name).contains("Cookie settings");
    assert!(kept("out/quay.example/a.txt") && kept("out/quay.example/b.txt") && !kept("out/c.txt"));
}

#[test]
fn a_repeat_can_go_without_the_line_it_repeats() {
    let text = "A heading of the harbour\n\nThe ferry, which had been in dock for three winters, made its first crossing \
                on Monday with forty people aboard.\n\nThe ferry, which had been in dock for three winters, made its \
                first crossing on Monday with forty people aboard.\n";
    let folder = Folder::with(&[("raw.txt", text)]);
    let rows = list(&folder, "raw.txt");
    let second = rows.iter().find(|row| row[2] == "5").unwrap_or_else(|| panic!("{rows:?}"));
    folder
        .run(["review", "raw.txt", "--drop", &second[0], "--scope", "document"].into_iter().chain(ALL))
        .assert()
        .success();
    assert!(folder.text("chaffinch.answers.toml").contains("copy = 2\n"));
    let report = folder.run(["raw.txt", "--report", "r.jsonl"]).assert().success();
    drop(report);
    let report = folder.text("r.jsonl");
    assert_eq!(report.matches("\"kind\":\"answer\"").count(), 1, "{report}");
}

#[test]
fn hostile_text_is_listed_and_answered() {
    let long = "long ".repeat(200_000);
    let text = format!(
        "</pre><script>alert(1)</script>\n\u{1b}]0;x\u{7}\u{1b}[2J click\n\u{202e}gnp.exe\tmore\n\u{200b}\n{long}\n"
    );
    let folder = Folder::with(&[("raw.txt", &text)]);
    for words in [&["--list"][..], &["--list", "--json"]] {
        let words = ["review", "raw.txt"].into_iter().chain(ALL).chain(words.iter().copied());
        let assert = folder.run(words).assert().success();
        let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}']) && said.len() < 100_000, "{said}");
        assert!(said.contains("<script>"));
    }
    let rows = list(&folder, "raw.txt");
    let keys: Vec<&str> = rows.iter().flat_map(|row| ["--keep", row[0].as_str()]).collect();
    folder.run(["review", "raw.txt", "--out", "clean.txt"].into_iter().chain(ALL).chain(keys)).assert().success();
    let answers = folder.text("chaffinch.answers.toml");
    assert!(!answers.contains(['\u{1b}', '\u{7}', '\u{202e}']));
    let clean = folder.text("clean.txt");
    for line in text.lines().filter(|line| *line != "\u{200b}") {
        assert!(clean.contains(line), "{:?}", &line[..20]);
    }
    assert!(list(&folder, "raw.txt").is_empty());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("clean.txt", "x")]);
    let said = complaint(&folder.run(["review", "raw.txt"]).assert().code(2));
    assert!(said.contains("--list"), "{said}");
    complaint(&folder.run(["review", "-"]).assert().code(2));
    complaint(&folder.run(["review", "raw.txt", "--keep", "x", "--drop", "x"]).assert().code(2));
    let said = complaint(&folder.run(["review", "raw.txt", "--keep", "x", "--out", "clean.txt"]).assert().code(2));
    assert!(said.contains("--overwrite"), "{said}");
    let said = complaint(&folder.run(["review", "none.txt", "--list"]).assert().code(1));
    assert!(said.contains("none.txt"), "{said}");
    assert_eq!(folder.names(), ["clean.txt", "raw.txt"]);
}

/// At a terminal.
#[cfg(unix)]
mod terminal {
    use std::process::Command;

    use rexpect::session::{PtySession, spawn_command};

    use super::{ALL, Folder, SCRAPE};

    fn spawn(folder: &Folder, words: &[&str]) -> PtySession {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chaffinch"));
        command.args(words).current_dir(folder.path("")).env_clear().env("TERM", "xterm");
        spawn_command(command, Some(120_000)).unwrap()
    }

    fn press(session: &mut PtySession, key: &str) -> String {
        let shown = session.exp_string("[?] ").unwrap();
        session.send(key).unwrap();
        session.flush().unwrap();
        shown
    }

    #[test]
    fn keys_answer_and_can_be_undone() {
        let folder = Folder::with(&[("raw.txt", SCRAPE)]);
        let words: Vec<&str> = ["review", "raw.txt", "--out", "clean.txt"].into_iter().chain(ALL).collect();
        let mut session = spawn(&folder, &words);
        let shown = press(&mut session, "?");
        assert!(shown.contains("1 of ") && shown.contains("raw.txt"), "{shown}");
        let help = press(&mut session, "d");
        assert!(help.contains("k keep"), "{help}");
        press(&mut session, "u");
        press(&mut session, "s");
        press(&mut session, "a");
        let asked = press(&mut session, "k");
        assert!(asked.contains("always on this site"), "{asked}");
        press(&mut session, "l");
        session.exp_string("label? ").unwrap();
        session.send("g").unwrap();
        session.flush().unwrap();
        press(&mut session, "q");
        let end = session.exp_eof().unwrap();
        assert!(end.contains("2 answered"), "{end}");
        let answers = folder.text("chaffinch.answers.toml");
        assert!(!answers.contains("scope = \"document\"\ndocument = \"raw.txt\"\n\n[[answer]]\nline = \"x"));
        assert!(answers.contains("folder = \".\"") && answers.contains("label = \"navigation\""), "{answers}");
        let piped = folder.run(["raw.txt"]).assert().success().get_output().stdout.clone();
        assert_eq!(piped, folder.bytes("clean.txt"));
    }

    /// How many runs a screen says there are.
    fn runs(screen: &str) -> usize {
        let after = screen.split_once(" of ").unwrap_or_else(|| panic!("{screen:?}")).1;
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    #[test]
    fn a_review_can_be_left_and_gone_on_with() {
        let text = format!("\u{1b}]0;owned\u{7}</pre><script>\u{202e}\n{SCRAPE}");
        let folder = Folder::with(&[("raw.txt", &text)]);
        let words: Vec<&str> = ["review", "raw.txt", "--color", "never"].into_iter().chain(ALL).collect();
        let mut session = spawn(&folder, &words);
        let first = press(&mut session, "K");
        press(&mut session, "\u{3}");
        session.exp_eof().unwrap();
        assert!(folder.text("chaffinch.answers.toml").contains("scope = \"everywhere\""));

        let mut session = spawn(&folder, &words);
        let mut screens = press(&mut session, "s");
        let left = runs(&screens);
        assert!(left < runs(&first) && left > 1, "{first}{screens}");
        for _ in 1..left {
            screens += &press(&mut session, "s");
        }
        let end = session.exp_eof().unwrap();
        assert!(end.contains(&format!("0 answered, {left} doubtful runs left")), "{end}");
        let shown = first + &screens;
        assert!(shown.contains("]0;owned") && shown.contains("</pre><script>\\u{202e}"), "{shown}");
        // The session takes every byte for a character.
        assert!(!shown.contains(['\u{1b}', '\u{7}']) && !shown.contains("\u{e2}\u{80}\u{ae}"), "{shown:?}");
    }

    #[test]
    fn an_audit_asks_and_remembers() {
        let folder = Folder::with(&[("in/a.txt", SCRAPE)]);
        let words = ["audit", "in", "--sample", "3", "--answers-from", "said.tsv"];
        let mut session = spawn(&folder, &words);
        for key in ["k", "u", "d", "s", "k"] {
            session.exp_string("[q]uit ").unwrap();
            session.send(key).unwrap();
            session.flush().unwrap();
        }
        let end = session.exp_eof().unwrap();
        assert!(end.contains("2 of the 3 lines of the sample are answered"), "{end}");
        let said = folder.text("said.tsv");
        assert_eq!((said.matches("\tkeep\n").count(), said.matches("\tdrop\n").count()), (1, 1), "{said}");
        let mut session = spawn(&folder, &words);
        session.exp_string("[q]uit ").unwrap();
        session.send("q").unwrap();
        session.flush().unwrap();
        assert!(session.exp_eof().unwrap().contains("2 of the 3 lines"));
    }
}
