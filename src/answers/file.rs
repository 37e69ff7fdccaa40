//! The answers file: TOML that a person can read, edit and merge, one `[[answer]]` table for each.

use std::fmt::{self, Write};
use std::ops::Range;
use std::path::Path;

use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Scope, What};
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::label::Label;
use crate::report::escape::is_treacherous;

/// What a compiled pattern may take in memory; far above what anyone would write by hand.
const PATTERN_BYTES: usize = 1 << 20;

/// A place in the file and what is wrong there.
type Fault = (Range<usize>, String);

/// Reads a file: line number, answer and compiled pattern of each, in the order of the file.
pub(super) fn read(path: &Path, text: &str) -> Result<Vec<(usize, Entry, Option<Regex>)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let fail = |(span, message): Fault| {
        let line = 1 + text.bytes().take(span.start).filter(|&b| b == b'\n').count();
        Error::Answers { path: path.to_owned(), line, message }
    };
    let root = DeTable::parse(text).map_err(|e| {
        let message = e.message().lines().collect::<Vec<_>>().join("; ");
        fail((e.span().unwrap_or(0..0), message))
    })?;
    let mut found = Vec::new();
    for (name, value) in root.get_ref() {
        let message = "only [[answer]] tables can stand in an answers file";
        let DeValue::Array(tables) = value.get_ref() else { return Err(fail((name.span(), message.into()))) };
        if name.get_ref() != "answer" {
            return Err(fail((name.span(), message.into())));
        }
        for table in tables {
            let DeValue::Table(fields) = table.get_ref() else {
                return Err(fail((table.span(), message.into())));
            };
            // The span of the table is that of its header, which is where a reader would look.
            let (entry, pattern) = entry(table.span(), fields).map_err(fail)?;
            found.push((table.span().start, entry, pattern));
        }
    }
    found.sort_by_key(|(start, ..)| *start);
    // Counting on from the answer before keeps the whole linear in the file's length.
    let (mut line, mut counted) = (1, 0);
    let numbered = found.into_iter().map(|(start, entry, pattern)| {
        line += text.as_bytes()[counted..start].iter().filter(|&&b| b == b'\n').count();
        counted = start;
        (line, entry, pattern)
    });
    Ok(numbered.collect())
}

fn entry(span: Range<usize>, fields: &DeTable<'_>) -> Result<(Entry, Option<Regex>), Fault> {
    let (mut what, mut pattern, mut keep, mut label, mut copy) = (None, None, None, None, None);
    let (mut scope, mut document, mut folder, mut host) = (None, None, None, None);
    for (key, value) in fields {
        match key.get_ref().as_ref() {
            "line" | "pattern" if what.is_some() => {
                return Err((key.span(), "an answer is about a `line` or a `pattern`, not both".into()));
            }
            "line" => {
                let mut folded = String::new();
                fold(string(key, value)?, &mut folded);
                if folded.is_empty() {
                    return Err((value.span(), "nothing is left of this line once it is folded".into()));
                }
                what = Some(What::Line(folded));
            }
            "pattern" => {
                let text = string(key, value)?;
                let built = RegexBuilder::new(text).size_limit(PATTERN_BYTES).build();
                pattern = Some(built.map_err(|e| (value.span(), regex_fault(&e)))?);
                what = Some(What::Pattern(text.to_owned()));
            }
            "verdict" => match string(key, value)? {
                "keep" => keep = Some(true),
                "drop" => keep = Some(false),
                other => return Err((value.span(), format!("verdict {other:?}; it is \"keep\" or \"drop\""))),
            },
            "label" => {
                let name = string(key, value)?;
                label = Some(name.parse::<Label>().map_err(|e| (value.span(), e.to_string()))?);
            }
            "copy" => match integer(value) {
                Some(number) if number > 0 => copy = Some((number, key.span())),
                _ => return Err((value.span(), "copy is a number from 1: which of several equal lines".into())),
            },
            "scope" => scope = Some((string(key, value)?, value.span())),
            "document" => document = Some((relative(string(key, value)?, value)?, key.span())),
            "folder" => folder = Some((relative(string(key, value)?, value)?, key.span())),
            "host" => host = Some((string(key, value)?.trim().to_lowercase(), key.span())),
            other => {
                let known = "line, pattern, verdict, label, scope, document, folder, host and copy";
                return Err((key.span(), format!("unknown key {other:?}; an answer may have {known}")));
            }
        }
    }
    let missing = |what: &str| (span.clone(), format!("the answer has no `{what}`"));
    let what = what.ok_or_else(|| missing("line"))?;
    let keep = keep.ok_or_else(|| missing("verdict"))?;
    let scope = scope_of(scope, document, folder, host, &span)?;
    let copy = match copy {
        Some((_, at)) if matches!(what, What::Pattern(_)) => {
            return Err((at, "`copy` needs a `line`; a pattern is about every line it fits".into()));
        }
        copy => copy.map(|(number, _)| number),
    };
    Ok((Entry { what, keep, label, scope, copy }, pattern))
}

type Place = Option<(String, Range<usize>)>;

/// The scope from its name, which may be left out, and from the key that says where.
fn scope_of(
    name: Option<(&str, Range<usize>)>,
    document: Place,
    folder: Place,
    host: Place,
    span: &Range<usize>,
) -> Result<Scope, Fault> {
    let make: [fn(String) -> Scope; 3] = [Scope::Document, Scope::Folder, Scope::Host];
    let mut places = ["document", "folder", "host"].into_iter().zip(make).zip([document, folder, host]);
    let mut given = None;
    for ((key, make), place) in places.by_ref() {
        let Some((place, at)) = place else { continue };
        if given.is_some() {
            return Err((at, "an answer holds in one document, folder or host; write another answer".into()));
        }
        given = Some((key, make(place), at));
    }
    match (name, given) {
        (None, Some((_, scope, _))) => Ok(scope),
        (None, None) => Err((span.clone(), "the answer has no `scope`; write scope = \"everywhere\"".into())),
        (Some(("everywhere", _)), None) => Ok(Scope::Everywhere),
        (Some(("everywhere", _)), Some((key, _, at))) => {
            Err((at, format!("scope \"everywhere\" and a {key} can not both be meant")))
        }
        (Some((name, _)), Some((key, scope, _))) if name == key => Ok(scope),
        (Some((name @ ("document" | "folder" | "host"), at)), _) => {
            Err((at, format!("scope {name:?} needs a key that says which: {name} = \"…\"")))
        }
        (Some((name, at)), _) => {
            Err((at, format!("scope {name:?}; it is \"document\", \"folder\", \"host\" or \"everywhere\"")))
        }
    }
}

fn string<'a>(key: &Spanned<std::borrow::Cow<'_, str>>, value: &'a Spanned<DeValue<'_>>) -> Result<&'a str, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err((value.span(), format!("`{}` must be a string", key.get_ref()))),
    }
}

fn integer(value: &Spanned<DeValue<'_>>) -> Option<u32> {
    match value.get_ref() {
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

fn relative(path: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Fault> {
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err((value.span(), "`..` in a path; name what lies below this file, or the whole path".into()));
    }
    Ok(path.to_owned())
}

fn regex_fault(error: &regex::Error) -> String {
    // A syntax error is drawn over several lines, of which the last says what is wrong.
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    format!("this pattern can not be used: {}", last.strip_prefix("error: ").unwrap_or(last))
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[[answer]]\n")?;
        match &self.what {
            What::Line(text) => field(f, "line", text)?,
            What::Pattern(text) => field(f, "pattern", text)?,
        }
        field(f, "verdict", if self.keep { "keep" } else { "drop" })?;
        if let Some(label) = self.label {
            field(f, "label", label.name())?;
        }
        field(f, "scope", self.scope.name())?;
        match &self.scope {
            Scope::Document(name) | Scope::Folder(name) | Scope::Host(name) => field(f, self.scope.name(), name)?,
            Scope::Everywhere => {}
        }
        match self.copy {
            Some(copy) => writeln!(f, "copy = {copy}"),
            None => Ok(()),
        }
    }
}

fn field(f: &mut fmt::Formatter<'_>, key: &str, value: &str) -> fmt::Result {
    let mut text = String::new();
    quoted(&mut text, value);
    writeln!(f, "{key} = {text}")
}

/// Writes a string of TOML in which nothing is left that a terminal or an editor would act on or hide.
pub(crate) fn quoted(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        // Writing to a string can not fail.
        _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\t' => out.write_str("\\t"),
            c if is_treacherous(c) => match u32::from(c) {
                code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            },
            c => out.write_char(c),
        };
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read(Path::new("a.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let scopes = [
            Scope::Document("a/\"b\".txt".into()),
            Scope::Folder(".".into()),
            Scope::Host("quay.example".into()),
            Scope::Everywhere,
        ];
        let lines = ["read \\more \"now\"", "</pre><script>", "x\u{e0001}\u{115f}y é 港", "] [[answer]]"];
        let mut text = String::from("# mine\n");
        let mut entries = Vec::new();
        for (i, (line, scope)) in lines.into_iter().zip(scopes).enumerate() {
            let entry = Entry {
                what: if i == 1 { What::Pattern(line.into()) } else { What::Line(line.into()) },
                keep: i % 2 == 0,
                label: (i > 1).then_some(Label::Related),
                scope,
                copy: (i == 2).then_some(7),
            };
            // Writing to a string can not fail.
            _ = write!(text, "\n{entry}");
            entries.push(entry);
        }
        assert!(!text.replace('\n', "").chars().any(is_treacherous), "{text}");
        let again = read(Path::new("a.toml"), &text).unwrap();
        assert_eq!(again.iter().map(|(_, entry, _)| entry.clone()).collect::<Vec<_>>(), entries);
        assert_eq!(again.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [3, 9, 15, 23]);
    }

    #[test]
    fn faults_say_where_and_what() {
        let good = "[[answer]]\nline = 'x'\nverdict = 'keep'\nscope = 'everywhere'\n\n";
        let wrong = |text: &str| fault(&format!("{good}{text}"));
        let cases = [
            ("[[answer]]\nverdict='keep'\nscope='everywhere'\n", "a.toml:6: the answer has no `line`"),
            ("[[answer]]\nline='x'\nverdict='maybe'\nscope='everywhere'\n", "a.toml:8: verdict \"maybe\""),
            ("[[answer]]\nline='x'\nverdict='drop'\nscope='host'\n", "a.toml:9: scope \"host\" needs"),
            ("[[answer]]\nline='x'\nverdict='drop'\nscope='site'\n", "a.toml:9: scope \"site\"; it is"),
            ("[[answer]]\nline='x'\nverdict='drop'\n", "a.toml:6: the answer has no `scope`"),
            ("[[answer]]\npattern='(x'\nverdict='drop'\nscope='everywhere'\n", "a.toml:7: this pattern"),
            ("[[answer]]\nline='x'\npattern='y'\n", "a.toml:8: an answer is about"),
            ("[[answer]]\nline=' \u{200b}'\n", "a.toml:7: nothing is left"),
            ("[[answer]]\nlines='x'\n", "a.toml:7: unknown key \"lines\""),
            ("[[answer]]\nline='x'\nlabel='menu'\n", "a.toml:8: unknown label \"menu\""),
            ("[[answer]]\nline='x'\nfolder='../y'\n", "a.toml:8: `..` in a path"),
            ("[[answer]]\nline='x'\ncopy=0\n", "a.toml:8: copy is a number"),
            ("[[answer]]\nline=3\n", "a.toml:7: `line` must be a string"),
            ("[[answers]]\nline='x'\n", "a.toml:6: only [[answer]]"),
            ("[[answer]]\nline='x\n", "a.toml:7: "),
        ];
        for (text, expected) in cases {
            let said = wrong(text);
            assert!(said.starts_with(expected) && !said.contains('\n'), "{said:?} for {text:?}");
        }
    }

    #[test]
    fn a_place_says_its_scope() {
        let text = "[[answer]]\nline='x'\nverdict='drop'\nfolder='.'\n";
        assert_eq!(read(Path::new("a"), text).unwrap()[0].1.scope, Scope::Folder(".".into()));
        let both = "[[answer]]\nline='x'\nverdict='drop'\nfolder='.'\nhost='a.example'\n";
        assert!(fault(both).contains("another answer"));
    }

    #[test]
    fn patterns_that_explode_are_refused() {
        let text = "[[answer]]\npattern='(?:\\w{1000}){1000}'\nverdict='drop'\nscope='everywhere'\n";
        assert!(fault(text).starts_with("a.toml:2: this pattern can not be used"), "{}", fault(text));
    }
}
