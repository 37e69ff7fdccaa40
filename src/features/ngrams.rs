//! Hashed word n-grams of a line, and the sums of their weights.
//!
//! The phrases of boilerplate are endless, but most are built of a few words that a linear model can weigh: single
//! words, pairs, the first and the last three, and the whole line when it is short. They are hashed to rows of a table
//! of weights (feature hashing, Weinberger et al. 2009), one weight for each label and one for keep or drop. A byte of
//! the hash is kept with each row, so that words the model has never seen seldom meet a weight that is not theirs.

use super::token::{Figures, Word, kind, mix};

/// One weight for each of the nineteen labels, then keep or drop.
pub(crate) const OUTPUTS: usize = 20;
/// Position of the keep-or-drop output.
pub(crate) const KEEP: usize = 19;
/// Number of rows of the table, as a power of two.
pub(crate) const BITS: u32 = 16;

/// The table row of an n-gram.
pub(crate) const fn row(hash: u32) -> usize {
    (hash >> (32 - BITS)) as usize
}

/// The byte that an n-gram is recognised by in its row; never 0, which marks an empty row.
pub(crate) const fn fingerprint(hash: u32) -> u8 {
    (hash % 255) as u8 + 1
}

/// Of a long line, so many words at its start and end are looked at; long lines are told by their form.
const HEAD: usize = 24;
const TAIL: usize = 12;
/// A line has so many n-grams at most: words and pairs, beginnings, endings, itself, its form.
pub(crate) const MOST: usize = 2 * (HEAD + TAIL) + 10;

/// The hash of a word as an n-gram of its own.
pub(crate) fn single(word: u32) -> u32 {
    tagged(1, word)
}

/// The hash of two words that stand together.
pub(crate) fn pair(word: u32, next: u32) -> u32 {
    tagged(2, mix(word, next.rotate_left(5)))
}

fn tagged(tag: u32, hash: u32) -> u32 {
    mix(hash, tag.wrapping_mul(0x9e37_79b1))
}

/// Writes the hash of every n-gram of a line to `out`, and says how many there are.
#[inline(always)]
pub(crate) fn hashes(words: &[Word], figures: &Figures, out: &mut [u32; MOST]) -> usize {
    let count = words.len();
    let mut at = 0;
    // All words and pairs before the next step, as the processor reckons several at a time.
    let mut part = |words: &[Word]| {
        let Some(last) = words.last() else { return };
        let (pairs, _) = out[at..].as_chunks_mut::<2>();
        for (out, (word, next)) in pairs.iter_mut().zip(words.iter().zip(&words[1..])) {
            *out = [single(word.hash), pair(word.hash, next.hash)];
        }
        at += 2 * words.len() - 1;
        out[at - 1] = single(last.hash);
    };
    if count <= HEAD + TAIL {
        part(words);
    } else {
        part(&words[..HEAD]);
        part(&words[count - TAIL..]);
    }
    let mut each = |hash: u32| {
        out[at] = hash;
        at += 1;
    };
    let mut hash = 0;
    for (n, word) in words.iter().take(3).enumerate() {
        hash = mix(hash, word.hash.rotate_left(3));
        each(tagged(10 + n as u32, hash));
    }
    hash = 0;
    for (n, word) in words.iter().rev().take(3).enumerate() {
        hash = mix(hash, word.hash.rotate_left(7));
        each(tagged(20 + n as u32, hash));
    }
    if count <= 8 {
        each(tagged(30, words.iter().fold(count as u32, |h, w| mix(h, w.hash.rotate_left(9)))));
        // The same with names and numbers left out: "By _ _", "Updated _ _ at _".
        let plain = |w: &Word| match w.kind & (kind::CAPITAL | kind::DIGIT) {
            0 => w.hash,
            _ => u32::from(w.kind & kind::DIGIT),
        };
        each(tagged(31, words.iter().fold(count as u32, |h, w| mix(h, plain(w)))));
    }
    each(tagged(40, u32::from(super::log(figures.words)) / 4 * 256 + u32::from(figures.last)));
    each(tagged(41, u32::from(super::log(figures.words)) / 8 * 256 + u32::from(figures.first)));
    at
}
