//! The diff, applied by the programs it is for.

use std::fs;
use std::path::Path;
use std::process::Command;

use chaffinch::report::{Diff, Format};
use chaffinch::{Document, Eol};
use proptest::prelude::*;

use super::toy::{Toy, clean, feed, input, over_long, page, report, toys, try_feed};

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: there is no {program}");
    }
    found
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// What `patch -R` makes of the clean text, and what it said.
fn patch(clean: &str, diff: &[u8]) -> Result<(Vec<u8>, String), String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = dir.path().join("clean.txt");
    fs::write(&file, clean).map_err(|e| e.to_string())?;
    fs::write(dir.path().join("removed.diff"), diff).map_err(|e| e.to_string())?;
    let said = run(Command::new("patch").current_dir(&dir).args(["-R", "-f", "clean.txt", "removed.diff"]))?;
    Ok((fs::read(&file).map_err(|e| e.to_string())?, said))
}

/// What `git apply -R` makes of a clean text called `name`.
fn git(clean: &str, name: &str, diff: &[u8], more: &[&str]) -> Result<Vec<u8>, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = dir.path().join(name);
    fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).map_err(|e| e.to_string())?;
    fs::write(&file, clean).map_err(|e| e.to_string())?;
    fs::write(dir.path().join("removed.diff"), diff).map_err(|e| e.to_string())?;
    let mut command = Command::new("git");
    command.current_dir(&dir).env("GIT_CEILING_DIRECTORIES", dir.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    run(command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["apply", "-R", "--whitespace=nowarn"])
        .args(more)
        .arg("removed.diff"))?;
    fs::read(&file).map_err(|e| e.to_string())
}

/// Whether both programs make the input again.
fn check(toys: &[Toy], diff: &[u8]) -> Result<(), TestCaseError> {
    let changed = toys.iter().any(|toy| !toy.keep);
    prop_assert_eq!(changed, !diff.is_empty());
    if !changed {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(diff).into_owned();
    let (clean, input) = (clean(toys), input(toys));
    if has("patch") {
        let (result, said) = patch(&clean, diff).map_err(|e| TestCaseError::fail(format!("patch: {e}\n{shown}")))?;
        prop_assert!(result == input.as_bytes(), "patch made {:?} of\n{shown}", String::from_utf8_lossy(&result));
        prop_assert!(!said.contains("fuzz") && !said.contains("offset"), "{said}{shown}");
    }
    if has("git") {
        let result =
            git(&clean, "page.txt", diff, &[]).map_err(|e| TestCaseError::fail(format!("git: {e}\n{shown}")))?;
        prop_assert!(result == input.as_bytes(), "git made {:?} of\n{shown}", String::from_utf8_lossy(&result));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn patch_and_git_give_the_input_back(toys in toys()) {
        check(&toys, &report(Format::Diff, &Document::new("page.txt"), &toys))?;
    }
}

#[test]
fn a_small_page_reads_well() {
    let toys = page("-Home\n-News\n\nTitle\nBody one.\nBody two.\nBody three.\nBody four.\n-Share\nEnd.");
    let diff = report(Format::Diff, &Document::new("page.txt"), &toys);
    let expected = format!(
        "# chaffinch {} encoding=UTF-8\n\
         --- a/page.txt\n+++ b/page.txt\n\
         @@ -1,10 +1,7 @@ navigation 3\n\
         --Home\n--News\n \n Title\n Body one.\n Body two.\n Body three.\n Body four.\n--Share\n End.\n\
         \\ No newline at end of file\n\
         # end of report: 10 lines, 7 kept, 0 replacements\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(String::from_utf8(diff).unwrap(), expected);
}

#[test]
fn hunks_are_those_of_similar() {
    let toys = page(&"a\n-b\nc\nd\ne\nf\ng\nh\ni\n-j\nk\nl\nm\nn\no\np\n-q\n".repeat(4));
    let ours = String::from_utf8(report(Format::Diff, &Document::new("x"), &toys)).unwrap();
    let (old, new) = (input(&toys), clean(&toys));
    let theirs = similar::TextDiff::from_lines(&old, &new).unified_diff().to_string();
    let ranges = |text: &str| -> Vec<String> {
        let headers = text.lines().filter(|line| line.starts_with("@@"));
        headers.map(|line| line.split(" @@").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(ranges(&ours), ranges(&theirs));
    assert!(ranges(&ours).len() > 3);
}

#[test]
fn empty_all_removed_and_none_removed() {
    for text in ["", "kept\n", "-a\n-b\n", "-a\r\n-b", "-a", "kept\n-a", "-a\nkept"] {
        let toys = page(text);
        check(&toys, &report(Format::Diff, &Document::new("page.txt"), &toys)).unwrap();
    }
}

#[test]
fn odd_names_are_understood() {
    let toys = page("one\n-two\nthree\n");
    let names = [
        "with space.txt",
        "a\"b\\c.txt",
        "tab\there",
        "new\nline",
        "Überschrift 1.txt",
        "x\u{1b}[2J\u{202e}.txt",
        "/abs/x",
        "d e/f",
    ];
    for name in names {
        let diff = report(Format::Diff, &Document::new(name), &toys);
        let text = String::from_utf8(diff.clone()).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        if has("git") {
            let result = git(&clean(&toys), name.trim_start_matches('/'), &diff, &[]);
            assert_eq!(result.as_deref(), Ok(input(&toys).as_bytes()), "{text}");
        }
        if has("patch") {
            assert_eq!(patch(&clean(&toys), &diff).unwrap().0, input(&toys).as_bytes());
            // And without the name on the command line.
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(name.trim_start_matches('/'));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, clean(&toys)).unwrap();
            fs::write(dir.path().join("removed.diff"), &diff).unwrap();
            let said = run(Command::new("patch").current_dir(&dir).args(["-R", "-f", "-p1", "-i", "removed.diff"]));
            assert_eq!(fs::read(&file).unwrap(), input(&toys).as_bytes(), "{said:?}\n{text}");
        }
    }
    assert!(String::from_utf8(report(Format::Diff, &Document::new("-"), &toys)).unwrap().contains("--- a/stdin\n"));
}

#[test]
fn other_encodings_are_named_even_if_nothing_is_removed() {
    let mut document = Document::new("x");
    document.encoding = "windows-1252";
    let diff = String::from_utf8(report(Format::Diff, &document, &page("a\n"))).unwrap();
    assert!(diff.contains(" encoding=windows-1252\n") && diff.contains("# end of report: 1 lines, 1 kept"), "{diff}");
}

/// A diff with small limits, so that what else takes megabytes happens on a few lines.
fn small(toys: &[Toy], limit: usize, huge: usize) -> chaffinch::Result<Vec<u8>> {
    let mut diff = Diff::with_limits(Vec::new(), limit, huge);
    try_feed(&mut diff, &Document::new("page.txt"), toys)?;
    Ok(diff.into_inner())
}

#[test]
fn over_long_lines_are_context_or_left_out() {
    for before in ["", "a\n", "-a\n", "x\ny\nz\n-a\n", "x\ny\nz\nv\n-a\nb\nc\n", "-a\nb\nc\nd\n"] {
        for after in
            ["", "-a\n", "k\n-a\nl\nm\nn\no\n", "k\nl\nm\nn\n-a\nb\nc\nd\ne", "-a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n-k"]
        {
            for eol in [Eol::Lf, Eol::None] {
                if eol == Eol::None && !after.is_empty() {
                    continue;
                }
                let toys = [page(before), over_long(500, eol), page(after)].concat();
                let diff = small(&toys, 1000, 100).unwrap();
                let text = String::from_utf8(diff.clone()).unwrap();
                let changed = toys.iter().any(|toy| !toy.keep);
                assert_eq!(changed, !diff.is_empty());
                if changed && has("git") {
                    // Nothing but the over-long line stands beside the removed ones: git wants to be told.
                    let bare = text.lines().any(|line| line.starts_with("@@ ") && line.contains(",0 @@ "));
                    let more: &[&str] = if bare { &["--unidiff-zero"] } else { &[] };
                    let result = git(&clean(&toys), "page.txt", &diff, more).unwrap_or_else(|e| panic!("{e}\n{text}"));
                    assert!(result == input(&toys).as_bytes(), "{text}");
                }
                if changed && has("patch") {
                    let (result, _) = patch(&clean(&toys), &diff).unwrap();
                    assert!(result == input(&toys).as_bytes(), "{text}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hunks_that_are_cut_apply(toys in toys(), limit in 1..200usize, huge in 1..40usize) {
        let Ok(diff) = small(&toys, limit, huge) else {
            // Only a document with lone carriage returns may be refused, or one with a line beyond the limit.
            prop_assert!(toys.iter().any(|toy| toy.eol == Eol::Cr || toy.text.len() + 2 > limit));
            return Ok(());
        };
        let shown = String::from_utf8_lossy(&diff).into_owned();
        if !diff.is_empty() && has("patch") {
            let (result, _) = patch(&clean(&toys), &diff).map_err(|e| TestCaseError::fail(format!("{e}\n{shown}")))?;
            prop_assert!(result == input(&toys).as_bytes(), "{shown}");
        }
        // Where two hunks stand before all that is kept, git puts them into the wrong order.
        if !diff.is_empty() && shown.matches(" +0,0 @@").count() < 2 && has("git") {
            let result = git(&clean(&toys), "page.txt", &diff, &["--unidiff-zero"]);
            let result = result.map_err(|e| TestCaseError::fail(format!("git: {e}\n{shown}")))?;
            prop_assert!(result == input(&toys).as_bytes(), "{shown}");
        }
    }
}

#[test]
fn a_line_too_long_to_replace_is_an_error_that_helps() {
    let mut toys: Vec<Toy> = (0..100).map(|i| Toy::new("some text", Eol::Cr, i != 90)).collect();
    let error = small(&toys, 100, 100).unwrap_err().to_string();
    assert!(error.contains(".jsonl"), "{error}");
    toys[90].keep = true;
    assert!(small(&toys, 100, 100).unwrap().is_empty());
}

#[test]
fn a_sink_serves_many_documents() {
    let mut diff = Diff::new(Vec::new());
    let (one, two) = (page("a\n-b"), page("-c\nd\n"));
    feed(&mut diff, &Document::new("one"), &one);
    feed(&mut diff, &Document::new("two"), &two);
    let both = [report(Format::Diff, &Document::new("one"), &one), report(Format::Diff, &Document::new("two"), &two)];
    assert_eq!(diff.into_inner(), both.concat());
}
