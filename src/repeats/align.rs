//! Laying one row of words along another, to see how much of it is there.
//!
//! A few words may be missing, added or changed: editors shorten what they pull out of a text. Both the steps over
//! such places and their number are bounded.

use super::token::Token;

/// Most words stepped over at once in the row looked for, and in the other.
const STEP: (usize, usize) = (3, 6);

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Match {
    /// Matched part of the row looked for, from its first matched word to behind its last.
    pub(super) ours: (u32, u32),
    /// Matched part of the other row.
    pub(super) theirs: (u32, u32),
    /// Half words of ours that are there.
    pub(super) weight: u32,
    /// Words of ours and of theirs stepped over inside.
    pub(super) stepped: (u32, u32),
    /// A word with a digit was stepped over: two figures differ, so the texts do.
    pub(super) figures: bool,
}

/// Lays `ours` along `theirs` from a place where both have the same words. `None` when less than `least` half words of
/// ours are there.
pub(super) fn align(ours: &[Token], theirs: &[Token], (i, j): (usize, usize), least: u32) -> Option<Match> {
    let mut found = Match::default();
    let most = ours.len() / 8 + 2;
    let (end_i, end_j) = walk(ours.len() - i, theirs.len() - j, |n| ours[i + n], |n| theirs[j + n], most, &mut found);
    if found.weight + 2 * (i as u32) < least {
        return None;
    }
    let (back_i, back_j) = walk(i, j, |n| ours[i - 1 - n], |n| theirs[j - 1 - n], most, &mut found);
    found.ours = ((i - back_i) as u32, (i + end_i) as u32);
    found.theirs = ((j - back_j) as u32, (j + end_j) as u32);
    (found.weight >= least).then_some(found)
}

/// Walks both rows, given by length and look-up, as far as they agree; returns how far that is in each.
#[inline]
fn walk(
    ours: usize,
    theirs: usize,
    a: impl Fn(usize) -> Token,
    b: impl Fn(usize) -> Token,
    most: usize,
    found: &mut Match,
) -> (usize, usize) {
    let (mut i, mut j) = (0, 0);
    loop {
        while i < ours && j < theirs && a(i).same(b(j)) {
            found.weight += a(i).weight();
            (i, j) = (i + 1, j + 1);
        }
        if i >= ours || j >= theirs || found.stepped.0 as usize > most || found.stepped.1 as usize > 2 * most {
            return (i, j);
        }
        let Some((x, y)) = step(ours - i, theirs - j, |n| a(i + n), |n| b(j + n)) else { return (i, j) };
        found.figures |= (i..i + x).any(|n| a(n).has(Token::DIGIT)) || (j..j + y).any(|n| b(n).has(Token::DIGIT));
        found.stepped.0 += x as u32;
        found.stepped.1 += y as u32;
        (i, j) = (i + x, j + y);
    }
}

/// The shortest step, in ours and in theirs, to where both agree again.
#[inline]
fn step(ours: usize, theirs: usize, a: impl Fn(usize) -> Token, b: impl Fn(usize) -> Token) -> Option<(usize, usize)> {
    let word = |n: usize| if n < theirs { b(n).word() } else { u64::MAX };
    let words: [u64; STEP.1 + 1] = std::array::from_fn(word);
    // A bit for each pair of words that are the same, those of shorter steps lower; behind most places where the two
    // differ there is none.
    let mut same = 0u64;
    for x in 0..ours.min(STEP.0 + 1) {
        let word = a(x).word();
        same |= words.iter().rev().fold(0, |bits, their| bits << 4 | u64::from(*their == word)) << (5 * x);
    }
    // Two words in a row must agree behind a gap, or one at the very end.
    let goes_on = |x: usize, y: usize| match x + 1 < ours {
        true => y + 1 < theirs && a(x + 1).same(b(y + 1)),
        false => x <= 1 && y <= 1,
    };
    while same != 0 {
        let place = same.trailing_zeros() as usize;
        same &= same - 1;
        let (x, y) = (place % 4, place / 4 - place % 4);
        if goes_on(x, y) {
            return Some((x, y));
        }
    }
    None
}

const _: () = assert!(STEP.0 < 4 && 4 * (STEP.0 + STEP.1) + STEP.0 < 64, "a step's length and part fit");

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<Token> {
        let mut out = Vec::new();
        super::super::normal::tokens(text, &mut out);
        out
    }

    #[test]
    fn all_of_a_row_is_found_inside_another() {
        let (a, b) = (row("the bus will run all night"), row("he said the bus will run all night on friday"));
        let found = align(&a, &b, (2, 4), 12).unwrap();
        assert_eq!((found.ours, found.theirs, found.weight), ((0, 6), (2, 8), 12));
    }

    #[test]
    fn small_edits_are_stepped_over_and_figures_noted() {
        let (a, b) = (row("the bus will run late all night long"), row("the bus number 7 will run all night long"));
        let found = align(&a, &b, (0, 0), 0).unwrap();
        assert_eq!((found.ours, found.theirs, found.weight), ((0, 8), (0, 9), 14));
        assert_eq!((found.stepped, found.figures), ((1, 2), true));
    }

    #[test]
    fn different_rows_end_the_walk() {
        let (a, b) = (row("one two three four five six seven"), row("one two three eight nine ten eleven"));
        assert_eq!(align(&a, &b, (0, 0), 6).unwrap().ours, (0, 3));
        assert_eq!((align(&a, &b, (0, 0), 7), align(&a, &b, (2, 2), 7)), (None, None));
    }
}
