//! Reads the seed files and writes their index, so that nothing of it is left to do when the program starts; and a table
//! of what characters are.
//!
//! It has the modules that say what a seed file and an index are from the library. What it writes is `seeds.rs`, with
//! the files and their sections, the parts of the two indexes, and the two of the table, in the folder that cargo gives
//! it.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use index::Phrases;
use phrase::PLACE_BITS;

#[path = "src/bytes.rs"]
mod bytes;
#[path = "src/seeds/entry.rs"]
mod entry;
#[path = "src/seeds/filter.rs"]
mod filter;
#[path = "src/seeds/index.rs"]
mod index;
#[path = "src/seeds/key.rs"]
mod key;
#[path = "src/label.rs"]
mod label;
#[path = "src/seeds/phrase.rs"]
mod phrase;
#[path = "src/seeds/sieve.rs"]
mod sieve;
#[path = "src/seeds/subset.rs"]
mod subset;
#[path = "src/unicode/bits.rs"]
mod unicode;

#[path = "src/features"]
mod features {
    pub mod character;
    pub mod token;
}

/// What labels need of the library's errors.
mod error {
    #[derive(Debug)]
    pub enum Error {
        UnknownLabel(String),
    }
}

/// The languages, in the order in which their phrases have names.
const LANGUAGES: [&str; 19] =
    ["und", "en", "de", "fr", "es", "it", "pt", "nl", "sv", "no", "da", "pl", "tr", "ru", "uk", "ja", "zh", "ko", "id"];

fn main() {
    for path in ["seeds", "src/bytes.rs", "src/features", "src/label.rs", "src/seeds", "src/unicode"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo says where the package is");
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    let (mut bound, mut free) = (Phrases::new(1 << 15), Phrases::new(1 << 15));
    let (mut files, mut checks, mut sections) = (String::new(), String::new(), String::new());
    for (file, name) in (0..).zip(LANGUAGES) {
        let path = Path::new(&root).join("seeds").join(name).with_extension("toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(text.len() < 1 << PLACE_BITS, "{}: too large for places in it to be names", path.display());
        // Where the package is when it is compiled: it may have been moved since this ran.
        let source = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/seeds/{name}.toml\")");
        _ = writeln!(files, "    ({name:?}, include_str!({source})),");
        // Cargo runs this again when a file is newer than what this wrote, which a folder copied beside newer files is not.
        let (length, fault) = (text.len(), "the index was made of other phrases: `touch build.rs` and build again");
        _ = writeln!(checks, "const _: () = assert!(include_str!({source}).len() == {length}, {fault:?});");
        let mut last = None;
        let read = subset::built_in(&text, |label, list, place| {
            let name = file << PLACE_BITS | place.start as u32;
            if last.replace(label) != Some(label) {
                _ = writeln!(sections, "    ({name}, {}),", label.index());
            }
            let phrase = phrase::anchored(&text[place]);
            let phrases = if phrase.start { &mut bound } else { &mut free };
            phrases.push(phrase.text, phrase.end, name, phrase::kind(label, list));
        });
        if let Err(line) = read {
            panic!("{}:{line}: not of the form that its first lines explain", path.display());
        }
    }
    let write = |name: &str, bytes: &[u8]| {
        let path = Path::new(&out).join(name);
        fs::write(&path, bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    };
    let source = format!(
        "/// The built-in files.\npub(super) const FILES: &[(&str, &str)] = &[\n{files}];\n\n{checks}\n\
         /// First name and label of their sections.\nstatic SECTIONS: &[(u32, u8)] = &[\n{sections}];\n\n\
         /// The index of phrases bound to the line's start.\n\
         static BOUND: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/bound.index\"));\n\
         /// The index of those that are not.\n\
         static FREE: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/free.index\"));\n",
    );
    write("seeds.rs", source.as_bytes());
    for (name, phrases) in [("bound.index", bound), ("free.index", free)] {
        write(name, &phrases.index().parts());
    }
    let (index, pages) = characters();
    write("characters.index", &index);
    write("characters.pages", &pages.concat());
}

/// For each 256 characters of the first two planes the number of a page, and the pages.
fn characters() -> (Vec<u8>, Vec<[u8; 256]>) {
    let mut pages: Vec<[u8; 256]> = Vec::new();
    let index = (0..0x200u32).map(|block| {
        let of = |place: usize| char::from_u32(block << 8 | place as u32).map_or(0, unicode::of);
        let page = std::array::from_fn(of);
        let known = pages.iter().position(|known| *known == page);
        let number = known.unwrap_or_else(|| {
            pages.push(page);
            pages.len() - 1
        });
        u8::try_from(number).expect("there are no more than 256 pages")
    });
    (index.collect(), pages)
}
