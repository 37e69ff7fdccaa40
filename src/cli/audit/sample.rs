//! Choosing the lines of an audit.
//!
//! Lines are sorted into strata by verdict and by certainty. How many of a stratum are looked at depends on how many
//! mistakes its scores let expect; which ones depends on a hash of their place and text, which is as good as chance
//! and the same each time. So a line's chance to be in the sample is known, and the sample of an unchanged folder
//! does not change.

use std::collections::BinaryHeap;

use chaffinch::{Decided, Needs, Part, Sink};

use super::super::review::key_of;

/// Below these scores a line is doubtful, or nearly sure; above, sure.
const BANDS: [f32; 2] = [0.75, 0.95];
/// Strata: a band of the kept lines or of the dropped ones.
pub(super) const STRATA: usize = 2 * (BANDS.len() + 1);
/// So many lines of a stratum are looked at even if no mistake is to be expected.
const LEAST: usize = 5;

/// A line of the sample.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    /// Chance: the least of a stratum are taken.
    order: u64,
    pub(super) document: usize,
    pub(super) number: u64,
    pub(super) key: String,
    pub(super) words: u64,
    pub(super) stratum: usize,
}

/// Whether the program keeps the lines of a stratum.
pub(super) fn keeps(stratum: usize) -> bool {
    stratum < STRATA / 2
}

#[derive(Default)]
struct Pool {
    population: u64,
    /// Mistakes to be expected.
    doubt: f64,
    /// The least ones so far.
    units: BinaryHeap<Unit>,
}

/// A sink that draws lines from one document after the other.
pub(super) struct Sampler {
    wanted: usize,
    document: usize,
    name: String,
    pools: [Pool; STRATA],
    folded: String,
}

impl Sampler {
    pub(super) fn new(wanted: usize) -> Sampler {
        Sampler { wanted, document: 0, name: String::new(), pools: Default::default(), folded: String::new() }
    }

    /// The document of this index and name comes next.
    pub(super) fn begin(&mut self, document: usize, name: &str) {
        self.document = document;
        name.clone_into(&mut self.name);
    }

    /// The population of each stratum.
    pub(super) fn populations(&self) -> [u64; STRATA] {
        std::array::from_fn(|i| self.pools[i].population)
    }

    /// The sample, in the order in which the documents have it.
    pub(super) fn draw(self) -> Vec<Unit> {
        let shares: [(u64, f64); STRATA] = std::array::from_fn(|i| (self.pools[i].population, self.pools[i].doubt));
        let sizes = allocate(&shares, self.wanted);
        let mut units = Vec::new();
        for (pool, size) in self.pools.into_iter().zip(sizes) {
            units.extend(pool.units.into_sorted_vec().into_iter().take(size));
        }
        units.sort_by_key(|unit| (unit.document, unit.number));
        units
    }
}

impl Sink for Sampler {
    fn needs(&self) -> Needs {
        Needs { labels: true, evidence: false }
    }

    fn line(&mut self, decided: &Decided<'_>) -> chaffinch::Result<()> {
        let (line, verdict) = (decided.line, decided.verdict);
        if line.part != Part::Whole || verdict.label.is_none() {
            return Ok(());
        }
        let band = BANDS.iter().filter(|bound| verdict.score >= **bound).count();
        let stratum = if verdict.keep { band } else { STRATA / 2 + band };
        chaffinch::fold::fold(line.text, &mut self.folded);
        let key = key_of(&self.name, line.number, [self.folded.as_str()]);
        let order = scatter(u64::from_str_radix(&key, 16).unwrap_or(0));
        let pool = &mut self.pools[stratum];
        pool.population += 1;
        pool.doubt += f64::from(1.0 - verdict.score);
        if pool.units.len() < self.wanted || pool.units.peek().is_some_and(|last| order < last.order) {
            let words = line.text.split_whitespace().count() as u64;
            pool.units.push(Unit { order, document: self.document, number: line.number, key, words, stratum });
            if pool.units.len() > self.wanted {
                pool.units.pop();
            }
        }
        Ok(())
    }
}

/// SplitMix64's last step: every bit of the result depends on every bit of `x`.
fn scatter(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// How many of each stratum are looked at, by population and expected mistakes: most where both are high (Neyman).
fn allocate(strata: &[(u64, f64); STRATA], wanted: usize) -> [usize; STRATA] {
    let most = |i: usize| usize::try_from(strata[i].0).unwrap_or(usize::MAX);
    let total: usize = (0..STRATA).fold(0, |sum: usize, i| sum.saturating_add(most(i)));
    let wanted = wanted.min(total);
    let used = (0..STRATA).filter(|i| most(*i) > 0).count().max(1);
    let mut sizes: [usize; STRATA] = std::array::from_fn(|i| most(i).min(LEAST).min(wanted / used));
    let weights: [f64; STRATA] = std::array::from_fn(|i| {
        let (population, doubt) = strata[i];
        let share = (doubt / (population as f64).max(1.0)).clamp(0.02, 0.5);
        population as f64 * (share * (1.0 - share)).sqrt()
    });
    // One by one to the stratum that is furthest behind its share; the sample is small.
    while sizes.iter().sum::<usize>() < wanted {
        let behind = |i: &usize| (sizes[*i] as f64 + 0.5) / weights[*i];
        let open = (0..STRATA).filter(|i| sizes[*i] < most(*i));
        match open.min_by(|a, b| behind(a).total_cmp(&behind(b))) {
            Some(i) => sizes[i] += 1,
            None => break,
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_draws_and_everything_is_looked_at() {
        let sizes = allocate(&[(50, 20.0), (200, 30.0), (5000, 50.0), (40, 15.0), (0, 0.0), (9000, 90.0)], 200);
        assert_eq!(sizes.iter().sum::<usize>(), 200);
        assert!(sizes[0] >= 5 && sizes[4] == 0 && sizes[0] <= 50, "{sizes:?}");
        // Of the doubtful lines a far larger share.
        assert!(sizes[0] * 5000 > 3 * sizes[2] * 50, "{sizes:?}");
    }

    #[test]
    fn samples_are_never_larger_than_what_there_is() {
        assert_eq!(allocate(&[(3, 1.0), (0, 0.0), (2, 0.1), (0, 0.0), (0, 0.0), (1, 0.0)], 200), [3, 0, 2, 0, 0, 1]);
        assert_eq!(allocate(&[(30, 1.0); STRATA], 2).iter().sum::<usize>(), 2);
        assert_eq!(allocate(&[(0, 0.0); STRATA], 200), [0; STRATA]);
    }
}
