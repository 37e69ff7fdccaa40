//! What a batch has done, on disk, so that it can be gone on with however it ended.
//!
//! The file lies hidden in the output folder and is only ever appended to while a batch runs. Before the first byte of
//! a document's outputs gets its name, the document is noted as begun; when all of them have theirs, as done. So of
//! every file in the folder it is known whether a batch put it there, and of every document whether it was finished;
//! what a process that was killed left behind the last whole note is cut off. A batch that comes to its end writes the
//! file anew, in the order of the names and each document once.
//!
//! While a batch runs the file is locked, so no two write to one folder. The lock goes with the process.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::lock::{busy, in_use, is_at, lock, options, until_replaced};
use super::names;
use super::notes::{frame, next_note};
use super::record::{Record, Text};
use super::sightings::Sightings;
use super::sorted::{Sorter, Store};
use crate::cli::output::{OutFile, remove_temporary, shown};

/// The file's name in the output folder.
pub(crate) const FILE_NAME: &str = ".chaffinch-state";

/// What the file begins with; the number changes with the notes' form.
const MAGIC: &[u8] = b"chaffinch state 2\n";

/// One note.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The outputs of the document with this key are about to be written.
    Begun { key: Vec<u8> },
    /// All of them are there.
    Done { key: Vec<u8>, record: Box<Record> },
    /// The document could not be cleaned.
    Failed { key: Vec<u8>, message: String },
    /// The text of a line that was removed more than once.
    Removed(Text),
    /// The summary and the index are about to be written.
    Index,
}

/// What is known of a document from earlier.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Known {
    /// A batch wrote, or may have written, some of its outputs.
    Begun,
    Done(Box<Record>),
    Failed(String),
}

/// All that earlier notes say.
#[derive(Debug)]
pub(crate) struct Earlier {
    /// What is [`Known`], by document.
    pub(crate) documents: Store,
    /// Whether a batch wrote the summary and the index.
    pub(crate) index: bool,
}

impl Earlier {
    pub(crate) fn nothing() -> Earlier {
        Earlier { documents: Store::empty(), index: false }
    }
}

/// The open file.
#[derive(Debug)]
pub(crate) struct State {
    path: PathBuf,
    file: File,
    /// Its length up to the last whole note.
    len: u64,
    sightings: Sightings,
    /// Whether a batch wrote the summary and the index.
    index: bool,
}

impl State {
    /// The state that is in `folder`, for this process alone; `None` if there is none.
    pub(crate) fn open(folder: &Path) -> Result<Option<State>> {
        let path = folder.join(FILE_NAME);
        loop {
            match options().open(&path) {
                Ok(file) => {
                    lock(&file, folder)?;
                    // One that was written anew in between is another file.
                    if is_at(&file, &path) {
                        let len = whole_len(&file, &path)?;
                        return Ok(Some(State { path, file, len, sightings: Sightings::new(), index: false }));
                    }
                }
                // What is wrong with a folder that is none is told when the batch is planned.
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    return Ok(None);
                }
                Err(error) if in_use(&error) => return Err(busy(folder).into()),
                Err(error) => return Err(error).with_context(|| format!("cannot write {}", shown(&path))),
            }
        }
    }

    /// Begins one in `folder`, where there was none.
    pub(crate) fn create(folder: &Path) -> Result<State> {
        let path = folder.join(FILE_NAME);
        let cannot = || format!("cannot write {}", shown(&path));
        match options().create_new(true).open(&path) {
            Ok(mut file) => {
                lock(&file, folder)?;
                file.write_all(MAGIC).with_context(cannot)?;
                Ok(State { path, file, len: MAGIC.len() as u64, sightings: Sightings::new(), index: false })
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(busy(folder).into()),
            Err(error) => Err(error).with_context(cannot),
        }
    }

    /// Reads what earlier batches did, to go on with it.
    pub(crate) fn earlier(&mut self) -> Result<Earlier> {
        let State { path, len, sightings, .. } = self;
        Self::gather(path, *len, sightings)
    }

    /// What [`earlier`](State::earlier) gives, without taking hold of anything.
    pub(crate) fn peek(folder: &Path) -> Result<Earlier> {
        let path = folder.join(FILE_NAME);
        match fs::metadata(&path) {
            Ok(_) => Self::gather(&path, u64::MAX, &mut Sightings::new()),
            Err(_) => Ok(Earlier::nothing()),
        }
    }

    fn gather(path: &Path, len: u64, sightings: &mut Sightings) -> Result<Earlier> {
        let mut sorter = Sorter::new();
        let mut index = false;
        read(path, len, |event| {
            match event {
                Event::Begun { key } => push(&mut sorter, &key, &Known::Begun)?,
                Event::Failed { key, message } => push(&mut sorter, &key, &Known::Failed(message))?,
                Event::Done { key, record } => {
                    record.removed.iter().for_each(|(hash, _)| _ = sightings.met(*hash));
                    push(&mut sorter, &key, &Known::Done(record))?;
                }
                Event::Removed(text) => sightings.noted(text.hash),
                Event::Index => index = true,
            }
            Ok(())
        })?;
        Ok(Earlier { documents: sorter.finish()?, index })
    }

    /// Removes what a killed process left half-written beside the places of its last documents.
    pub(crate) fn sweep(&self, folders: &[&Path]) -> Result<()> {
        let mut open = BTreeSet::new();
        read(&self.path, self.len, |event| {
            match event {
                Event::Begun { key } => _ = open.insert(key),
                Event::Done { key, .. } | Event::Failed { key, .. } => _ = open.remove(&key),
                Event::Removed(_) | Event::Index => {}
            }
            Ok(())
        })?;
        let parent = |key: &Vec<u8>| names::path(&names::of_key(key)).parent().map(Path::to_owned).unwrap_or_default();
        let mut parents: BTreeSet<PathBuf> = open.iter().map(parent).collect();
        parents.insert(PathBuf::new());
        for folder in folders {
            parents.iter().for_each(|parent| remove_temporary(&folder.join(parent)));
        }
        Ok(())
    }

    /// Notes something.
    pub(crate) fn note(&mut self, event: &Event) -> io::Result<()> {
        self.index |= matches!(event, Event::Index);
        let mut bytes = Vec::new();
        frame(&mut bytes, event)?;
        self.append(&bytes)
    }

    fn append(&mut self, notes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(notes) {
            // What comes next must not stand behind half a note.
            _ = self.file.set_len(self.len);
            return Err(error);
        }
        self.len += notes.len() as u64;
        Ok(())
    }

    /// Notes that a document is done, and the texts of its removed lines that are met for the second time, which `text`
    /// gives by their hashes.
    pub(crate) fn done(&mut self, key: Vec<u8>, record: &Record, text: impl Fn(u64) -> Option<Text>) -> io::Result<()> {
        let mut notes = Vec::new();
        for (hash, _) in &record.removed {
            if self.sightings.met(*hash)
                && self.sightings.is_new(*hash)
                && let Some(text) = text(*hash)
            {
                frame(&mut notes, &Event::Removed(text))?;
            }
        }
        frame(&mut notes, &Event::Done { key, record: Box::new(record.clone()) })?;
        self.append(&notes)
    }

    /// What is known of every document now, and the texts that were noted, by hash.
    pub(crate) fn results(&mut self) -> Result<(Store, Store)> {
        let (mut documents, mut texts) = (Sorter::new(), Sorter::new());
        let State { path, len, index, .. } = self;
        read(path, *len, |event| {
            match event {
                Event::Begun { key } => push(&mut documents, &key, &Known::Begun)?,
                Event::Done { key, record } => push(&mut documents, &key, &Known::Done(record))?,
                Event::Failed { key, message } => push(&mut documents, &key, &Known::Failed(message))?,
                Event::Removed(text) => push(&mut texts, &text.hash.to_be_bytes(), &text)?,
                Event::Index => *index = true,
            }
            Ok(())
        })?;
        Ok((documents.finish()?, texts.finish()?))
    }

    /// Writes the file anew, each document and each text once, and in order.
    pub(crate) fn compact(self, documents: &Store, texts: &Store) -> Result<()> {
        let mut out = OutFile::create(&self.path, true)?;
        out.write_all(MAGIC)?;
        let mut bytes = Vec::new();
        let mut put = |event: &Event| -> Result<()> {
            bytes.clear();
            frame(&mut bytes, event)?;
            Ok(out.write_all(&bytes)?)
        };
        if self.index {
            put(&Event::Index)?;
        }
        for pair in last_of_each(texts) {
            put(&Event::Removed(decode(&pair?.1)?))?;
        }
        for pair in last_of_each(documents) {
            let (key, value) = pair?;
            put(&match decode(&value)? {
                Known::Done(record) => Event::Done { key, record },
                Known::Begun | Known::Failed(_) => Event::Begun { key },
            })?;
        }
        let _held = until_replaced(self.file);
        out.finish_synced()
    }
}

/// The pairs of a store without those that are followed by one of the same key.
pub(crate) fn last_of_each(store: &Store) -> impl Iterator<Item = io::Result<super::sorted::Pair>> {
    let mut pairs = store.iter().peekable();
    std::iter::from_fn(move || {
        loop {
            let pair = pairs.next()?;
            match (&pair, pairs.peek()) {
                (Ok((key, _)), Some(Ok((next, _)))) if key == next => {}
                _ => return Some(pair),
            }
        }
    })
}

/// A value out of a [`Store`].
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> io::Result<T> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}

fn push(sorter: &mut Sorter, key: &[u8], value: &impl Serialize) -> io::Result<()> {
    sorter.push(key, &postcard::to_allocvec(value).map_err(io::Error::other)?)
}

/// The length up to the last whole note; what stands behind it is cut off.
fn whole_len(file: &File, path: &Path) -> Result<u64> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut magic = Vec::new();
    (&mut reader).take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    if !MAGIC.starts_with(&magic) {
        return Err(foreign(path).into());
    }
    if magic.len() < MAGIC.len() {
        // Killed before the first words were there.
        file.set_len(0)?;
        (&*file).write_all(MAGIC)?;
        return Ok(MAGIC.len() as u64);
    }
    let mut len = MAGIC.len() as u64;
    while let Some(bytes) = next_note(&mut reader) {
        len += 8 + bytes.len() as u64;
    }
    file.set_len(len)?;
    Ok(len)
}

fn read(path: &Path, len: u64, mut each: impl FnMut(Event) -> io::Result<()>) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?.take(len));
    io::copy(&mut (&mut reader).take(MAGIC.len() as u64), &mut io::sink())?;
    while let Some(bytes) = next_note(&mut reader) {
        each(postcard::from_bytes(&bytes).map_err(|_| foreign(path))?)?;
    }
    Ok(())
}

fn foreign(path: &Path) -> io::Error {
    io::Error::other(format!("{} is of another version of chaffinch; remove it and use --overwrite", shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::batch::sorted::Lookup;

    fn done(state: &mut State, name: &str, kept_lines: u64) {
        let mut record = Record::of([1; 16]);
        record.kept_lines = kept_lines;
        state.done(names::key(name.as_bytes()), &record, |_| None).unwrap();
    }

    fn known(earlier: &Earlier, name: &str) -> Option<Known> {
        let mut lookup = Lookup::new(&earlier.documents).unwrap();
        lookup.get(&names::key(name.as_bytes())).unwrap().map(|value| decode(&value).unwrap())
    }

    #[test]
    fn wherever_it_is_torn_off_what_was_noted_before_holds() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::create(folder.path()).unwrap();
        done(&mut state, "a.txt", 1);
        let first = state.len;
        state.note(&Event::Begun { key: names::key(b"b.txt") }).unwrap();
        done(&mut state, "b.txt", 2);
        drop(state);
        let path = folder.path().join(FILE_NAME);
        let bytes = fs::read(&path).unwrap();
        for len in 0..bytes.len() {
            fs::write(&path, &bytes[..len]).unwrap();
            let mut state = State::open(folder.path()).unwrap().unwrap();
            let earlier = state.earlier().unwrap();
            assert_eq!(known(&earlier, "a.txt").is_some(), len as u64 >= first, "{len}");
            assert!(!matches!(known(&earlier, "b.txt"), Some(Known::Done(_))), "{len}");
            done(&mut state, "c.txt", 3);
            drop(state);
            let mut state = State::open(folder.path()).unwrap().unwrap();
            assert!(matches!(known(&state.earlier().unwrap(), "c.txt"), Some(Known::Done(_))), "{len}");
        }
        // Zeros, as some file systems leave them behind after a power cut.
        fs::write(&path, [bytes.as_slice(), &[0; 100]].concat()).unwrap();
        let mut state = State::open(folder.path()).unwrap().unwrap();
        assert_eq!(state.len, bytes.len() as u64);
        assert!(matches!(known(&state.earlier().unwrap(), "b.txt"), Some(Known::Done(_))));
    }

    #[test]
    fn the_last_word_about_a_document_counts_and_is_all_that_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::create(folder.path()).unwrap();
        for kept_lines in 0..50 {
            done(&mut state, "b.txt", kept_lines);
        }
        done(&mut state, "a.txt", 7);
        state.note(&Event::Begun { key: names::key(b"a.txt") }).unwrap();
        let long = state.len;
        let (documents, texts) = state.results().unwrap();
        state.compact(&documents, &texts).unwrap();
        let mut state = State::open(folder.path()).unwrap().unwrap();
        assert!(state.len * 10 < long);
        let earlier = state.earlier().unwrap();
        assert!(matches!(known(&earlier, "b.txt"), Some(Known::Done(record)) if record.kept_lines == 49));
        assert!(matches!(known(&earlier, "a.txt"), Some(Known::Begun)), "it was begun again and may be half replaced");
    }

    #[test]
    fn texts_are_noted_when_they_are_met_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::create(folder.path()).unwrap();
        let text = |hash| Text { hash, label: None, text: hash.to_string() };
        for (name, hashes) in [("a", &[1, 2][..]), ("b", &[2, 3]), ("c", &[2, 4, 1])] {
            let mut record = Record::default();
            record.removed = hashes.iter().map(|hash| (*hash, 1)).collect();
            state.done(name.into(), &record, |hash| Some(text(hash))).unwrap();
        }
        let (_, texts) = state.results().unwrap();
        let noted: Vec<Text> = last_of_each(&texts).map(|pair| decode(&pair.unwrap().1).unwrap()).collect();
        assert_eq!(noted, [text(1), text(2)]);
    }
}
