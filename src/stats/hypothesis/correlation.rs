//! Correlation of two variables.

use super::t_test::moments;
use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite, same_length};
use crate::stats::distribution::t_two_sided;
use crate::stats::rank::average_ranks;

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
/// American Journal of Psychology 15:72). The p-value is an approximation below some 10 pairs.
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
const EXACT_PAIRS: usize = 8;

/// [`spearman`] with the exact p-value: the share of all orders of y, ties included, whose
/// coefficient is as far from 0. Up to 8 pairs.
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
/// As [`pearson`], and for more than 8 pairs.
pub fn spearman_exact(x: &[f64], y: &[f64]) -> Result<Correlation> {
    check(x, y)?;
    if x.len() > EXACT_PAIRS {
        return Err(Error::data(
            format!("the orders of {} pairs are too many to count", x.len()),
            "Use the approximation, which is good for this many pairs.",
        ));
    }
    let (rx, ry) = (average_ranks(x), average_ranks(y));
    let mut found = correlate(&rx, &ry);
    if found.r.is_nan() {
        return Ok(found);
    }
    // Twice the ranks, from their middle, are whole numbers: no rounding decides.
    let whole = |ranks: &[f64]| -> Vec<i64> {
        let middle = ranks.len() as f64 + 1.0;
        ranks
            .iter()
            .map(|rank| (2.0 * rank - middle) as i64)
            .collect()
    };
    let (wx, mut wy) = (whole(&rx), whole(&ry));
    let product = |wy: &[i64]| wx.iter().zip(wy).map(|(x, y)| x * y).sum::<i64>().abs();
    let observed = product(&wy);
    let (mut extreme, mut all) = (0u32, 0u32);
    for_each_order(&mut wy, &mut |order| {
        all += 1;
        extreme += u32::from(product(order) >= observed);
    });
    found.p = f64::from(extreme) / f64::from(all);
    Ok(found)
}

/// Calls `visit` with every order of the values (Heap 1963, Computer Journal 6:293).
fn for_each_order(values: &mut [i64], visit: &mut impl FnMut(&[i64])) {
    let n = values.len();
    let mut counters = vec![0; n];
    visit(values);
    let mut at = 1;
    while at < n {
        if counters[at] < at {
            values.swap(
                if at.is_multiple_of(2) {
                    0
                } else {
                    counters[at]
                },
                at,
            );
            visit(values);
            counters[at] += 1;
            at = 1;
        } else {
            counters[at] = 0;
            at += 1;
        }
    }
}
