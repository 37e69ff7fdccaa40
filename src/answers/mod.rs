//! Answers: what a person said about lines, remembered in a file and obeyed in every later run.
//!
//! A person who looked knows better than the model, the seeds and the repeats, so an answer wins over all three. Each
//! is about one line, in the form that [folding](crate::fold) gives it, or about the lines that a pattern fits, and
//! holds for one document, a folder, a host or everywhere. Where several fit a line the narrower one decides, then the
//! one that was given later: so an exception can be made without touching the rule, and files can be put together.

mod file;
mod matcher;
mod place;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::error::Result;
use crate::label::Label;
use crate::sink::Document;

pub(crate) use file::quoted;
pub(crate) use matcher::Matcher;
use place::Place;
pub use place::{host, place_in};

/// Name of the file that is looked for where no other is named.
pub const FILE_NAME: &str = "chaffinch.answers.toml";

/// Which lines an answer is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Those that fold to this text.
    Line(String),
    /// Those whose folded text this regular expression fits somewhere.
    Pattern(String),
}

/// Where an answer holds. Paths are relative to the folder of the answers file, with `/` between their parts. A path that
/// leads nowhere from there is taken for a name that a report gives its document: so the answers that a report in the
/// browser has saved hold wherever they were saved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In this document.
    Document(String),
    /// In every document of this folder and those below it; `.` is the folder of the answers file.
    Folder(String),
    /// In every document from this host, or from a host below it.
    Host(String),
    /// In every document.
    Everywhere,
}

impl Scope {
    /// The scope's name in an answers file.
    pub const fn name(&self) -> &'static str {
        match self {
            Scope::Document(_) => "document",
            Scope::Folder(_) => "folder",
            Scope::Host(_) => "host",
            Scope::Everywhere => "everywhere",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Document(name) => write!(f, "document {name}"),
            Scope::Folder(name) => write!(f, "folder {name}"),
            Scope::Host(name) => write!(f, "host {name}"),
            Scope::Everywhere => f.write_str("everywhere"),
        }
    }
}

/// One answer as a file writes it. Its [`Display`](fmt::Display) is that table, ready to be added to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which lines it is about.
    pub what: What,
    /// Whether they stay.
    pub keep: bool,
    /// What they are; `None` where that was left to the model.
    pub label: Option<Label>,
    /// Where it holds.
    pub scope: Scope,
    /// Of several lines of one document that fold to the text, only the one of this number, from 1.
    pub copy: Option<u32>,
}

/// An answer with the place it stands at.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was answered.
    pub entry: Entry,
    /// Index of the file it comes from.
    file: usize,
    /// Its line there, from 1.
    line: usize,
    pattern: Option<Regex>,
    /// What the scope names is not there.
    lost: bool,
}

/// Every answer of one or several files.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    files: Vec<File>,
    answers: Vec<Answer>,
    /// Answers about each folded line, by their index.
    lines: HashMap<String, Vec<usize>>,
    /// Answers about patterns.
    patterns: Vec<usize>,
}

#[derive(Clone, Debug)]
struct File {
    /// As the user wrote it.
    name: String,
    /// The folder it lies in, from the root, with links resolved where that was possible.
    base: PathBuf,
}

/// Which answers hold in a document, and how narrowly; made by [`Answers::select`].
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// One an answer, 0 where it does not hold.
    ranks: Vec<u32>,
}

impl Answers {
    /// No answers.
    pub fn new() -> Answers {
        Answers::default()
    }

    /// Adds the answers that `text`, the contents of the file at `path`, holds. They count as later than those before.
    ///
    /// # Errors
    /// [`crate::Error::Answers`] with the line that does not fit; nothing is added then.
    pub fn add_file(&mut self, path: &Path, text: &str) -> Result<()> {
        let read = file::read(path, text)?;
        let file = self.files.len();
        self.files.push(File { name: path.to_string_lossy().into_owned(), base: folder_of(path) });
        for (line, entry, pattern) in read {
            let index = self.answers.len();
            match &entry.what {
                What::Line(text) => self.lines.entry(text.clone()).or_default().push(index),
                What::Pattern(_) => self.patterns.push(index),
            }
            let answer = Answer { entry, file, line, pattern, lost: false };
            let lost = self.place(&answer).is_some_and(|place| !place.exists());
            self.answers.push(Answer { lost, ..answer });
        }
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// All of them, in the order in which they were given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Answer> {
        self.answers.iter()
    }

    /// File and line of an answer, as `answers.toml:12`.
    pub fn source(&self, answer: &Answer) -> String {
        let name = self.files.get(answer.file).map_or("", |file| file.name.as_str());
        format!("{name}:{}", answer.line)
    }

    /// The file or folder that an answer's scope names, whether or not it is there; `None` for hosts and everywhere.
    pub fn place(&self, answer: &Answer) -> Option<PathBuf> {
        match &answer.entry.scope {
            Scope::Document(name) | Scope::Folder(name) => Some(self.files.get(answer.file)?.base.join(name)),
            Scope::Host(_) | Scope::Everywhere => None,
        }
    }

    /// The answers that hold in `document`.
    pub fn select(&self, document: &Document) -> Selection {
        let places: Vec<Place> = self.files.iter().map(|file| Place::new(document, &file.base)).collect();
        Selection { ranks: self.answers.iter().map(|a| places[a.file].rank(&a.entry.scope, a.lost)).collect() }
    }

    /// The answer that decides about a line of the selection's document; `copy` is its number, from 1, among the
    /// lines of that document with the same folded text, and 0 where that is not known.
    pub fn find(&self, selection: &Selection, folded: &str, copy: u32) -> Option<&Answer> {
        self.index_of(selection, folded, copy).map(|index| &self.answers[index])
    }

    fn index_of(&self, selection: &Selection, folded: &str, copy: u32) -> Option<usize> {
        let exact = self.lines.get(folded).into_iter().flatten().copied();
        let fits = |index: &usize| self.answers[*index].pattern.as_ref().is_some_and(|p| p.is_match(folded));
        let holds = |index: &usize| selection.ranks.get(*index).is_some_and(|rank| *rank > 0);
        let patterns = self.patterns.iter().copied().filter(holds).filter(fits);
        let is_copy = |index: &usize| self.answers[*index].entry.copy.is_none_or(|wanted| wanted == copy);
        exact
            .filter(holds)
            .filter(is_copy)
            .chain(patterns)
            .max_by_key(|index| (selection.ranks[*index], self.answers[*index].entry.copy.is_some(), *index))
    }

    /// Whether some answer is about one of several copies of this line.
    fn counts(&self, folded: &str) -> bool {
        let about = self.lines.get(folded).into_iter().flatten();
        about.copied().any(|index| self.answers[index].entry.copy.is_some())
    }
}

/// The folder that paths in the answers file `path` are relative to.
pub fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = whole.parent().map_or_else(PathBuf::new, Path::to_owned);
    std::fs::canonicalize(&folder).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(text: &str) -> Answers {
        let mut answers = Answers::new();
        answers.add_file(Path::new("/nowhere/my.toml"), text).unwrap();
        answers
    }

    fn verdict(answers: &Answers, path: &str, line: &str, copy: u32) -> Option<bool> {
        let mut document = Document::new(path);
        document.path = std::path::absolute(path).ok();
        answers.find(&answers.select(&document), line, copy).map(|answer| answer.entry.keep)
    }

    #[test]
    fn the_narrower_scope_wins_then_the_later() {
        let answers = answers(
            "[[answer]]\nline='Read more'\nverdict='drop'\nscope='document'\ndocument='a/b/x.txt'\n\
             [[answer]]\nline='read more'\nverdict='keep'\nscope='folder'\nfolder='a/b'\n\
             [[answer]]\nline='read more'\nverdict='drop'\nscope='folder'\nfolder='a'\n\
             [[answer]]\nline='read more'\nverdict='drop'\nscope='everywhere'\n\
             [[answer]]\nline='read more'\nverdict='keep'\nscope='everywhere'\n",
        );
        assert_eq!(verdict(&answers, "/nowhere/a/b/x.txt", "read more", 1), Some(false));
        assert_eq!(verdict(&answers, "/nowhere/a/b/y.txt", "read more", 1), Some(true));
        assert_eq!(verdict(&answers, "/nowhere/a/c/y.txt", "read more", 1), Some(false));
        assert_eq!(verdict(&answers, "/nowhere/ab/y.txt", "read more", 1), Some(true));
        assert_eq!(verdict(&answers, "/nowhere/a/b/x.txt", "read mores", 1), None);
    }

    #[test]
    fn hosts_are_folder_names_and_patterns_fit_folded_text() {
        let answers = answers(
            "[[answer]]\npattern='^\\d+ min read$'\nverdict='drop'\nlabel='byline'\nscope='host'\nhost='Quay.example'\n",
        );
        assert_eq!(verdict(&answers, "/x/www.quay.example/1.txt", "4 min read", 1), Some(false));
        assert_eq!(verdict(&answers, "/x/quay.example/sub/1.txt", "4 min read", 0), Some(false));
        assert_eq!(verdict(&answers, "/x/otherquay.example/1.txt", "4 min read", 1), None);
        assert_eq!(verdict(&answers, "/x/quay.example/1.txt", "a 4 min read", 1), None);
    }

    #[test]
    fn one_of_several_copies_can_be_meant() {
        let answers = answers(
            "[[answer]]\nline='the quay'\nverdict='drop'\nscope='folder'\nfolder='.'\ncopy=2\n\
             [[answer]]\nline='the quay'\nverdict='keep'\nscope='folder'\nfolder='.'\n",
        );
        assert_eq!(verdict(&answers, "/nowhere/x.txt", "the quay", 2), Some(false));
        assert_eq!(verdict(&answers, "/nowhere/x.txt", "the quay", 1), Some(true));
        assert_eq!(verdict(&answers, "/elsewhere/x.txt", "the quay", 2), None);
    }

    #[test]
    fn sources_say_file_and_line() {
        let answers = answers("# mine\n\n[[answer]]\nline = 'x'\nverdict = 'keep'\nscope = 'everywhere'\n");
        assert_eq!(answers.source(answers.iter().next().unwrap()), "/nowhere/my.toml:3");
    }
}
