//! Seeds: the phrases that boilerplate grows from, and finding them in a line.
//!
//! "Already a subscriber?" or "2 days ago at" say what a line is before any statistics do, they catch what is too rare
//! to be learned, and they are evidence that a person understands. The built-in ones are plain files, one a language
//! (`seeds/en.toml`), compiled in with an index made by the build script; a user's own are read at run time and win over
//! them.
//!
//! # Syntax
//!
//! A file is TOML. Each table is named for a label and has lists of strings:
//!
//! ```toml
//! [subscription]
//! phrases = ["subscribe now", "=newsletter", "^sign up for", "already a subscriber?"]
//! weak = ["newsletter"]
//! patterns = ["^\\d+ offers? for you$"]
//! ```
//!
//! | phrase | stands |
//! |---|---|
//! | `subscribe now` | anywhere in the line, between word boundaries (no boundaries in Chinese, Japanese, Korean, Thai, …) |
//! | `^sign up for` | at the line's start, after bullets, list numbers and markup |
//! | `min read$` | at the line's end, before punctuation and markup |
//! | `=newsletter` | alone on the line |
//! | `# comments` | `#` is a number: `7`, `1,204`, `1.2k` |
//!
//! Phrases are compared with the folded line (see [`crate::fold`]), so case, kinds of quotes and dashes, and spaces
//! do not matter. `patterns` are regular expressions on the folded line; only a user's files have them.
//! Any label may be named: a line with a seed of `[body]` is protected.
//!
//! Of lines of more than 800 bytes the first 600 and the last 200 are searched; patterns see the whole line.

mod entry;
mod filter;
mod index;
mod key;
mod matcher;
mod parse;
mod phrase;
mod sieve;
mod starts;
mod store;
#[cfg(test)]
mod subset;
#[cfg(test)]
mod tests;

use std::path::Path;

use fearless_simd::{Simd, dispatch};
use regex::RegexBuilder;

use crate::error::Result;
use crate::features::token::Word;
use crate::fold::fold;
use crate::label::Label;

use matcher::{Find, Framed, HEAD, Scan, TAIL};
use phrase::List;
use store::{Store, Table, UserSeed};

/// The most hits that are reported for a line.
pub const MAX_HITS: usize = 16;

/// A seed phrase found in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hit {
    /// The seed, for [`Seeds::seed`].
    pub id: u32,
    /// What the seed speaks for.
    pub label: Label,
    /// 1 for a weak seed, 3 for one that is all that stands on the line, 2 for the others.
    pub strength: u8,
    /// Whether nothing else is on the line but bullets, punctuation and markup (also for weak seeds).
    pub whole: bool,
    /// Whether the seed is the user's own.
    pub user: bool,
}

/// A seed, as a person would look it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedRef<'a> {
    /// The phrase or pattern as its file writes it.
    pub phrase: &'a str,
    /// What it speaks for.
    pub label: Label,
    /// The file: `en` for a built-in one, the path of a user's.
    pub source: &'a str,
}

/// The strengths of `hits` summed for each label, by [`Label::index`]; sums stop at 255.
pub fn label_scores(hits: &[Hit]) -> [u8; 19] {
    let mut scores = [0u8; 19];
    for hit in hits {
        let score = &mut scores[hit.label.index()];
        *score = score.saturating_add(hit.strength);
    }
    scores
}

/// What looking at a line needs, kept from line to line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    scan: Scan,
    ranked: Vec<(Find, Hit)>,
}

/// Seed phrases: the built-in ones and a user's own.
#[derive(Clone, Debug)]
pub struct Seeds {
    store: Store,
}

impl Default for Seeds {
    /// No seeds at all.
    fn default() -> Seeds {
        Seeds { store: Store::empty() }
    }
}

impl Seeds {
    /// The built-in seeds.
    pub fn built_in() -> Seeds {
        Seeds { store: Store::built_in() }
    }

    /// Adds the seeds of a user's file, which win over the built-in ones: where the two overlap in a line, only the
    /// user's are reported, and they always come first.
    ///
    /// # Errors
    /// [`Error::Seeds`](crate::Error::Seeds) with file and line when `text`, the content of `path`, does not parse or
    /// names an unknown label, an empty phrase or a bad pattern. Nothing is added then.
    pub fn add_file(&mut self, path: &Path, text: &str) -> Result<()> {
        let items = parse::user(path, text)?;
        if self.store.user_seeds() + items.len() > store::MAX_USER_SEEDS {
            return Err(parse::error(path, 1, "too many seeds"));
        }
        let mut seeds = Vec::with_capacity(items.len());
        let mut folded = String::new();
        for item in items {
            let fail = |message: String| Err(parse::error(path, item.line, message));
            let raw = &item.text;
            let (mut text, mut start, mut end, mut pattern) = (raw.clone(), false, false, None);
            if item.list == List::Patterns {
                // Case is folded away in the line, so a pattern in upper case would silently never match.
                match RegexBuilder::new(raw).case_insensitive(true).build() {
                    Ok(regex) if regex.is_match("") => {
                        return fail(format!("bad pattern {raw:?}: it would match every line"));
                    }
                    Ok(regex) => pattern = Some(regex),
                    Err(e) => return fail(format!("bad pattern {raw:?}: {}", reason(&e))),
                }
            } else {
                let mut anchored = phrase::anchored(raw.trim());
                fold(anchored.text, &mut folded);
                anchored.text = &folded;
                if let Some(fault) = parse::fault(anchored) {
                    return fail(fault.to_owned());
                }
                text.clone_from(&folded);
                (start, end) = (anchored.start, anchored.end);
            }
            seeds.push(UserSeed { raw: item.text, text, start, end, label: item.label, list: item.list, pattern });
        }
        self.store.add(path.display().to_string(), seeds);
        Ok(())
    }

    /// Puts the seeds found in `folded`, a line as [`crate::fold::fold`] leaves it, into `out`, which is cleared first.
    ///
    /// The user's come first, then the stronger and the longer. A seed inside a longer one that is no weaker is left
    /// out, as is the same phrase of another language; at most [`MAX_HITS`] are reported.
    pub fn hits(&self, folded: &str, out: &mut Vec<Hit>) {
        self.hits_with(folded, None, &mut Scratch::default(), out);
    }

    /// [`Seeds::hits`] for many lines. `words` are those of the line, where its folded form has the same.
    pub(crate) fn hits_with(&self, folded: &str, words: Option<&[Word]>, scratch: &mut Scratch, out: &mut Vec<Hit>) {
        out.clear();
        if folded.is_empty() {
            return;
        }
        let framed = Framed::new(folded);
        let Scratch { scan, ranked } = scratch;
        scan.finds.clear();
        scan.set_words(words.filter(|_| folded.len() <= HEAD + TAIL));
        // A user's come first: what is found first is not crowded out.
        self.scan(&framed, &self.store.theirs, scan);
        for (regex, id, label) in self.store.patterns() {
            // A place beyond 4 GiB can not be written down; so long a line is not judged anyway.
            if let Some(found) = regex.find(folded)
                && let (Ok(start), Ok(end)) = (u32::try_from(found.start()), u32::try_from(found.end()))
            {
                let kind = phrase::kind(label, List::Patterns);
                scan.finds.push(Find { id, kind, start, end, whole: framed.is_whole(&found.range()) });
            }
        }
        self.scan(&framed, &self.store.ours, scan);
        if !scan.finds.is_empty() {
            choose(&scan.finds, ranked, out);
        }
    }

    fn scan(&self, framed: &Framed<'_>, table: &Table, scan: &mut Scan) {
        if table.bound.is_empty() && table.free.is_empty() {
            return;
        }
        dispatch!(scan.level, simd => self.scan_on(simd, framed, table, scan));
    }

    #[inline(always)]
    fn scan_on<S: Simd>(&self, simd: S, framed: &Framed<'_>, table: &Table, scan: &mut Scan) {
        let text = |id: u32| self.store.text(id).as_bytes();
        framed.scan_starts(&table.bound, text, scan);
        framed.scan(simd, &table.free, text, scan);
    }

    /// The seed of a hit.
    ///
    /// # Panics
    /// When `id` is not of a [`Hit`] of these seeds.
    pub fn seed(&self, id: u32) -> SeedRef<'_> {
        let seed = self.store.seed(id);
        SeedRef { phrase: seed.raw, label: seed.label, source: seed.source }
    }
}

/// Puts the finds that are reported into `out`, which comes empty.
fn choose(finds: &[Find], ranked: &mut Vec<(Find, Hit)>, out: &mut Vec<Hit>) {
    let hit = |find: &Find| {
        let (label, list) = phrase::of_kind(find.kind);
        let strength = match (list, find.whole) {
            (List::Weak, _) => 1,
            (_, true) => 3,
            _ => 2,
        };
        Hit { id: find.id, label, strength, whole: find.whole, user: Store::is_users(find.id) }
    };
    if let [find] = finds {
        out.push(hit(find));
        return;
    }
    ranked.clear();
    ranked.extend(finds.iter().map(|find| (*find, hit(find))));
    ranked.sort_unstable_by_key(|(find, Hit { strength, user, .. })| {
        (!user, 3 - strength, u32::MAX - (find.end - find.start), find.start, find.id)
    });
    let mut places: [(u32, u32); MAX_HITS] = Default::default();
    for &(find, new) in ranked.iter() {
        let hidden = out.iter().zip(&places).any(|(old, &(start, end))| {
            let within = start <= find.start && find.end <= end;
            let longer = end - start > find.end - find.start;
            let overlap = start < find.end && find.start < end;
            (within && (longer || old.label == new.label)) || (old.user && !new.user && overlap)
        });
        if !hidden {
            places[out.len()] = (find.start, find.end);
            out.push(new);
            if out.len() == MAX_HITS {
                break;
            }
        }
    }
}

/// What is wrong with a pattern in one line; the parser's own message draws an arrow below it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
