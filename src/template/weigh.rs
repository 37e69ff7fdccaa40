//! What it says about a line that other pages have it too.
//!
//! The more pages, the more it says, but not of every line. Text that only this page has shields what stands within
//! it: the title of a column above each instalment, the refrain between two stanzas, "Pros" and "Cons" in reviews. The
//! shield is thin for a paragraph, as an appeal stands within the text too, and a column's standing words are short. It
//! is none for a passage that stands higher up on another page: that is where it belongs, and here it was put below.
//!
//! The weights are set by hand from the repeats on labelled pages of about a hundred sites.

/// What is known of a line and its repeats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The line's key; `None` where it has no letter.
    pub(super) key: Option<u64>,
    /// Its words.
    pub(super) words: u8,
    /// Other pages that have it.
    pub(super) on: u32,
    /// Other pages.
    pub(super) of: u32,
    /// Pages that have it with clearly less text above it.
    pub(super) higher: u32,
    /// Pages that have it with clearly more text above it.
    pub(super) lower: u32,
    /// Whether it is the page's own text: no other page has it, or one that put it below its own text.
    pub(super) own: bool,
    /// Words of running text above it that are the page's own.
    pub(super) unique_above: u32,
}

impl Facts {
    /// Whether other pages have it with more text above it, and not so many that it is the site's.
    fn is_lower_elsewhere(&self) -> bool {
        self.on > 0 && self.lower == self.on && (self.on == 1 || self.on * 2 <= self.of)
    }

    fn is_sentence(&self) -> bool {
        self.words >= SENTENCE
    }
}

/// Finds out which lines are the page's own, and how much of them stands above each; above the first are `above` words.
///
/// What others put below their own text is a passage that the page's own text begins with.
pub(super) fn mark_own(lines: &mut [Facts], above: u32) {
    let mut unique = above;
    let mut at = 0;
    while at < lines.len() && unique < HEAD {
        let line = lines[at];
        if line.on == 0 && line.is_sentence() {
            unique += u32::from(line.words);
        }
        if !line.is_lower_elsewhere() || !line.is_sentence() {
            at += 1;
            continue;
        }
        let (mut end, mut words) = (at, 0);
        for (index, line) in lines.iter().enumerate().skip(at) {
            if line.is_lower_elsewhere() && line.is_sentence() {
                (end, words) = (index + 1, words + u32::from(line.words));
            } else if line.on == 0 && line.is_sentence() {
                break;
            }
        }
        if words >= PASSAGE {
            // With its headline.
            for line in &mut lines[at.saturating_sub(2 * REACH)..end] {
                line.own = line.is_lower_elsewhere();
            }
        }
        at = end;
    }
    let mut unique = above;
    for line in lines {
        line.own |= line.on == 0;
        line.unique_above = unique;
        if line.own && line.is_sentence() {
            unique = unique.saturating_add(u32::from(line.words));
        }
    }
}

/// Lines within which text shields what stands beside it.
const REACH: usize = 3;
/// From so many words on, a line is a paragraph.
const PARAGRAPH: u8 = 25;
/// And from so many, a sentence.
const SENTENCE: u8 = 8;
/// A line with less text above it that is the page's own stands at the head of the page.
const HEAD: u32 = 40;
/// Words of a passage that was put below the text of another page.
const PASSAGE: u32 = 60;
/// What such a passage weighs, in 1/256 logits.
const BELOW: i32 = -6 * 256;
/// What weighs as much as this tells the model where the article is not.
const SURE: i32 = -3 * 256;
/// No line is made less likely than this, in 1/256 logits; the model takes few lines for less likely.
const FLOOR: i32 = -4 * 256;

/// An estimate, in 1/256 logits, with a weight added to it. The `first` estimate is only moved by a weight that leaves
/// little doubt: the model draws its own conclusions from it, and what is added comes on top of them.
pub(super) fn add(estimate: i32, weight: i32, first: bool) -> i32 {
    if first && weight > SURE {
        return estimate;
    }
    (estimate + weight).max(estimate.min(FLOOR))
}

/// How a line stands to the text that only its page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shield {
    /// Away from it.
    None,
    /// Beside it.
    Beside,
    /// Between two pieces of it.
    Within,
    /// Between the headline and its beginning.
    Head,
}

/// Weighs the repeats on a page; owns what is reused from page to page.
#[derive(Clone, Debug, Default)]
pub(super) struct Scales {
    shields: Vec<Shield>,
    /// Keys of lines that stand within the text somewhere on the page, sorted.
    within: Vec<u64>,
}

impl Scales {
    /// Writes what the repeats add to the decision about each line, in 1/256 logits, to `weights`; never more than 0.
    /// `logits` is what the lines were estimated to be, and `is_article` whether the page is probably an article.
    pub(super) fn weigh(&mut self, lines: &[Facts], logits: &[i32], is_article: bool, weights: &mut Vec<i32>) {
        self.find_shields(lines, logits);
        weights.clear();
        weights.extend(lines.iter().zip(&self.shields).map(|(line, shield)| weight(line, *shield, is_article)));
        let mut start = 0;
        while start < lines.len() {
            let own = |line: &Facts| line.own && line.is_sentence();
            let end = lines[start..].iter().position(own).map_or(lines.len(), |count| start + count);
            if let Some(passage) = below(&lines[start..end]) {
                weights[start..start + passage].fill(BELOW);
            }
            start = end + 1;
        }
    }

    fn find_shields(&mut self, lines: &[Facts], logits: &[i32]) {
        let text = |at: &usize| lines[*at].own && lines[*at].key.is_some() && logits[*at] > 0;
        self.shields.clear();
        self.within.clear();
        // The last line of text and the last one of the page's own above, and the next one of text.
        let (mut last, mut last_own, mut next) = (None, None, 0);
        for (at, line) in lines.iter().enumerate() {
            if next <= at {
                next = (at + 1..lines.len()).find(text).unwrap_or(usize::MAX);
            }
            let near = |other: &usize| at - other <= REACH;
            let above = last.filter(near).map(|other| at - other);
            let below = Some(next - at).filter(|distance| *distance <= REACH);
            let shield = match (above, below) {
                (Some(_), Some(_)) => Shield::Within,
                (Some(1), _) | (_, Some(1)) => Shield::Beside,
                // The headline may not have been taken for text.
                (None, Some(_)) if last_own.is_some_and(|own| near(&own)) => Shield::Head,
                _ => Shield::None,
            };
            last = if text(&at) { Some(at) } else { last };
            last_own = if line.own { Some(at) } else { last_own };
            self.shields.push(shield);
            if shield == Shield::Within && !line.own {
                self.within.extend(line.key);
            }
        }
        // The last of several refrains has no stanza below it.
        self.within.sort_unstable();
        for (line, shield) in lines.iter().zip(&mut self.shields) {
            if line.key.is_some_and(|key| self.within.binary_search(&key).is_ok()) {
                *shield = Shield::Within;
            }
        }
    }
}

fn weight(line: &Facts, shield: Shield, is_article: bool) -> i32 {
    if line.own {
        return 0;
    }
    use Shield::{Beside, Head};
    // In tenths of a logit, where three other pages or more have the line, and half of all.
    let most = match (line.words, shield, is_article) {
        (PARAGRAPH.., _, true) => 55,
        (PARAGRAPH.., _, false) => 40,
        (SENTENCE.., Shield::None, true) => 50,
        (SENTENCE.., Head, _) => 0,
        (SENTENCE.., _, true) => 10,
        (SENTENCE.., Shield::None, false) => 30,
        (SENTENCE.., _, false) => 5,
        (_, Shield::None, true) => 30,
        (_, Beside, true) => 10,
        (_, Shield::None, false) => 10,
        (_, _, _) => 0,
    };
    let share = (u64::from(line.on) * 512 / u64::from(line.of.max(1))).min(256) as i32;
    -most * share * (line.on.min(3) as i32) / 30
}

/// How many lines from the first on are a passage that stands higher up on another page.
fn below(lines: &[Facts]) -> Option<usize> {
    let first = lines.first()?;
    let (mut all, mut higher, mut end) = (0, 0, 0);
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.is_sentence()) {
        all += u32::from(line.words);
        if line.higher > 0 && line.lower == 0 {
            higher += u32::from(line.words);
            end = at + 1;
        }
    }
    (first.unique_above >= HEAD && higher >= PASSAGE && higher * 10 >= all * 7).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Own text `o`, shared short lines `s`, sentences `m`, paragraphs `L`; `u` is short and own, and no text.
    fn page(lines: &str, on: u32, of: u32) -> Vec<i32> {
        let facts: Vec<Facts> = lines
            .chars()
            .enumerate()
            .map(|(at, kind)| {
                let words = match kind {
                    's' | 'u' => 3,
                    'm' => 15,
                    _ => 50,
                };
                let shared = if matches!(kind, 'o' | 'u') { 0 } else { on };
                Facts { key: Some(at as u64), words, on: shared, of, own: shared == 0, ..Facts::default() }
            })
            .collect();
        let logits: Vec<i32> = lines.chars().map(|kind| if kind == 'u' { -900 } else { 900 }).collect();
        let mut weights = Vec::new();
        Scales::default().weigh(&facts, &logits, true, &mut weights);
        weights
    }

    #[test]
    fn more_pages_say_more() {
        let of_paragraph = |on, of| page("oLo", on, of)[1];
        assert!(of_paragraph(1, 1) > of_paragraph(2, 2) && of_paragraph(2, 2) > of_paragraph(3, 3));
        assert_eq!(of_paragraph(3, 3), of_paragraph(37, 40));
        assert!(of_paragraph(2, 40) > -256 && of_paragraph(3, 3) < -1200);
        assert_eq!(page("oLo", 0, 0)[1], 0);
    }

    #[test]
    fn own_text_shields_what_is_short() {
        let weights = page("sssmoosomooLsssuss", 5, 5);
        assert!(weights[0] < -700, "the head of the page");
        assert!(weights[3] < 0 && weights[3] > -700, "a standing line above the text");
        assert_eq!((weights[6], weights[4]), (0, 0), "a heading within it, the text itself");
        assert!(weights[8] > -500 && weights[11] < -1200, "a sentence and a paragraph within it");
        assert!(weights[14] < -700 && weights[16] < -700, "the foot of the page");
    }

    #[test]
    fn a_refrain_is_shielded_to_the_last() {
        let keys = [1, 2, 9, 3, 4, 9, 5, 6, 9, 20, 21];
        let facts = keys.map(|key| Facts {
            key: Some(key),
            words: 6,
            on: if key > 8 { 4 } else { 0 },
            of: 4,
            own: key < 9,
            ..Facts::default()
        });
        let mut weights = Vec::new();
        Scales::default().weigh(&facts, &[500; 11], true, &mut weights);
        assert_eq!(weights[..9], [0; 9]);
        assert!(weights[10] < -700);
    }

    #[test]
    fn a_passage_that_belongs_further_up_elsewhere_goes() {
        let own = |above| Facts { key: Some(1), words: 50, of: 9, own: true, unique_above: above, ..Facts::default() };
        let moved = Facts { key: Some(2), words: 40, on: 1, of: 9, higher: 1, unique_above: 100, ..Facts::default() };
        let title = Facts { words: 5, ..moved };
        let mut weights = Vec::new();
        let lines = [own(0), own(50), title, moved, moved, title];
        Scales::default().weigh(&lines, &[500; 6], true, &mut weights);
        assert_eq!(weights[2..5], [BELOW; 3]);
        // On its own page it stands higher than on the other.
        let home = Facts { higher: 0, lower: 1, unique_above: 0, ..moved };
        let mut page = [Facts { words: 5, ..home }, home, home, Facts { on: 9, lower: 9, ..home }];
        mark_own(&mut page, 0);
        assert_eq!(page.map(|line| line.own), [true, true, true, false]);
        assert_eq!(page[3].unique_above, 80);
        Scales::default().weigh(&page, &[500; 4], true, &mut weights);
        assert_eq!(weights[..3], [0; 3]);
        // A single sentence may stand lower elsewhere because there is more text, and so may what comes after text.
        let mut page = [Facts { words: 20, ..home }, own(0), home, home].map(|line| Facts { own: false, ..line });
        mark_own(&mut page, 0);
        assert_eq!(page.map(|line| line.own), [false, true, false, false]);
        // And between the page's own paragraphs, words are quoted rather than put there.
        Scales::default().weigh(&[own(0), Facts { words: 30, ..moved }, own(50)], &[500; 3], true, &mut weights);
        assert!(weights[1] > -256, "{weights:?}");
    }
}
