//! Each stage of the way, and the whole of it, on text made of the fixtures: `cargo bench`, or
//! `cargo bench -- stages/fold`.
//!
//! Throughput is of raw text, so the stages can be compared with each other and with the whole.

use std::fs;
use std::hint::black_box;
use std::io::sink;
use std::path::Path;
use std::sync::Arc;

use chaffinch::decode::Decoder;
use chaffinch::fold::fold;
use chaffinch::lines::{LineReader, Next};
use chaffinch::repeats::Repeats;
use chaffinch::report::{self, CleanText, Format};
use chaffinch::restore::restore;
use chaffinch::{Classifier, Cleaner, Document, Judge, Model, Needs, Options, Page, Seeds, Settings, Sink, Span};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// The fixtures' raw texts, in the order of their names.
fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
        .iter()
        .filter_map(|folder| fs::read(folder.join("raw.txt")).ok())
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect()
}

fn judge() -> Classifier {
    let (model, seeds) = (Arc::new(Model::built_in().unwrap()), Arc::new(Seeds::built_in()));
    Classifier::new(model, seeds, Settings::default()).unwrap()
}

fn stages(criterion: &mut Criterion) {
    let pages = pages();
    let bytes: usize = pages.iter().map(String::len).sum();
    let parsed: Vec<Page> = pages.iter().map(|text| Page::from_text(text)).collect();
    let lines: Vec<&str> = pages.iter().flat_map(|text| text.lines()).collect();
    let mut folded = vec![String::new(); lines.len()];
    lines.iter().zip(&mut folded).for_each(|(line, out)| fold(line, out));

    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    group.bench_function("decode", |bench| {
        let mut text = String::new();
        bench.iter(|| {
            for page in &pages {
                text.clear();
                let mut decoder = Decoder::new(page.as_bytes(), None);
                while decoder.decode(&mut text).unwrap() {}
            }
        });
    });
    group.bench_function("lines", |bench| {
        let mut page = Page::new();
        bench.iter(|| {
            for text in &pages {
                let mut reader = LineReader::new(text.as_bytes(), None);
                page.clear();
                while reader.fill(&mut page, 2048, 1 << 20).unwrap() != Next::End {
                    page.clear();
                }
            }
        });
    });
    group.bench_function("fold", |bench| {
        let mut out = String::new();
        bench.iter(|| lines.iter().for_each(|line| fold(black_box(line), &mut out)));
    });
    group.bench_function("seeds", |bench| {
        let (seeds, mut hits) = (Seeds::built_in(), Vec::new());
        bench.iter(|| folded.iter().for_each(|line| seeds.hits(black_box(line), &mut hits)));
    });
    group.bench_function("repeats", |bench| {
        let mut repeats = Repeats::new();
        bench.iter(|| {
            for page in &parsed {
                repeats.reset();
                black_box(repeats.find(page, 0..page.len()));
            }
        });
    });
    // With all that comes before it: words, phrases, repeats, columns, trees.
    for (name, evidence) in [("judge", false), ("judge with reasons", true)] {
        group.bench_function(name, |bench| {
            let (mut judge, mut verdicts) = (judge(), Vec::new());
            let needs = Needs { labels: evidence, evidence };
            bench.iter(|| {
                for page in &parsed {
                    judge.start(&Document::new("-"));
                    verdicts.clear();
                    judge.judge(page, 0..page.len(), Span { first: true, last: true }, needs, &mut verdicts);
                }
            });
        });
    }
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let pages = pages();
    let bytes: usize = pages.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("whole");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    for format in [None, Some(Format::Diff), Some(Format::Jsonl), Some(Format::Html)] {
        let name = format.map_or("clean text", Format::name);
        group.bench_function(name, |bench| {
            let mut cleaner = Cleaner::new(judge(), &Options::default());
            bench.iter(|| {
                for page in &pages {
                    let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(CleanText::new(sink()))];
                    sinks.extend(format.map(|format| report::sink(format, sink())));
                    cleaner.clean(page.as_bytes(), Document::new("-"), &mut sinks).unwrap();
                }
            });
        });
    }
    for format in [Format::Diff, Format::Jsonl] {
        let mut cleaner = Cleaner::new(judge(), &Options::default());
        let cleaned: Vec<(Vec<u8>, Vec<u8>)> = pages
            .iter()
            .map(|page| {
                let (mut clean, mut removed) = (Vec::new(), Vec::new());
                let mut sinks: Vec<Box<dyn Sink + '_>> =
                    vec![Box::new(CleanText::new(&mut clean)), report::sink(format, &mut removed)];
                cleaner.clean(page.as_bytes(), Document::new("-"), &mut sinks).unwrap();
                drop(sinks);
                (clean, removed)
            })
            .collect();
        group.bench_function(format!("restore from {format}"), |bench| {
            bench.iter(|| {
                for (clean, removed) in &cleaned {
                    restore(clean.as_slice(), removed.as_slice(), &mut sink()).unwrap();
                }
            });
        });
    }
    group.finish();
}

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.bench_function("model", |bench| bench.iter(|| Model::built_in().unwrap()));
    group.bench_function("seeds", |bench| bench.iter(Seeds::built_in));
    group.bench_function("all of it", |bench| bench.iter(judge));
    group.finish();
}

criterion_group!(benches, stages, whole, start);
criterion_main!(benches);
