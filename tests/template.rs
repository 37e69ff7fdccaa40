//! Learning what the pages of a site share: folders that learn by themselves, files of what was learned, and what must
//! not vanish.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use support::{Folder, complaint, files_below};

/// A page of a site of `fixtures/sites`.
struct Page {
    name: String,
    /// Its lines, and whether each should stay.
    lines: Vec<(String, bool)>,
}

impl Page {
    /// Words of the lines that should stay, or go, and did not.
    fn wrong(&self, out: &str, stay: bool) -> Vec<&str> {
        let kept: BTreeSet<&str> = out.lines().collect();
        let lines = self.lines.iter().filter(|(text, keep)| *keep == stay && !text.is_empty());
        lines.map(|(text, _)| text.as_str()).filter(|text| kept.contains(text) != stay).collect()
    }
}

fn raw(site: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sites").join(site).join("raw");
    folder.into_os_string().into_string().unwrap()
}

fn pages(site: &str) -> Vec<Page> {
    let raw = PathBuf::from(raw(site));
    let files = files_below(&raw).into_iter().map(|(name, text)| (name, String::from_utf8(text).unwrap()));
    let page = |(name, text): (String, String)| {
        let clean = fs::read_to_string(raw.with_file_name("clean").join(&name)).unwrap();
        let stay: BTreeSet<&str> = clean.lines().collect();
        let lines = text.lines().map(|line| (line.to_owned(), stay.contains(line))).collect();
        Page { name, lines }
    };
    files.map(page).collect()
}

/// The site's folder cleaned into `learned`, and without learning into `plain`.
fn cleaned(site: &str) -> Folder {
    let folder = Folder::new();
    let raw = raw(site);
    folder.run([&raw, "--out", "learned", "--report", "rep", "--report-format", "jsonl"]).assert().success();
    folder.run([&raw, "--out", "plain", "--group-by", "none"]).assert().success();
    folder
}

/// Nothing that should stay goes because other pages have it too.
fn nothing_vanishes(site: &str) -> Folder {
    let folder = cleaned(site);
    for page in pages(site) {
        let (learned, plain) =
            (folder.text(&format!("learned/{}", page.name)), folder.text(&format!("plain/{}", page.name)));
        let without = page.wrong(&plain, true);
        let lost: Vec<&str> = page.wrong(&learned, true).into_iter().filter(|line| !without.contains(line)).collect();
        assert!(lost.is_empty(), "{site}/{} lost {lost:#?}", page.name);
    }
    folder
}

#[test]
fn appeals_and_articles_below_the_article_go() {
    let folder = nothing_vanishes("lantern");
    let mut before = 0;
    for page in pages("lantern") {
        let long = |line: &&str| line.split(' ').count() >= 8;
        let plain = folder.text(&format!("plain/{}", page.name));
        before += page.wrong(&plain, false).into_iter().filter(long).count();
        let learned = folder.text(&format!("learned/{}", page.name));
        let left: Vec<&str> = page.wrong(&learned, false).into_iter().filter(long).collect();
        assert!(left.is_empty(), "{} keeps {left:#?}", page.name);
    }
    assert!(before >= 8, "the pages are too easy: only {before} lines were wrong without learning");
}

#[test]
fn a_running_column_keeps_what_it_says_each_time() {
    let folder = nothing_vanishes("tideline");
    for page in pages("tideline") {
        let learned = folder.text(&format!("learned/{}", page.name));
        for standing in ["Every fortnight Corin Vane sits down", "as the harbourmaster says"] {
            assert!(learned.contains(standing), "{}: {learned}", page.name);
        }
    }
}

#[test]
fn a_refrain_of_several_poems_stays() {
    let folder = nothing_vanishes("ebb-review");
    for page in pages("ebb-review") {
        let learned = folder.text(&format!("learned/{}", page.name));
        assert_eq!(learned.matches("and the bell goes over the water,").count(), 3, "{}: {learned}", page.name);
    }
}

#[test]
fn an_article_that_was_fetched_three_times_stays() {
    let folder = nothing_vanishes("kurier");
    for name in ["mill.txt", "mill-again.txt", "m-mill.txt"] {
        let learned = folder.text(&format!("learned/{name}"));
        assert!(learned.contains("turned its sails") && learned.contains("there will be cake"), "{name}: {learned}");
    }
}

#[test]
fn reports_say_on_how_many_pages_a_line_stands() {
    let folder = cleaned("lantern");
    let records = folder.text("rep/ferry.jsonl");
    let records = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let appeal =
        |record: &Value| record["text"].as_str().is_some_and(|text| text.starts_with("The lamp in our window"));
    let line = records.into_iter().find(appeal).unwrap();
    let evidence = &line["evidence"][0];
    assert_eq!((&evidence["kind"], &evidence["on"], &evidence["of"]), (&"template".into(), &4.into(), &4.into()));
    assert_eq!(evidence["place"], "this folder");
    assert!(evidence["weight"].as_f64().unwrap() < -3.0);
    assert!(evidence["text"].as_str().unwrap().starts_with("on 4 of 4 pages of this folder (-"), "{evidence}");
    for (format, text) in [("html", "on 4 of 4 pages of this folder"), ("diff", "The lamp in our window")] {
        let words = [&raw("lantern"), "--out", "again", "--report", format, "--report-format", format, "--overwrite"];
        folder.run(words).assert().success();
        assert!(folder.text(&format!("{format}/ferry.{format}")).contains(text));
    }
}

/// A folder with the site's template learned into `site.template`.
fn learned(site: &str) -> Folder {
    let folder = Folder::new();
    folder.run([&raw(site), "--out", "out", "--learn", "site.template"]).assert().success();
    folder
}

#[test]
fn a_single_page_profits_from_what_was_learned() {
    let folder = learned("lantern");
    let page = fs::read_to_string(Path::new(&raw("lantern")).join("museum.txt")).unwrap();
    let appeal = "The lamp in our window";
    let run = |words: &[&str]| folder.run(words.iter().copied()).write_stdin(page.clone()).assert().success();
    run(&[]).stdout(contains(appeal));
    run(&["--template", "site.template"]).stdout(contains(appeal).not()).stdout(contains("seventy-eight are a swing"));
    // The page itself was learned from; it is not told as a page of its own.
    run(&["explain", "--template", "site.template"]).stdout(contains("on 3 of 3 pages of site.template (-"));
    run(&["diff", "--template", "site.template"]).stdout(contains(appeal));
    // A folder's own pages and those learned before count together.
    folder.write("in/new.txt", page.replace("museum", "harbour museum of Saltby"));
    let words = ["in", "--out", "new", "--report", "rep", "--report-format", "jsonl", "--template", "site.template"];
    folder.run(words).assert().success();
    assert!(!folder.text("new/new.txt").contains(appeal));
    assert!(folder.text("rep/new.jsonl").contains("pages of this folder and site.template"));
}

#[test]
fn what_is_learned_is_the_same_in_any_number_of_runs() {
    let folder = learned("lantern");
    let whole = folder.bytes("site.template");
    for (i, (name, text)) in files_below(Path::new(&raw("lantern"))).into_iter().enumerate() {
        folder.write(&format!("all/raw/{name}"), &text);
        folder.write(&format!("part{}/raw/{name}", i % 2), text);
    }
    let learn = |input: &str, words: &[&str]| {
        let all = [input, "--out", "again", "--overwrite"].into_iter().chain(words.iter().copied());
        folder.run(all).assert().success();
    };
    let same = |name: &str| assert!(folder.bytes(name) == whole, "{name} holds something else");
    learn("all/raw", &["--learn", "one-thread", "--jobs", "1"]);
    same("one-thread");
    learn("all/raw", &["--learn", "seven-threads", "--jobs", "7"]);
    same("seven-threads");
    learn("part0/raw", &["--learn", "a"]);
    learn("part1/raw", &["--learn", "b"]);
    learn("part1/raw", &["--template", "a", "--learn", "added"]);
    same("added");
    for (out, parts) in [("ab", &["a", "b"][..]), ("ba", &["b", "a"]), ("more", &["b", "ab", "a", "site.template"])] {
        folder.run(["template", "merge", "-o", out].iter().chain(parts).copied()).assert().success();
        same(out);
    }
    let said = complaint(&folder.run(["template", "merge", "a", "b", "-o", "a"]).assert().code(2));
    assert!(said.contains("a already exists; --overwrite"), "{said}");
    folder.run(["template", "merge", "a", "b", "-o", "a", "--overwrite"]).assert().success();
    same("a");
    // A single document is learned from while it is cleaned; here it adds nothing new.
    folder.run(["all/raw/ferry.txt", "--template", "a", "--learn", "single", "-o", "x"]).assert().success();
    let shown = folder.run(["template", "show", "single"]).assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(shown.starts_with("all/raw: 1 page, 0 shared lines\n") && shown.contains("\nraw: 4 pages"), "{shown}");
}

#[test]
fn a_template_can_be_looked_at() {
    let folder = learned("lantern");
    let assert = folder.run(["template", "show", "site.template"]).assert().success();
    let shown = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(shown.starts_with("raw: 4 pages, "), "{shown}");
    assert!(shown.contains("    4 of 4  head    skip to content\n"), "{shown}");
    assert!(shown.contains("the lamp in our window has burned every night si\n"), "{shown}");
    let few = folder.run(["template", "show", "site.template", "--lines", "2"]).assert().success();
    assert_eq!(few.get_output().stdout.iter().filter(|&&byte| byte == b'\n').count(), 4);
    let kurier = learned("kurier");
    kurier.run(["template", "show", "site.template"]).assert().stdout(contains("raw: 3 pages, 2 copies of them, "));
}

#[test]
fn hostile_template_files_are_refused_in_a_sentence() {
    let folder = learned("lantern");
    let good = folder.bytes("site.template");
    folder.write("page.txt", support::SCRAPE);
    folder.write("empty", "");
    folder.write("text", support::SCRAPE);
    folder.write("short", &good[..good.len() / 2]);
    let mut broken = good.clone();
    broken[good.len() / 2] ^= 1;
    folder.write("broken", broken);
    for (name, why) in [
        ("empty", "too short"),
        ("text", "does not start like one"),
        ("short", "damaged or cut short"),
        ("broken", "damaged or cut short"),
        ("gone", "No such file"),
        (".", "directory"),
    ] {
        for words in [
            vec!["page.txt", "--template", name],
            vec!["page.txt", "-o", "out.txt", "--template", "site.template", "--template", name],
            vec!["template", "show", name],
            vec!["template", "merge", "site.template", name, "-o", "out.txt"],
        ] {
            let said = complaint(&folder.run(words.iter().copied()).assert().code(2));
            assert!(said.contains(name) && said.contains(why), "{words:?}: {said}");
            assert!(!folder.path("out.txt").exists());
        }
    }
}

#[test]
fn what_is_learned_is_not_written_over_what_is_there() {
    let folder = Folder::with(&[("in/a.txt", support::SCRAPE), ("in/b.txt", support::SCRAPE), ("mine", "mine")]);
    for words in [
        vec!["in", "--out", "out", "--learn", "mine"],
        vec!["in/a.txt", "-o", "out", "--learn", "mine"],
        vec!["in/a.txt", "-o", "out", "--learn", "in/a.txt", "--overwrite"],
        vec!["in/a.txt", "-o", "out", "--learn", "out"],
        vec!["in", "--out", "out", "--learn", "in"],
    ] {
        let said = complaint(&folder.run(words.iter().copied()).assert().code(2));
        assert!(!folder.path("out").exists(), "{words:?}: {said}");
    }
    assert_eq!((folder.text("mine").as_str(), folder.text("in/a.txt").as_str()), ("mine", support::SCRAPE));
}

#[test]
fn groups_are_made_as_asked() {
    let folder = Folder::new();
    for (name, text) in files_below(Path::new(&raw("lantern"))) {
        folder.write(&format!("hosts/{}/www.lantern.example/{name}", name.len()), &text);
        folder.write(&format!("flat/lantern-{name}"), &text);
    }
    for (name, text) in files_below(Path::new(&raw("kurier"))) {
        folder.write(&format!("flat/kurier-{name}"), &text);
    }
    let shown = |input: &str, by: &str| {
        let words = [input, "--out", "out", "--learn", "site.template", "--group-by", by, "--overwrite"];
        folder.run(words).assert().success();
        let assert = folder.run(["template", "show", "site.template", "--lines", "1"]).assert().success();
        let shown = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        shown.lines().filter_map(|line| Some(line.split_once(" page")?.0.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(shown("hosts", "host"), ["lantern.example: 4"]);
    assert_eq!(shown("hosts", "folder"), ["10/www.lantern.example: 3", "9/www.lantern.example: 1"]);
    assert_eq!(shown("flat", "prefix"), ["kurier: 3", "lantern: 4"]);
    assert_eq!(shown("flat", "folder"), ["flat: 7"]);
    assert!(shown("flat", "none").is_empty());
    folder.run(["flat", "--out", "x", "--group-by", "site"]).assert().code(2).stderr(contains("folder, host, prefix"));
}

#[test]
fn names_of_groups_and_lines_are_safe_to_print() {
    let folder = Folder::new();
    let page = "Home \u{1b}[31mred\u{202e}\nNews\n<script>alert()</script>\n";
    folder.write("in/a\u{1b}]0;x/1.txt", format!("{page}one thing here"));
    folder.write("in/a\u{1b}]0;x/2.txt", format!("{page}two other things there"));
    folder.run(["in", "--out", "out", "--learn", "site.template"]).assert().success();
    let shown = folder.run(["template", "show", "site.template"]).assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(shown.contains("2 of 2") && !shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

/// The pages of some sites as JSON Lines with their addresses.
fn as_records(sites: &[&str]) -> String {
    let mut out = String::new();
    for site in sites {
        for (name, text) in files_below(Path::new(&raw(site))) {
            let text = String::from_utf8(text).unwrap();
            let url = format!("https://www.{site}.example/{name}");
            out += &serde_json::json!({ "url": url, "text": text }).to_string();
            out.push('\n');
        }
    }
    out
}

#[test]
fn records_are_grouped_by_their_addresses() {
    let appeal = "The lamp in our window";
    let folder = Folder::with(&[("crawl.jsonl", as_records(&["kurier", "lantern"]).as_str())]);
    folder.run(["crawl.jsonl", "-o", "clean.jsonl", "--learn", "sites.template"]).assert().success();
    let clean = folder.text("clean.jsonl");
    assert!(!clean.contains(appeal) && clean.contains("seventy-eight are a swing"), "{clean}");
    let shown = folder.run(["template", "show", "sites.template", "--lines", "1"]).assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(
        shown.contains("kurier.example: 3 pages, 2 copies") && shown.contains("lantern.example: 4 pages"),
        "{shown}"
    );
    // A pipe can not be read twice: it is learned from, and what was learned before is used.
    let piped = |words: &[&str]| {
        let words = ["--input-format", "jsonl"].iter().chain(words).copied();
        let assert = folder.run(words).write_stdin(as_records(&["lantern", "kurier"])).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    assert!(piped(&["--learn", "piped.template"]).contains(appeal));
    assert!(folder.bytes("piped.template") == folder.bytes("sites.template"));
    assert!(!piped(&["--template", "piped.template"]).contains(appeal));
    // In a folder, packed or not, beside plain texts.
    fs::create_dir(folder.path("in")).unwrap();
    folder.write("in/a.jsonl", as_records(&["lantern"]));
    folder.write("in/b.jsonl", as_records(&["kurier"]));
    folder.run(["in", "--out", "out", "--learn", "folder.template"]).assert().success();
    assert!(folder.bytes("folder.template") == folder.bytes("sites.template"));
    assert!(!folder.text("out/a.jsonl").contains(appeal));
    folder.run(["in", "--out", "plain", "--group-by", "none"]).assert().success();
    assert!(folder.text("plain/a.jsonl").contains(appeal));
}

#[test]
fn a_page_is_done_again_when_its_site_has_changed() {
    let folder = Folder::new();
    for (site, pages) in [("lantern", 3), ("kurier", 5)] {
        for (name, text) in files_below(Path::new(&raw(site))).into_iter().take(pages) {
            folder.write(&format!("in/{site}/{name}"), text);
        }
    }
    let run = || complaint(&folder.run(["in", "--out", "out", "--resume"]).assert().success());
    assert!(run().starts_with("chaffinch: 8 documents cleaned"));
    assert!(run().contains("0 documents cleaned, 8 left alone"));
    let (name, text) = files_below(Path::new(&raw("lantern"))).pop().unwrap();
    folder.write(&format!("in/lantern/{name}"), text);
    let said = run();
    assert!(said.contains("4 documents cleaned, 5 left alone"), "{said}");
    // As if it had been one run.
    folder.run(["in", "--out", "whole"]).assert().success();
    for site in ["lantern", "kurier"] {
        assert!(
            files_below(&folder.path(&format!("out/{site}"))) == files_below(&folder.path(&format!("whole/{site}")))
        );
    }
}

#[test]
fn a_review_of_a_folder_sees_what_a_batch_decides() {
    let (folder, raw) = (Folder::new(), raw("lantern"));
    let listed = |words: &[&str]| {
        let words = ["review", &raw, "--list", "--json", "--below", "1"].into_iter().chain(words.iter().copied());
        let assert = folder.run(words).assert().success();
        let out = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        let runs = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let appeals = runs.filter(|run| run["lines"].to_string().contains("The lamp in our window"));
        appeals.map(|run| run["verdict"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(listed(&[]), BTreeSet::from(["drop".to_owned()]));
    assert!(listed(&["--group-by", "none"]).contains("keep"));
}
