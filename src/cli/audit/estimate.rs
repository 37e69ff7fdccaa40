//! From judged lines of a stratified sample to estimates with intervals.
//!
//! Every line of a stratum had the same known chance to be drawn, so a judged line stands for `population / judged`
//! lines (Horvitz–Thompson). The intervals are Wilson score intervals in which the number of trials is the effective
//! one: that of a simple random sample which would have the variance of this estimate. Where few mistakes were found
//! the sample's variance says too little (none at all where there were none), so within a stratum it is never taken
//! to be below that of half a mistake in one line more than were judged.

/// Lines from which some were drawn at random.
#[derive(Clone, Debug, Default)]
pub(super) struct Stratum {
    /// Whether the program keeps these lines.
    pub(super) keep: bool,
    /// How many lines there are.
    pub(super) population: u64,
    /// Those that were judged.
    pub(super) judged: Vec<Judged>,
}

/// A line that a person has judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) words: u64,
    /// Whether the program was wrong about it.
    pub(super) wrong: bool,
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) share: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// All that is told of a sample; `None` where nothing was judged that could tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimates {
    /// Of the dropped lines, the share that should have stayed.
    pub(super) lost: Option<Estimate>,
    /// Of the kept lines, the share that should have gone.
    pub(super) left: Option<Estimate>,
    /// Of the words that were kept, the share that should have been.
    pub(super) precision: Option<Estimate>,
    /// Of the words that should be kept, the share that was.
    pub(super) recall: Option<Estimate>,
}

pub(super) fn estimate(strata: &[Stratum]) -> Estimates {
    let kept = merged(strata, true);
    let dropped = merged(strata, false);
    let complement = |e: Estimate| Estimate { share: 1.0 - e.share, low: 1.0 - e.high, high: 1.0 - e.low };
    Estimates {
        lost: wrong(&dropped, |_| 1.0),
        left: wrong(&kept, |_| 1.0),
        precision: wrong(&kept, weight).map(complement),
        recall: recall(&kept, &dropped),
    }
}

fn weight(line: &Judged) -> f64 {
    line.words as f64
}

/// The strata of one side, each with judged lines: one without goes together with its neighbour.
fn merged(strata: &[Stratum], keep: bool) -> Vec<Stratum> {
    let mut out: Vec<Stratum> = Vec::new();
    let mut waiting = 0;
    for stratum in strata.iter().filter(|stratum| stratum.keep == keep && stratum.population > 0) {
        match (stratum.judged.is_empty(), out.last_mut()) {
            (true, Some(last)) => last.population += stratum.population,
            (true, None) => waiting += stratum.population,
            (false, _) => {
                let population = stratum.population + std::mem::take(&mut waiting);
                out.push(Stratum { population, ..stratum.clone() });
            }
        }
    }
    out
}

/// Sums over a stratum that are needed again and again.
struct Figures {
    n: f64,
    /// Lines that a judged line stands for.
    each: f64,
    /// The share of lines that was not judged.
    rest: f64,
    /// The share of wrong lines, half a mistake in one line more counted in where not all were judged.
    smoothed: f64,
    /// Mean of the squared weights.
    square: f64,
}

impl Figures {
    fn new(stratum: &Stratum, weight: impl Fn(&Judged) -> f64) -> Figures {
        let n = stratum.judged.len() as f64;
        let population = (stratum.population as f64).max(n);
        let wrong = stratum.judged.iter().filter(|line| line.wrong).count() as f64;
        let square = stratum.judged.iter().map(|line| weight(line).powi(2)).sum::<f64>() / n;
        let rest = 1.0 - n / population;
        let smoothed = if rest > 0.0 { (wrong + 0.5) / (n + 1.0) } else { wrong / n };
        Figures { n, each: population / n, rest, smoothed, square }
    }

    /// The variance of a stratum's total of residuals; a mistake more would change one by `change` times the weight.
    fn variance(&self, residuals: impl Iterator<Item = f64> + Clone, change: f64) -> f64 {
        let mean = residuals.clone().sum::<f64>() / self.n;
        let spread = residuals.map(|e| (e - mean).powi(2)).sum::<f64>() / (self.n - 1.0).max(1.0);
        let least = change.powi(2) * self.square * self.smoothed * (1.0 - self.smoothed);
        (self.each * self.n).powi(2) * self.rest * spread.max(least) / self.n
    }
}

/// The share of wrong lines, weighted.
fn wrong(strata: &[Stratum], weight: impl Fn(&Judged) -> f64 + Copy) -> Option<Estimate> {
    let (mut all, mut bad, mut smoothed) = (0.0, 0.0, 0.0);
    for stratum in strata {
        let figures = Figures::new(stratum, weight);
        let weights: f64 = stratum.judged.iter().map(weight).sum();
        let wrong: f64 = stratum.judged.iter().filter(|line| line.wrong).map(weight).sum();
        all += figures.each * weights;
        bad += figures.each * wrong;
        smoothed += figures.each * weights * figures.smoothed;
    }
    if all <= 0.0 {
        return None;
    }
    let share = bad / all;
    let variance: f64 = strata
        .iter()
        .map(|stratum| {
            let residual = |line: &Judged| weight(line) * (f64::from(u8::from(line.wrong)) - share);
            Figures::new(stratum, weight).variance(stratum.judged.iter().map(residual), 1.0)
        })
        .sum();
    Some(interval(share, smoothed / all, variance / all.powi(2)))
}

/// The share of the words that should stay that did: those kept rightly, of them and those dropped wrongly.
fn recall(kept: &[Stratum], dropped: &[Stratum]) -> Option<Estimate> {
    let total = |strata: &[Stratum], wrong: bool| -> f64 {
        let of = |stratum: &Stratum| -> f64 {
            let sum: f64 = stratum.judged.iter().filter(|line| line.wrong == wrong).map(weight).sum();
            Figures::new(stratum, weight).each * sum
        };
        strata.iter().map(of).sum()
    };
    let (right, lost) = (total(kept, false), total(dropped, true));
    let all = right + lost;
    if all <= 0.0 || dropped.is_empty() {
        return None;
    }
    let share = right / all;
    let mut variance = 0.0;
    let mut lost_smoothed = 0.0;
    for stratum in kept {
        let residual = |line: &Judged| if line.wrong { 0.0 } else { (1.0 - share) * weight(line) };
        variance += Figures::new(stratum, weight).variance(stratum.judged.iter().map(residual), 1.0 - share);
    }
    for stratum in dropped {
        let figures = Figures::new(stratum, weight);
        let residual = |line: &Judged| if line.wrong { -share * weight(line) } else { 0.0 };
        variance += figures.variance(stratum.judged.iter().map(residual), share);
        let words: f64 = stratum.judged.iter().map(weight).sum();
        lost_smoothed += figures.each * words * figures.smoothed;
    }
    Some(interval(share, right / (right + lost_smoothed), variance / all.powi(2)))
}

/// Wilson's interval around `share`. `smoothed` is the share from which the effective number of trials is found; it
/// is neither 0 nor 1 where anything is uncertain.
fn interval(share: f64, smoothed: f64, variance: f64) -> Estimate {
    const Z2: f64 = 1.959_964 * 1.959_964;
    if variance <= 0.0 {
        return Estimate { share, low: share, high: share };
    }
    let n = (smoothed * (1.0 - smoothed) / variance).max(1e-9);
    let center = (share + Z2 / (2.0 * n)) / (1.0 + Z2 / n);
    let half = (Z2 * (share * (1.0 - share) / n + Z2 / (4.0 * n * n))).sqrt() / (1.0 + Z2 / n);
    // The ends are exact where the share is; rounding must not cut it off.
    Estimate { share, low: (center - half).clamp(0.0, share), high: (center + half).clamp(share, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(keep: bool, population: u64, judged: &[(u64, bool)]) -> Stratum {
        let judged = judged.iter().map(|&(words, wrong)| Judged { words, wrong }).collect();
        Stratum { keep, population, judged }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-3
    }

    #[test]
    fn a_plain_sample_gives_nearly_wilsons_interval() {
        // 5 of 100 wrong, of so many that none is missed: Wilson's interval is 2.15 % to 11.18 %.
        let judged: Vec<(u64, bool)> = (0..100).map(|i| (1, i < 5)).collect();
        let e = estimate(&[stratum(false, 10_000_000, &judged)]).lost.unwrap();
        assert!(near(e.share, 0.05) && (e.low - 0.0215).abs() < 0.004 && (e.high - 0.1118).abs() < 0.008, "{e:?}");
    }

    #[test]
    fn lines_stand_for_as_many_as_were_not_drawn() {
        let e = estimate(&[
            stratum(false, 900, &[(2, false), (2, false), (2, false)]),
            stratum(false, 100, &[(3, true), (3, false)]),
            stratum(true, 10, &[(50, false), (50, true)]),
        ]);
        assert!(near(e.lost.unwrap().share, 0.05), "{e:?}");
        assert!(near(e.precision.unwrap().share, 0.5));
        // 250 words kept rightly, 150 lost.
        assert!(near(e.recall.unwrap().share, 250.0 / 400.0));
    }

    #[test]
    fn no_mistake_found_is_not_no_mistake() {
        let right: Vec<(u64, bool)> = vec![(5, false); 50];
        let e = estimate(&[stratum(true, 1000, &right), stratum(false, 1000, &right)]);
        for estimate in [e.lost.unwrap(), e.left.unwrap()] {
            assert!(estimate.share == 0.0 && estimate.low == 0.0, "{estimate:?}");
            assert!((0.03..0.15).contains(&estimate.high), "{estimate:?}");
        }
        assert!(e.recall.unwrap().low < 0.98 && e.recall.unwrap().high == 1.0);
    }

    #[test]
    fn what_was_looked_at_whole_is_known() {
        let e = estimate(&[stratum(false, 4, &[(1, true), (1, false), (1, false), (1, false)])]);
        assert_eq!(e.lost.unwrap(), Estimate { share: 0.25, low: 0.25, high: 0.25 });
        assert!(e.precision.is_none() && e.left.is_none());
    }

    #[test]
    fn strata_nobody_judged_go_with_their_neighbours() {
        let e = estimate(&[stratum(false, 90, &[]), stratum(false, 10, &[(1, true)]), stratum(false, 7, &[])]);
        assert_eq!(e.lost.unwrap().share, 1.0);
        assert!(estimate(&[stratum(false, 90, &[])]).lost.is_none());
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        // Three strata of dropped lines with 20 %, 4 % and 0.3 % wrong ones, 1.7 % in all.
        let truth: [(u64, u64, usize); 3] = [(500, 5, 60), (2000, 25, 60), (10_000, 333, 80)];
        let all: f64 = truth.iter().map(|(n, one_in, _)| (n / one_in) as f64).sum::<f64>() / 12_500.0;
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let (mut held, mut width) = (0, 0.0);
        for _ in 0..400 {
            let strata: Vec<Stratum> = truth
                .iter()
                .map(|&(population, one_in, n)| {
                    let mut left = Vec::from_iter(0..population);
                    let judged = (0..n).map(|_| {
                        let line = left.swap_remove((random() % left.len() as u64) as usize);
                        (1, line < population / one_in)
                    });
                    stratum(false, population, &judged.collect::<Vec<_>>())
                })
                .collect();
            let e = estimate(&strata).lost.unwrap();
            held += usize::from((e.low..=e.high).contains(&all));
            width += (e.high - e.low) / 400.0;
        }
        // They may say less than they could, since few mistakes are taken for more, but not much less.
        assert!(held >= 380 && width < 0.06, "{held} of 400, {width}");
    }

    #[test]
    fn so_do_those_by_words() {
        // Kept lines are long and seldom wrong; dropped ones are short, but the wrong ones among them are long.
        let truth: [(bool, u64, u64, usize, u64, u64); 4] = [
            (true, 600, 6, 40, 12, 20),
            (true, 3000, 60, 60, 25, 30),
            (false, 900, 9, 50, 3, 18),
            (false, 8000, 400, 70, 2, 9),
        ];
        let total = |keep: bool, wrong: bool| -> f64 {
            let of = |&(_, n, one_in, _, right, bad): &(bool, u64, u64, usize, u64, u64)| {
                if wrong { (n / one_in * bad) as f64 } else { ((n - n / one_in) * right) as f64 }
            };
            truth.iter().filter(|t| t.0 == keep).map(of).sum()
        };
        let precision = total(true, false) / (total(true, false) + total(true, true));
        let recall = total(true, false) / (total(true, false) + total(false, true));
        let mut state = 11_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let (mut held, mut width) = ([0; 2], [0.0; 2]);
        for _ in 0..300 {
            let mut strata = Vec::new();
            for &(keep, population, one_in, n, right, bad) in &truth {
                let mut left = Vec::from_iter(0..population);
                let judged = (0..n).map(|_| {
                    let line = left.swap_remove((random() % left.len() as u64) as usize);
                    let wrong = line < population / one_in;
                    (if wrong { bad } else { right }, wrong)
                });
                strata.push(stratum(keep, population, &judged.collect::<Vec<_>>()));
            }
            let e = estimate(&strata);
            for (i, (e, truth)) in [(e.precision, precision), (e.recall, recall)].into_iter().enumerate() {
                let e = e.unwrap();
                held[i] += i32::from((e.low..=e.high).contains(&truth));
                width[i] += (e.high - e.low) / 300.0;
            }
        }
        assert!(held.iter().all(|held| *held >= 282) && width.iter().all(|width| *width < 0.12), "{held:?} {width:?}");
    }
}
