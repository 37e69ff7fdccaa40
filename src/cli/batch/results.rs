//! What a batch came to, read back from its state in the order of the names.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use anyhow::Result;
use chaffinch::Alarm;
use chaffinch::report::Stats;

use super::frequent::{Frequency, Frequent};
use super::keyed::Keyed;
use super::plan::{Item, Job, Plan};
use super::record::{Record, Text};
use super::sorted::{Lookup, Store};
use super::state::{Known, decode, last_of_each};

/// Documents of each kind that are listed as deserving a look.
const LISTED: usize = 100;
/// How many of the least certain are.
const LEAST_CERTAIN: usize = 25;
/// Removed lines that are listed.
const TOP: usize = 500;
/// Hashes of lines that are held in memory to tell which ones need no counting.
const NOTED: usize = 1 << 20;
/// A document is not listed as doubtful below this share of doubtful text, in 1/10,000.
const DOUBTFUL: u16 = 300;

/// What became of a document.
#[derive(Debug)]
pub(crate) enum Told {
    Done(Job, Box<Record>),
    /// The name of what could not be cleaned, and why.
    Failed(PathBuf, String),
}

/// The results on disk.
#[derive(Debug)]
pub(crate) struct Results<'p> {
    pub(crate) plan: &'p Plan,
    /// What is known of every document.
    pub(crate) documents: Store,
    /// The texts of removed lines, by hash.
    pub(crate) texts: Store,
}

impl Results<'_> {
    /// All of them, in the order of the names.
    pub(crate) fn iter(&self) -> io::Result<impl Iterator<Item = io::Result<Told>>> {
        let mut known = Lookup::new(&self.documents)?;
        Ok(self.plan.items().map(move |item| {
            Ok(match item? {
                Item::Unreadable(name, message) => Told::Failed(name, message),
                Item::Job(job) => match known.get(&job.key)?.map(|value| decode(&value)).transpose()? {
                    Some(Known::Done(record)) => Told::Done(job, record),
                    Some(Known::Failed(message)) => Told::Failed(job.name, message),
                    Some(Known::Begun) | None => Told::Failed(job.name, "it was not come to".into()),
                },
            })
        }))
    }

    /// What is told of all of them together.
    pub(crate) fn overview(&self) -> Result<Overview> {
        let mut overview = Overview::default();
        let mut frequent = Frequent::new();
        let noted = self.noted()?;
        for (place, told) in (0..).zip(self.iter()?) {
            match told? {
                Told::Failed(name, message) => {
                    overview.failures += 1;
                    keep(&mut overview.failed, (name, message));
                }
                Told::Done(job, record) => {
                    let counts = |hash: &u64| noted.as_ref().is_none_or(|noted| noted.contains(hash));
                    let removed = record.removed.iter().filter(|(hash, _)| counts(hash));
                    removed.for_each(|(hash, lines)| frequent.add(place, *hash, *lines));
                    overview.add(job, *record);
                }
            }
        }
        overview.doubtful.sort_by_key(|listed| std::cmp::Reverse(listed.1.doubt));
        overview.doubtful.truncate(LEAST_CERTAIN);
        let (top, low) = frequent.top(TOP);
        overview.low = low;
        overview.lines = self.lines(top)?;
        Ok(overview)
    }

    /// The hashes of the lines whose text was noted, if they are not too many: all lines that were removed from more than
    /// one document, and few of the others, which need not be counted.
    fn noted(&self) -> io::Result<Option<HashSet<u64, Keyed>>> {
        let mut noted = HashSet::default();
        for pair in self.texts.iter() {
            noted.extend(pair?.0.try_into().ok().map(u64::from_be_bytes));
            if noted.len() > NOTED {
                return Ok(None);
            }
        }
        Ok(Some(noted))
    }

    /// The texts of these lines, and the documents they were first met in.
    fn lines(&self, top: Vec<Frequency>) -> Result<Vec<Line>> {
        let mut texts: HashMap<u64, Option<Text>> = top.iter().map(|count| (count.hash, None)).collect();
        let mut firsts: HashMap<u64, Option<Job>> = top.iter().map(|count| (count.first, None)).collect();
        for pair in last_of_each(&self.texts) {
            let text: Text = decode(&pair?.1)?;
            if let Some(slot) = texts.get_mut(&text.hash) {
                *slot = Some(text);
            }
        }
        for (place, item) in (0..).zip(self.plan.items()) {
            if let (Item::Job(job), Some(slot)) = (item?, firsts.get_mut(&place)) {
                *slot = Some(job);
            }
        }
        let line = |count: Frequency| {
            let text = texts.get_mut(&count.hash)?.take()?;
            Some(Line { text, count, first: firsts.get(&count.first)?.clone()? })
        };
        Ok(top.into_iter().filter_map(line).collect())
    }
}

/// A line that was removed more than once.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) text: Text,
    pub(crate) count: Frequency,
    pub(crate) first: Job,
}

/// A document, and what became of it.
pub(crate) type Listed = (Job, Record);

/// All documents together.
#[derive(Debug, Default)]
pub(crate) struct Overview {
    pub(crate) documents: u64,
    pub(crate) failures: u64,
    pub(crate) stats: Stats,
    pub(crate) alarms: u64,
    pub(crate) text_lines: u64,
    pub(crate) kept_lines: u64,
    /// The first of those that could not be cleaned, whole or in part, that came out empty or nearly, and untouched.
    pub(crate) failed: Vec<(PathBuf, String)>,
    pub(crate) emptied: Vec<Listed>,
    pub(crate) untouched: Vec<Listed>,
    /// The most doubtful ones, those first.
    pub(crate) doubtful: Vec<Listed>,
    /// The lines that were removed most often, those first.
    pub(crate) lines: Vec<Line>,
    /// By how much their counts may be low.
    pub(crate) low: u64,
}

impl Overview {
    /// Whether there is a document that a person should see.
    pub(crate) fn deserve_a_look(&self) -> bool {
        let listed = self.failed.len() + self.emptied.len() + self.untouched.len() + self.doubtful.len();
        listed > 0
    }

    fn add(&mut self, job: Job, mut record: Record) {
        self.documents += 1;
        self.stats.merge(&record.stats());
        self.text_lines += record.text_lines;
        self.kept_lines += record.kept_lines;
        record.removed = Vec::new();
        if let Some(message) = record.bad_records() {
            self.failures += 1;
            keep(&mut self.failed, (job.name.clone(), message));
        }
        match record.alarm() {
            None => {}
            Some(alarm) => {
                self.alarms += 1;
                let list = if alarm == Alarm::Untouched { &mut self.untouched } else { &mut self.emptied };
                return keep(list, (job, record));
            }
        }
        // A few lines say little of how well a page was understood.
        if record.text_lines < 10 || record.doubt < DOUBTFUL {
            return;
        }
        self.doubtful.push((job, record));
        if self.doubtful.len() >= 2 * LEAST_CERTAIN {
            // Equal ones keep the order of their names.
            self.doubtful.sort_by_key(|listed| std::cmp::Reverse(listed.1.doubt));
            self.doubtful.truncate(LEAST_CERTAIN);
        }
    }
}

fn keep<T>(list: &mut Vec<T>, one: T) {
    if list.len() < LISTED {
        list.push(one);
    }
}
