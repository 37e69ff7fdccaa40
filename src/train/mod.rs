//! Training: linear parts, and the features that the trees are trained on. Only in builds with the feature `train`.
//!
//! Also what each part of a finished model says of pages it has not seen ([`estimates`]).
//!
//! `model/train.py` drives this program and trains the trees. Cross-validation is nested: what is measured on a fold
//! comes from parts that have seen no label of that fold. A configuration is what leaves one fold out (0 to 4), or
//! none (5, the model that ships); inside it, every training page is scored by linear parts that have not seen its
//! fold either, so that the trees learn how far to trust them on unseen pages.

mod corpus;
mod estimates;
mod linear;

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::classify::Mode;
use crate::classify::sheet::Builder;
use crate::features::Sheet;
use crate::features::columns::views;
use crate::features::core::Core;
use crate::label::{Label, LabelSet};
use crate::model::file::Reader;
use crate::model::linear::{Linear, Types};
use crate::seeds::Seeds;
use corpus::{Document, Truth};

/// Folds that a linear part of this name has seen: all but the listed ones.
fn folds_but(left_out: &[u8]) -> [bool; 5] {
    std::array::from_fn(|f| !left_out.contains(&(f as u8)))
}

/// Where a linear part that has not seen these folds is.
fn path_without(work: &Path, part: &str, left_out: &[u8]) -> PathBuf {
    let mut names: Vec<String> = left_out.iter().map(u8::to_string).collect();
    names.sort();
    names.dedup();
    work.join(format!("{part}-{}.bin", names.join("")))
}

/// Runs the program with these arguments.
pub fn main(args: &[String]) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["linear", shared, work, most] => train_linear(Path::new(shared), Path::new(work), most.parse()?),
        ["features", shared, work, most, configuration, stage] => {
            dump(Path::new(shared), Path::new(work), most.parse()?, configuration.parse()?, stage == "second")
        }
        ["estimates", shared, work, most] => estimates::write(Path::new(shared), Path::new(work), most.parse()?),
        _ => bail!(
            "usage: chaffinch-train linear SHARED WORK DUMPS | features SHARED WORK DUMPS CONFIGURATION first|second | \
             estimates SHARED WORK DUMPS"
        ),
    }
}

fn load(shared: &Path, most: u32) -> Result<Vec<Document>> {
    let (corpus, labels) = (shared.join("corpus"), shared.join("labels"));
    let mut documents = corpus::load(&[&corpus, &labels], most)
        .with_context(|| format!("reading the corpus under {}", shared.display()))?;
    corpus::load_fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut documents)?;
    corpus::project(&mut documents);
    Ok(documents)
}

fn train_linear(shared: &Path, work: &Path, most: u32) -> Result<()> {
    fs::create_dir_all(work)?;
    let documents = load(shared, most)?;
    write_rows(&documents, work)?;
    let lines = linear::Lines::new(&documents);
    let mut left_out: Vec<Vec<u8>> = vec![vec![]];
    for a in 0..5 {
        left_out.push(vec![a]);
        left_out.extend((a + 1..5).map(|b| vec![a, b]));
    }
    let next = AtomicUsize::new(0);
    on_all_processors(|_, _| {
        while let Some(out) = left_out.get(next.fetch_add(1, Ordering::Relaxed)) {
            let linear = lines.train(&documents, folds_but(out), 4);
            let types = lines.train_types(&documents, folds_but(out));
            fs::write(path_without(work, "linear", out), section(linear.scale, &linear.table))?;
            fs::write(path_without(work, "types", out), section(types.scale, &types.weights))?;
            eprintln!("linear part without {out:?} trained");
        }
        Ok(())
    })
}

/// Runs `work` once on each processor, with the number of the worker and how many there are.
fn on_all_processors(work: impl Fn(usize, usize) -> Result<()> + Sync) -> Result<()> {
    let (work, count) = (&work, thread::available_parallelism().map_or(2, usize::from));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..count).map(|worker| scope.spawn(move || work(worker, count))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a thread of the training panicked"))
    })
}

fn read_linear(work: &Path, left_out: &[u8]) -> Result<(Linear, Types)> {
    let reader = |part| -> Result<Reader> {
        let path = path_without(work, part, left_out);
        Ok(Reader::new(fs::read(&path).with_context(|| path.display().to_string())?.into()))
    };
    Ok((Linear::read(&mut reader("linear")?)?, Types::read(&mut reader("types")?)?))
}

/// A linear part as the model file holds it.
fn section(scale: f32, weights: &[u8]) -> Vec<u8> {
    [&scale.to_le_bytes()[..], weights].concat()
}

/// The rows of all documents and the documents themselves, for the script that trains the trees.
fn write_rows(documents: &[Document], work: &Path) -> Result<()> {
    let mut rows = BufWriter::new(File::create(work.join("rows.bin"))?);
    let mut names = BufWriter::new(File::create(work.join("documents.jsonl"))?);
    let mut builder = Builder::new(Arc::new(Seeds::built_in()));
    let mut sheet = Sheet::default();
    for (at, document) in documents.iter().enumerate() {
        builder.start();
        builder.read(&document.page, 0..document.page.len(), &mut sheet, 0);
        serde_json::to_writer(
            &mut names,
            &serde_json::json!({"id": document.id, "source": document.source, "dump": document.dump, "fold": document.fold,
                "type": corpus::KINDS[document.kind as usize], "labelled": document.labelled, "site": document.site}),
        )?;
        names.write_all(b"\n")?;
        for row in &sheet.rows {
            let label = document.labels[row.line].map_or(-1, i32::from);
            let keep = match document.truth[row.line] {
                Truth::Unknown => -1i32,
                Truth::Keep => 1,
                Truth::Drop => 0,
                Truth::Label(l) => i32::from(LabelSet::KEPT.contains(Label::ALL[l as usize])),
            };
            for value in [at as i32, row.line as i32, keep, label, row.figures.words as i32] {
                rows.write_all(&value.to_le_bytes())?;
            }
        }
    }
    rows.flush()?;
    names.flush()?;
    Ok(())
}

/// Writes the features of every row for a configuration; those of the second stage need `first.i32`, the first
/// stage's logits in 1/256.
fn dump(shared: &Path, work: &Path, most: u32, configuration: u8, second: bool) -> Result<()> {
    let documents = load(shared, most)?;
    let test = (configuration < 5).then_some(configuration);
    let parts = (0..5u8)
        .map(|fold| read_linear(work, &[Some(fold), test].into_iter().flatten().collect::<Vec<_>>()))
        .collect::<Result<Vec<_>>>()?;
    let folder = work.join(configuration.to_string());
    fs::create_dir_all(&folder)?;
    let starts = row_starts(work, documents.len())?;
    let rows = starts[documents.len()];
    let logits = if second { read_logits(&folder.join("first.i32"), rows)? } else { Vec::new() };
    let views = views(second);
    fs::write(folder.join("views.txt"), views.iter().map(|v| v.name() + "\n").collect::<String>())?;
    let path = folder.join("features.u8");
    File::create(&path)?.set_len((rows * views.len()) as u64)?;
    // Each worker has a run of documents, about as many rows as the others, and writes where they belong.
    on_all_processors(|worker, workers| {
        let cut = |worker: usize| starts[..documents.len()].partition_point(|start| *start < rows * worker / workers);
        let mine = cut(worker)..cut(worker + 1);
        let mut file = File::options().write(true).open(&path)?;
        file.seek(SeekFrom::Start((starts[mine.start] * views.len()) as u64))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let mut builder = Builder::new(Arc::new(Seeds::built_in()));
        let (mut sheet, mut core, mut bytes) = (Sheet::default(), Core::default(), Vec::new());
        for at in mine {
            let document = &documents[at];
            let (linear, types) = &parts[document.fold as usize];
            builder.start();
            builder.read(&document.page, 0..document.page.len(), &mut sheet, 0);
            ensure!(sheet.rows.len() == starts[at + 1] - starts[at], "rows.bin is of other documents");
            builder.fill(&mut sheet, linear, types, Mode::Auto);
            if second {
                for (row, logit) in sheet.rows.iter_mut().zip(&logits[starts[at]..]) {
                    row.logit = *logit;
                }
                core.fill(&mut sheet);
            }
            for r in 0..sheet.rows.len() {
                bytes.clear();
                bytes.extend(views.iter().map(|v| sheet.cell(*v, r)));
                out.write_all(&bytes)?;
            }
        }
        Ok(out.flush()?)
    })
}

/// Where each document's rows begin in `rows.bin`, and where the last one's end.
fn row_starts(work: &Path, documents: usize) -> Result<Vec<usize>> {
    let mut starts = vec![0; documents + 1];
    for row in fs::read(work.join("rows.bin"))?.as_chunks::<20>().0 {
        let document = u32::from_le_bytes(row[..4].try_into().expect("four bytes")) as usize;
        *starts.get_mut(document + 1).context("rows.bin has more documents than there are")? += 1;
    }
    for at in 0..documents {
        starts[at + 1] += starts[at];
    }
    Ok(starts)
}

fn read_logits(path: &Path, rows: usize) -> Result<Vec<i32>> {
    let bytes = fs::read(path).context("the first stage's logits")?;
    ensure!(bytes.len() == rows * 4, "{} has not as many logits as there are rows", path.display());
    Ok(bytes.as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect())
}
