//! Correlation of two variables.

use super::t_test::moments;
use crate::error::Result;
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
