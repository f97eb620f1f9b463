//! The signed rank test of paired values.

use super::exact::{half_ranks, sums_of_any_size, two_sided};
use crate::error::Result;
use crate::stats::check::{at_least, finite, same_length};
use crate::stats::distribution::normal_two_sided;
use crate::stats::rank::{average_ranks, tie_sum};

/// A Wilcoxon signed rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The smaller of the rank sums of positive and of negative differences.
    pub w: f64,
    /// The rank sum of the positive differences minus that of the negative ones: which way the
    /// test points.
    pub balance: f64,
    /// The two-sided p-value; 1 if there is no difference at all.
    pub p: f64,
}

/// Up to this many differences the sign patterns are counted.
const EXACT: usize = 50;

/// Wilcoxon's signed rank test: whether the differences `first[i] - second[i]` lie symmetrically
/// around 0 (Wilcoxon 1945, Biometrics Bulletin 1:80). Differences of 0 are left out.
///
/// Up to 50 differences the p-value is exact, ties included; beyond, it is the normal
/// approximation `z = (w - n (n + 1) / 4) / s`,
/// `s^2 = n (n + 1) (2 n + 1) / 24 - sum(t^3 - t) / 48` over groups of t tied sizes, without a
/// correction for continuity.
///
/// ```
/// use gsae::stats::hypothesis::wilcoxon_signed_rank;
///
/// let test = wilcoxon_signed_rank(&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9])?;
/// assert_eq!((test.w, test.p), (1.0, 0.25));
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths, no pair, or a value that
/// is not finite.
pub fn wilcoxon_signed_rank(first: &[f64], second: &[f64]) -> Result<SignedRank> {
    same_length(first.len(), second.len(), "the two sides of the pairs")?;
    at_least(first.len(), 1, "the list of pairs")?;
    finite(first, "the first side of the pairs")?;
    finite(second, "the second side of the pairs")?;
    let differences: Vec<f64> = first
        .iter()
        .zip(second)
        .map(|(a, b)| a - b)
        .filter(|difference| *difference != 0.0)
        .collect();
    if differences.is_empty() {
        return Ok(SignedRank {
            w: 0.0,
            balance: 0.0,
            p: 1.0,
        });
    }
    let sizes: Vec<f64> = differences.iter().map(|value| value.abs()).collect();
    let ranks = average_ranks(&sizes);
    let n = differences.len() as f64;
    let positive: f64 = ranks
        .iter()
        .zip(&differences)
        .filter(|(_, difference)| **difference > 0.0)
        .map(|(rank, _)| rank)
        .sum();
    let negative = n * (n + 1.0) / 2.0 - positive;
    let w = positive.min(negative);
    let p = if differences.len() <= EXACT {
        let counts = sums_of_any_size(&half_ranks(&ranks));
        two_sided(&counts, (2.0 * w).round() as usize)
    } else {
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - tie_sum(&sizes) / 48.0;
        normal_two_sided((w - n * (n + 1.0) / 4.0) / variance.sqrt())
    };
    Ok(SignedRank {
        w,
        balance: positive - negative,
        p,
    })
}
