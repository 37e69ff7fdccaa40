//! What is plain enough among the answers to be a seed: lines that were answered the same wherever they stood, and
//! phrases that only ever stood in lines of one label.
//!
//! A user's seed decides alone, so a phrase must have been seen in several lines, and in none that stays (or goes) for
//! another reason, among all lines of the documents.

use std::collections::{BTreeMap, BTreeSet};

use unicode_segmentation::UnicodeSegmentation;

use super::features::likeliest;
use super::observe::Seen;
use crate::answers::quoted;
use crate::label::Label;
use crate::report::escape::is_treacherous;

/// Longer lines hold no phrases.
const LINE: usize = 300;
/// Longer phrases are none.
const PHRASE: usize = 120;
/// The words of a phrase within a line, at most and at least; at its start or end one less will do.
const MOST: usize = 5;
const LEAST: usize = 3;
/// A line of more words is not taken whole.
const WHOLE: usize = 8;
/// A phrase of fewer characters says too little.
const CHARS: usize = 8;
/// A phrase must stand in so many different lines.
const LINES: usize = 3;
/// Of documents, so many must have it.
const DOCUMENTS: usize = 2;
/// So many phrases, at most.
const PHRASES: usize = 2000;

#[derive(Debug, Default)]
struct Found {
    /// `None` once two labels were seen.
    label: Option<Label>,
    refuted: bool,
    lines: BTreeSet<usize>,
    documents: BTreeSet<usize>,
    wide: bool,
}

/// A seed file with the phrases that the answered lines among these have in common; each line comes with the number of
/// its document. Empty when there is none.
pub fn phrases(lines: &[(usize, &Seen)]) -> String {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let plain: Vec<String> = lines.iter().map(|(_, seen)| plain(&seen.folded)).collect();
    for (index, (document, seen)) in lines.iter().enumerate() {
        let Some(label) = label_of(seen) else { continue };
        each(&plain[index], |name| {
            let found = found.entry(name).or_default();
            found.refuted |= found.label.is_some_and(|other| other != label);
            found.label = Some(label);
            found.lines.insert(index);
            found.documents.insert(*document);
            found.wide |= seen.wide;
        });
    }
    found.retain(|name, found| !found.refuted && found.is_enough(name, &plain));
    // A phrase is only as good as what it does to the lines that nobody asked about.
    for (index, (_, seen)) in lines.iter().enumerate() {
        let keeps = match seen.answer {
            Some((keep, _)) => keep,
            None if seen.score >= super::observe::SURE => seen.keep,
            None => continue,
        };
        each(&plain[index], |name| {
            if let Some(found) = found.get_mut(&name) {
                found.refuted |= found.label.is_some_and(|label| label.keep_by_default() != keeps);
            }
        });
    }
    let mut chosen: Vec<(String, Found)> = found.into_iter().filter(|(_, found)| !found.refuted).collect();
    // Those that say most first; of equals the longer, which says it more carefully.
    chosen.sort_by_key(|(name, found)| (std::cmp::Reverse((found.lines.len(), name.len())), name.clone()));
    let mut covered = BTreeSet::new();
    let mut by_label: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for (name, found) in chosen {
        let new = found.lines.difference(&covered).count();
        if new == 0 || count == PHRASES {
            continue;
        }
        let Some(label) = found.label else { continue };
        covered.extend(found.lines);
        count += 1;
        by_label.entry(label.index()).or_default().push(name);
    }
    written(by_label)
}

fn written(by_label: BTreeMap<usize, Vec<String>>) -> String {
    let mut out = String::new();
    for (label, mut names) in by_label {
        names.sort_unstable();
        if out.is_empty() {
            out.push_str("# Phrases that answers have in common, as `chaffinch learn` found them. Edit them freely.\n");
        }
        out.push_str(&format!("\n[{}]\nphrases = [\n", Label::ALL[label]));
        for name in names {
            out.push_str("  ");
            quoted(&mut out, &name);
            out.push_str(",\n");
        }
        out.push_str("]\n");
    }
    out
}

/// What was said of a line; the model fills in a label where only the side was told. Repeats are no matter of words.
fn label_of(seen: &Seen) -> Option<Label> {
    let (keep, label) = seen.answer?;
    let label = label.unwrap_or_else(|| if seen.keep == keep { seen.label } else { likeliest(&seen.labels, keep) });
    let repeat = matches!(label, Label::Duplicate | Label::DuplicateCaption | Label::DuplicateQuote);
    // Whoever keeps a line whose label is dropped by default means this line; a seed could only say the label.
    (!repeat && label.keep_by_default() == keep).then_some(label)
}

impl Found {
    fn is_enough(&self, name: &str, plain: &[String]) -> bool {
        if name.starts_with('=') {
            return self.wide || self.documents.len() >= DOCUMENTS;
        }
        let different: BTreeSet<&str> = self.lines.iter().map(|line| plain[*line].as_str()).collect();
        different.len() >= LINES && self.documents.len() >= DOCUMENTS
    }
}

/// A folded line with its numbers as `#`, without what stands around its words.
fn plain(folded: &str) -> String {
    let mut out = String::new();
    if folded.len() > LINE || folded.chars().any(is_treacherous) {
        return out;
    }
    let mut chars = folded.trim_matches(|c: char| !c.is_alphanumeric()).chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            out.push(c);
            continue;
        }
        out.push('#');
        let goes_on = |c: &char| c.is_ascii_digit() || matches!(c, ',' | '.');
        let mut last = '#';
        while let Some(next) = chars.next_if(goes_on) {
            last = next;
        }
        // A mark that ends the number ends a sentence, too.
        if !last.is_ascii_digit() && last != '#' {
            out.push(last);
        }
    }
    out
}

/// Calls `each` with every phrase of a line, as a seed file writes it.
fn each(plain: &str, mut each: impl FnMut(String)) {
    let words: Vec<(usize, usize)> =
        plain.split_word_bound_indices().filter(|(_, w)| is_word(w)).map(|(at, w)| (at, at + w.len())).collect();
    let mut give = |anchor: &str, text: &str, end: &str, least: usize| {
        // What a seed file can not hold, or would read in another way.
        let odd = ["##", "#.#", "#,#"].iter().any(|odd| text.contains(odd)) || text.starts_with(['=', '^', '$']);
        let glued = text.match_indices('#').any(|(at, _)| {
            text[at + 1..].starts_with(char::is_alphanumeric) || text[..at].ends_with(char::is_alphanumeric)
        });
        let says = text.chars().filter(|c| c.is_alphabetic()).count() >= least;
        if !odd && !glued && says && text.len() <= PHRASE && !text.ends_with('$') {
            each(format!("{anchor}{text}{end}"));
        }
    };
    if (1..=WHOLE).contains(&words.len()) {
        give("=", plain, "", 3);
    }
    for from in 0..words.len() {
        for to in from + LEAST - 2..(from + MOST).min(words.len()) {
            let (count, text) = (to + 1 - from, &plain[words[from].0..words[to].1]);
            if from == 0 && count < words.len() {
                give("^", text, "", CHARS);
            }
            if to + 1 == words.len() && count < words.len() {
                give("", text, "$", CHARS);
            }
            if count >= LEAST {
                give("", text, "", CHARS);
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    text == "#" || text.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Seeds;

    fn seen(text: &str, keep: bool, answer: Option<(bool, Option<Label>)>) -> Seen {
        let label = if keep { Label::Body } else { Label::Navigation };
        Seen::new(text, keep, label, answer)
    }

    fn found(lines: &[(usize, Seen)]) -> String {
        phrases(&lines.iter().map(|(document, seen)| (*document, seen)).collect::<Vec<_>>())
    }

    const GONE: Option<(bool, Option<Label>)> = Some((false, Some(Label::Subscription)));

    #[test]
    fn what_lines_have_in_common_becomes_a_seed() {
        let lines = [
            (0, seen("* read our briefing on the ferries of 2031", true, GONE)),
            (1, seen("read our briefing on the bells", true, GONE)),
            (2, seen("read our briefing on the 3.5 crowns", true, GONE)),
            (0, seen("12 min read", true, GONE)),
            (1, seen("4 min read.", true, GONE)),
            (3, seen("the bells were rung on the ferries for an hour, she said", true, None)),
        ];
        let text = found(&lines);
        assert_eq!(text.matches("[subscription]").count(), 1, "{text}");
        assert!(text.contains("\"^read our briefing on the\",") && text.contains("\"=# min read\","), "{text}");
        let mut seeds = Seeds::built_in();
        seeds.add_file(Path::new("x"), &text).unwrap();
        let mut hits = Vec::new();
        for (_, line) in &lines[..5] {
            seeds.hits(&line.folded, &mut hits);
            assert!(hits.first().is_some_and(|hit| hit.user), "{}: {text}", line.folded);
        }
    }

    #[test]
    fn what_is_said_otherwise_elsewhere_is_none() {
        let gone = |i: usize, text: &str| (i, seen(text, true, GONE));
        let all = [
            gone(0, "read our briefing on ferries"),
            gone(1, "read our briefing on bells"),
            gone(2, "read our briefing on crowns"),
        ];
        let stays = |text: &str, answer| [&all[..], &[(4, seen(text, true, answer))]].concat();
        assert!(found(&all).contains("read our briefing on"));
        // A line that surely stays, or that someone wants to keep.
        assert_eq!(found(&stays("read our briefing on winters", None)), "");
        assert_eq!(found(&stays("read our briefing on winters", Some((true, None)))), "");
        assert_eq!(found(&all[..2]), "");
        assert_eq!(found(&[]), "");
    }

    #[test]
    fn odd_lines_are_written_so_that_they_are_read() {
        let text = "say \"go\" \\ # 1#2 =x$ </pre><script>";
        let lines: Vec<(usize, Seen)> = (0..4).map(|i| (i, seen(text, true, GONE))).collect();
        let text = found(&lines);
        Seeds::built_in().add_file(Path::new("x"), &text).unwrap();
    }
}
