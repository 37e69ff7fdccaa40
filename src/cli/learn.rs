//! Learning the templates of sites: from the documents that are cleaned, and from template files.
//!
//! What can be read twice is learned from before the first document is cleaned, so that each is judged with all of its
//! site in view. What comes from a pipe can only be learned from on its way, for later runs.

use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, available_parallelism};

use anyhow::{Context, Result};
use chaffinch::formats::{Compression, unpack};
use chaffinch::template::{GroupBy, Memory, Sketcher};
use chaffinch::{Basis, Classifier, Document, Judge, Needs, Page, Part, Span, Template, Verdict};

use super::batch::{Stoppable, guarded};
use super::config::{Formats, Judging};
use super::files::Resolver;
use super::output::{OutFile, shown};
use super::records::{self, Outputs, Source};
use super::{Usage, input, plain};

/// No template file of ours is larger.
const LARGEST: u64 = 512 << 20;

/// What template files hold, together.
pub(super) fn read(paths: &[PathBuf]) -> Result<Memory> {
    let mut memory = Memory::default();
    for path in paths {
        let cannot = |e| Usage(format!("cannot read the template file {}: {}", shown(path), plain(&e)));
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(cannot)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Usage(format!("{} is too large for a template file", shown(path))).into());
        }
        memory.merge(Memory::from_bytes(&bytes).with_context(|| shown(path))?);
    }
    Ok(memory)
}

/// Writes a template file.
pub(super) fn write(memory: &Memory, mut file: OutFile) -> Result<()> {
    file.write_all(&memory.to_bytes())?;
    file.finish_synced()
}

/// The template that the command line names.
pub(super) fn template(judging: &Judging) -> Result<Option<Template>> {
    if judging.templates.is_empty() {
        return Ok(None);
    }
    let memory = read(&judging.templates)?;
    Ok(Some(Template::from_elsewhere(&memory, judging.group_by, &names(&judging.templates))))
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ")
}

/// A document that lies in a file.
#[derive(Clone, Debug)]
pub(super) struct Scrape {
    pub(super) path: PathBuf,
    /// What it is called.
    pub(super) name: PathBuf,
    /// Whether it is known to be no link.
    pub(super) plain: bool,
}

/// What is learned of the sites that documents come from.
pub(super) struct Sites<'c> {
    judging: &'c Judging,
    memory: Mutex<Memory>,
    /// What the template files hold that were named.
    known: Memory,
    /// Where it is written, where that was asked for.
    file: Option<OutFile>,
}

impl<'c> Sites<'c> {
    /// Nothing yet, beside what the template files hold that were named. The file `out` is begun, so that what can be
    /// refused is refused before there is work to lose.
    pub(super) fn new(out: Option<&Path>, overwrite: bool, judging: &'c Judging) -> Result<Sites<'c>> {
        let file = out.map(|path| OutFile::create(path, overwrite)).transpose()?;
        Ok(Sites { judging, memory: Mutex::default(), known: read(&judging.templates)?, file })
    }

    /// Learns from files as far as they can be read; what can not is told when it is cleaned. So many files are read at
    /// the same time, and the records of a stream by `each` threads. What comes out
    /// depends neither on the files' order nor on the number of threads.
    pub(super) fn learn(
        &self,
        files: impl Iterator<Item = Scrape> + Send,
        formats: &Formats,
        threads: usize,
        each: usize,
    ) -> Result<()> {
        if self.judging.group_by == GroupBy::None {
            return Ok(());
        }
        let files = Mutex::new(files);
        let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut sketcher = Sketcher::new(self.file.is_some());
            let mut resolver = Resolver::default();
            while let Some(scrape) = next() {
                // What makes it panic will do so again, and be told, when it is cleaned.
                if guarded(|| _ = self.learn_file(&scrape, formats, each, &mut resolver, &mut sketcher)).is_err() {
                    sketcher = Sketcher::new(self.file.is_some());
                }
            }
        };
        thread::scope(|scope| -> Result<()> {
            for i in 0..threads {
                // Fewer threads than were asked for do it too.
                match thread::Builder::new().spawn_scoped(scope, work) {
                    Err(error) if i == 0 => return Err(error).context("cannot start a thread"),
                    Err(_) => break,
                    Ok(_) => {}
                }
            }
            Ok(())
        })
    }

    fn learn_file(
        &self,
        scrape: &Scrape,
        formats: &Formats,
        each: usize,
        resolver: &mut Resolver,
        sketcher: &mut Sketcher,
    ) -> Result<()> {
        let Scrape { path, name, plain } = scrape;
        let document = input::document(path, name, *plain, resolver);
        let format = formats.of_file(name);
        let reader = unpack(Stoppable(File::open(path)?), format.compression)?;
        if formats.is_stream(format) {
            let shown = shown(name);
            let source = Source { reader, document, shown, layout: format.layout, formats, jobs: each };
            let outputs = Outputs {
                clean: &mut io::sink(),
                compression: Compression::None,
                report: None,
                rejects: None,
                tell: &|_| {},
            };
            records::clean_stream(source, outputs, &|| Learner::new(self, Stays), self.judging)?;
        } else if let Some(group) = self.judging.group_by.group(&document) {
            sketcher.learn(reader, self.judging.options.encoding, &group, &self.memory)?;
        }
        Ok(())
    }

    /// A judge that learns on the way from what `judge` decides about, where what is learned is to be written.
    pub(super) fn on_the_way<J: Judge>(&self, judge: J) -> Learner<'_, J> {
        let by = if self.file.is_some() { self.judging.group_by } else { GroupBy::None };
        let mut learner = Learner::new(self, judge);
        learner.by = by;
        learner
    }

    /// What was learned, ready for use; what the template files say where there are no groups to learn from. What is
    /// not to be written is not kept beside it.
    pub(super) fn template(&self) -> Arc<Template> {
        let (by, files) = (self.judging.group_by, names(&self.judging.templates));
        if by == GroupBy::None {
            return Arc::new(Template::from_elsewhere(&self.known, by, &files));
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = if self.file.is_some() { memory.clone() } else { std::mem::take(&mut *memory) };
        if self.known.is_empty() {
            return Arc::new(Template::of_group(&memory, by, by.place()));
        }
        memory.consult(&self.known);
        Arc::new(Template::of_group(&memory, by, &format!("{} and {files}", by.place())))
    }

    /// Writes what was learned.
    pub(super) fn finish(mut self) -> Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        self.known.merge(self.memory.into_inner().unwrap_or_else(PoisonError::into_inner));
        write(&self.known, file)
    }
}

/// A classifier that knows what the documents of a folder, given as path and name of each, have in common: it decides as
/// a batch of them would. A single file has nothing beside it.
pub(super) fn taught<'d>(
    classifier: Classifier,
    input: &Path,
    documents: impl Iterator<Item = (&'d Path, &'d Path)> + Send,
    judging: &Judging,
) -> Result<Classifier> {
    if !input.is_dir() {
        return Ok(classifier);
    }
    Ok(classifier.with_template(of_documents(documents, judging)?))
}

/// What documents, given as path and name of each, have in common.
pub(super) fn of_documents<'d>(
    documents: impl Iterator<Item = (&'d Path, &'d Path)> + Send,
    judging: &Judging,
) -> Result<Arc<Template>> {
    let sites = Sites::new(None, false, judging)?;
    let documents = documents.map(|(path, name)| Scrape { path: path.to_owned(), name: name.to_owned(), plain: false });
    sites.learn(documents, &Formats::default(), available_parallelism().map_or(1, NonZeroUsize::get), 1)?;
    Ok(sites.template())
}

/// Learns from documents while they are judged.
pub(super) struct Learner<'m, J> {
    judge: J,
    memory: &'m Mutex<Memory>,
    by: GroupBy,
    /// The group of the document that is being read.
    group: Option<String>,
    sketcher: Sketcher,
}

impl<'m, J> Learner<'m, J> {
    fn new(sites: &'m Sites<'_>, judge: J) -> Learner<'m, J> {
        let sketcher = Sketcher::new(sites.file.is_some());
        Learner { judge, memory: &sites.memory, by: sites.judging.group_by, group: None, sketcher }
    }

    /// Remembers the document that is over.
    fn keep(&mut self) {
        if let Some(group) = self.group.take() {
            let sketch = self.sketcher.finish();
            self.memory.lock().unwrap_or_else(PoisonError::into_inner).add(&group, sketch);
        }
    }
}

impl<J> Drop for Learner<'_, J> {
    fn drop(&mut self) {
        self.keep();
    }
}

impl<J: Judge> Judge for Learner<'_, J> {
    fn basis(&self) -> Basis {
        self.judge.basis()
    }

    fn start(&mut self, document: &Document) {
        self.keep();
        self.group = self.by.group(document);
        self.judge.start(document);
    }

    fn judge(&mut self, page: &Page, fresh: Range<usize>, span: Span, needs: Needs, out: &mut Vec<Verdict>) {
        if self.group.is_some() {
            let lines = fresh.clone().map(|line| page.line(line));
            lines.filter(|line| line.part == Part::Whole).for_each(|line| self.sketcher.read(line.text));
        }
        self.judge.judge(page, fresh, span, needs, out);
    }
}

/// Decides nothing: every line stays.
struct Stays;

impl Judge for Stays {
    fn start(&mut self, _: &Document) {}

    fn judge(&mut self, _: &Page, fresh: Range<usize>, _: Span, _: Needs, out: &mut Vec<Verdict>) {
        out.resize(fresh.len(), Verdict::new(true, None, 1.0));
    }
}
