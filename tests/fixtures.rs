//! The scrapes of `fixtures/` and the real page beside the project, line by line: each line must get one of the
//! labels that its `labels.tsv` allows, and the clean text must be the one that stands there.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What `labels.tsv` allows: line number → labels.
fn allowed(path: &Path) -> BTreeMap<u64, Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (number, labels) = line.split_once('\t').unwrap_or_else(|| panic!("{}: {line:?}", path.display()));
            (number.parse().unwrap(), labels.split('|').map(str::to_owned).collect())
        })
        .collect()
}

/// The labels that the program gives, read off its report; the clean text beside them.
fn cleaned(raw: &Path) -> (BTreeMap<u64, String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.jsonl");
    let output = support::chaffinch().arg(raw).arg("--report").arg(&report).assert().success();
    let clean = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let report = fs::read_to_string(report).unwrap();
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let labels = lines
        .filter(|line| line["type"] == "line" && line["label"] != "blank")
        .map(|line| (line["line"].as_u64().unwrap(), line["label"].as_str().unwrap().to_owned()))
        .collect();
    (labels, clean)
}

fn wrong(raw: &Path, labels: &Path) -> Vec<String> {
    let (given, _) = cleaned(raw);
    let allowed = allowed(labels);
    assert_eq!(given.len(), allowed.len(), "{}: not every line has a label", raw.display());
    let text = fs::read_to_string(raw).unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    let wrong = allowed.iter().filter(|(number, labels)| !labels.contains(&given[number]));
    wrong
        .map(|(number, labels)| {
            let start: String = lines[*number as usize - 1].trim().chars().take(60).collect();
            format!("line {number}: {} instead of {}: {start}", given[number], labels.join("|"))
        })
        .collect()
}

#[test]
fn the_real_page_is_right_in_every_line() {
    let Some(shared) = support::shared() else { return };
    let seed = shared.join("seed");
    let wrong = wrong(&seed.join("raw.txt"), &seed.join("labels.tsv"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Sites of several pages each, see template.rs.
    folders.retain(|folder| !folder.ends_with("sites"));
    folders.sort();
    folders
}

#[test]
fn fixtures_are_cleaned_as_they_should() {
    let mut faults = Vec::new();
    let (mut lines, mut right, mut side_right) = (0, 0, 0);
    for folder in fixtures() {
        let (given, clean) = cleaned(&folder.join("raw.txt"));
        let allowed = allowed(&folder.join("labels.tsv"));
        lines += allowed.len();
        right += allowed.iter().filter(|(number, labels)| labels.contains(&given[number])).count();
        let keeps = |label: &String| label.parse::<chaffinch::Label>().unwrap().keep_by_default();
        let same_side = |number, labels: &[String]| labels.iter().any(|label| keeps(label) == keeps(&given[number]));
        side_right += allowed.iter().filter(|(number, labels)| same_side(number, labels)).count();
        let expected = folder.join("clean.txt");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&expected, &clean).unwrap();
        }
        if fs::read_to_string(&expected).ok() != Some(clean) {
            faults.push(format!("{}: the clean text is not clean.txt", folder.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!(
        "of {lines} lines of the fixtures, {right} have the label they should, {side_right} are on the right side"
    );
    // A model that does worse than the one these texts were written with has lost something.
    assert!(right * 1000 >= lines * 870, "only {right} of {lines} lines have the label they should");
    assert!(side_right * 1000 >= lines * 953, "only {side_right} of {lines} lines are on the right side");
}
