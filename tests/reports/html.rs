//! The HTML report: whatever the text is, it stays text.

use chaffinch::report::Format;
use chaffinch::{Document, Eol, Label};
use proptest::prelude::*;

use super::toy::{Toy, feed, over_long, page, report, toys};

fn html(name: &str, toys: &[Toy]) -> String {
    String::from_utf8(report(Format::Html, &Document::new(name), toys)).unwrap()
}

/// The tags of a page, whose attributes hold no `>`: name, and whether the element is closed at once. The page's own
/// script, where `<` is no tag, is left out.
fn tags(html: &str) -> impl Iterator<Item = (&str, bool)> {
    let (before, script) = html.split_once("<script>").unwrap();
    let (_, after) = script.split_once("</script>").unwrap();
    before.split('<').skip(1).chain(after.split('<').skip(1)).map(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        (tag.split([' ', '\n']).next().unwrap_or_default(), tag.ends_with('/'))
    })
}

/// Every element is closed in its order.
fn well_formed(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for (name, closed) in tags(html) {
        if let Some(name) = name.strip_prefix('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
        } else if !closed && !["!DOCTYPE", "meta", "input"].contains(&name) {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_stays_text(toys in toys(), name in "\\PC{0,8}|</title><script>x</script>\u{202e}") {
        let html = html(&name, &toys);
        well_formed(&html).map_err(TestCaseError::fail)?;
        let loose = html.chars().find(|c| c.is_control() && !"\n\t".contains(*c) || "\u{202e}\u{feff}".contains(*c));
        prop_assert_eq!(loose, None);
        let active = ["iframe", "img", "link", "object", "form", "base"];
        prop_assert!(!tags(&html).any(|(name, _)| active.contains(&name)));
        // Its own script, which holds no tag.
        prop_assert_eq!(html.matches("<script").count(), 1);
        let shown = toys.iter().filter(|toy| !toy.text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')).count();
        prop_assert_eq!(html.matches(" id=\"L").count(), shown);
    }
}

#[test]
fn hostile_text_is_shown_as_it_is() {
    let mut toys = page("-<script>alert(1)</script>\nA </p> & \"b\"\u{1b}[2J\u{202e}\n");
    toys[0].label = Some(Label::Advertising);
    let html = html("<b>.txt", &toys);
    assert!(html.contains("-&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("A &lt;/p&gt; &amp; &quot;b&quot;␛[2J\\u{202e}"));
    assert!(html.contains("<title>&lt;b&gt;.txt – chaffinch</title>"));
    assert!(html.contains("default-src 'none'; style-src 'sha256-"));
    assert!(html.contains("script-src 'sha256-") && !html.contains("unsafe-inline"));
    assert!(!html.contains(" style=") && !html.contains("http:") && !html.contains("https:"));
}

#[test]
fn long_runs_fold_and_blank_lines_do_not_break_them() {
    let many = page(&"-one\n\n-two\n".repeat(7));
    let html = html("x", &many);
    assert!(html.contains("<b>navigation</b> <span class=\"c\">14 lines</span>"), "{html}");
    assert!(!html.contains("<section"));
    let few = super::html::html("x", &page("-one\n\n-two\n"));
    assert!(few.contains("aria-label=\"removed: navigation, 2 lines\""), "{few}");
}

#[test]
fn counts_and_alarm_are_in_the_summary() {
    let toys = page("-Home now\nKept text here\n");
    let mut summary = chaffinch::Summary::default();
    let mut out = Vec::new();
    {
        let mut sink = chaffinch::report::sink(Format::Html, &mut out);
        summary.alarm = Some(chaffinch::Alarm::NearlyEmpty);
        sink.begin(&Document::new("x")).unwrap();
        sink.finish(&summary).unwrap();
    }
    assert!(String::from_utf8(out).unwrap().contains("came out nearly empty"));
    let html = html("x", &toys);
    assert!(html.contains("<b>60\u{a0}%</b> of the words kept: 3 of 5, on 1 of 2 lines"), "{html}");
    assert!(html.contains("id=\"show-navigation\" checked"));
}

#[test]
fn an_over_long_line_is_shown_in_part() {
    let html = html("x", &[page("-a\n"), over_long(100_000, Eol::Lf), page("b\n")].concat());
    assert!(html.len() < 60_000, "{}", html.len());
    assert!(html.contains("more bytes, passed through unjudged</span></div>"));
    well_formed(&html).unwrap();
}

#[test]
fn memory_is_bounded_by_the_run() {
    let mut sink = chaffinch::report::Html::new(Vec::new());
    feed(&mut sink, &Document::new("x"), &page(&"-navigation and more\n".repeat(2500)));
    let html = String::from_utf8(sink.into_inner()).unwrap();
    assert_eq!(html.matches("1000 lines</span>").count(), 2);
    assert_eq!(html.matches("500 lines</span>").count(), 1);
    well_formed(&html).unwrap();
}
