//! What must hold for every input, over the fixtures, over what the fuzzer found, and over changed copies of both.
//!
//! The changes are drawn from a fixed seed, so a failure comes again; `CHAFFINCH_SLOW=1` makes many more of them.

mod invariants;

use std::fs;
use std::path::Path;

use invariants::TARGETS;

/// A small generator of numbers, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Every file below `folder`.
fn files(folder: &Path, out: &mut Vec<Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(fs::read(path).unwrap());
        }
    }
}

/// Inputs to start from: beginnings of the fixtures, and what the fuzzer kept for this target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![Vec::new(), vec![0; 40], b"\xff\xfe\xfd\n\r\n\r\x1b[31m<script>\n".to_vec()];
    let mut texts = Vec::new();
    match target {
        "seeds" => files(&root.join("seeds"), &mut texts),
        "model" => texts.push(b"\x01\x00\x00\x88\x01\x02\x03\x04\x05\x06\x07\x08".repeat(3)),
        _ => files(&root.join("fixtures"), &mut texts),
    }
    for text in texts {
        let start = if target == "seeds" { 0 } else { text.len() / 3 };
        let end = (start + 1500).min(text.len());
        all.push([&[1, 7, 2][..], &text[start..end]].concat());
    }
    files(&root.join("fuzz/found").join(target), &mut all);
    all
}

/// `input` with a few bytes changed, taken out, said twice, or put together with another input.
fn changed(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const TELLING: &[&[u8]] = &[
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xe2\x82",
        b"\x1b[",
        b"<",
        b"\"",
        b"\\",
        b"#",
        b"@@ -1,2 +1 @@\n",
        b"\xf0\x9f",
    ];
    let mut out = input.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(out.len() + 1);
        let end = (at + random.below(40)).min(out.len());
        match random.below(5) {
            0 => _ = out.splice(at..at, TELLING[random.below(TELLING.len())].iter().copied()),
            1 => _ = out.drain(at..end),
            2 => {
                let copy = out[at..end].to_vec();
                let to = random.below(out.len() + 1);
                out.splice(to..to, copy);
            }
            3 => out.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (random.next() % 8)),
            _ => {
                let from = random.below(other.len() + 1);
                let to = (from + random.below(200)).min(other.len());
                out.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    out
}

#[test]
fn promises_hold_for_every_input() {
    let slow = std::env::var_os("CHAFFINCH_SLOW").is_some();
    let only = std::env::var("CHAFFINCH_TARGET").ok();
    std::thread::scope(|scope| {
        for (name, target) in TARGETS.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
            std::thread::Builder::new()
                .name((*name).to_owned())
                .spawn_scoped(scope, move || {
                    let corpus = corpus(name);
                    corpus.iter().for_each(|input| target(input));
                    let mut random = Random(0x9e37_79b9_7f4a_7c15);
                    for _ in 0..if slow { 20_000 } else { 120 } {
                        let (input, other) = (&corpus[random.below(corpus.len())], &corpus[random.below(corpus.len())]);
                        target(&changed(input, other, &mut random));
                    }
                })
                .unwrap();
        }
    });
}
