//! Where the phrases are kept, and how a name gives back a phrase.
//!
//! The built-in files hold tens of thousands of phrases, and a start must cost next to nothing. So the build script
//! reads them and writes an index, which is compiled in beside them: a built-in phrase is named by its place in the
//! files, and what else there is to know about it is read there for the few that are found in a line. A user's seeds are
//! few and are kept whole.

use memchr::memchr;
use regex::Regex;

use super::index::{Index, MAX_NAME, Phrases};
use super::phrase::{Anchored, List, PLACE_BITS, anchored, kind};
use crate::label::Label;

include!(concat!(env!("OUT_DIR"), "/seeds.rs"));

/// Names from here on are a user's seeds, in the order in which they were added.
const USERS: u32 = 1 << 27;

const _: () = assert!((FILES.len() as u32) << PLACE_BITS <= USERS, "every file has names of its own");

/// How many seeds a user may have.
pub(super) const MAX_USER_SEEDS: usize = (MAX_NAME - USERS) as usize;

/// A phrase or pattern with all there is to know about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed<'a> {
    /// As its file writes it.
    pub(super) raw: &'a str,
    pub(super) label: Label,
    /// `en`, or the path of a user's file.
    pub(super) source: &'a str,
}

/// A list of a built-in file.
#[derive(Clone, Copy, Debug)]
struct Section {
    /// Name of its first phrase.
    first: u32,
    label: Label,
}

/// A seed of a user.
#[derive(Clone, Debug)]
pub(super) struct UserSeed {
    pub(super) raw: String,
    /// The whole of `raw` for a pattern.
    pub(super) text: String,
    pub(super) start: bool,
    pub(super) end: bool,
    pub(super) label: Label,
    pub(super) list: List,
    pub(super) pattern: Option<Regex>,
}

/// An index for phrases bound to the line's start and one for those that are not.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) bound: Index,
    pub(super) free: Index,
}

/// Phrases on their way into a table.
struct Gathered {
    bound: Phrases,
    free: Phrases,
}

impl Gathered {
    fn new(expected: usize) -> Gathered {
        Gathered { bound: Phrases::new(expected), free: Phrases::new(expected) }
    }

    fn push(&mut self, phrase: Anchored<'_>, name: u32, kind: u8) {
        let phrases = if phrase.start { &mut self.bound } else { &mut self.free };
        phrases.push(phrase.text, phrase.end, name, kind);
    }

    fn table(self) -> Table {
        Table { bound: self.bound.index(), free: self.free.index() }
    }
}

/// All seeds.
#[derive(Clone, Debug)]
pub(super) struct Store {
    /// In the order of their names.
    sections: Vec<Section>,
    users: Vec<(UserSeed, usize)>,
    user_files: Vec<String>,
    pub(super) ours: Table,
    pub(super) theirs: Table,
}

impl Store {
    /// No seeds.
    pub(super) fn empty() -> Store {
        let (sections, users, user_files) = (Vec::new(), Vec::new(), Vec::new());
        let [ours, theirs] = [(); 2].map(|()| Gathered::new(0).table());
        Store { sections, users, user_files, ours, theirs }
    }

    /// The built-in seeds.
    pub(super) fn built_in() -> Store {
        let section = |&(first, label)| Section { first, label: Label::ALL[usize::from(label)] };
        let ours = Table { bound: Index::built_in(BOUND), free: Index::built_in(FREE) };
        Store { sections: SECTIONS.iter().map(section).collect(), ours, ..Store::empty() }
    }

    /// Adds a user's file. `seeds` and those before them are [`MAX_USER_SEEDS`] at most.
    pub(super) fn add(&mut self, path: String, seeds: Vec<UserSeed>) {
        let file = self.user_files.len();
        self.user_files.push(path);
        self.users.extend(seeds.into_iter().map(|seed| (seed, file)));
        let mut theirs = Gathered::new(self.users.len());
        for (name, (seed, _)) in (USERS..).zip(&self.users).filter(|(_, (seed, _))| seed.pattern.is_none()) {
            let phrase = Anchored { text: &seed.text, start: seed.start, end: seed.end };
            theirs.push(phrase, name, kind(seed.label, seed.list));
        }
        self.theirs = theirs.table();
    }

    pub(super) fn user_seeds(&self) -> usize {
        self.users.len()
    }

    /// A user's patterns, their names and labels.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (&Regex, u32, Label)> {
        let seeds = self.users.iter().zip(USERS..);
        seeds.filter_map(|((seed, _), name)| Some((seed.pattern.as_ref()?, name, seed.label)))
    }

    /// Whether a name is of a user's seed.
    pub(super) fn is_users(name: u32) -> bool {
        name >= USERS
    }

    /// The seed of a name.
    ///
    /// # Panics
    /// When no seed has that name.
    pub(super) fn seed(&self, name: u32) -> Seed<'_> {
        if let Some(i) = name.checked_sub(USERS) {
            let (UserSeed { raw, label, .. }, file) = &self.users[i as usize];
            let source = &self.user_files[*file];
            return Seed { raw, label: *label, source };
        }
        let section = &self.sections[self.sections.partition_point(|section| section.first <= name) - 1];
        let (source, raw) = built_in(name);
        Seed { raw, label: section.label, source }
    }

    /// The folded text of the phrase of a name: what is asked of phrases that may stand somewhere, so it costs less than
    /// [`Store::seed`].
    pub(super) fn text(&self, name: u32) -> &str {
        match name.checked_sub(USERS) {
            Some(i) => &self.users[i as usize].0.text,
            None => anchored(built_in(name).1).text,
        }
    }
}

/// The language and the phrase of the name of a built-in one.
fn built_in(name: u32) -> (&'static str, &'static str) {
    let (source, file) = FILES[(name >> PLACE_BITS) as usize];
    let rest = &file[(name & ((1 << PLACE_BITS) - 1)) as usize..];
    (source, memchr(b'"', rest.as_bytes()).map_or(rest, |end| &rest[..end]))
}
