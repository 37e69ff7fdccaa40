//! Cleans the records of a batch: what of each goes to the output, to the report and to what is set aside.

use std::path::PathBuf;

use encoding_rs::UTF_8;

use super::batch::{Batch, Kind};
use super::jsonl::{Cut, Object};
use super::labels::Labels;
use super::{Layout, warc};
use crate::error::Result;
use crate::pipeline::{Cleaner, Options};
use crate::report::{CleanText, Jsonl, Stats};
use crate::sink::{Decided, Document, Needs, Sink, Summary};
use crate::window::Judge;

/// What is to be done with the records of a stream.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Editing {
    /// How they lie in it.
    pub layout: Layout,
    /// What the stream is called. Its third record is the document `NAME:3`.
    pub name: String,
    /// Where it lies, from the root, for answers about a folder.
    pub path: Option<PathBuf>,
    /// The field of a JSON object that holds the text.
    pub text_field: String,
    /// The field that is added to a JSON object, with the labels of the text's lines.
    pub labels_field: Option<String>,
    /// Whether a report is wanted, as JSON Lines, and what it counts.
    pub report: bool,
    /// Whether records that can not be cleaned are wanted.
    pub rejects: bool,
    /// Whether to stop at the first record that can not be cleaned.
    pub strict: bool,
}

impl Editing {
    fn record_name(&self, number: u64) -> String {
        format!("{}:{number}", self.name)
    }

    /// What is known of a record before it has been looked into.
    pub(super) fn document(&self, number: u64) -> Document {
        let mut document = Document::new(self.record_name(number));
        document.path = self.path.as_ref().map(|path| {
            let mut path = path.clone().into_os_string();
            path.push(format!(":{number}"));
            path.into()
        });
        document
    }
}

/// A record that can not be cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Of the record, counted from 1: of JSON Lines the line, of a web archive the record of any type.
    pub number: u64,
    /// What is wrong with it.
    pub message: String,
}

/// What became of a batch.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Product {
    /// What goes to the output.
    pub clean: Vec<u8>,
    /// Where in it a record of a web archive ends, which is compressed by itself.
    pub ends: Vec<usize>,
    /// What goes to the report: the records of each document's report, one after the other, and a `failure` record
    /// for each record that could not be cleaned.
    pub report: Vec<u8>,
    /// The records that could not be cleaned, as they were.
    pub rejects: Vec<u8>,
    /// Why they could not be.
    pub failures: Vec<Failure>,
    /// Records that were cleaned.
    pub records: u64,
    /// How many of them have an alarm.
    pub alarms: u64,
    /// The sum of their summaries.
    pub summary: Summary,
    /// Counts by label, where a report is wanted.
    pub stats: Stats,
}

/// Cleans records; each thread has its own.
#[derive(Debug)]
pub struct Editor<J> {
    cleaner: Cleaner<J>,
    editing: Editing,
    text: String,
    labels: String,
    block: Vec<u8>,
}

impl<J: Judge> Editor<J> {
    /// An editor that asks `judge`. The encoding of `options` is of no account: records are UTF-8.
    pub fn new(judge: J, options: &Options, editing: Editing) -> Editor<J> {
        let options = Options { encoding: Some(UTF_8), ..*options };
        let cleaner = Cleaner::new(judge, &options);
        Editor { cleaner, editing, text: String::new(), labels: String::new(), block: Vec::new() }
    }

    /// Cleans the records of a batch.
    ///
    /// # Errors
    /// Whatever a sink fails with that writes to memory: nothing.
    pub fn edit(&mut self, batch: &Batch) -> Result<Product> {
        let mut product = Product::default();
        product.clean.reserve(batch.len());
        for (bytes, number, kind) in batch.units() {
            let wrong = match kind {
                Kind::Record(part) => self.record(bytes, part.clone(), number, &mut product)?,
                Kind::Through { last } => {
                    product.clean.extend_from_slice(bytes);
                    if *last {
                        product.ends.push(product.clean.len());
                    }
                    None
                }
                Kind::Bad(why) => Some(why.clone()),
                Kind::MoreBad => {
                    if self.editing.rejects {
                        product.rejects.extend_from_slice(bytes);
                    }
                    None
                }
            };
            if let Some(message) = wrong {
                if self.editing.rejects {
                    product.rejects.extend_from_slice(bytes);
                }
                if self.editing.report {
                    let name = self.editing.record_name(number);
                    Jsonl::new(&mut product.report).failure(&name, number, &message)?;
                }
                product.failures.push(Failure { number, message });
                if self.editing.strict {
                    break;
                }
            }
        }
        Ok(product)
    }

    /// Cleans one; what is wrong with it where that can not be.
    fn record(
        &mut self,
        bytes: &[u8],
        part: std::ops::Range<usize>,
        number: u64,
        product: &mut Product,
    ) -> Result<Option<String>> {
        let mut document = self.editing.document(number);
        match self.editing.layout {
            Layout::Text => {
                document.bytes = Some(part.len() as u64);
                let mut clean = std::mem::take(&mut product.clean);
                let result = self.clean(&bytes[part], document, &mut CleanText::new(&mut clean), product);
                product.clean = clean;
                result?;
            }
            Layout::Jsonl => return self.line(bytes, document, product),
            Layout::Warc => {
                document.bytes = Some(part.len() as u64);
                document.url = warc::Head::parse(&bytes[..part.start]).ok().and_then(|head| head.url);
                self.block(bytes, part, document, product)?;
            }
        }
        Ok(None)
    }

    fn line(&mut self, line: &[u8], mut document: Document, product: &mut Product) -> Result<Option<String>> {
        let mut text = std::mem::take(&mut self.text);
        let new_field = self.editing.labels_field.as_deref();
        let mut object = match Object::parse(line, &self.editing.text_field, new_field, &mut text) {
            Ok(object) => object,
            Err(wrong) => {
                self.text = text;
                return Ok(Some(wrong));
            }
        };
        document.url = object.url();
        document.bytes = Some(text.len() as u64);
        let mut clean = std::mem::take(&mut product.clean);
        clean.extend_from_slice(object.before().as_bytes());
        let mut labels = std::mem::take(&mut self.labels);
        let mut cut = Cut::new(object.characters(), &mut clean);
        let result = if new_field.is_some() {
            let mut list = Labels::new(&mut labels);
            let result = self.clean(text.as_bytes(), document, &mut Both(cut, &mut list), product);
            list.end();
            result
        } else {
            self.clean(text.as_bytes(), document, &mut cut, product)
        };
        let (middle, end) = object.after();
        clean.extend_from_slice(middle.as_bytes());
        if let Some(name) = &self.editing.labels_field {
            clean.extend_from_slice(format!(",{}:{labels}", serde_json::Value::from(&**name)).as_bytes());
        }
        clean.extend_from_slice(end.as_bytes());
        (product.clean, self.labels, self.text) = (clean, labels, text);
        result?;
        Ok(None)
    }

    fn block(
        &mut self,
        record: &[u8],
        part: std::ops::Range<usize>,
        document: Document,
        product: &mut Product,
    ) -> Result<()> {
        let (header, block, trailer) = (&record[..part.start], &record[part.clone()], &record[part.end..]);
        let mut clean = std::mem::take(&mut self.block);
        clean.clear();
        let result = self.clean(block, document, &mut CleanText::new(&mut clean), product);
        if result.is_ok() && clean != block {
            warc::rewrite(header, block, &clean, &mut product.clean);
            product.clean.extend_from_slice(&clean);
            product.clean.extend_from_slice(trailer);
        } else {
            product.clean.extend_from_slice(record);
        }
        product.ends.push(product.clean.len());
        self.block = clean;
        result
    }

    /// Cleans a text into `sink`, and into the report.
    fn clean(&mut self, text: &[u8], document: Document, sink: &mut dyn Sink, product: &mut Product) -> Result<()> {
        let Product { report, stats, .. } = product;
        let summary = if self.editing.report {
            let mut report = Both(Jsonl::new(report), stats);
            self.cleaner.clean(text, document, &mut Both(sink, &mut report))?
        } else {
            self.cleaner.clean(text, document, sink)?
        };
        product.records += 1;
        product.alarms += u64::from(summary.alarm.is_some());
        product.summary.add(&summary);
        Ok(())
    }
}

/// Two sinks as one.
struct Both<A, B>(A, B);

impl<A: Sink, B: Sink> Sink for Both<A, B> {
    fn needs(&self) -> Needs {
        self.0.needs().or(self.1.needs())
    }

    fn begin(&mut self, document: &Document) -> Result<()> {
        self.0.begin(document)?;
        self.1.begin(document)
    }

    fn line(&mut self, decided: &Decided<'_>) -> Result<()> {
        self.0.line(decided)?;
        self.1.line(decided)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.0.finish(summary)?;
        self.1.finish(summary)
    }
}
