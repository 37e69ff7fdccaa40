//! The JSON Lines report, read as other programs would.

use chaffinch::report::{Format, Jsonl, Stats};
use chaffinch::{Document, Eol, Evidence, Label, Part, Repeat, Sink};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::toy::{Toy, feed, over_long, page, report, toys};

fn records(document: &Document, toys: &[Toy]) -> Vec<Value> {
    let text = String::from_utf8(report(Format::Jsonl, document, toys)).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn records_are_as_documented() {
    let mut document = Document::new("a/b.txt");
    document.encoding = "windows-1252";
    document.bytes = Some(99);
    let mut toys = page("-Give today\r\n\nBody\u{1b}");
    toys[0].label = Some(Label::Membership);
    toys[0].evidence = vec![
        Evidence::Seed { phrase: "give today".into(), label: Label::Membership, source: "en".into() },
        Evidence::Repeats { how: Repeat::Overlap(94), line: 34 },
        Evidence::Feature { name: "position".into(), weight: -1.25 },
    ];
    let records = records(&document, &toys);
    assert_eq!(
        records[0],
        json!({"type": "document", "schema": 1, "chaffinch": env!("CARGO_PKG_VERSION"), "name": "a/b.txt",
               "encoding": "windows-1252", "bytes": 99})
    );
    assert_eq!(
        records[1],
        json!({"type": "line", "line": 1, "verdict": "drop", "label": "membership", "score": 0.98, "evidence": [
            {"kind": "seed", "text": "phrase “give today” (membership, en)", "phrase": "give today",
             "label": "membership", "source": "en"},
            {"kind": "repeats", "text": "94 % of its words are line 34", "how": "overlap", "percent": 94, "line": 34},
            {"kind": "feature", "text": "position (-1.2)", "name": "position", "weight": -1.25},
        ], "text": "-Give today", "eol": "\r\n"})
    );
    assert_eq!(
        records[2],
        json!({"type": "line", "line": 2, "verdict": "keep", "label": "blank", "score": 0.98, "evidence": []})
    );
    assert_eq!(
        records[3],
        json!({"type": "line", "line": 3, "verdict": "keep", "label": "body", "score": 0.98, "evidence": [], "eol": ""})
    );
    assert_eq!(records[4]["type"], "summary");
    assert_eq!(records[4]["alarm"], Value::Null);
    assert_eq!(records[4]["lines"], 3);
    assert_eq!(records[4]["labels"]["membership"], 1);
    assert_eq!(records[4]["labels"].as_object().unwrap().len(), 19);
    assert_eq!(records.len(), 5);
}

#[test]
fn an_over_long_line_is_one_record() {
    let toys = [page("a\n"), over_long(100, Eol::CrLf), page("b\n")].concat();
    let records = records(&Document::new("x"), &toys);
    assert_eq!(records.len(), 5);
    assert_eq!(
        (&records[2]["line"], &records[2]["label"], &records[2]["eol"]),
        (&json!(2), &json!("unjudged"), &json!("\r\n"))
    );
    assert_eq!(records[3]["line"], 3);
}

#[test]
fn labels_are_in_their_order() {
    let text = String::from_utf8(report(Format::Jsonl, &Document::new("x"), &page("a\n"))).unwrap();
    let places: Vec<_> = Label::ALL.iter().map(|label| text.find(&format!("\"{label}\":")).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn statistics_count_and_merge() {
    let (one, two) = (page("-Home here\nBody of text\n\n"), [page("-x\n"), over_long(40, Eol::Lf)].concat());
    let mut all = Stats::new();
    feed(&mut all, &Document::new("one"), &one);
    feed(&mut all, &Document::new("two"), &two);
    let (mut first, mut second) = (Stats::new(), Stats::new());
    feed(&mut first, &Document::new("one"), &one);
    feed(&mut second, &Document::new("two"), &two);
    second.merge(&first);
    assert_eq!(all, second);
    let value = serde_json::to_value(&all).unwrap();
    assert_eq!(value["labels"]["navigation"], json!({"lines": 2, "bytes": 14, "words": 3}));
    assert_eq!(value["removed_labels"]["body"]["lines"], 0);
    assert_eq!(
        (&value["labels"]["body"]["lines"], &value["removed_labels"]["navigation"]["lines"]),
        (&json!(1), &json!(2))
    );
    assert_eq!((&value["documents"], &value["blank"]["lines"]), (&json!(2), &json!(1)));
    assert_eq!((&value["unjudged"]["lines"], &value["unjudged"]["words"]), (&json!(1), &json!(1)));
    assert_eq!((&value["kept"]["lines"], &value["removed"]["lines"]), (&json!(3), &json!(2)));
    assert!(all.needs().labels);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_one_record_and_removed_text_is_whole(toys in toys()) {
        let mut sink = Jsonl::new(Vec::new());
        feed(&mut sink, &Document::new("p\n\"q"), &toys);
        let text = String::from_utf8(sink.into_inner()).unwrap();
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
        let turned = text.contains('\u{202e}');
        prop_assert!(!turned);
        let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(records.len(), toys.len() + 2);
        for (i, (toy, record)) in toys.iter().zip(&records[1..]).enumerate() {
            prop_assert_eq!(&record["line"], &json!(i + 1));
            prop_assert_eq!(record["text"].as_str(), (!toy.keep).then_some(toy.text.as_str()));
            prop_assert_eq!(record["eol"].as_str().unwrap_or("\n"), toy.eol.as_str());
            prop_assert_eq!(record["evidence"].as_array().unwrap().len(), toy.evidence.len());
            prop_assert_eq!(toy.part, Part::Whole);
        }
    }
}
