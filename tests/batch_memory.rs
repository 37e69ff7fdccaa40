//! Memory of a batch does not grow with the number of its files, nor with their size.
//!
//! These tests have a file of their own, as what a system says of memory is of all programs that a process has run.
#![cfg(unix)]

use std::fs::File;
use std::io::Write;

mod support;
use support::{Folder, SCRAPE, complaint, files_below, peak};

/// Runs it, and gives what it said and the most memory that it, or one before it, had, in kB.
fn run(folder: &Folder, words: &[&str]) -> (String, i64) {
    let said = complaint(&folder.run(words.iter().copied()).assert().success());
    (said, peak() / 1024)
}

/// `CHAFFINCH_MANY=100000` cleans so many; take a release build for that.
#[test]
fn memory_does_not_depend_on_the_number_of_files() {
    let many: usize = std::env::var("CHAFFINCH_MANY").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let folder = Folder::new();
    let write = |root: &str, count: usize| {
        for i in 0..count {
            let text = format!("Harbour News\nHome\n\nFerry number {i} is back in service.\n\nShare this article\n");
            folder.write(&format!("{root}/{}/{}/a page with quite a long name, number {i}.txt", i % 7, i / 1000), text);
        }
    };
    write("few", many / 10);
    write("in", many);
    let words =
        |root| ["--out", "out", "--report", "rep", "--report-format", "jsonl", "--jobs", "2", "--overwrite", root];
    let (_, few) = run(&folder, &words("few"));
    let (said, all) = run(&folder, &words("in"));
    assert!(said.starts_with(&format!("chaffinch: {many} documents cleaned")), "{said}");
    println!("{} documents: {few} kB, {many} documents: {all} kB", many / 10);
    // Less than a half kB for each until what is sorted in memory goes to disk, and nothing for more of them.
    let allowed = 8_000 + (many as i64 / 2).min(50_000);
    assert!(all < few + allowed, "{few} kB became {all} kB");
    assert_eq!(files_below(&folder.path("out")).len(), many);
    assert_eq!(folder.json("rep/summary.json")["documents"], many);
}

/// 5 GB of text of which most is on the disk only once it is read.
#[test]
#[ignore = "takes minutes and 10 GB; cargo test --release --test batch_memory -- --ignored --nocapture"]
fn one_very_large_file() {
    let folder = Folder::new();
    folder.write("in/small.txt", SCRAPE);
    let mut file = std::io::BufWriter::new(File::create(folder.path("in/large.txt")).unwrap());
    let mut written = 0_u64;
    for i in 0_u64.. {
        let text = SCRAPE.replace("three winters", &format!("{i} winters"));
        file.write_all(text.as_bytes()).unwrap();
        file.write_all(b"\n\x0c\n").unwrap();
        written += text.len() as u64 + 3;
        if written >= 5_000_000_000 {
            break;
        }
    }
    drop(file);
    let begun = std::time::Instant::now();
    let (said, kb) = run(&folder, &["in", "--out", "out"]);
    println!("{written} bytes, {kb} kB, {} s: {said}", begun.elapsed().as_secs());
    assert!(said.starts_with("chaffinch: 2 documents cleaned"), "{said}");
    assert!(kb < 400_000);
}
