//! Seeds: the phrases that boilerplate grows from, and finding them in a line.
//!
//! "Already a subscriber?" or "2 days ago at" say what a line is before any statistics do, they catch what is too rare
//! to be learned, and they are evidence that a person understands. The built-in ones are plain files, one a language
//! (`seeds/en.toml`), compiled in; a user's own are read at run time and win over them.
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

mod index;
mod matcher;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;

use regex::{Regex, RegexBuilder};

use crate::error::Result;
use crate::fold::fold;
use crate::label::Label;

use index::Index;
use matcher::{Find, Finds, Framed, Pattern};
use parse::List;

/// The most hits that are reported for a line.
pub const MAX_HITS: usize = 16;

/// The largest file a user may add: places in it are written down in 32 bits, folded text included.
const MAX_FILE: usize = 1 << 28;

/// A seed phrase found in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A file of seeds. Seeds are places in `text`, so that the built-in files need not be copied.
#[derive(Clone, Debug)]
struct Source {
    name: Cow<'static, str>,
    text: Cow<'static, str>,
}

/// A phrase or pattern: places in its source's text. Small, because start-up fills in tens of thousands.
#[derive(Clone, Copy, Debug)]
struct Seed {
    /// Where it stands as the file writes it.
    raw: u32,
    raw_len: u16,
    /// Where it stands folded and without anchors; in a built-in file that is inside `raw`.
    folded: u32,
    folded_len: u16,
    source: u16,
    label: Label,
    list: List,
    start: bool,
    end: bool,
}

impl Seed {
    fn raw<'a>(&self, sources: &'a [Source]) -> &'a str {
        &sources[usize::from(self.source)].text[self.raw as usize..][..usize::from(self.raw_len)]
    }

    fn folded<'a>(&self, sources: &'a [Source]) -> &'a str {
        &sources[usize::from(self.source)].text[self.folded as usize..][..usize::from(self.folded_len)]
    }
}

/// An index for phrases bound to the line's start and one for those that are not.
#[derive(Clone, Debug)]
struct Table {
    bound: Index,
    free: Index,
}

impl Table {
    fn new(sources: &[Source], seeds: &[Seed], first: usize) -> Table {
        let phrases = |start: bool| {
            let wanted = move |seed: &Seed| seed.start == start && seed.list != List::Patterns;
            let count = seeds[first..].iter().filter(|seed| wanted(seed)).count();
            let texts = (first as u32..).zip(&seeds[first..]).filter(move |(_, seed)| wanted(seed));
            Index::new(count, texts.map(|(id, seed)| (seed.folded(sources).as_bytes(), id)))
        };
        Table { bound: phrases(true), free: phrases(false) }
    }
}

/// Seed phrases: the built-in ones and a user's own.
#[derive(Clone, Debug)]
pub struct Seeds {
    sources: Vec<Source>,
    seeds: Vec<Seed>,
    /// How many of `seeds` are built in; they come first.
    built_in: usize,
    ours: Table,
    theirs: Table,
    patterns: Vec<(Regex, u32)>,
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../seeds/", $name, ".toml")))),*]
    };
}

/// The built-in files.
const FILES: &[(&str, &str)] = files! {
    "und" "en" "de" "fr" "es" "it" "pt" "nl" "sv" "no" "da" "pl" "tr" "ru" "uk" "ja" "zh" "ko" "id"
};

impl Seeds {
    /// The built-in seeds.
    pub fn built_in() -> Seeds {
        let bytes: usize = FILES.iter().map(|(_, text)| text.len()).sum();
        let mut seeds = Vec::with_capacity(bytes / 16);
        let mut sources = Vec::with_capacity(FILES.len());
        for &(name, text) in FILES {
            let source = sources.len() as u16;
            sources.push(Source { name: name.into(), text: text.into() });
            let read = parse::built_in(text, |label, list, place| {
                let anchored = parse::anchored(&text[place.clone()]);
                seeds.push(Seed {
                    raw: place.start as u32,
                    raw_len: place.len() as u16,
                    folded: (place.start + usize::from(anchored.start)) as u32,
                    folded_len: anchored.text.len() as u16,
                    source,
                    label,
                    list,
                    start: anchored.start,
                    end: anchored.end,
                });
            });
            // The tests read every file, so this can only be seen by someone who is editing one.
            if let Err(line) = read {
                panic!("seeds/{name}.toml:{line}: not of the form that its first lines explain");
            }
        }
        let ours = Table::new(&sources, &seeds, 0);
        let built_in = seeds.len();
        let theirs = Table::new(&sources, &seeds, built_in);
        Seeds { sources, seeds, built_in, ours, theirs, patterns: Vec::new() }
    }

    /// Adds the seeds of a user's file, which win over the built-in ones: where the two overlap in a line, only the
    /// user's are reported, and they always come first.
    ///
    /// # Errors
    /// [`Error::Seeds`](crate::Error::Seeds) with file and line when `text`, the content of `path`, does not parse or
    /// names an unknown label, an empty phrase or a bad pattern. Nothing is added then.
    pub fn add_file(&mut self, path: &Path, text: &str) -> Result<()> {
        let (items, source) = (parse::user(path, text)?, self.sources.len());
        let source = u16::try_from(source).map_err(|_| parse::error(path, 1, "more than 65,000 seed files"))?;
        if self.seeds.len() + items.len() > index::MAX_PHRASES || text.len() > MAX_FILE {
            return Err(parse::error(path, 1, "a seed file of more than 256 MiB"));
        }
        let mut new = Vec::with_capacity(items.len());
        let mut patterns = Vec::new();
        let mut kept = String::new();
        let mut folded = String::new();
        let mut keep = |text: &str| {
            kept.push_str(text);
            ((kept.len() - text.len()) as u32, text.len() as u16)
        };
        for item in items {
            let fail = |message: String| Err(parse::error(path, item.line, message));
            if item.text.len() > parse::MAX_PHRASE {
                return fail(format!("more than {} bytes; a few words are enough", parse::MAX_PHRASE));
            }
            let (raw, raw_len) = keep(&item.text);
            let (mut place, mut start, mut end) = ((raw, raw_len), false, false);
            if item.list == List::Patterns {
                // Case is folded away in the line, so a pattern in upper case would silently never match.
                match RegexBuilder::new(&item.text).case_insensitive(true).build() {
                    Ok(regex) if regex.is_match("") => {
                        return fail(format!("bad pattern {:?}: it would match every line", item.text));
                    }
                    Ok(regex) => patterns.push((regex, (self.seeds.len() + new.len()) as u32)),
                    Err(e) => return fail(format!("bad pattern {:?}: {}", item.text, reason(&e))),
                }
            } else {
                let mut anchored = parse::anchored(item.text.trim());
                fold(anchored.text, &mut folded);
                anchored.text = &folded;
                if let Some(fault) = parse::fault(anchored) {
                    return fail(fault.to_owned());
                }
                place = keep(&folded);
                (start, end) = (anchored.start, anchored.end);
            }
            let (folded, folded_len) = place;
            let (label, list) = (item.label, item.list);
            new.push(Seed { raw, raw_len, folded, folded_len, source, label, list, start, end });
        }
        self.sources.push(Source { name: path.display().to_string().into(), text: kept.into() });
        self.seeds.append(&mut new);
        self.patterns.append(&mut patterns);
        self.theirs = Table::new(&self.sources, &self.seeds, self.built_in);
        Ok(())
    }

    /// Puts the seeds found in `folded`, a line as [`crate::fold::fold`] leaves it, into `out`, which is cleared first.
    ///
    /// The user's come first, then the stronger and the longer. A seed inside a longer one that is no weaker is left
    /// out, as is the same phrase of another language; at most [`MAX_HITS`] are reported.
    pub fn hits(&self, folded: &str, out: &mut Vec<Hit>) {
        out.clear();
        if folded.is_empty() {
            return;
        }
        let framed = Framed::new(folded);
        let mut finds = Finds::new();
        if self.seeds.len() > self.built_in {
            self.scan(&framed, &self.theirs, &mut finds);
            for (regex, id) in &self.patterns {
                // An offset beyond 4 GiB can not be written down; such a line is not judged anyway.
                if let Some((start, end)) =
                    regex.find(folded).and_then(|m| Some((u32::try_from(m.start()).ok()?, m.end())))
                    && let Ok(to) = u32::try_from(end)
                {
                    let whole = framed.is_whole(&(start as usize..end));
                    finds.push(Find { id: *id, start, end: to, whole });
                }
            }
        }
        self.scan(&framed, &self.ours, &mut finds);
        self.choose(finds.as_mut_slice(), out);
    }

    fn scan(&self, framed: &Framed<'_>, table: &Table, finds: &mut Finds) {
        let pattern = |id: u32| {
            let seed = &self.seeds[id as usize];
            Pattern { text: seed.folded(&self.sources).as_bytes(), end: seed.end }
        };
        if !table.bound.is_empty() {
            framed.scan_starts(&table.bound, pattern, finds);
        }
        if !table.free.is_empty() {
            framed.scan(&table.free, pattern, finds);
        }
    }

    fn choose(&self, finds: &mut [Find], out: &mut Vec<Hit>) {
        let hit = |find: &Find| {
            let seed = &self.seeds[find.id as usize];
            let strength = match (seed.list, find.whole) {
                (List::Weak, _) => 1,
                (_, true) => 3,
                _ => 2,
            };
            let user = find.id as usize >= self.built_in;
            Hit { id: find.id, label: seed.label, strength, whole: find.whole, user }
        };
        finds.sort_unstable_by_key(|find| {
            let Hit { strength, user, .. } = hit(find);
            (!user, 3 - strength, u32::MAX - (find.end - find.start), find.start, find.id)
        });
        let mut places: [(u32, u32); MAX_HITS] = Default::default();
        for find in finds.iter() {
            let new = hit(find);
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

    /// The seed of a hit.
    ///
    /// # Panics
    /// When `id` is not of a [`Hit`] of these seeds.
    pub fn seed(&self, id: u32) -> SeedRef<'_> {
        let seed = &self.seeds[id as usize];
        let source = &self.sources[usize::from(seed.source)].name;
        SeedRef { phrase: seed.raw(&self.sources), label: seed.label, source }
    }
}

/// What is wrong with a pattern in one line; the parser's own message draws an arrow below it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
