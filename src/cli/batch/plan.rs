//! Which files a batch reads and writes, settled before the first of them is touched.
//!
//! Everything that can be refused is refused here: folders that lie in each other, two inputs that would become one
//! output, files that are already there. So a batch that starts does not stop half-way for a reason that could have
//! been known. The plan lies sorted on disk where it is large, and is read from its beginning as often as need be; a
//! job is made when its turn comes.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use chaffinch::report::Format;
use serde::{Deserialize, Serialize};

use super::sorted::{Cursor, Pair, Sorter, Store};
use super::state::{Earlier, decode};
use super::walk::{Found, walk};
use super::{collisions, names, present};
use crate::cli::Usage;
use crate::cli::config::{Batch, Formats, Reports};
use crate::cli::files::resolve;
use crate::cli::output::{plain, shown};

/// Name of the batch's numbers in the report folder.
pub(crate) const SUMMARY: &str = "summary.json";
/// Name of the page that links to every report in the report folder.
pub(crate) const INDEX: &str = "index.html";

/// One document of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// What it is sorted and remembered by.
    pub(crate) key: Vec<u8>,
    /// The file to read.
    pub(crate) input: PathBuf,
    /// Its size when it was found.
    pub(crate) bytes: u64,
    /// Whether it was a file then, and no link to one.
    pub(crate) plain: bool,
    /// Its name below the input folder, which is also the clean text's name below the output folder.
    pub(crate) name: PathBuf,
    /// The clean text's file.
    pub(crate) clean: PathBuf,
    /// The report's name below the report folder, and its file.
    pub(crate) report: Option<(PathBuf, PathBuf)>,
    /// The file for records that can not be cleaned, where it is a stream of records.
    pub(crate) rejects: Option<PathBuf>,
}

impl Job {
    /// The files it writes.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Path> {
        let report = self.report.as_ref().map(|(_, path)| path.as_path());
        std::iter::once(self.clean.as_path()).chain(report).chain(self.rejects.as_deref())
    }
}

/// What was found under a name.
#[derive(Debug, Serialize, Deserialize)]
enum Entry {
    /// A document below the root of this number.
    Document { root: u32, bytes: u64, plain: bool },
    /// What can not even be looked at, and why.
    Unreadable { name: Vec<u8>, message: String },
}

/// What is planned under a name.
#[derive(Debug)]
pub(crate) enum Item {
    Job(Job),
    /// What can not be looked at: its name, and why.
    Unreadable(PathBuf, String),
}

/// What a batch is going to do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The inputs, and whether they are folders.
    roots: Vec<(PathBuf, bool)>,
    /// [`Entry`]s by their names' keys.
    entries: Store,
    pub(crate) out: PathBuf,
    pub(crate) reports: Option<Reports>,
    pub(crate) rejects: Option<PathBuf>,
    formats: Formats,
    /// Documents.
    pub(crate) documents: u64,
    /// Their bytes, as far as they are known.
    pub(crate) bytes: u64,
    /// What can not be looked at.
    pub(crate) failures: u64,
}

impl Plan {
    /// Finds the documents and settles where everything goes. What an earlier batch put there may be replaced.
    pub(crate) fn new(batch: &Batch, earlier: &Earlier) -> Result<Plan> {
        Plan::with(batch, earlier, &mut |_| {})
    }

    /// The same, and how many documents were found is told now and then.
    pub(crate) fn with(batch: &Batch, earlier: &Earlier, tell: &mut dyn FnMut(u64)) -> Result<Plan> {
        must_be_folder("--out", &batch.out)?;
        if let Some(reports) = &batch.reports {
            must_be_folder("--report", &reports.folder)?;
        }
        if let Some(rejects) = &batch.rejects {
            must_be_folder("--rejects", rejects)?;
        }
        let mut plan = Plan {
            roots: Vec::new(),
            entries: Store::empty(),
            out: batch.out.clone(),
            reports: batch.reports.clone(),
            rejects: batch.rejects.clone(),
            formats: batch.formats.clone(),
            documents: 0,
            bytes: 0,
            failures: 0,
        };
        plan.find(batch, tell)?;
        collisions::refuse(&plan)?;
        present::refuse(&plan, batch.overwrite, earlier)?;
        Ok(plan)
    }

    fn find(&mut self, batch: &Batch, tell: &mut dyn FnMut(u64)) -> Result<()> {
        let mut sorter = Sorter::new();
        for input in &batch.inputs {
            let root = self.roots.len() as u32;
            let data = fs::metadata(input);
            let folder = data.as_ref().is_ok_and(fs::Metadata::is_dir);
            self.roots.push((input.clone(), folder));
            if folder {
                apart(input, &batch.out, "--out")?;
                if let Some(reports) = &batch.reports {
                    apart(input, &reports.folder, "--report")?;
                }
                if let Some(rejects) = &batch.rejects {
                    apart(input, rejects, "--rejects")?;
                }
                walk(input, &batch.selection, |found| {
                    tell(self.documents);
                    self.add(&mut sorter, root, found)
                })?;
                continue;
            }
            let found = match data {
                Ok(data) => {
                    let name = input.file_name().unwrap_or_default().into();
                    Found::Document { name, bytes: data.len(), plain: false }
                }
                Err(error) => {
                    Found::Unreadable { name: input.clone(), message: format!("cannot read: {}", plain(&error)) }
                }
            };
            self.add(&mut sorter, root, found)?;
        }
        self.entries = sorter.finish()?;
        let mut before: Option<Pair> = None;
        for pair in self.entries.iter() {
            let pair = pair?;
            if let Some(before) = before.filter(|before| before.0 == pair.0)
                && let (Entry::Document { root: a, .. }, Entry::Document { root: b, .. }) =
                    (decode(&before.1)?, decode(&pair.1)?)
            {
                let name = names::path(&names::of_key(&pair.0));
                return Err(Usage(format!(
                    "{} and {} would both become {}; clean them one after the other into two folders",
                    shown(&self.input(a, &name)),
                    shown(&self.input(b, &name)),
                    shown(&self.out.join(&name)),
                ))
                .into());
            }
            before = Some(pair);
        }
        Ok(())
    }

    fn add(&mut self, sorter: &mut Sorter, root: u32, found: Found) -> io::Result<()> {
        let (name, entry) = match found {
            Found::Document { name, bytes, plain } => {
                self.documents += 1;
                self.bytes += bytes;
                (name, Entry::Document { root, bytes, plain })
            }
            Found::Unreadable { name, message } => {
                self.failures += 1;
                let bytes = name.as_os_str().as_encoded_bytes().to_vec();
                (name, Entry::Unreadable { name: bytes, message })
            }
        };
        let value = postcard::to_allocvec(&entry).map_err(io::Error::other)?;
        sorter.push(&names::key(&names::bytes(&name)), &value)
    }

    fn input(&self, root: u32, name: &Path) -> PathBuf {
        match self.roots.get(root as usize) {
            Some((folder, true)) => folder.join(name),
            Some((file, false)) => file.clone(),
            None => name.to_owned(),
        }
    }

    /// All there is to do and to tell, in the order of the names.
    pub(crate) fn items(&self) -> Items<'_> {
        Items { plan: self, cursor: self.entries.iter(), next: None, group: Vec::new(), started: false }
    }

    /// The documents, in the order of their names.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = io::Result<Job>> {
        self.items().filter_map(|item| match item {
            Ok(Item::Job(job)) => Some(Ok(job)),
            Ok(Item::Unreadable(..)) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

/// The items of a [`Plan`], one after the other.
#[derive(Debug)]
pub(crate) struct Items<'p> {
    plan: &'p Plan,
    cursor: Cursor<'p>,
    next: Option<Pair>,
    /// What the file before and its neighbours have in common.
    group: Vec<u8>,
    started: bool,
}

impl Items<'_> {
    fn item(&mut self) -> io::Result<Option<Item>> {
        if !self.started {
            self.started = true;
            self.next = self.cursor.next().transpose()?;
        }
        if let Some((key, value)) = self.next.take() {
            self.next = self.cursor.next().transpose()?;
            let group = names::group(&key);
            let next = self.next.as_ref().map(|(key, _)| names::group(key));
            let alone = self.group != group && next != Some(group);
            self.group = group.to_vec();
            let (root, bytes, plain) = match decode(&value)? {
                Entry::Document { root, bytes, plain } => (root, bytes, plain),
                Entry::Unreadable { name, message } => return Ok(Some(Item::Unreadable(names::path(&name), message))),
            };
            let name = names::path(&names::of_key(&key));
            let stream = self.plan.formats.is_stream(self.plan.formats.of_file(&name));
            let report = self.plan.reports.as_ref().map(|reports| {
                // The report of many documents is for programs.
                let format = if stream { Format::Jsonl } else { reports.format };
                let report = report_name(&name, format, alone);
                let path = reports.folder.join(&report);
                (report, path)
            });
            let (input, clean) = (self.plan.input(root, &name), self.plan.out.join(&name));
            let rejects = self.plan.rejects.as_ref().filter(|_| stream).map(|folder| folder.join(&name));
            return Ok(Some(Item::Job(Job { key, input, bytes, plain, name, clean, report, rejects })));
        }
        Ok(None)
    }
}

impl Iterator for Items<'_> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<io::Result<Item>> {
        self.item().transpose()
    }
}

/// The report's name: the document's with the format's extension, or added to it where two would be the same.
fn report_name(name: &Path, format: Format, alone: bool) -> PathBuf {
    let short = name.with_extension(format.name());
    if alone && short != Path::new(SUMMARY) && short != Path::new(INDEX) {
        return short;
    }
    let mut long = OsString::from(name);
    long.push(".");
    long.push(format.name());
    long.into()
}

fn must_be_folder(option: &str, path: &Path) -> Result<(), Usage> {
    match fs::metadata(path) {
        Ok(data) if !data.is_dir() => Err(Usage(format!(
            "{option} {}: that is a file, and a folder is needed for several documents",
            shown(path)
        ))),
        _ => Ok(()),
    }
}

/// Refuses an output folder that is the input folder, lies in it or holds it: the next run would clean its own output.
fn apart(input: &Path, output: &Path, option: &str) -> Result<(), Usage> {
    let (Ok(inside), Ok(outside)) = (resolve(input), resolve(output)) else {
        return Err(Usage(format!("{option} {}: that path can not be resolved", shown(output))));
    };
    let relation = if inside == outside {
        "is the input folder"
    } else if outside.starts_with(&inside) {
        "lies in the input folder"
    } else if inside.starts_with(&outside) {
        "holds the input folder"
    } else {
        return Ok(());
    };
    Err(Usage(format!("{option} {} {relation} {}; choose one beside it", shown(output), shown(input))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(files: &[&str], reports: Option<Format>) -> (tempfile::TempDir, Result<Plan>) {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join("in").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let mut batch = Batch::new(vec![folder.path().join("in")], folder.path().join("out"));
        batch.reports = reports.map(|format| Reports { folder: folder.path().join("rep"), format });
        let plan = Plan::new(&batch, &Earlier::nothing());
        (folder, plan)
    }

    fn reports(files: &[&str], format: Format) -> Vec<String> {
        let (_folder, plan) = plan(files, Some(format));
        let names = plan.unwrap().jobs().map(|job| job.unwrap().report.unwrap().0).collect::<Vec<_>>();
        names.iter().map(|path| path.to_str().unwrap().replace('\\', "/")).collect()
    }

    #[test]
    fn reports_are_called_like_their_documents() {
        let names = reports(&["a/b.txt", "c.d.txt", "e"], Format::Jsonl);
        assert_eq!(names, ["a/b.jsonl", "c.d.jsonl", "e.jsonl"]);
    }

    #[test]
    fn names_that_would_meet_stay_whole() {
        assert_eq!(reports(&["a.md", "a.txt", "a.x/y"], Format::Diff), ["a.md.diff", "a.txt.diff", "a.x/y.diff"]);
        let names = reports(&["index.txt", "b/index.txt"], Format::Html);
        assert_eq!(names, ["b/index.html", "index.txt.html"]);
        let (_folder, plan) = plan(&["a.md", "a.txt", "a.txt.x"], Some(Format::Diff));
        assert!(plan.unwrap_err().to_string().contains("a.txt.diff would be written twice"));
    }

    #[test]
    fn a_plan_is_sorted_and_can_be_read_again() {
        let (_folder, plan) = plan(&["b/2.txt", "b/10.txt", "a.txt", ".hidden", ".git/x.txt"], None);
        let plan = plan.unwrap();
        assert_eq!((plan.documents, plan.bytes), (3, 3));
        for _ in 0..2 {
            let names: Vec<_> = plan.jobs().map(|job| job.unwrap().name).collect();
            assert_eq!(names, [Path::new("a.txt"), Path::new("b/10.txt"), Path::new("b/2.txt")]);
        }
    }
}
