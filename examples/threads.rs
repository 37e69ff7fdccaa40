//! Many documents on several threads: model and seeds are loaded once and shared, each thread has its own cleaner.
//! `cargo run --example threads -- a.txt b.txt c.txt`.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use chaffinch::report::{CleanText, Jsonl};
use chaffinch::{Classifier, Cleaner, Document, Error, Model, Options, Seeds, Settings, Sink};

fn main() -> Result<(), Error> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let judge = Classifier::new(Arc::new(Model::built_in()?), Arc::new(Seeds::built_in()), Settings::default())?;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                let mut cleaner = Cleaner::new(judge.clone(), &Options::default());
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = one(&mut cleaner, path);
                    results.lock().expect("no thread panics").push((path, result));
                }
            });
        }
    });
    for (path, result) in results.into_inner().expect("no thread panics") {
        match result {
            Ok((clean, report)) => println!("{path:?}: {} bytes, a report of {}", clean.len(), report.len()),
            Err(error) => println!("{path:?}: {error}"),
        }
    }
    Ok(())
}

/// The clean text of a file, and the report of what was removed.
fn one(cleaner: &mut Cleaner<Classifier>, path: &str) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let bytes = fs::read(path).map_err(Error::Read)?;
    let (mut clean, mut report) = (Vec::new(), Vec::new());
    let mut sinks: Vec<Box<dyn Sink + '_>> =
        vec![Box::new(CleanText::new(&mut clean)), Box::new(Jsonl::new(&mut report))];
    cleaner.clean(bytes.as_slice(), Document::new(path), &mut sinks)?;
    drop(sinks);
    Ok((clean, report))
}
