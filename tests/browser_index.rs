//! The index of a batch in a real browser: search, hostile lines and names, narrow screens. Skipped, with a message, where
//! Chromium and its driver are not installed.
#![cfg(unix)]

use serde_json::json;

mod browser {
    #[allow(dead_code, reason = "this page has nothing to download")]
    pub(crate) mod driver;
}
mod support;
use browser::driver::Browser;
use support::{DROPPED_LABELS, Folder, KEPT_LABELS, SCRAPE};

const ESCAPE: &str = "\u{e00c}";
const ROWS: &str = "return [...document.querySelectorAll('.row')].filter(row => row.checkVisibility()).length";

#[test]
fn it_is_searched_and_nothing_in_it_runs() {
    let Some(browser) = Browser::open() else { return };
    let folder = Folder::new();
    let hostile = "<script>window.owned = 1</script><img src=x onerror=\"window.owned = 1\"> \u{202e}live\u{1b}[31m";
    for i in 0..6 {
        folder.write(&format!("in/{i}.txt"), format!("{hostile}\n\n{SCRAPE}\n"));
    }
    folder.write("in/<img src=x onerror=owned=1>.txt", SCRAPE);
    folder.write("in/empty & gone.txt", "Share this article\n");
    // Everything is removed, so everything is listed.
    let words = ["in", "--out", "out", "--report", "rep", "--report-format", "html", "--group-by", "none"];
    folder.run(words.into_iter().chain(["--drop", KEPT_LABELS])).assert().success();
    browser.load(&folder.path("rep/index.html"));
    let all = browser.eval(ROWS).as_u64().unwrap();
    assert!(all > 20, "{all}");
    assert_eq!(browser.eval("return window.owned === undefined && document.images.length === 0"), json!(true));
    let text = browser.text("return document.getElementById('lines').innerText");
    assert!(text.contains("<script>window.owned = 1</script>") && text.contains("\\u{202e}live␛[31m"), "{text}");

    let hits = "return document.getElementById('hits').textContent";
    let settled = "return new Promise(done => setTimeout(done, 300))";
    browser.press("/NEWSLETTER");
    browser.eval(settled);
    assert_eq!(browser.text(hits), "1 hit");
    assert_eq!(browser.eval(ROWS), json!(1));
    let sections =
        "return [...document.querySelectorAll('section')].filter(s => s.checkVisibility()).map(s => s.id).join()";
    assert_eq!(browser.text(sections), "lines");
    browser.press(ESCAPE);
    assert_eq!(browser.eval(ROWS), json!(all));
    browser.press("gone empty");
    browser.eval(settled);
    assert_eq!(browser.text(sections), "look,documents", "both words, in any order");
    let link =
        "return decodeURIComponent(document.querySelector('#documents .row:not([hidden]) a').getAttribute('href'))";
    assert_eq!(browser.text(link), "./empty & gone.html");
    browser.press(ESCAPE);

    let narrow = json!({"width": 360, "height": 700, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", &narrow);
    let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(browser.eval(fits), json!(true), "the page can be scrolled sideways");
    let paper = "return getComputedStyle(document.documentElement).backgroundColor";
    let light = browser.text(paper);
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.devtools("Emulation.setEmulatedMedia", &dark);
    assert_ne!(browser.text(paper), light);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_folder_without_anything_to_tell_is_told_of() {
    let Some(browser) = Browser::open() else { return };
    let folder = Folder::with(&[("in/a.txt", "One line that stays.\n")]);
    let words = ["in", "--out", "out", "--report", "rep", "--keep", DROPPED_LABELS];
    folder.run(words).assert().success();
    browser.load(&folder.path("rep/index.html"));
    assert_eq!(browser.text("return document.querySelector('nav').innerText"), "Documents");
    assert_eq!(browser.eval(ROWS), json!(1));
    assert_eq!(browser.complaints(), [""; 0]);
}
