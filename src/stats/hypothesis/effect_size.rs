//! How large a difference is, apart from how sure.

use super::rank_sum::{Method, mann_whitney};
use super::t_test::{moments, student_t};
use crate::error::Result;
use statrs::function::gamma::ln_gamma;

/// Cohen's d: the difference of two means over the pooled SD (Cohen 1988). NaN if neither group
/// varies.
///
/// ```
/// use gsae::stats::hypothesis::cohens_d;
///
/// let d = cohens_d(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert!((d + 2.416_666_666_7).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`student_t`].
pub fn cohens_d(first: &[f64], second: &[f64]) -> Result<f64> {
    let test = student_t(first, second)?;
    let sd = ((moments(first).1 + moments(second).1) / test.df).sqrt();
    Ok(if sd > 0.0 {
        test.difference / sd
    } else {
        f64::NAN
    })
}

/// Hedges' g: [`cohens_d`] without its bias in small groups (Hedges 1981, Journal of Educational
/// Statistics 6:107).
///
/// `g = d J`, `J = G(f/2) / (sqrt(f/2) G((f - 1)/2))` with the gamma function G and
/// `f = n1 + n2 - 2`.
///
/// ```
/// use gsae::stats::hypothesis::hedges_g;
///
/// let g = hedges_g(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert!((g + 2.099_181_162_2).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`student_t`], and with fewer than four values in all, where J is not defined.
pub fn hedges_g(first: &[f64], second: &[f64]) -> Result<f64> {
    crate::stats::check::at_least(first.len() + second.len(), 4, "the pair of groups")?;
    let half = (first.len() + second.len() - 2) as f64 / 2.0;
    let correction = (ln_gamma(half) - 0.5 * half.ln() - ln_gamma(half - 0.5)).exp();
    Ok(cohens_d(first, second)? * correction)
}

/// The rank-biserial correlation: the share of pairs in which the first group's value is larger
/// minus the share in which it is smaller, `2 U / (n1 n2) - 1` (Cureton 1956, Psychometrika
/// 21:287).
///
/// ```
/// use gsae::stats::hypothesis::rank_biserial;
///
/// let r = rank_biserial(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert_eq!(r, -0.875);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`mann_whitney`].
pub fn rank_biserial(first: &[f64], second: &[f64]) -> Result<f64> {
    let test = mann_whitney(first, second, Method::Asymptotic)?;
    Ok(2.0 * test.u / (first.len() * second.len()) as f64 - 1.0)
}
