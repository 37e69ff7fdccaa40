//! The HTML report in a real browser: keys, search, export, hostile text, long pages. Skipped, with a message, where
//! Chromium and its driver are not installed.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use chaffinch::fold::fold;
use chaffinch::report::Html;
use chaffinch::{Answers, Decided, Document, Eol, Evidence, Label, Line, Part, Sink, Summary, Verdict};
use serde_json::json;

mod browser {
    pub(crate) mod driver;
}
use browser::driver::Browser;

const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";

/// A report of made-up decisions: text, label (which says whether the line is kept), score.
struct Report {
    folder: tempfile::TempDir,
}

impl Report {
    fn of<T: AsRef<str>>(lines: impl IntoIterator<Item = (T, Label, f32)>) -> Report {
        let mut sink = Html::new(Vec::new());
        sink.begin(&Document::new("site/“page”\u{202e}.txt")).unwrap();
        for (number, (text, label, score)) in (1..).zip(lines) {
            let mut verdict = Verdict::new(label.keep_by_default(), Some(label), score);
            verdict.evidence.push(Evidence::Words { words: "<b>ferry</b>".into(), weight: -1.5 });
            let line = Line { number, text: text.as_ref(), eol: Eol::Lf, part: Part::Whole };
            sink.line(&Decided { line, verdict: &verdict }).unwrap();
        }
        sink.finish(&Summary::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.html"), sink.into_inner()).unwrap();
        Report { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("report.html")
    }
}

/// A small page: line 3 is doubtful, and so is line 9, in a folded menu.
fn small() -> Report {
    let mut lines = vec![
        ("Home", Label::Navigation, 0.99),
        ("Harbour ferry returns after three winters", Label::Title, 0.97),
        ("The ferry at her berth on Monday", Label::Caption, 0.55),
        ("She made her first crossing in years, with a brass band on deck.", Label::Body, 0.98),
    ];
    lines.extend((0..16).map(|i| ("Menu entry", Label::Navigation, if i == 4 { 0.7 } else { 0.95 })));
    lines.push(("The last paragraph of the ferry's story.", Label::Body, 0.9));
    Report::of(lines)
}

const ACTIVE: &str = "return document.activeElement.id";

#[test]
fn keys_go_from_doubt_to_doubt_and_change_decisions() {
    let Some(browser) = Browser::open() else { return };
    let report = small();
    browser.load(&report.path());
    assert_eq!(browser.text("return document.getElementById('where').textContent"), "2 doubtful");
    browser.press("j");
    assert_eq!(browser.text(ACTIVE), "L3");
    assert!(
        browser.text("return document.getElementById('say').textContent").starts_with("Line 3, kept as caption, 55")
    );
    let seen = "return getComputedStyle(document.activeElement.querySelector('.y ul')).visibility";
    assert_eq!(browser.text(seen), "visible", "the reasons are not shown on focus");
    browser.press("j");
    assert_eq!(browser.text(ACTIVE), "L9");
    assert_eq!(browser.eval("return document.querySelector('.fold').open"), json!(true), "the fold stayed closed");
    browser.press("k");
    assert_eq!(browser.text(ACTIVE), "L3");
    browser.press("J");
    assert_eq!(browser.text(ACTIVE), "L4");
    browser.press("Kx");
    let changed = "return [...document.querySelectorAll('[data-now]')].map(row => row.id + row.dataset.now).join()";
    assert_eq!(browser.text(changed), "L3drop");
    assert!(browser.text("return document.activeElement.innerText").contains("dropped by you"));
    browser.press("x");
    assert_eq!(browser.text(changed), "", "x again takes it back");
    // Equal lines change together.
    browser.press("jx");
    assert_eq!(browser.eval("return document.querySelectorAll('.to-keep').length"), json!(16));
    assert_eq!(browser.text("return document.getElementById('save').textContent"), "Save 1 answer");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn search_help_and_filters_work() {
    let Some(browser) = Browser::open() else { return };
    let report = small();
    browser.load(&report.path());
    browser.press("/FERRY");
    browser.press(ENTER);
    assert_eq!(browser.text("return document.querySelector('.cur').id"), "L2");
    assert_eq!(browser.text("return document.getElementById('hits').textContent"), "1 of 3");
    browser.press(ENTER);
    assert_eq!(browser.text("return document.querySelector('.cur').id"), "L3");
    browser.press(ESCAPE);
    assert_eq!(browser.text(ACTIVE), "L3", "the search kept the focus");

    let open = "return document.getElementById('help').open";
    browser.press("?");
    assert_eq!(browser.eval(open), json!(true));
    browser.press(ESCAPE);
    assert_eq!(browser.eval(open), json!(false));

    let shown = "return [...document.querySelectorAll('.k, .r')].filter(row => row.checkVisibility()).length";
    browser.eval("document.getElementById('sure-80').click()");
    assert_eq!(browser.eval(shown), json!(2));
    browser.eval("document.getElementById('show-navigation').click()");
    assert_eq!(browser.eval(shown), json!(1));
    browser.press("j");
    browser.eval("document.getElementById('sure-all').click()");
    assert_eq!(browser.eval(shown), json!(4));

    let paper = "return getComputedStyle(document.documentElement).backgroundColor";
    let light = browser.text(paper);
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.devtools("Emulation.setEmulatedMedia", &dark);
    assert_ne!(browser.text(paper), light);
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Lines that are hard to show, to fold or to write into a file.
fn hostile() -> Vec<String> {
    let mut lines: Vec<String> = [
        "<script>window.owned = 1</script> and </script><script>window.owned = 1</script>",
        "</pre></div></main></body><img src=x onerror=\"window.owned = 1\"> <svg onload=window.owned=1>",
        "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{1b}]8;;x:y\u{1b}\\link",
        "\u{202e}live\u{2066} right\u{200b} to \u{2069}left",
        "a \"quoted\" \\ back\\slash, 'single' & &amp; ${code} `ticks`",
        "“Curly” — ΣΊΣΥΦΟΣ, İstanbul, STRASSE ß, ﬁne ½ Ａ\u{a0}b…",
        "[[answer]] # \"\"\" ''' = 1",
        "日本語の行　と　全角",
    ]
    .map(String::from)
    .into();
    lines.push("long ".repeat(200_000));
    lines
}

#[test]
fn answers_name_the_normalised_lines() {
    let Some(browser) = Browser::open() else { return };
    let lines = hostile();
    let report = Report::of(lines.iter().map(|line| (line, Label::Body, 0.9)));
    browser.load(&report.path());
    for _ in &lines {
        browser.press("Jx");
    }
    browser.press("e");
    let file = browser.downloaded("chaffinch.answers.toml");
    let raw = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(c);
    assert!(!file.contains(raw), "{file:.2000?}");
    let table: serde_json::Value = toml::from_str(&file).unwrap_or_else(|e| panic!("{e}"));
    let answers = table["answer"].as_array().unwrap();
    assert_eq!(answers.len(), lines.len());
    for (answer, line) in answers.iter().zip(&lines) {
        let mut folded = String::new();
        fold(line, &mut folded);
        assert_eq!(answer["line"], json!(folded));
        assert_eq!(answer["verdict"], json!("drop"));
        assert_eq!(answer["scope"], json!("document"));
        assert_eq!(answer["document"], json!("site/“page”\u{202e}.txt"));
    }
    // Whatever the scope, the program reads what the page wrote.
    let accepted = |file: &str| Answers::new().add_file(Path::new("/nowhere/a.toml"), file).unwrap();
    accepted(&file);
    for (scope, expected) in [("folder", "folder = \"site\"\n"), ("everywhere", "")] {
        browser.eval(&format!("document.getElementById('scope').value = '{scope}'"));
        browser.press("e");
        let file = browser.downloaded("chaffinch.answers.toml");
        assert!(
            file.contains(&format!("scope = \"{scope}\"\n{expected}")) && !file.contains("document ="),
            "{file:.2000}"
        );
        accepted(&file);
    }
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn hostile_text_is_inert() {
    let Some(browser) = Browser::open() else { return };
    let lines = hostile();
    for label in [Label::Body, Label::Advertising, Label::Title] {
        let report = Report::of(lines.iter().map(|line| (line, label, 0.5)));
        browser.load(&report.path());
        assert!(browser.eval("return window.owned ?? null").is_null());
        assert_eq!(browser.eval("return document.scripts.length"), json!(1));
        assert_eq!(
            browser.eval("return document.querySelectorAll('img, iframe, [onerror], [onload], main svg').length"),
            json!(0)
        );
        assert_eq!(browser.eval("return document.querySelectorAll('.k, .r').length"), json!(lines.len()));
        let text = browser.text("return document.querySelector('main').textContent");
        assert!(text.contains("<script>window.owned = 1</script>") && text.contains("␛]0;owned␇"));
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}']));
        assert_eq!(browser.complaints(), [""; 0]);
    }
}

#[test]
fn the_policy_stops_what_would_be_loaded_or_run() {
    let Some(browser) = Browser::open() else { return };
    let report = small();
    browser.load(&report.path());
    browser.eval(
        "const s = document.createElement('img'); s.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; \
         s.onload = () => window.owned = 1; document.body.append(s); \
         try { document.body.innerHTML += '<b>x</b>'; window.owned = 1 } catch {}",
    );
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(browser.eval("return window.owned ?? null").is_null());
    assert!(!browser.complaints().is_empty());
}

#[test]
fn twenty_thousand_lines_are_no_trouble() {
    let Some(browser) = Browser::open() else { return };
    let labels = [Label::Body, Label::Navigation, Label::Related, Label::Body, Label::Legal];
    let lines = (0..20_000).map(|i| {
        let text = format!("Line {i} of a page that does not seem to come to an end, ferry or no ferry");
        (text, labels[i / 7 % labels.len()], if i % 2000 == 1999 { 0.5 } else { 0.97 })
    });
    let report = Report::of(lines);
    let start = Instant::now();
    browser.load(&report.path());
    println!("loaded in {:?}", start.elapsed());
    assert_eq!(browser.text("return document.getElementById('where').textContent"), "10 doubtful");
    browser.press(&"j".repeat(10));
    assert_eq!(browser.text(ACTIVE), "L20000");
    browser.eval("document.getElementById('sure-60').click()");
    browser.eval("document.getElementById('sure-all').click()");
    browser.press("x");
    assert_eq!(browser.text("return document.getElementById('save').textContent"), "Save 1 answer");
    println!("all done in {:?}", start.elapsed());
    assert!(start.elapsed().as_secs() < 300, "{:?}", start.elapsed());
    assert_eq!(browser.complaints(), [""; 0]);
}
