//! Sorting more than memory holds.
//!
//! A batch may have more documents than there is memory for their names. What has to be in order (documents by name,
//! results by document, removed texts by hash) is sorted here in a fixed budget: what does not fit is written to
//! temporary files without a name, which are gone with the process however it ends.

use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Bytes that are sorted in memory at a time.
const BUDGET: usize = 16 << 20;
/// Sorted runs that are merged at a time.
const FAN_IN: usize = 64;
/// Bytes that are read of a file at a time.
const READ: usize = 32 << 10;

/// Gathers pairs of key and value, and gives them back in the order of the keys; equal keys in the order they came.
#[derive(Debug)]
pub(crate) struct Sorter {
    budget: usize,
    frames: Vec<u8>,
    /// Where each pair begins in `frames`, and the length of its key.
    starts: Vec<(usize, usize)>,
    runs: Vec<Store>,
}

impl Sorter {
    pub(crate) fn new() -> Sorter {
        Sorter::with_budget(BUDGET)
    }

    fn with_budget(budget: usize) -> Sorter {
        Sorter { budget, frames: Vec::new(), starts: Vec::new(), runs: Vec::new() }
    }

    /// Adds a pair.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.starts.push((self.frames.len(), key.len()));
        frame(&mut self.frames, key, value)?;
        if self.frames.len() + self.starts.len() * size_of::<(usize, usize)>() >= self.budget {
            let run = self.take(true)?;
            self.runs.push(run);
            if self.runs.len() == FAN_IN {
                // The merged run holds what came first, so it stands first.
                self.runs = vec![merge(&std::mem::take(&mut self.runs))?];
            }
        }
        Ok(())
    }

    /// All of them, sorted, to be read as often as need be.
    pub(crate) fn finish(mut self) -> io::Result<Store> {
        if self.runs.is_empty() {
            return self.take(false);
        }
        let last = self.take(true)?;
        self.runs.push(last);
        merge(&self.runs)
    }

    /// What is in memory, sorted.
    fn take(&mut self, to_disk: bool) -> io::Result<Store> {
        let frames = &self.frames;
        let key = |&(start, len): &(usize, usize)| &frames[start + HEAD..start + HEAD + len];
        self.starts.sort_by(|a, b| key(a).cmp(key(b)));
        let sorted = self.starts.iter().map(|&(start, _)| {
            let (key, value) = lengths(&frames[start..start + HEAD]);
            &frames[start..start + HEAD + key + value]
        });
        let store = if to_disk {
            let mut out = BufWriter::with_capacity(READ, tempfile::tempfile()?);
            sorted.into_iter().try_for_each(|frame| out.write_all(frame))?;
            Store::File(out.into_inner().map_err(io::IntoInnerError::into_error)?)
        } else {
            Store::Memory(sorted.flatten().copied().collect())
        };
        self.frames.clear();
        self.starts.clear();
        Ok(store)
    }
}

fn merge(runs: &[Store]) -> io::Result<Store> {
    let mut out = BufWriter::with_capacity(READ, tempfile::tempfile()?);
    let mut cursors: Vec<Cursor<'_>> = runs.iter().map(Store::iter).collect();
    let mut heads = cursors.iter_mut().map(|cursor| cursor.next().transpose()).collect::<io::Result<Vec<_>>>()?;
    let mut bytes = Vec::new();
    // Of equal keys the first is taken, which is the one of the earliest run.
    while let Some(least) =
        (0..heads.len()).filter(|&i| heads[i].is_some()).min_by_key(|&i| heads[i].as_ref().map(|p| &p.0))
    {
        if let Some((key, value)) = heads[least].take() {
            bytes.clear();
            frame(&mut bytes, &key, &value)?;
            out.write_all(&bytes)?;
        }
        heads[least] = cursors[least].next().transpose()?;
    }
    Ok(Store::File(out.into_inner().map_err(io::IntoInnerError::into_error)?))
}

/// Length of the key and of the value, before them.
const HEAD: usize = 8;

fn frame(out: &mut Vec<u8>, key: &[u8], value: &[u8]) -> io::Result<()> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| io::Error::other("a record is too large"));
    out.extend_from_slice(&length(key)?.to_le_bytes());
    out.extend_from_slice(&length(value)?.to_le_bytes());
    out.extend_from_slice(key);
    out.extend_from_slice(value);
    Ok(())
}

fn lengths(head: &[u8]) -> (usize, usize) {
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
    (number(0), number(4))
}

/// Pairs in the order of their keys.
#[derive(Debug)]
pub(crate) enum Store {
    Memory(Vec<u8>),
    File(File),
}

impl Store {
    /// Nothing.
    pub(crate) fn empty() -> Store {
        Store::Memory(Vec::new())
    }

    /// From the first to the last.
    pub(crate) fn iter(&self) -> Cursor<'_> {
        Cursor { store: self, at: 0, buffer: Vec::new(), used: 0 }
    }
}

/// A pair of key and value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Where a reader of a [`Store`] is. Several may read it at once.
#[derive(Debug)]
pub(crate) struct Cursor<'s> {
    store: &'s Store,
    /// What follows `buffer` in the store.
    at: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl Cursor<'_> {
    fn read(&mut self, len: usize) -> io::Result<Option<Vec<u8>>> {
        if let Store::Memory(all) = self.store {
            let start = self.at as usize;
            let Some(bytes) = all.get(start..start + len).filter(|_| start < all.len() || len == 0) else {
                return Ok(None);
            };
            self.at += len as u64;
            return Ok(Some(bytes.to_vec()));
        }
        while self.buffer.len() - self.used < len {
            if !self.fill(len)? {
                return match self.buffer.len() == self.used {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
        self.used += len;
        Ok(Some(self.buffer[self.used - len..self.used].to_vec()))
    }

    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        let Store::File(file) = self.store else { return Ok(false) };
        self.buffer.drain(..self.used);
        self.used = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + READ.max(wanted), 0);
        let got = read_at(file, &mut self.buffer[old..], self.at)?;
        self.buffer.truncate(old + got);
        self.at += got as u64;
        Ok(got > 0)
    }
}

impl Iterator for Cursor<'_> {
    type Item = io::Result<Pair>;

    fn next(&mut self) -> Option<io::Result<Pair>> {
        let mut pair = || -> io::Result<Option<Pair>> {
            let Some(head) = self.read(HEAD)? else { return Ok(None) };
            let (key, value) = lengths(&head);
            let torn = || io::Error::from(io::ErrorKind::UnexpectedEof);
            Ok(Some((self.read(key)?.ok_or_else(torn)?, self.read(value)?.ok_or_else(torn)?)))
        };
        pair().transpose()
    }
}

/// Reads in a file that others read too.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads in a file that others read too.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Finds keys that are asked for in their order, the last of equal ones.
#[derive(Debug)]
pub(crate) struct Lookup<'s> {
    cursor: Cursor<'s>,
    next: Option<Pair>,
}

impl<'s> Lookup<'s> {
    pub(crate) fn new(store: &'s Store) -> io::Result<Lookup<'s>> {
        let mut cursor = store.iter();
        let next = cursor.next().transpose()?;
        Ok(Lookup { cursor, next })
    }

    /// The value of `key`, which is not less than those asked for before.
    pub(crate) fn get(&mut self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let mut found = None;
        while let Some((at, _)) = &self.next
            && at.as_slice() <= key
        {
            let equal = at == key;
            let taken = std::mem::replace(&mut self.next, self.cursor.next().transpose()?);
            if equal {
                found = taken.map(|(_, value)| value);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(budget: usize, keys: &[u32]) -> Vec<(u32, u32)> {
        let mut sorter = Sorter::with_budget(budget);
        for (i, key) in keys.iter().enumerate() {
            sorter.push(&key.to_be_bytes(), &(i as u32).to_be_bytes()).unwrap();
        }
        let store = sorter.finish().unwrap();
        let number = |bytes: Vec<u8>| u32::from_be_bytes(bytes.try_into().unwrap());
        let read =
            |store: &Store| store.iter().map(|pair| pair.map(|(k, v)| (number(k), number(v))).unwrap()).collect();
        let once: Vec<_> = read(&store);
        assert_eq!(once, read(&store));
        once
    }

    #[test]
    fn what_does_not_fit_is_sorted_alike() {
        let keys: Vec<u32> = (0..20_000u32).map(|i| i.wrapping_mul(2_654_435_761) % 997).collect();
        let mut expected: Vec<(u32, u32)> = keys.iter().copied().zip(0..).collect();
        expected.sort_unstable();
        for budget in [1 << 30, 40_000, 4000] {
            assert_eq!(sorted(budget, &keys), expected, "{budget}");
        }
        assert_eq!(sorted(10, &[]), []);
        assert_eq!(sorted(1, &[3]), [(3, 0)]);
    }

    #[test]
    fn keys_are_looked_up_in_their_order() {
        let mut sorter = Sorter::with_budget(64);
        for (key, value) in [("b", "old"), ("d", ""), ("b", "new"), ("a", "x")] {
            sorter.push(key.as_bytes(), value.as_bytes()).unwrap();
        }
        let store = sorter.finish().unwrap();
        let mut lookup = Lookup::new(&store).unwrap();
        let got = ["b", "c", "d", "e"].map(|key| lookup.get(key.as_bytes()).unwrap());
        assert_eq!(got, [Some(b"new".to_vec()), None, Some(Vec::new()), None]);
    }
}
