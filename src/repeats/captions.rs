//! Captions: a picture's text again, with the credit added or missing.

use super::edges::{Edge, Place};
use super::judge::{FAR, NEAR, View, whole};
use super::shape::Shape;
use super::text::Para;
use super::token::{Token, word};
use crate::verdict::Repeat;

/// Most half words of a credit.
const CREDIT: u32 = 30;

/// Words that credits are made of, hashed once.
#[derive(Clone, Debug)]
pub(super) struct Credits(Vec<u64>);

impl Credits {
    pub(super) fn new() -> Credits {
        let words = [
            "photo",
            "photos",
            "photograph",
            "photographer",
            "photography",
            "foto",
            "fotos",
            "fotografie",
            "fotograf",
            "bild",
            "bilder",
            "image",
            "images",
            "picture",
            "pictures",
            "credit",
            "credits",
            "courtesy",
            "illustration",
            "grafik",
            "infografik",
            "crédit",
            "crédits",
            "imagen",
            "fotografía",
            "fotografia",
            "immagine",
            "imagem",
            "beeld",
            "zdjęcie",
            "fot",
            "zdroj",
            "kuva",
            "фото",
            "источник",
            "quelle",
            "source",
            "getty",
            "reuters",
            "afp",
            "dpa",
            "ap",
            "epa",
            "efe",
            "ansa",
            "tass",
            "pa",
            "ntb",
            "tt",
            "xinhua",
            "shutterstock",
            "istock",
            "alamy",
            "unsplash",
            "flickr",
            "wikimedia",
            "imago",
            "picture-alliance",
            "zuma",
            "afptv",
            "keystone",
            "belga",
            "via",
        ];
        let mut hashes: Vec<u64> = words.into_iter().map(word).collect();
        hashes.sort_unstable();
        Credits(hashes)
    }

    fn has(&self, token: Token) -> bool {
        self.0.binary_search(&token.word()).is_ok()
    }

    /// Whether the words of a line are a credit and nothing else.
    pub(super) fn are(&self, words: &[Token]) -> bool {
        let signs = Token::SLASH | Token::RIGHTS;
        words.first().is_some_and(|word| self.has(*word)) || words.iter().any(|word| word.has(signs))
    }
}

impl View<'_> {
    /// A caption whose other copy has a credit, or a few words, more.
    pub(super) fn caption(&self, i: usize, para: &Para, edge: &Edge) -> Option<Repeat> {
        let Place::Page(first, last) = edge.place else { return None };
        let left = edge.weight - edge.found.weight.min(edge.weight);
        let distance = self.distance(i, edge);
        if first != last || left == 0 || para.weight < 10 || distance > FAR {
            return None;
        }
        let other = &self.text.paras[first as usize];
        if !whole(para, &edge.found) || edge.found.stepped != (0, 0) || para.has(Shape::QUESTION | Shape::CUT) {
            return None;
        }
        let before = &self.text.words[other.start as usize..edge.theirs.0 as usize];
        let after = &self.text.words[edge.theirs.1 as usize..other.end as usize];
        let ends = self.text.words[edge.theirs.1 as usize - 1];
        let credit = left <= CREDIT && (self.is_credit(before) || self.credit_follows(ends, after));
        let in_text = self.prose[i] > 0 || para.has(Shape::SENTENCE);
        let named = |word: Option<&Token>| word.is_some_and(|w| self.credits.has(*w));
        let begins = ends.has(Token::BREAK) && is_phrase(after) || named(after.first());
        let credited = credit && in_text && begins;
        if distance > NEAR {
            // Printed again further down, as galleries and teasers at the foot do: only a credit may make the difference.
            let same = before.is_empty() && credited && para.weight >= 16 && is_phrase(after);
            return same.then_some(Repeat::WithoutCredit);
        }
        let cut_off = before.is_empty() && (ends.has(Token::END) || credited);
        let introduced = after.is_empty()
            && left <= CREDIT
            && before.iter().any(|w| named(Some(w)))
            && before.last().is_some_and(|w| w.has(Token::BREAK));
        // One short sentence more makes a longer caption only where both stand together, and prose otherwise.
        let short = left <= CREDIT && (credit || left <= 12 && !other.has(Shape::SENTENCE));
        if cut_off && short || introduced {
            return Some(Repeat::WithoutCredit);
        }
        // One below the other, the longer one may tell much more, or go on in the middle of the sentence.
        let sentence = before.is_empty() && ends.has(Token::END) && self.has_credit(other);
        let clause = before.is_empty() && ends.has(Token::BREAK) && para.has(Shape::SENTENCE) && distance <= 1;
        let other_thing = para.has(Shape::BULLET) || other.has(Shape::BULLET | Shape::CUT) || self.is_summary(edge);
        (distance <= 2 && !other_thing && (sentence || clause)).then_some(Repeat::Prefix)
    }

    /// All that the other paragraph has more is a credit.
    pub(super) fn lacks_credit(&self, para: &Para, edge: &Edge) -> bool {
        let Place::Page(first, last) = edge.place else { return false };
        let other = &self.text.paras[first as usize];
        let after = &self.text.words[edge.theirs.1 as usize..other.end.max(edge.theirs.1) as usize];
        let ends = self.text.words[edge.theirs.1 as usize - 1];
        first == last
            && edge.theirs.0 == other.start
            && whole(para, &edge.found)
            && edge.weight - edge.found.weight.min(edge.weight) <= CREDIT
            && self.credit_follows(ends, after)
            && is_phrase(after)
            && ends.has(Token::BREAK)
    }

    fn credit_follows(&self, ends: Token, after: &[Token]) -> bool {
        // The sign between the two is noted with the word before it.
        ends.has(Token::RIGHTS) || ends.has(Token::END) && ends.has(Token::SLASH) || self.is_credit(after)
    }

    fn is_credit(&self, words: &[Token]) -> bool {
        let signs = Token::SLASH | Token::RIGHTS;
        !words.is_empty() && words.iter().any(|w| w.has(signs) || self.credits.has(*w))
    }

    /// The paragraph ends with a credit behind a full sentence.
    pub(super) fn has_credit(&self, para: &Para) -> bool {
        let words = &self.text.words[para.words()];
        let tail = words.len() - words.len().min(CREDIT as usize / 2);
        let behind = words[tail..].iter().position(|w| w.has(Token::END)).map(|n| &words[tail + n + 1..]);
        behind.is_some_and(|credit| self.is_credit(credit))
    }
}

/// No sentence ends in the middle of it.
fn is_phrase(words: &[Token]) -> bool {
    words.split_last().is_some_and(|(_, words)| words.iter().all(|word| !word.has(Token::END)))
}
