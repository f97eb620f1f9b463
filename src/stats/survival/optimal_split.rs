//! The split of a variable that separates survival most, with a p-value that knows it was
//! searched for.

use super::{by_time, check};
use crate::error::{Error, Result};
use crate::stats::check::{finite, same_length};
use crate::stats::random::Streams;
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Statistics that differ by less than this share are the same up to rounding.
const SAME: f64 = 1e-12;
/// Permutations that are done at a time.
const TOLD: usize = 500;

/// The best split of one variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimalSplit {
    /// Subjects above it are the high group: halfway between two values. NaN if the variable can
    /// be split nowhere.
    pub threshold: f64,
    /// How many are above.
    pub above: usize,
    /// The standardised log-rank statistic there; positive if those above have more events.
    pub z: f64,
    /// The p-value, corrected for the search: `(b + 1) / (n + 1)`, b of n permutations with a
    /// statistic as large. 1 if the variable can be split nowhere.
    pub p: f64,
}

/// Maximally selected log-rank statistics (Lausen & Schumacher 1992, Biometrics 48:73), their
/// distribution by permutation of the log-rank scores (Hothorn & Lausen 2003, Computational
/// Statistics & Data Analysis 43:121).
///
/// With the scores `a_i = event_i - H(t_i)`, H Nelson and Aalen's cumulative hazard of all
/// subjects, the statistic of a split with k of n subjects above is
/// `z = sum_above(a) / sqrt(k (n - k) / (n (n - 1)) sum(a^2))`. Every split that leaves a least
/// share of the subjects on either side is tried. The null distribution depends on the follow-up
/// alone, so that it is drawn once for all variables; for a variable with ties, which has fewer
/// splits, the p-value is conservative.
#[derive(Debug, Clone)]
pub struct MaximalSplit {
    scores: Vec<f64>,
    /// Fewest subjects on a side.
    least: usize,
    /// Largest statistics of permutations, ascending.
    null: Vec<f64>,
}

impl MaximalSplit {
    /// Draws the null distribution. `share`: the least share of the subjects on either side of a
    /// split, often 0.1; every permutation has its own random numbers, so that the result does
    /// not depend on the number of threads.
    ///
    /// ```
    /// use gsae::stats::survival::MaximalSplit;
    ///
    /// let times: Vec<f64> = (1..=20).map(f64::from).collect();
    /// let splits = MaximalSplit::new(&times, &[true; 20], 0.1, 999, 7)?;
    /// // Who is above 10 lives longer.
    /// let found = splits.test(&times)?;
    /// assert!(found.z < -3.0 && found.p < 0.01);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for lists of different lengths, times below 0 or not finite, no event, a
    /// share outside (0, 0.5], too few subjects for a split, or no permutation.
    pub fn new(
        times: &[f64],
        events: &[bool],
        share: f64,
        permutations: usize,
        seed: u64,
    ) -> Result<Self> {
        Self::new_aloud(times, events, share, permutations, seed, &|_| ())
    }

    /// [`new`](Self::new) that tells `progress` every now and then how many more permutations are
    /// done.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_aloud(
        times: &[f64],
        events: &[bool],
        share: f64,
        permutations: usize,
        seed: u64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Self> {
        check(times, events)?;
        let n = times.len();
        if !events.contains(&true) {
            return Err(Error::data(
                format!("all {n} subjects are censored"),
                "A split can only be told by events: follow up longer.",
            ));
        }
        let least = ((share * n as f64).ceil() as usize).max(1);
        if !(share > 0.0 && share <= 0.5) || 2 * least > n || permutations == 0 {
            return Err(Error::data(
                format!(
                    "{n} subjects cannot be split with a share of {share} on either side and \
                     {permutations} permutations"
                ),
                "Give a share above 0 and at most 0.5, for example 0.1, and some permutations.",
            ));
        }
        let scores = log_rank_scores(times, events);
        let streams = Streams::new(seed, "optimal split");
        let spread = Spread::new(&scores, least);
        let tasks: Vec<u64> = (0..permutations as u64).collect();
        let mut null: Vec<f64> = tasks
            .par_chunks(TOLD)
            .map_init(
                || scores.clone(),
                |permuted, tasks| {
                    let largest = tasks.iter().map(|task| {
                        permuted.copy_from_slice(&scores);
                        permuted.shuffle(&mut streams.stream(*task));
                        spread.largest(permuted)
                    });
                    let found: Vec<f64> = largest.collect();
                    progress(tasks.len());
                    found
                },
            )
            .flatten()
            .collect();
        null.sort_by(f64::total_cmp);
        Ok(Self {
            scores,
            least,
            null,
        })
    }

    /// The best split of a variable, one value a subject.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of values or one that is not finite.
    pub fn test(&self, values: &[f64]) -> Result<OptimalSplit> {
        let n = self.scores.len();
        same_length(n, values.len(), "subjects and values")?;
        finite(values, "the variable")?;
        let spread = Spread::new(&self.scores, self.least);
        let order = by_time(values);
        let mut best = OptimalSplit {
            threshold: f64::NAN,
            above: 0,
            z: f64::NAN,
            p: 1.0,
        };
        let mut below = 0.0;
        for (k, pair) in order
            .windows(2)
            .enumerate()
            .map(|(at, pair)| (at + 1, pair))
        {
            below += self.scores[pair[0]];
            let (low, high) = (values[pair[0]], values[pair[1]]);
            if low < high && k >= self.least && n - k >= self.least {
                // The scores sum to 0: what is above is minus what is below.
                let z = -below / spread.of(k);
                if best.z.is_nan() || z.abs() > best.z.abs() {
                    best.threshold = f64::midpoint(low, high);
                    best.above = n - k;
                    best.z = z;
                }
            }
        }
        if best.z.is_finite() {
            let reached = best.z.abs() * (1.0 - SAME);
            let smaller = self.null.partition_point(|null| *null < reached);
            let larger = self.null.len() - smaller;
            best.p = (larger + 1) as f64 / (self.null.len() + 1) as f64;
        }
        Ok(best)
    }
}

/// The standard deviations of sums of k scores.
struct Spread {
    deviations: Vec<f64>,
    least: usize,
}

impl Spread {
    fn new(scores: &[f64], least: usize) -> Self {
        let n = scores.len() as f64;
        let squares: f64 = scores.iter().map(|score| score * score).sum();
        let deviation = |k: usize| {
            let k = k as f64;
            (k * (n - k) / (n * (n - 1.0)) * squares).sqrt()
        };
        Self {
            deviations: (0..scores.len()).map(deviation).collect(),
            least,
        }
    }

    fn of(&self, k: usize) -> f64 {
        self.deviations[k]
    }

    /// The largest statistic over all splits of scores in this order.
    fn largest(&self, scores: &[f64]) -> f64 {
        let n = scores.len();
        let mut sum = 0.0;
        let mut largest: f64 = 0.0;
        for (k, score) in scores.iter().enumerate().map(|(at, score)| (at + 1, score)) {
            sum += score;
            if k >= self.least && n - k >= self.least {
                largest = largest.max(sum.abs() / self.of(k));
            }
        }
        largest
    }
}

/// `event - H(t)` of every subject; they sum to 0.
fn log_rank_scores(times: &[f64], events: &[bool]) -> Vec<f64> {
    let mut scores = vec![0.0; times.len()];
    let mut at_risk = times.len() as f64;
    let mut hazard = 0.0;
    for tied in by_time(times).chunk_by(|&a, &b| times[a] == times[b]) {
        let deaths = tied.iter().filter(|&&at| events[at]).count();
        hazard += deaths as f64 / at_risk;
        for &at in tied {
            scores[at] = f64::from(u8::from(events[at])) - hazard;
        }
        at_risk -= tied.len() as f64;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_by_hand() {
        // Hazards 1/4, then 2/3 more at the two tied events, then censored.
        let scores = log_rank_scores(&[1.0, 2.0, 2.0, 3.0], &[true, true, true, false]);
        let hazard = 0.25 + 2.0 / 3.0;
        let expected = [0.75, 1.0 - hazard, 1.0 - hazard, -hazard];
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-15);
        }
        assert!(scores.iter().sum::<f64>().abs() < 1e-15);
    }

    #[test]
    fn the_split_of_four_by_hand() -> Result<()> {
        let times = [1.0, 2.0, 3.0, 4.0];
        let splits = MaximalSplit::new(&times, &[true; 4], 0.25, 199, 1)?;
        // a = 1 - (1/4, 7/12, 13/12, 25/12): the best split leaves the last alone.
        let a: [f64; 4] = [0.75, 5.0 / 12.0, -1.0 / 12.0, -13.0 / 12.0];
        let squares: f64 = a.iter().map(|a| a * a).sum();
        let found = splits.test(&[10.0, 20.0, 30.0, 40.0])?;
        let by_hand = |k: f64, sum: f64| sum / (k * (4.0 - k) / 12.0 * squares).sqrt();
        let all = [
            by_hand(1.0, a[0]),
            by_hand(2.0, a[0] + a[1]),
            by_hand(3.0, a[0] + a[1] + a[2]),
        ];
        let best = all.iter().copied().fold(0.0, f64::max);
        assert!((found.z + best).abs() < 1e-12, "{found:?} {all:?}");
        assert_eq!((found.threshold, found.above), (35.0, 1));
        // Nothing to split: nothing found.
        let constant = splits.test(&[1.0; 4])?;
        assert!(constant.threshold.is_nan() && constant.p == 1.0);
        Ok(())
    }
}
