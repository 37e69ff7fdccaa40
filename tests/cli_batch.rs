//! Folders: where everything goes, what is told of it, and that the number of threads changes nothing.

use predicates::str::contains;

mod support;
use support::{Folder, KEPT_LABELS, SCRAPE, STATE, complaint, files_below};

/// A folder with scrapes of different shapes in `in`.
fn scrapes() -> Folder {
    let folder = Folder::with(&[
        ("in/a.txt", SCRAPE),
        ("in/news/2031/b.c.txt", SCRAPE),
        ("in/news/plain", SCRAPE),
        ("in/empty.md", ""),
        ("in/.hidden.txt", SCRAPE),
        ("in/.cache/x.txt", SCRAPE),
    ]);
    for i in 0..40 {
        folder.write(&format!("in/many/{i}.txt"), SCRAPE.repeat(1 + i % 7));
    }
    folder
}

fn one_of_each(folder: &Folder) -> Vec<String> {
    folder.names().into_iter().filter(|name| !name.starts_with("in/") && !name.contains("/many/")).collect()
}

#[test]
fn documents_and_reports_lie_where_the_inputs_lay() {
    for (format, extension) in [("jsonl", "jsonl"), ("diff", "diff"), ("html", "html")] {
        let folder = scrapes();
        folder.run(["clean", "in", "--out", "out", "--report", "rep", "--report-format", format]).assert().success();
        let mut expected = vec!["out/a.txt", "out/empty.md", "out/news/2031/b.c.txt", "out/news/plain"];
        let reports = ["a", "empty", "news/2031/b.c", "news/plain"].map(|name| format!("rep/{name}.{extension}"));
        expected.extend(reports.iter().map(String::as_str));
        expected.extend(["rep/index.html", "rep/summary.json"]);
        expected.sort_unstable();
        assert_eq!(one_of_each(&folder), expected);
        let single = folder.run(["in/a.txt"]).assert().success().get_output().stdout.clone();
        assert_eq!(folder.bytes("out/a.txt"), single);
        if format != "html" {
            folder.run(["restore", "out/a.txt", &format!("rep/a.{extension}")]).assert().success().stdout(SCRAPE);
        }
    }
}

#[test]
fn threads_change_nothing() {
    let folder = scrapes();
    for jobs in ["1", "2", "7"] {
        let (out, reports) = (format!("{jobs}/out"), format!("{jobs}/rep"));
        let words = ["in", "--out", &out, "--report", &reports, "--report-format", "jsonl", "--jobs", jobs];
        let assert = folder.run(words).assert().success();
        assert!(complaint(&assert).contains("44 documents cleaned"));
    }
    let one = files_below(&folder.path("1"));
    assert_eq!(one.len(), 2 * 44 + 2);
    assert_eq!(one, files_below(&folder.path("2")));
    assert_eq!(one, files_below(&folder.path("7")));
    let state = |jobs: &str| folder.bytes(&format!("{jobs}/out/{STATE}"));
    assert!(state("1") == state("2") && state("1") == state("7"));
}

#[test]
fn the_summary_adds_up() {
    let folder = scrapes();
    folder.run(["in", "--out", "out", "--report", "rep"]).assert().success();
    let summary = folder.json("rep/summary.json");
    assert_eq!(summary["schema"], 1);
    assert_eq!(summary["chaffinch"], env!("CARGO_PKG_VERSION"));
    assert_eq!(summary["documents"], 44);
    assert_eq!(summary["failures"], serde_json::json!([]));
    assert_eq!(summary["options"]["group_by"], "folder");
    assert!(summary["model"].is_string());
    let bytes = |root: &str| files_below(&folder.path(root)).iter().map(|(_, text)| text.len() as u64).sum::<u64>();
    let hidden = 2 * SCRAPE.len() as u64;
    let (kept, removed) = (&summary["totals"]["kept"]["bytes"], &summary["totals"]["removed"]["bytes"]);
    assert_eq!(kept.as_u64().unwrap(), bytes("out"));
    assert_eq!(kept.as_u64().unwrap() + removed.as_u64().unwrap(), bytes("in") - hidden);
}

#[test]
fn alarms_come_first_and_are_counted() {
    let folder = Folder::with(&[("in/a.txt", ""), ("in/b<i>\"&.txt", SCRAPE), ("in/c.txt", "\n\n")]);
    let words = ["in", "--out", "out", "--report", "rep", "--drop", KEPT_LABELS];
    let said = complaint(&folder.run(words).assert().success());
    assert!(said.contains("; 1 alarm (see rep/index.html)"), "{said}");
    let summary = folder.json("rep/summary.json");
    assert_eq!(summary["alarms"].as_array().unwrap().len(), 1);
    assert_eq!(summary["alarms"][0]["name"], "b<i>\"&.txt");
    assert_eq!(summary["alarms"][0]["alarm"], "empty");
    let page = folder.text("rep/index.html");
    assert!(page.contains("<a href=\"./b%3Ci%3E%22%26.diff\">b&lt;i&gt;&quot;&amp;.txt</a>"), "{page}");
    // Its own script, which the policy knows by its hash.
    assert!(!page.contains("<i>") && page.matches("<script").count() == 1, "{page}");
    assert!(page.contains("default-src 'none'; style-src 'sha256-") && page.contains("script-src 'sha256-"), "{page}");
    assert!(
        !page.contains(" style=")
            && !page.contains("unsafe-inline")
            && !page.contains("http:")
            && !page.contains("https:")
    );
    assert!(page.find("b&lt;").unwrap() < page.find("./a.diff").unwrap(), "the alarm is not first: {page}");
    folder.run(words.into_iter().chain(["--overwrite", "--quiet"])).assert().success().stderr("");
}

#[test]
fn a_second_run_needs_leave_to_overwrite() {
    let folder = scrapes();
    let words = ["in", "--out", "out", "--report", "rep"];
    folder.run(words).assert().success();
    let before = folder.files();
    folder.write("in/new.txt", SCRAPE);
    let said = complaint(&folder.run(words).assert().code(2));
    assert!(said.contains("out/a.txt already exists (and 89 more); --overwrite replaces it"), "{said}");
    assert!(!folder.path("out/new.txt").exists(), "work began before it was refused");
    folder.run(words.into_iter().chain(["--overwrite"])).assert().success();
    assert_eq!(folder.files().len(), before.len() + 3);
}

#[test]
fn several_inputs_go_to_one_folder() {
    let folder = scrapes();
    folder.write("extra.txt", SCRAPE);
    folder.run(["in/news", "extra.txt", "in/a.txt", "--out", "out/deep"]).assert().success();
    let expected = ["extra.txt", "out/deep/2031/b.c.txt", "out/deep/a.txt", "out/deep/extra.txt", "out/deep/plain"];
    assert_eq!(one_of_each(&folder), expected);
    folder.run(["extra.txt", "--out", "out/"]).assert().success();
    assert_eq!(folder.bytes("out/extra.txt"), folder.bytes("out/deep/extra.txt"));
}

#[test]
fn nothing_is_written_twice() {
    let folder = Folder::with(&[("x/a.txt", SCRAPE), ("y/a.txt", SCRAPE), ("z/a.txt", SCRAPE), ("z/a.md", SCRAPE)]);
    let said = complaint(&folder.run(["x", "y", "--out", "out"]).assert().code(2));
    assert_eq!(
        said,
        "chaffinch: x/a.txt and y/a.txt would both become out/a.txt; \
         clean them one after the other into two folders"
    );
    folder.run(["z", "--out", "out", "--report", "rep"]).assert().success();
    assert!(folder.path("rep/a.txt.diff").exists() && folder.path("rep/a.md.diff").exists());
    folder.write("w/a.diff", SCRAPE);
    let said = complaint(&folder.run(["w", "--out", "both", "--report", "./both"]).assert().code(2));
    assert!(!folder.path("both").exists() && said.contains("would be written twice"), "{said}");
    // Clean texts and reports may share a folder as long as their names differ.
    folder.run(["x", "--out", "shared", "--report", "shared"]).assert().success();
}

#[cfg(unix)]
#[test]
fn the_rest_is_done_when_some_can_not_be_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let folder = scrapes();
    let odd = OsStr::from_bytes(b"od\xffd\n<b>.txt");
    symlink("nowhere", folder.path("in").join(odd)).unwrap();
    symlink("../in", folder.path("in/loop")).unwrap();
    symlink("a.txt", folder.path("in/link.txt")).unwrap();
    let assert = folder.run(["in", "gone", "--out", "out", "--report", "rep"]).assert().code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(said.contains("chaffinch: od\\xffd␊<b>.txt: cannot read: No such file or directory\n"), "{said}");
    assert!(said.contains("chaffinch: gone: cannot read: No such file or directory\n"), "{said}");
    assert!(said.contains("45 documents cleaned") && said.contains("; 2 could not be cleaned\n"), "{said}");
    assert_eq!(folder.bytes("out/link.txt"), folder.bytes("out/a.txt"));
    let failures = folder.json("rep/summary.json")["failures"].as_array().unwrap().len();
    assert_eq!(failures, 2);
    assert!(folder.text("rep/index.html").contains("od\\xffd␊&lt;b&gt;.txt"));
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_names_all_the_same() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let name = OsStr::from_bytes(b"caf\xe9\n.txt");
    std::fs::create_dir(folder.path("in")).unwrap();
    std::fs::write(folder.path("in").join(name), SCRAPE).unwrap();
    folder.run(["in", "--out", "out", "--report", "rep"]).assert().success();
    assert!(folder.path("out").join(name).exists());
    assert!(folder.path("rep").join(OsStr::from_bytes(b"caf\xe9\n.diff")).exists());
    assert!(folder.text("rep/index.html").contains("./caf%E9%0A.diff"));
}

#[test]
fn an_empty_folder_is_cleaned_at_once() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("in")).unwrap();
    folder.run(["in", "--out", "out"]).assert().success().stderr(contains("0 documents cleaned"));
}

#[test]
fn which_files_are_documents_can_be_said() {
    let folder = scrapes();
    folder.write("in/.ignore", "many/\n*.md\n");
    folder.write("in/news/notes.log", SCRAPE);
    let cleaned = |words: &[&str]| {
        let out = folder.path("out");
        let words = ["in", "--out", "out"].iter().chain(words).copied();
        folder.run(words).assert().success();
        let names: Vec<String> = files_below(&out).into_iter().map(|(name, _)| name).collect();
        std::fs::remove_dir_all(out).unwrap();
        names
    };
    assert_eq!(cleaned(&[]), ["a.txt", "news/2031/b.c.txt", "news/notes.log", "news/plain"]);
    // As with ripgrep, a pattern wins over what is said of a file, but does not lead into a folder that is ignored.
    assert_eq!(cleaned(&["-g", "*.txt"]), [".hidden.txt", "a.txt", "news/2031/b.c.txt"]);
    assert_eq!(cleaned(&["-g", "*.md"]), ["empty.md"]);
    assert_eq!(cleaned(&["-g", "!*.txt"]), ["news/notes.log", "news/plain"]);
    assert_eq!(cleaned(&["--hidden", "-g", "!many", "-g", "!.ignore"]).len(), 6);
    assert_eq!(cleaned(&["--no-ignore"]).len(), 45);
    let said = complaint(&folder.run(["in", "--out", "out", "--glob", "{a"]).assert().code(2));
    assert!(said.starts_with("chaffinch: --glob: error parsing glob '{a'"), "{said}");
    folder.run(["in", "--out", "out", "-g", "nothing"]).assert().success().stderr(contains("(--hidden, --no-ignore)"));
}

#[test]
fn options_for_folders_say_so() {
    let folder = scrapes();
    for option in ["--resume", "--dry-run", "--hidden", "--no-ignore"] {
        let said = complaint(&folder.run(["in/a.txt", option]).assert().code(2));
        assert_eq!(said, format!("chaffinch: {option} is for folders, or several files; there is one document"));
    }
    folder.run(["in/a.txt", "in/empty.md", "--out", "out", "--resume"]).assert().success();
}

#[test]
fn progress_is_shown_where_it_is_wanted() {
    let folder = scrapes();
    let said = |words: &[&str]| {
        let words = ["in", "--out", "out", "--resume"].iter().chain(words).copied();
        String::from_utf8(folder.run(words).assert().success().get_output().stderr.clone()).unwrap()
    };
    assert!(!said(&[]).contains("files"));
    let with = said(&["--progress", "always"]);
    assert!(with.starts_with("chaffinch: 44 of 44 files, ") && with.lines().count() == 2, "{with}");
    assert_eq!(said(&["--progress", "never", "--quiet"]), "");
}

#[cfg(unix)]
#[test]
fn progress_at_a_terminal_is_wiped_away() {
    let folder = scrapes();
    // Enough of them that there is something to tell.
    for i in 0..1956 {
        folder.write(&format!("in/more/{i}.txt"), SCRAPE.repeat(7));
    }
    let command = format!(
        "cd '{}' && TERM=xterm '{}' in --out out --jobs 1",
        folder.path("").display(),
        env!("CARGO_BIN_EXE_chaffinch")
    );
    let mut command_ = std::process::Command::new("sh");
    command_.arg("-c").arg(command);
    let mut terminal = rexpect::session::spawn_command(command_, Some(60_000)).unwrap();
    let (before, _) = terminal.exp_regex("[0-9]+ of 2000 files, [0-9.]+ [kM]?B of [0-9.]+ MB").unwrap();
    assert!(before.starts_with("\r\u{1b}[2K"), "{before:?}");
    let rest = terminal.exp_eof().unwrap();
    let last = rest.rsplit("\r\u{1b}[2K").next().unwrap();
    assert!(
        last.starts_with("chaffinch: 2000 documents cleaned, ") && last.trim_end().lines().count() == 1,
        "{rest:?}"
    );
}

#[test]
fn the_summary_tells_the_templates_that_were_found() {
    let folder = Folder::new();
    for (i, subject) in ["ferry", "lamp", "rope", "bell"].iter().enumerate() {
        let story = format!("The {subject} of the harbour was mended in {i} days by people who know every {subject}.");
        let text =
            format!("Quayside Courier\n\nOf the {subject}\n\n{story}\n\n{story} Twice.\n\nTell us what you think\n");
        folder.write(&format!("in/site/{subject}.txt"), text);
    }
    folder.write("in/alone.txt", SCRAPE);
    folder.run(["in", "--out", "out", "--report", "rep"]).assert().success();
    let templates = &folder.json("rep/summary.json")["templates"];
    assert_eq!(*templates, serde_json::json!([{"group": "site", "pages": 4, "lines": 2}]));
}
