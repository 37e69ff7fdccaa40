//! Where keep ends and drop begins.
//!
//! What people lose by a wrong line is measured by F1 over words: the harmonic mean of precision and recall. The set
//! of lines that maximises the expected F1 is found by a threshold that lies at half of the best F1 that can be
//! expected (Ye, Chai, Lee and Chieu, "Optimizing F-measures: a tale of two approaches", 2012). So a page on which the
//! model is sure is cut at about one half, and on a page it can not make out it keeps what may be text: in doubt, a
//! line stays.

use crate::features::probability;

/// The probability that a choice for a page is made with: lower than the line's own, and less certain. Mistakes on a
/// page come together, so what is expected of the whole page is less certain than the probabilities of its lines, each
/// right by itself, would make it: logits count for four fifths. And a page where much is doubtful is more often one
/// with little text than the sum of its probabilities says: so much is taken off, in 1/256 logits. Both were chosen on
/// pages that the model had not seen.
pub(crate) fn soft(logit: i32) -> u32 {
    const CAUTION: i32 = 174;
    probability((logit - CAUTION) * 4 / 5)
}

/// The least logit, in 1/256, of which `of` says more than `p`: what is kept has it or more. `of` must not fall.
pub(crate) fn least_above(p: u32, of: impl Fn(i32) -> u32) -> i32 {
    let (mut low, mut high) = (-4096i32, 4096);
    if of(high) <= p {
        return i32::MAX;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if of(middle) > p { high = middle } else { low = middle + 1 }
    }
    low
}

/// Finds thresholds; owns what is reused from page to page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chooser {
    /// Probability and words of each line in one number, as that is quicker to sort.
    order: Vec<u64>,
}

/// No line below this probability is kept, however unsure the page.
const LEAST: u32 = 65536 / 50;

impl Chooser {
    /// The threshold, in 1/65536, that maximises the expected F-measure of lines given as probability (in 1/65536) and
    /// number of words. `beta2` is the square of F's β in 1/16: larger means that a lost word counts for more.
    pub(crate) fn choose(&mut self, lines: impl Iterator<Item = (u32, u32)>, beta2: u32) -> u32 {
        self.order.clear();
        self.order.extend(lines.map(|(p, words)| u64::from(p) << 32 | u64::from(words)));
        self.order.sort_unstable();
        let lines = self.order.iter().rev().map(|line| (line >> 32, line & u64::from(u32::MAX)));
        let expected: u64 = lines.clone().map(|(p, words)| p * words).sum();
        let (mut kept, mut right) = (0u64, 0u64);
        // The best F as a fraction, compared by cross multiplication so that no rounding decides.
        let (mut best, mut best_of) = (0u128, 1u128);
        for (p, words) in lines {
            kept += words;
            right += p * words;
            let f = u128::from(right) * u128::from(16 + beta2);
            let of = (u128::from(kept) * 65536 * 16 + u128::from(expected) * u128::from(beta2)).max(1);
            if f * best_of > best * of {
                (best, best_of) = (f, of);
            }
        }
        // F / (1 + β²)
        let threshold = best * 65536 * 16 / best_of / u128::from(16 + beta2);
        (threshold as u32).clamp(LEAST, 65535)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(lines: &[(f64, u32)]) -> f64 {
        let lines = lines.iter().map(|(p, w)| ((p * 65536.0) as u32, *w));
        f64::from(Chooser::default().choose(lines, 16)) / 65536.0
    }

    #[test]
    fn a_sure_page_is_cut_at_a_half() {
        let t = choose(&[(0.99, 100), (0.99, 80), (0.01, 5), (0.02, 7)]);
        assert!((0.45..0.5).contains(&t), "{t}");
    }

    #[test]
    fn an_unsure_page_is_cut_lower() {
        let t = choose(&[(0.3, 100), (0.25, 80), (0.2, 50), (0.02, 70)]);
        assert!((0.1..0.25).contains(&t), "{t}");
    }

    #[test]
    fn a_threshold_parts_the_same_lines_as_a_logit() {
        for threshold in [1400, 9000, 30_000, 32_768, 50_000] {
            for logit in (-1500..1500).step_by(7) {
                for of in [soft, probability] {
                    assert_eq!(logit >= least_above(threshold, of), of(logit) > threshold, "{logit} at {threshold}");
                }
            }
        }
    }

    #[test]
    fn odd_pages_have_a_threshold_too() {
        assert!(choose(&[]) > 0.0);
        assert!(choose(&[(0.0, 0)]) > 0.0);
        assert!(choose(&[(1.0, u32::MAX), (1.0, u32::MAX)]) < 1.0);
    }
}
