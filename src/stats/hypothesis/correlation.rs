//! Correlation of two variables.

use super::t_test::moments;
use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite, same_length};
use crate::stats::distribution::t_two_sided;
use crate::stats::rank::{average_ranks, tie_sum};

/// A correlation and the test of its being 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// The coefficient, in [-1, 1]; NaN if a variable is constant.
    pub r: f64,
    /// The two-sided p-value; NaN if a variable is constant.
    pub p: f64,
}

fn check(x: &[f64], y: &[f64]) -> Result<()> {
    same_length(x.len(), y.len(), "the two variables")?;
    at_least(x.len(), 3, "the pair of variables")?;
    finite(x, "the first variable")?;
    finite(y, "the second variable")
}

fn correlate(x: &[f64], y: &[f64]) -> Correlation {
    let ((mx, qx), (my, qy)) = (moments(x), moments(y));
    let products: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    // Two square roots: the product of the sums could overflow.
    let r = (products / qx.sqrt() / qy.sqrt()).clamp(-1.0, 1.0);
    let df = x.len() as f64 - 2.0;
    Correlation {
        r,
        p: t_two_sided(r * (df / ((1.0 - r) * (1.0 + r))).sqrt(), df),
    }
}

/// Pearson's correlation, with the p-value of `t = r sqrt((n - 2) / (1 - r^2))` on `n - 2`
/// degrees of freedom.
///
/// ```
/// use gsae::stats::hypothesis::pearson;
///
/// let correlation = pearson(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 7.0])?;
/// assert!((correlation.r - 0.824_163_383_7).abs() < 1e-9);
/// assert!((correlation.p - 0.086_138_631_3).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths, fewer than three pairs,
/// or a value that is not finite.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<Correlation> {
    check(x, y)?;
    Ok(correlate(x, y))
}

/// Spearman's correlation: [`pearson`] of the ranks, ties sharing their mean rank (Spearman 1904,
/// American Journal of Psychology 15:72). The p-value is an approximation, and far out a bad one: of
/// 9 pairs in perfect order it is 0 and should be 5.5e-6. [`spearman_exact`] and
/// [`spearman_curve`] have p-values that hold there.
///
/// ```
/// use gsae::stats::hypothesis::spearman;
///
/// let correlation = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2.0, 1.0, 4.0, 3.0, 7.0, 7.0])?;
/// assert!((correlation.r - 0.869_656_553_5).abs() < 1e-9);
/// assert!((correlation.p - 0.024_376_891_7).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Correlation> {
    check(x, y)?;
    Ok(correlate(&average_ranks(x), &average_ranks(y)))
}

/// The most pairs of which all orders are counted.
const EXACT_PAIRS: usize = 12;

/// [`spearman`] with the exact p-value: the share of all orders of y, ties included, whose
/// coefficient is as far from 0. Up to 12 pairs. For many y prepare a [`SpearmanExact`].
///
/// ```
/// use gsae::stats::hypothesis::spearman_exact;
///
/// let correlation = spearman_exact(&[1.0, 2.0, 3.0, 4.0], &[2.0, 5.0, 7.0, 9.0])?;
/// assert_eq!(correlation.r, 1.0);
/// assert!((correlation.p - 2.0 / 24.0).abs() < 1e-15);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`pearson`], and for more than 12 pairs.
pub fn spearman_exact(x: &[f64], y: &[f64]) -> Result<Correlation> {
    check(x, y)?;
    let null = SpearmanExact::of_untied(x.len())?;
    null.test(x, y)
}

/// The exact distribution of Spearman's coefficient over all orders of up to 12 untied values,
/// counted once for many variables.
///
/// Orders are counted by the sum of the products of ranks, one value of x after the other, over
/// the sets of values of y that are used up: `2^n n` steps where there are `n!` orders.
#[derive(Debug, Clone)]
pub struct SpearmanExact {
    counts: Vec<f64>,
    pairs: usize,
}

impl SpearmanExact {
    /// The distribution for so many pairs.
    ///
    /// # Errors
    /// [`Error::Data`] for more than 12 pairs.
    pub fn of_untied(pairs: usize) -> Result<Self> {
        if pairs > EXACT_PAIRS {
            return Err(Error::data(
                format!("the orders of {pairs} pairs are too many to count"),
                "Use the approximation, which is good for this many pairs.",
            ));
        }
        let ranks: Vec<f64> = (1..=pairs).map(|rank| rank as f64).collect();
        let whole = from_middle(&ranks);
        Ok(Self {
            counts: counts_of_products(&whole, &whole),
            pairs,
        })
    }

    /// [`spearman_exact`]; variables with ties are counted for themselves.
    ///
    /// # Errors
    /// As [`pearson`], and for another number of pairs.
    pub fn test(&self, x: &[f64], y: &[f64]) -> Result<Correlation> {
        check(x, y)?;
        same_length(self.pairs, x.len(), "the distribution and the pairs")?;
        let (rx, ry) = (average_ranks(x), average_ranks(y));
        let mut found = correlate(&rx, &ry);
        if found.r.is_nan() {
            return Ok(found);
        }
        let (wx, wy) = (from_middle(&rx), from_middle(&ry));
        let own;
        let counts = if tie_sum(x) > 0.0 || tie_sum(y) > 0.0 {
            own = counts_of_products(&wx, &wy);
            &own
        } else {
            &self.counts
        };
        let product: i64 = wx.iter().zip(&wy).map(|(x, y)| x * y).sum();
        let middle = (counts.len() / 2) as i64;
        let reached = product.abs();
        let extreme = counts.iter().enumerate();
        let extreme = extreme.filter(|(at, _)| (*at as i64 - middle).abs() >= reached);
        let all: f64 = counts.iter().sum();
        found.p = extreme.map(|(_, count)| count).sum::<f64>() / all;
        Ok(found)
    }
}

/// Twice the ranks, from their middle: whole numbers, so that no rounding decides.
fn from_middle(ranks: &[f64]) -> Vec<i64> {
    let middle = ranks.len() as f64 + 1.0;
    ranks
        .iter()
        .map(|rank| (2.0 * rank - middle) as i64)
        .collect()
}

/// The number of orders of y with each sum of products with x; the sum 0 is in the middle.
fn counts_of_products(x: &[i64], y: &[i64]) -> Vec<f64> {
    let n = x.len();
    let squares = |values: &[i64]| values.iter().map(|value| value * value).sum::<i64>();
    let top = squares(x).max(squares(y)) as usize;
    // By the set of values of y that the first values of x have taken.
    let mut counts: Vec<Vec<f64>> = vec![Vec::new(); 1 << n];
    counts[0] = vec![0.0; 2 * top + 1];
    counts[0][top] = 1.0;
    for taken in 0..(1usize << n) - 1 {
        let current = std::mem::take(&mut counts[taken]);
        let next = x[taken.count_ones() as usize];
        for (at, value) in y.iter().enumerate() {
            if taken >> at & 1 == 1 {
                continue;
            }
            let target = &mut counts[taken | 1 << at];
            if target.is_empty() {
                target.resize(2 * top + 1, 0.0);
            }
            let shift = next * value;
            let (from, to) = match usize::try_from(shift) {
                Ok(up) => (0, up),
                Err(_) => (shift.unsigned_abs() as usize, 0),
            };
            // What would fall off the end is 0: no sum of products is larger than the top.
            for (count, own) in target[to..].iter_mut().zip(&current[from..]) {
                *count += own;
            }
        }
    }
    counts.pop().unwrap_or_default()
}

/// [`spearman`] with a p-value that holds in the tail: of the curve `(1 - (r/c)^2)^(a - 1)` with the
/// variance `1 / (n - 1)` and the kurtosis `3 (25 n^3 - 38 n^2 - 35 n + 72) / (25 n (n^2 - 1))`
/// that the coefficient of n untied pairs has over all their orders (Kendall & Gibbons 1990, Rank
/// Correlation Methods), at half a step of r before the coefficient.
///
/// From 13 pairs on it is within 4 % of the exact p-value above 0.005, and above it farther out,
/// where the t distribution of [`spearman`] is far below.
///
/// ```
/// use gsae::stats::hypothesis::{spearman, spearman_curve};
///
/// let x: Vec<f64> = (0..13).map(f64::from).collect();
/// assert_eq!(spearman(&x, &x)?.p, 0.0);
/// let p = spearman_curve(&x, &x)?.p;
/// assert!(p > 3e-10 && p < 1e-5);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`pearson`], and for fewer than five pairs.
pub fn spearman_curve(x: &[f64], y: &[f64]) -> Result<Correlation> {
    at_least(x.len(), 5, "the pair of variables")?;
    let mut found = spearman(x, y)?;
    let n = x.len() as f64;
    let cubes = 25.0 * n.powi(3) - 38.0 * n * n - 35.0 * n + 72.0;
    let kurtosis = 3.0 * cubes / (25.0 * n * (n * n - 1.0));
    let a = (3.0 * kurtosis - 3.0) / (6.0 - 2.0 * kurtosis);
    let c = ((2.0 * a + 1.0) / (n - 1.0)).sqrt();
    let half_step = 6.0 / (n.powi(3) - n);
    let share = (found.r.abs() - half_step).max(0.0) / c;
    if !found.r.is_nan() {
        let t = share * (2.0 * a / ((1.0 - share) * (1.0 + share))).sqrt();
        found.p = t_two_sided(t, 2.0 * a);
    }
    Ok(found)
}
