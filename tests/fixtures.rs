//! The scrapes of `fixtures/` and the real page beside the project, line by line.
//!
//! A fixture says what should be: `labels.tsv` has the labels that each line of `raw.txt` may get, `clean.txt` and
//! `removed.diff` are the clean text and the diff that follow from them (of several labels the first counts). What the
//! program does not reach yet stands in `fixtures/shortfalls.tsv`, and nothing else may be wrong. After a change:
//!
//! - `UPDATE_FIXTURES=1 cargo test --test fixtures` makes `clean.txt` and `removed.diff` from `labels.tsv` again.
//! - `UPDATE_SHORTFALLS=1 cargo test --test fixtures` takes what is wrong now for the list of shortfalls; its
//!   differences are to be read before they are committed.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chaffinch::report::{CleanText, Diff};
use chaffinch::{Document, Evidence, Judge, Label, Needs, Options, Page, Sink, Span, Verdict, clean};
use serde_json::Value;

type Labels = BTreeMap<u64, Vec<Label>>;

/// What `labels.tsv` allows: line number → labels.
fn allowed(path: &Path) -> Labels {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (number, labels) = line.split_once('\t').unwrap_or_else(|| panic!("{}: {line:?}", path.display()));
            (number.parse().unwrap(), labels.split('|').map(|label| label.parse().unwrap()).collect())
        })
        .collect()
}

/// The labels that the program gives, read off its report; the clean text beside them.
fn cleaned(raw: &Path) -> (BTreeMap<u64, Label>, String) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.jsonl");
    let output = support::chaffinch().arg(raw).arg("--report").arg(&report).assert().success();
    let clean = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let report = fs::read_to_string(report).unwrap();
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let labels = lines
        .filter(|line| line["type"] == "line" && line["label"] != "blank")
        .map(|line| {
            let label: Label = line["label"].as_str().unwrap().parse().unwrap();
            assert_eq!(line["verdict"] == "keep", label.keep_by_default(), "{line}");
            (line["line"].as_u64().unwrap(), label)
        })
        .collect();
    (labels, clean)
}

/// A judge who has read the labels.
struct Reader(BTreeMap<u64, Label>);

impl Judge for Reader {
    fn start(&mut self, _: &Document) {}

    fn judge(&mut self, page: &Page, fresh: Range<usize>, _: Span, _: Needs, out: &mut Vec<Verdict>) {
        out.extend(fresh.map(|at| {
            let line = page.line(at);
            let label = self.0.get(&line.number).copied();
            assert_eq!(label.is_none(), line.is_blank(), "line {}: {:?}", line.number, line.text);
            let mut verdict = Verdict::new(label.is_none_or(Label::keep_by_default), label, 1.0);
            verdict.evidence.push(Evidence::Asked);
            verdict
        }));
    }
}

/// Clean text and diff of `raw` when its lines have these labels.
fn ideal(raw: &str, labels: BTreeMap<u64, Label>) -> (String, String) {
    let mut judge = Reader(labels);
    let mut feed = |sink: &mut dyn Sink| {
        clean(raw.as_bytes(), Document::new("raw.txt"), &mut judge, sink, &Options::default()).unwrap();
    };
    let (mut text, mut diff) = (CleanText::new(Vec::new()), Diff::new(Vec::new()));
    feed(&mut text);
    feed(&mut diff);
    let [text, diff] = [text.into_inner(), diff.into_inner()].map(|bytes| String::from_utf8(bytes).unwrap());
    // Without the lines that name the version and count, which patch does not read.
    (text, diff.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect())
}

fn start(raw: &str, number: u64) -> String {
    let line = raw.split('\n').nth(number as usize - 1).unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

fn names(labels: &[Label]) -> String {
    labels.iter().map(|label| label.name()).collect::<Vec<_>>().join("|")
}

#[test]
fn the_real_page_is_right_in_every_line() {
    let Some(shared) = support::shared() else { return };
    let raw = shared.join("seed/raw.txt");
    let (given, _) = cleaned(&raw);
    let allowed = allowed(&shared.join("seed/labels.tsv"));
    assert_eq!(given.len(), allowed.len(), "not every line has a label");
    let text = fs::read_to_string(raw).unwrap();
    let wrong = allowed.iter().filter(|(number, labels)| !labels.contains(&given[number]));
    let wrong: Vec<String> = wrong
        .map(|(n, labels)| format!("line {n}: {} instead of {}: {}", given[n], names(labels), start(&text, *n)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Name and folder of each; sites of several pages have no labels, see template.rs.
fn fixtures() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let named = folders.filter(|folder| folder.join("labels.tsv").exists());
    let mut all: Vec<_> = named.map(|folder| (folder.file_name().unwrap().to_str().unwrap().into(), folder)).collect();
    all.sort();
    assert!(all.len() >= 45, "only {} fixtures", all.len());
    all
}

#[test]
fn clean_texts_and_diffs_follow_from_the_labels() {
    let mut faults = Vec::new();
    for (name, folder) in fixtures() {
        let raw = fs::read_to_string(folder.join("raw.txt")).unwrap();
        let first = allowed(&folder.join("labels.tsv")).into_iter().map(|(line, labels)| (line, labels[0]));
        let (clean, diff) = ideal(&raw, first.collect());
        for (file, text) in [("clean.txt", clean), ("removed.diff", diff)] {
            let file = folder.join(file);
            if std::env::var_os("UPDATE_FIXTURES").is_some() {
                fs::write(&file, &text).unwrap();
            }
            if fs::read_to_string(&file).ok() != Some(text) {
                faults.push(format!("{name}: {} is not what labels.tsv says", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_FIXTURES=1 makes them again", faults.join("\n"));
}

/// Where the program is on the wrong side.
#[derive(Debug, Default)]
struct Shortfalls(BTreeMap<(String, u64), String>);

impl Shortfalls {
    const HEAD: &str = "\
# Lines of the fixtures that the program does not put on the side, kept or removed, where they belong. A test fails on
# any other, and on each that has become right, so that this list can only shrink knowingly:
# UPDATE_SHORTFALLS=1 cargo test --test fixtures writes it again.
# fixture\tline\twhat it is\twhat the program says\thow it begins
";

    fn path() -> PathBuf {
        root().join("shortfalls.tsv")
    }

    fn read() -> Shortfalls {
        let text = fs::read_to_string(Shortfalls::path()).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Shortfalls(
            lines
                .map(|line| {
                    let (fixture, rest) = line.split_once('\t').unwrap_or_else(|| panic!("shortfalls.tsv: {line:?}"));
                    let (number, rest) = rest.split_once('\t').unwrap_or_else(|| panic!("shortfalls.tsv: {line:?}"));
                    ((fixture.into(), number.parse().unwrap()), rest.into())
                })
                .collect(),
        )
    }

    fn write(&self) {
        let mut text = Shortfalls::HEAD.to_owned();
        for ((fixture, line), what) in &self.0 {
            writeln!(text, "{fixture}\t{line}\t{what}").unwrap();
        }
        fs::write(Shortfalls::path(), text).unwrap();
    }

    /// Those that `other` has not, one a line.
    fn beyond(&self, other: &Shortfalls) -> String {
        let all = self.0.iter().filter(|(place, _)| !other.0.contains_key(*place));
        all.map(|((fixture, line), what)| format!("\n{fixture} {line}: {}", what.replace('\t', " / "))).collect()
    }
}

#[test]
fn fixtures_are_cleaned_as_they_should() {
    let (mut lines, mut right) = (0, 0);
    let mut wrong = Shortfalls::default();
    for (name, folder) in fixtures() {
        let raw = fs::read_to_string(folder.join("raw.txt")).unwrap();
        let (given, clean) = cleaned(&folder.join("raw.txt"));
        let allowed = allowed(&folder.join("labels.tsv"));
        assert!(given.keys().eq(allowed.keys()), "{name}: not every line has a label");
        for (number, labels) in &allowed {
            let label = given[number];
            lines += 1;
            right += usize::from(labels.contains(&label));
            if !labels.iter().any(|other| other.keep_by_default() == label.keep_by_default()) {
                let what = format!("{}\t{label}\t{}", names(labels), start(&raw, *number));
                wrong.0.insert((name.clone(), *number), what);
            }
        }
        // But for these lines, and those that may be either, it is the text of clean.txt.
        assert_eq!(clean, ideal(&raw, given).0, "{name}");
    }
    println!("of {lines} lines, {right} have a label they should, {} are on the right side", lines - wrong.0.len());
    if std::env::var_os("UPDATE_SHORTFALLS").is_some() {
        wrong.write();
    }
    let listed = Shortfalls::read();
    let (new, gone) = (wrong.beyond(&listed), listed.beyond(&wrong));
    assert!(new.is_empty(), "lines on the wrong side (fixture line: what it is / what the program says):{new}");
    assert!(gone.is_empty(), "on the right side now; UPDATE_SHORTFALLS=1 takes them off the list:{gone}");
    // What labels are worth beyond that: a model that does worse than the present one has lost something.
    assert!(right * 1000 >= lines * 880, "only {right} of {lines} lines have a label they should");
}
