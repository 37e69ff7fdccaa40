//! The view, fed with lines made by hand.

use chaffinch::{Eol, Evidence, Line, Part, Repeat, Verdict};

use super::super::config::{Formats, Input, Look};
use super::*;

struct Fed<'t> {
    text: &'t str,
    keep: bool,
    label: Option<Label>,
    repeats: Option<u64>,
}

fn kept(text: &str) -> Fed<'_> {
    Fed { text, keep: true, label: Some(Label::Body), repeats: None }
}

fn gone(text: &str, label: Label) -> Fed<'_> {
    Fed { text, keep: false, label: Some(label), repeats: None }
}

fn diff() -> Diff {
    Diff {
        look: Look { input: Input::Stdin, formats: Formats::default(), record: None },
        full: false,
        side_by_side: false,
        only: Default::default(),
        context: 2,
        paged: false,
    }
}

fn raw(diff: &Diff, columns: Option<usize>, colored: bool, lines: &[Fed<'_>]) -> String {
    let mut out = Vec::new();
    let mut view = View::new(&mut out, diff, Layout::new(columns, diff.side_by_side, diff.full, colored));
    for (i, fed) in lines.iter().enumerate() {
        let line = Line { number: i as u64 + 1, text: fed.text, eol: Eol::Lf, part: Part::Whole };
        let mut verdict = Verdict::new(fed.keep, fed.label, 1.0);
        verdict.evidence.extend(fed.repeats.map(|line| Evidence::Repeats { how: Repeat::Overlap(90), line }));
        view.line(&Decided { line, verdict: &verdict }).unwrap();
    }
    view.finish(&Summary::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn view(diff: &Diff, columns: Option<usize>, lines: &[Fed<'_>]) -> String {
    anstream::adapter::strip_str(&raw(diff, columns, false, lines)).to_string()
}

#[test]
fn long_runs_are_folded_across_blank_lines() {
    let mut lines: Vec<Fed<'_>> = (0..9).map(|_| gone("Link", Label::Navigation)).collect();
    lines.insert(4, Fed { text: "", keep: false, label: None, repeats: None });
    let out = view(&diff(), None, &lines);
    assert_eq!(out.matches("- Link").count(), 3, "{out}");
    assert!(out.contains("6 more lines of navigation"), "{out}");
    assert_eq!(view(&diff(), None, &lines[..9]).matches("- Link").count(), 8);
    assert_eq!(view(&Diff { full: true, ..diff() }, None, &lines).matches("- Link").count(), 9);
}

fn seven() -> [Fed<'static>; 7] {
    ["one", "two", "three", "", "four", "five", "six"]
        .map(|text| if text.is_empty() { gone("Share", Label::Sharing) } else { kept(text) })
}

#[test]
fn kept_lines_are_shown_around_removed_ones_only() {
    let lines = seven();
    let out = view(&diff(), None, &lines);
    assert!(out.contains("1 line kept") && !out.contains("one"), "{out}");
    assert!(out.contains("two") && out.contains("five") && !out.contains("six"), "{out}");
    assert!(view(&Diff { full: true, ..diff() }, None, &lines).contains("six"));
    let out = view(&Diff { context: 0, ..diff() }, None, &lines);
    assert!(out.starts_with("     … 3 lines kept\n     4 sharing") && out.contains("\n     … 3 lines kept\n"), "{out}");
    let out = view(&Diff { context: 9, ..diff() }, None, &lines);
    assert!(out.contains("one") && out.contains("six") && !out.contains("lines kept"), "{out}");
}

#[test]
fn only_the_labels_asked_for_are_shown() {
    let lines =
        [gone("Home", Label::Navigation), kept("text"), gone("Share", Label::Sharing), gone("Up", Label::Navigation)];
    let only = [Label::Sharing].into_iter().collect();
    let out = view(&Diff { only, context: 1, ..diff() }, None, &lines);
    assert!(out.contains("- Share") && !out.contains("Home") && !out.contains("Up"), "{out}");
    assert!(out.starts_with("     … 1 line removed\n     2 "), "{out}");
    assert!(out.ends_with("2 navigation, 1 sharing\n"), "what is hidden is counted: {out}");
}

#[test]
fn long_lines_wrap_beside_the_margin() {
    let text = "Words that go on and on ".repeat(6);
    let out = view(&diff(), Some(60), &[gone(&text, Label::Legal), kept("x")]);
    let rows: Vec<&str> = out.lines().take_while(|row| row.contains("ord")).collect();
    assert!(rows.len() > 3 && rows[1].starts_with(&" ".repeat(27)) && !rows[1][27..].starts_with(' '), "{out}");
    assert!(rows.iter().all(|row| row.chars().count() <= 60), "{out}");
    let out = view(&diff(), None, &[gone(&text, Label::Legal)]);
    assert_eq!(out.matches('\n').count(), 2, "wrapped for a program: {out}");
}

#[test]
fn words_that_differ_from_the_repeated_line_are_marked() {
    let original = kept("The ferry left at noon on Monday with forty people.");
    let copy = || Fed { repeats: Some(2), ..gone("The ferry left at dawn with forty people", Label::DuplicateQuote) };
    // The copy comes first, and has to wait for the line that it repeats.
    let lines = [copy(), original];
    let out = view(&diff(), None, &lines);
    assert!(out.contains("- The ferry left at {+dawn+} with forty people  = line 2\n"), "{out}");
    let out = raw(&diff(), None, true, &lines);
    assert!(out.contains("\u{1b}[1m\u{1b}[4m\u{1b}[31mdawn\u{1b}[0m"), "{out:?}");
}

#[test]
fn sides_stand_beside_each_other() {
    let sides = Diff { side_by_side: true, ..diff() };
    let out =
        view(&sides, Some(60), &[kept("Text that stays"), gone("Share this with friends and others", Label::Sharing)]);
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows[0].matches("Text that stays").count(), 2, "{out}");
    assert!(rows[1].contains("Share this") && rows[1].ends_with("▏ sharing"), "{out}");
    let bar = |row: &str| row.chars().position(|c| "│▏".contains(c));
    assert!(bar(rows[0]).is_some() && bar(rows[0]) == bar(rows[1]) && bar(rows[1]) == bar(rows[2]), "{out}");
}

#[test]
fn nothing_reaches_the_terminal_raw() {
    let lines = [
        gone("\u{9b}2J\u{1b}]0;x\u{7}", Label::Legal),
        Fed { text: "\u{1b}c", keep: true, label: None, repeats: None },
    ];
    for side_by_side in [false, true] {
        for columns in [None, Some(40)] {
            let out = view(&Diff { full: true, side_by_side, ..diff() }, columns, &lines);
            assert!(!out.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{out:?}");
        }
    }
}

#[test]
fn a_monster_does_not_flood_the_screen() {
    let text = "monster".repeat(140_000);
    let out = view(&diff(), Some(80), &[gone(&text, Label::Legal), kept(&text)]);
    assert!(out.lines().count() < 50 && out.contains(" more bytes (--full shows them)"), "{}", out.lines().count());
}
