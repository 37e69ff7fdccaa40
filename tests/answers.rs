//! Answers win over everything else, wherever the text comes from, and are shown as the reason.

use predicates::str::contains;

mod support;
use support::{Folder, SCRAPE, complaint};

const TITLE: &str = "Harbour ferry returns to service after three winters in dock";

/// An answers file that says of the menu line and of the headline what no model would.
fn contrary(scope: &str) -> String {
    format!(
        "# mine\n[[answer]]\nline = \"news | sport | weather | culture\"\nverdict = \"keep\"\n{scope}\n\n\
         [[answer]]\npattern = \"^harbour ferry .* in dock$\"\nverdict = \"drop\"\nlabel = \"related\"\n{scope}\n"
    )
}

#[test]
fn answers_win_and_are_the_reason() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("chaffinch.answers.toml", &contrary("scope = 'everywhere'"))]);
    folder.run(["raw.txt", "-o", "clean.txt", "--report", "why.jsonl"]).assert().success();
    let clean = folder.text("clean.txt");
    assert!(clean.contains("News | Sport") && !clean.contains(TITLE), "{clean}");
    let report = folder.text("why.jsonl");
    let line = report.lines().find(|line| line.contains(TITLE)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["verdict"], &line["label"]), (&"drop".into(), &"related".into()));
    let reason = &line["evidence"][0];
    assert_eq!((&reason["kind"], &reason["source"]), (&"answer".into(), &"chaffinch.answers.toml:7".into()));
    assert_eq!(reason["scope"], "everywhere");
    folder.run(["restore", "clean.txt", "why.jsonl"]).assert().success().stdout(SCRAPE);

    let piped = folder.run([]).write_stdin(SCRAPE).assert().success().get_output().stdout.clone();
    assert_eq!(piped, clean.into_bytes());
    // Not even the choice of labels changes what was said about a line.
    let keeping = folder.run(["raw.txt", "--keep", "related", "--drop", "navigation,body"]).assert().success();
    keeping.stdout(contains("News | Sport")).stdout(predicates::prelude::PredicateBooleanExt::not(contains(TITLE)));
    folder.run(["raw.txt", "--no-answers"]).assert().success().stdout(contains(TITLE));
}

#[test]
fn scopes_are_kept_to() {
    let here = "folder = 'x'";
    let folder =
        Folder::with(&[("in/x/a.txt", SCRAPE), ("in/y/a.txt", SCRAPE), ("in/chaffinch.answers.toml", &contrary(here))]);
    // The file beside the input is found, and is itself no document.
    folder.run(["in", "--out", "out", "-q"]).assert().success();
    assert_eq!(folder.names().iter().filter(|name| name.starts_with("out/")).count(), 2);
    assert!(!folder.text("out/x/a.txt").contains(TITLE) && folder.text("out/y/a.txt").contains(TITLE));
    // The same document, reached in another way.
    let alone = folder.run(["in/x/a.txt", "--answers", "in/chaffinch.answers.toml"]).assert().success();
    assert_eq!(alone.get_output().stdout, folder.bytes("out/x/a.txt"));
}

#[test]
fn one_copy_of_a_line_can_be_meant() {
    let answers = "[[answer]]\nline = 'share this article'\nverdict = 'keep'\nscope = 'everywhere'\ncopy = 2\n\
                   [[answer]]\nline = 'share this article'\nverdict = 'drop'\nscope = 'everywhere'\n";
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("my.toml", answers)]);
    let clean = folder.run(["raw.txt", "--answers", "my.toml"]).assert().success().get_output().stdout.clone();
    assert_eq!(String::from_utf8(clean).unwrap().matches("Share this article").count(), 1);
}

#[test]
fn faults_are_told_with_their_place() {
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("my.toml", "[[answer]]\nline = 'x'\nverdict = 'perhaps'\n")]);
    let said = complaint(&folder.run(["raw.txt", "--answers", "my.toml"]).assert().code(2));
    assert!(said.starts_with("chaffinch: my.toml:3: verdict \"perhaps\""), "{said}");
    let said = complaint(&folder.run(["raw.txt", "--answers", "none.toml"]).assert().code(2));
    assert!(said.contains("cannot read the answers file none.toml"), "{said}");
    folder.write("chaffinch.answers.toml", b"\xff\xfe");
    complaint(&folder.run(["raw.txt"]).assert().code(2));
    folder.run(["raw.txt", "--answers", "my.toml", "--no-answers"]).assert().code(2);
}

#[test]
fn what_a_report_saved_holds_wherever_it_was_saved_to() {
    let here = "scope = 'document'\ndocument = 'x/a.txt'";
    let folder = Folder::with(&[("in/x/a.txt", SCRAPE), ("in/y/a.txt", SCRAPE), ("saved/my.toml", &contrary(here))]);
    folder.run(["in", "--out", "out", "-q", "--answers", "saved/my.toml"]).assert().success();
    assert!(!folder.text("out/x/a.txt").contains(TITLE) && folder.text("out/y/a.txt").contains(TITLE));
    // Where such a document lies beside the answers, that one is meant.
    folder.write("saved/x/a.txt", SCRAPE);
    folder.run(["in", "--out", "out2", "-q", "--answers", "saved/my.toml"]).assert().success();
    assert!(folder.text("out2/x/a.txt").contains(TITLE));
}

#[test]
fn files_are_merged_by_putting_them_together() {
    let one = "# one\n[[answer]]\nline = 'cookie settings'\nverdict = 'keep'\nscope = 'everywhere'";
    let two = "# two\n[[answer]]\nline = 'cookie settings'\nverdict = 'drop'\nlabel = 'legal'\nscope = 'everywhere'\n";
    let folder = Folder::with(&[("raw.txt", SCRAPE), ("one.toml", one), ("two.toml", two)]);
    let clean = |words: &[&str]| {
        let assert = folder.run(["raw.txt"].iter().chain(words).copied()).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    // The later file wins, and so does the later half of one file.
    for (first, second, kept) in [("one", "two", false), ("two", "one", true)] {
        let (first, second) = (format!("{first}.toml"), format!("{second}.toml"));
        let apart = clean(&["--answers", &first, "--answers", &second]);
        folder.write("both.toml", format!("{}\n{}", folder.text(&first), folder.text(&second)));
        assert_eq!(clean(&["--answers", "both.toml"]), apart);
        assert_eq!(apart.contains("Cookie settings"), kept);
    }
}
