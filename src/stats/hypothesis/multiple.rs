//! Corrections for testing many hypotheses.

use crate::error::{Error, Result};

/// The positions of the p-values that are not NaN, by ascending p.
fn order(p: &[f64]) -> Result<Vec<usize>> {
    if let Some(at) = p
        .iter()
        .position(|p| !p.is_nan() && !(0.0..=1.0).contains(p))
    {
        return Err(Error::data(
            format!("{} at position {} is no p-value", p[at], at + 1),
            "Give numbers in [0, 1], or NaN for tests that could not be done.",
        ));
    }
    let mut order: Vec<usize> = (0..p.len()).filter(|&at| !p[at].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    Ok(order)
}

/// Adjusted p-values that control the false discovery rate (Benjamini & Hochberg 1995, JRSS B
/// 57:289): the i-th smallest of m becomes the smallest `p_(j) m / j` over `j >= i`.
///
/// NaN stays NaN and does not count as a test.
///
/// ```
/// use gsae::stats::hypothesis::benjamini_hochberg;
///
/// let adjusted = benjamini_hochberg(&[0.01, 0.04, f64::NAN, 0.03, 0.5])?;
/// assert_eq!(adjusted[0], 0.04);
/// assert!((adjusted[1] - 0.16 / 3.0).abs() < 1e-15 && adjusted[3] == adjusted[1]);
/// assert!(adjusted[2].is_nan());
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a number outside [0, 1].
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>> {
    let order = order(p)?;
    let tests = order.len() as f64;
    let mut adjusted = p.to_vec();
    let mut least: f64 = 1.0;
    for (rank, &at) in order.iter().enumerate().rev() {
        least = least.min(p[at] / ((rank + 1) as f64 / tests));
        adjusted[at] = least;
    }
    Ok(adjusted)
}

/// Adjusted p-values that control the family-wise error rate (Holm 1979, Scandinavian Journal of
/// Statistics 6:65): the i-th smallest of m becomes the largest `p_(j) (m - j + 1)` over
/// `j <= i`, at most 1.
///
/// NaN stays NaN and does not count as a test.
///
/// ```
/// use gsae::stats::hypothesis::holm;
///
/// assert_eq!(holm(&[0.01, 0.04, 0.03, 0.5])?, [0.04, 0.09, 0.09, 0.5]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a number outside [0, 1].
pub fn holm(p: &[f64]) -> Result<Vec<f64>> {
    let order = order(p)?;
    let mut adjusted = p.to_vec();
    let mut most: f64 = 0.0;
    for (rank, &at) in order.iter().enumerate() {
        most = most.max(p[at] * (order.len() - rank) as f64).min(1.0);
        adjusted[at] = most;
    }
    Ok(adjusted)
}
