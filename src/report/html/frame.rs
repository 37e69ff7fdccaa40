//! What stands around everything else in the HTML report: the head with its policy, and the end with the script.

use std::fmt::Write;
use std::sync::LazyLock;

use super::super::figures::grouped;
use super::super::{csp, escape};
use super::{PLAIN, SCRIPT, STYLE, row};
use crate::sink::Document;

/// What the policy lets run; the same in every report.
static SOURCES: LazyLock<[String; 3]> = LazyLock::new(|| [STYLE, PLAIN, SCRIPT].map(csp::source));

/// Everything before the first line.
pub(super) fn head(out: &mut String, document: &Document) {
    let name = if document.name == "-" { "standard input".into() } else { escape::html(&document.name) };
    let encoding = escape::html(document.encoding);
    let size = document.bytes.map(|bytes| format!("{} bytes, ", grouped(bytes))).unwrap_or_default();
    let [style, plain, script] = &*SOURCES;
    // Writing to a string can not fail.
    _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style} {plain}; \
         script-src {script}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"chaffinch {version}\">\n\
         <title>{name} – chaffinch</title>\n<style>{STYLE}</style>\n<noscript><style>{PLAIN}</style></noscript>\n</head>\n<body data-name=\"",
        version = env!("CARGO_PKG_VERSION"),
    );
    row::attribute(out, &document.name);
    _ = write!(
        out,
        "\">\n<a class=\"skip\" href=\"#summary\">Go to the summary</a>\n\
         <header><p class=\"brand\">chaffinch {version}</p><h1 dir=\"auto\">{name}</h1><p>{size}{encoding}</p></header>\n\
         <main aria-label=\"The page, line by line\" tabindex=\"-1\">\n",
        version = env!("CARGO_PKG_VERSION"),
    );
}

/// The end of the page.
pub(super) fn foot(out: &mut String) {
    _ = write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
}
