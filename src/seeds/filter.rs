//! Which words a phrase may begin with: asked of every word of every line before anything else is.
//!
//! The words of a line were hashed when its figures were taken (see [`crate::features::token`]), so two look-ups say that
//! neither a word alone nor it and the next begin a phrase. That holds where the line and its folded form have the same
//! words, which `Figures::plain` tells; other lines are looked at byte by byte, see `Index::may_have`.

use super::key::is_word;
use super::sieve::Sieve;
use crate::features::token::{self, Word, kind};

/// What filters are made of.
#[derive(Clone, Debug)]
pub(super) struct Words {
    keys: Vec<u32>,
    always: Always,
    read: Vec<Word>,
}

/// For each byte whether phrases begin with it of which no more is known: where it is a sign, where it begins a word.
type Always = [[u8; 256]; 2];

impl Words {
    pub(super) fn new(expected: usize) -> Words {
        Words { keys: Vec::with_capacity(expected), always: [[0; 256]; 2], read: Vec::new() }
    }

    /// Adds a phrase, with `#` for numbers.
    pub(super) fn push(&mut self, text: &str) {
        let Some(first) = text.chars().next() else { return };
        let byte = usize::from(text.as_bytes()[0]);
        if first == '#' {
            self.always[1][usize::from(b'0')..=usize::from(b'9')].fill(1);
            return;
        }
        if !is_word(first) {
            self.always[0][byte] = 1;
            return;
        }
        // Of a number nothing is known, nor of a word that it is part of.
        let (before, number) = text.split_once('#').map_or((text, false), |(before, _)| (before, true));
        self.read.clear();
        let figures = token::read(before, &mut self.read, |_| false);
        self.read.retain(|word| word.kind & kind::SYMBOL == 0);
        if number && before.ends_with(is_word) {
            self.read.pop();
        }
        match self.read[..] {
            // The filter is asked of plain lines only, and folding does not make other characters of theirs.
            _ if !figures.plain => {}
            [] => self.always[1][byte] = 1,
            [word] => self.keys.push(one(word.hash)),
            [word, next, ..] => self.keys.push(two(word.hash, next.hash)),
        }
    }

    pub(super) fn filter(self) -> Filter {
        let size = self.keys.len() / 6;
        Filter { keys: Sieve::new(self.keys.into_iter(), size), always: self.always }
    }
}

/// Knows what phrases begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Of each word, or pair of words, that phrases begin with.
    keys: Sieve,
    always: Always,
}

/// The key of phrases of one word.
#[inline(always)]
fn one(word: u32) -> u32 {
    word.wrapping_mul(0x9e37_79b1)
}

/// The key of phrases that begin with two words.
#[inline(always)]
fn two(word: u32, next: u32) -> u32 {
    (word ^ next.rotate_left(15)).wrapping_mul(0x85eb_ca6b)
}

impl Filter {
    /// The filter that [`Filter::parts`] were written of, one behind the other.
    ///
    /// # Panics
    /// When they are too few bytes.
    pub(super) fn built_in(parts: &'static [u8]) -> Filter {
        let (always, keys) = parts.split_at(512);
        let always = always.as_chunks().0.try_into().expect("it has just been cut to twice 256");
        Filter { keys: Sieve::built_in(keys), always }
    }

    /// The bytes that [`Filter::built_in`] reads.
    #[allow(dead_code, reason = "it is the build script that writes them")]
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        [self.always.as_flattened(), self.keys.bytes()]
    }

    /// Whether a phrase may begin with this word, which the next follows.
    #[inline(always)]
    pub(super) fn has_words(&self, word: u32, next: u32) -> bool {
        self.keys.has(one(word)) | self.keys.has(two(word, next))
    }

    /// Whether phrases begin with this byte of which no more is known; `word` when it begins a word.
    #[inline(always)]
    pub(super) fn has_byte(&self, byte: u8, word: bool) -> bool {
        self.always[usize::from(word)][usize::from(byte)] != 0
    }
}
