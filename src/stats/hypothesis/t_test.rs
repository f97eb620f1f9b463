//! t tests of two means.

use crate::error::Result;
use crate::stats::check::{at_least, finite, same_length};
use crate::stats::distribution::t_two_sided;

/// A t test of a difference between means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// The difference over its standard error; NaN if no group varies.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// The two-sided p-value; NaN if no group varies.
    pub p: f64,
    /// The first mean minus the second.
    pub difference: f64,
}

impl TTest {
    fn new(difference: f64, error: f64, df: f64) -> Self {
        let t = if error > 0.0 {
            difference / error
        } else {
            f64::NAN
        };
        Self {
            t,
            df,
            p: t_two_sided(t, df),
            difference,
        }
    }
}

/// The mean and the sum of squared deviations from it. Values that are all the same have
/// exactly no deviation, whatever the rounding of their mean.
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    if values.iter().all(|value| *value == values[0]) {
        return (values[0], 0.0);
    }
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares)
}

fn check(first: &[f64], second: &[f64], least: usize) -> Result<()> {
    at_least(first.len(), least, "the first group")?;
    at_least(second.len(), least, "the second group")?;
    finite(first, "the first group")?;
    finite(second, "the second group")
}

/// Welch's t test: two independent groups whose variances may differ.
///
/// `t = (m1 - m2) / sqrt(s1^2/n1 + s2^2/n2)` with the degrees of freedom of Welch and
/// Satterthwaite (Welch 1947, Biometrika 34:28). If neither group varies, `t` and `p` are NaN.
///
/// ```
/// use gsae::stats::hypothesis::welch_t;
///
/// let test = welch_t(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert!((test.t + 3.417_682_775_7).abs() < 1e-9);
/// assert!((test.p - 0.018_330_383_6).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for a group of fewer than two values, or a value that is
/// not finite.
pub fn welch_t(first: &[f64], second: &[f64]) -> Result<TTest> {
    check(first, second, 2)?;
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let ((m1, q1), (m2, q2)) = (moments(first), moments(second));
    let (v1, v2) = (q1 / (n1 - 1.0) / n1, q2 / (n2 - 1.0) / n2);
    let df = (v1 + v2).powi(2) / (v1 * v1 / (n1 - 1.0) + v2 * v2 / (n2 - 1.0));
    Ok(TTest::new(m1 - m2, (v1 + v2).sqrt(), df))
}

/// Student's t test: two independent groups of one variance.
///
/// `t = (m1 - m2) / (s sqrt(1/n1 + 1/n2))`, `s` the pooled SD, with `n1 + n2 - 2` degrees of
/// freedom (Student 1908, Biometrika 6:1). One of the groups may have a single value. If neither
/// group varies, `t` and `p` are NaN.
///
/// ```
/// use gsae::stats::hypothesis::student_t;
///
/// let test = student_t(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert_eq!(test.df, 6.0);
/// assert!((test.p - 0.014_184_054_2).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for an empty group, fewer than three values in all, or a
/// value that is not finite.
pub fn student_t(first: &[f64], second: &[f64]) -> Result<TTest> {
    check(first, second, 1)?;
    at_least(first.len() + second.len(), 3, "the pair of groups")?;
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let ((m1, q1), (m2, q2)) = (moments(first), moments(second));
    let df = n1 + n2 - 2.0;
    let variance = (q1 + q2) / df;
    let error = (variance * (1.0 / n1 + 1.0 / n2)).sqrt();
    Ok(TTest::new(m1 - m2, error, df))
}

/// The paired t test: whether the differences `first[i] - second[i]` have mean 0.
///
/// `t = m / (s / sqrt(n))` over the n differences, with `n - 1` degrees of freedom. If the
/// differences are all the same, `t` and `p` are NaN.
///
/// ```
/// use gsae::stats::hypothesis::paired_t;
///
/// let test = paired_t(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert!((test.t + 2.513_044_815_1).abs() < 1e-9);
/// assert!((test.p - 0.086_705_057_9).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths, fewer than two pairs, or
/// a value that is not finite.
pub fn paired_t(first: &[f64], second: &[f64]) -> Result<TTest> {
    same_length(first.len(), second.len(), "the two sides of the pairs")?;
    check(first, second, 2)?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let (mean, squares) = moments(&differences);
    let error = (squares / (n - 1.0) / n).sqrt();
    Ok(TTest::new(mean, error, n - 1.0))
}
