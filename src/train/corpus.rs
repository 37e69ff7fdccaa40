//! The labelled pages that the model is trained on.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::fold::fold;
use crate::line::Page;

#[derive(Deserialize)]
struct Record {
    id: String,
    source: String,
    site: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    dump: String,
    text: String,
    #[serde(default)]
    labels: Option<String>,
    #[serde(default)]
    line_labels: Option<Vec<Option<String>>>,
    fold: u8,
}

/// What is known of the right answer for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Unknown,
    Keep,
    Drop,
    Label(u8),
}

/// A labelled page.
pub(crate) struct Document {
    pub id: String,
    pub source: String,
    pub dump: String,
    pub site: u32,
    pub kind: u8,
    pub fold: u8,
    pub page: Page,
    /// One for each line.
    pub truth: Vec<Truth>,
    /// Labels of the same lines in another dump of the page, where they are known.
    pub labels: Vec<Option<u8>>,
    /// From the corpus of labelled lines.
    pub labelled: bool,
}

/// The page types in the order of the model.
pub(crate) const KINDS: [&str; 7] =
    ["article", "forum", "product", "collection", "listing", "documentation", "service"];

/// Reads every `.jsonl.gz` of the folders; of the dumps of a page, `most` are taken, inscriptis always among them.
pub(crate) fn load(folders: &[&Path], most: u32) -> anyhow::Result<Vec<Document>> {
    let mut sites: Vec<String> = Vec::new();
    let mut documents = Vec::new();
    for folder in folders {
        let mut files: Vec<_> =
            std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|e| e.path()).collect();
        files.retain(|p| p.to_string_lossy().ends_with(".jsonl.gz"));
        files.sort();
        for file in files {
            for line in BufReader::new(GzDecoder::new(File::open(&file)?)).lines() {
                let record: Record = serde_json::from_str(&line?)?;
                let labelled = record.line_labels.is_some();
                if !labelled && !taken(&record.id, &record.dump, most) {
                    continue;
                }
                let site = sites.iter().position(|s| *s == record.site).unwrap_or_else(|| {
                    sites.push(record.site.clone());
                    sites.len() - 1
                });
                let truth: Vec<Truth> = match (&record.line_labels, &record.labels) {
                    (Some(labels), _) => labels
                        .iter()
                        .map(|l| match l {
                            Some(name) => Ok(Truth::Label(name.parse::<crate::Label>()?.index() as u8)),
                            None => Ok(Truth::Unknown),
                        })
                        .collect::<crate::Result<_>>()?,
                    (None, Some(labels)) => labels
                        .chars()
                        .map(|c| match c {
                            'k' | 't' => Truth::Keep,
                            'd' => Truth::Drop,
                            _ => Truth::Unknown,
                        })
                        .collect(),
                    (None, None) => anyhow::bail!("{} has no labels", record.id),
                };
                let kind = KINDS.iter().position(|k| Some(*k) == record.kind.as_deref()).unwrap_or(0) as u8;
                let mut page = Page::from_text(&record.text);
                // split("\n") has an empty last line behind a final newline; the page has not.
                anyhow::ensure!(truth.len() - page.len() <= 1, "{}: labels do not fit the text", record.id);
                if page.is_empty() {
                    page = Page::new();
                }
                documents.push(Document {
                    id: record.id,
                    source: record.source,
                    dump: record.dump,
                    site: site as u32,
                    kind,
                    fold: record.fold,
                    page,
                    truth,
                    labels: Vec::new(),
                    labelled,
                });
            }
        }
    }
    Ok(documents)
}

fn taken(id: &str, dump: &str, most: u32) -> bool {
    const OTHERS: [&str; 4] = ["blocks", "get_text", "markdown", "lynx"];
    let Some(at) = OTHERS.iter().position(|d| *d == dump) else { return true };
    let turn = id.bytes().fold(7u32, |h, b| crate::features::token::mix(h, u32::from(b))) % 4;
    (at as u32 + 4 - turn) % 4 + 1 < most
}

/// Reads the scrapes of `fixtures/` (`NAME/raw.txt`, `NAME/labels.tsv`). They make up for what is rare in the corpus;
/// each belongs to a fold like any site, so they are never on both sides either.
pub(crate) fn load_fixtures(folder: &Path, documents: &mut Vec<Document>) -> anyhow::Result<()> {
    let mut folders: Vec<_> =
        std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|e| e.path()).collect();
    folders.retain(|p| p.join("labels.tsv").is_file());
    folders.sort();
    for (at, folder) in folders.iter().enumerate() {
        let text = std::fs::read_to_string(folder.join("raw.txt"))?;
        let page = Page::from_text(&text);
        let mut truth = vec![Truth::Unknown; page.len() + 1];
        for line in std::fs::read_to_string(folder.join("labels.tsv"))?.lines().filter(|l| !l.starts_with('#')) {
            let (number, labels) = line.split_once('\t').with_context(|| format!("{}: {line:?}", folder.display()))?;
            let labels: Vec<crate::Label> = labels.split('|').map(str::parse).collect::<crate::Result<_>>()?;
            if labels.iter().all(|l| l.keep_by_default() == labels[0].keep_by_default()) {
                truth[number.parse::<usize>()? - 1] = Truth::Label(labels[0].index() as u8);
            }
        }
        let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = KINDS.iter().position(|k| id.starts_with(k)).unwrap_or(0) as u8;
        let (source, dump) = ("fixtures".to_owned(), "inscriptis".to_owned());
        documents.push(Document {
            id,
            source,
            dump,
            site: 1_000_000 + at as u32,
            kind,
            fold: (at % 5) as u8,
            page,
            truth,
            labels: Vec::new(),
            labelled: true,
        });
    }
    Ok(())
}

/// Gives the lines of unlabelled dumps the labels that the same lines have in the labelled dump of the page.
pub(crate) fn project(documents: &mut [Document]) {
    let mut known: HashMap<String, HashMap<String, Option<u8>>> = HashMap::new();
    let mut folded = String::new();
    for document in documents.iter_mut().filter(|d| d.labelled) {
        let lines = known.entry(document.id.clone()).or_default();
        document.labels =
            document.truth.iter().map(|t| if let Truth::Label(l) = t { Some(*l) } else { None }).collect();
        for (line, label) in document.page.lines().zip(&document.labels).filter(|(_, l)| l.is_some()) {
            fold(line.text, &mut folded);
            // A line that has different labels in different places has none elsewhere.
            let entry = lines.entry(bare(&folded).to_owned()).or_insert(*label);
            if entry != label {
                *entry = None;
            }
        }
    }
    for document in documents.iter_mut().filter(|d| !d.labelled) {
        let lines = known.get(&document.id);
        document.labels = vec![None; document.truth.len()];
        for (line, label) in document.page.lines().zip(&mut document.labels) {
            fold(line.text, &mut folded);
            *label = lines.and_then(|lines| lines.get(bare(&folded)).copied()).flatten();
        }
    }
}

fn bare(folded: &str) -> &str {
    folded.trim_start_matches(|c: char| "*#+->•· ".contains(c)).trim_end()
}
