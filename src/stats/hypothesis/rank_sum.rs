//! The rank sum test of two groups.

use super::exact::{half_ranks, sums_of_size, two_sided};
use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite};
use crate::stats::distribution::normal_two_sided;
use crate::stats::rank::{average_ranks, tie_sum};

/// How the p-value of a rank test is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Exact if nothing is tied and a group has at most 8 values (and the product of the groups'
    /// sizes is at most 20,000); else the normal approximation.
    #[default]
    Auto,
    /// The permutation distribution of the ranks at hand, ties included.
    Exact,
    /// The normal approximation, corrected for ties and continuity.
    Asymptotic,
}

/// A Mann-Whitney test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// The number of pairs in which the first group's value is larger, ties counting half.
    pub u: f64,
    /// The two-sided p-value; 1 if all values are the same.
    pub p: f64,
}

/// The most pairs for which the permutation distribution is counted.
const EXACT_PAIRS: usize = 20_000;

/// The Mann-Whitney U test, also called Wilcoxon's rank sum test (Mann & Whitney 1947, Annals of
/// Mathematical Statistics 18:50).
///
/// `U = R1 - n1 (n1 + 1) / 2`, `R1` the sum of the first group's ranks. The approximation is
/// `z = (|U - n1 n2 / 2| - 1/2) / s`, `s^2 = n1 n2 / 12 ((n + 1) - sum(t^3 - t) / (n (n - 1)))`
/// over the groups of t tied values.
///
/// ```
/// use gsae::stats::hypothesis::{Method, mann_whitney};
///
/// let (a, b) = ([2.1, 3.4, 1.9, 5.0], [6.2, 5.8, 7.1, 4.9]);
/// let test = mann_whitney(&a, &b, Method::Auto)?;
/// assert_eq!(test.u, 1.0);
/// assert!((test.p - 4.0 / 70.0).abs() < 1e-15);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for an empty group, a value that is not finite, or [`Method::Exact`] where
/// the groups' sizes multiply to more than 20,000.
pub fn mann_whitney(first: &[f64], second: &[f64], method: Method) -> Result<MannWhitney> {
    at_least(first.len(), 1, "the first group")?;
    at_least(second.len(), 1, "the second group")?;
    finite(first, "the first group")?;
    finite(second, "the second group")?;
    let values = [first, second].concat();
    let ranks = average_ranks(&values);
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let sum: f64 = ranks[..first.len()].iter().sum();
    let u = sum - n1 * (n1 + 1.0) / 2.0;
    let ties = tie_sum(&values);

    let countable = first.len() * second.len() <= EXACT_PAIRS;
    let exact = match method {
        Method::Auto => ties == 0.0 && first.len().min(second.len()) <= 8 && countable,
        Method::Asymptotic => false,
        Method::Exact if countable => true,
        Method::Exact => {
            return Err(Error::data(
                format!(
                    "groups of {} and {} are too large for an exact rank sum test",
                    first.len(),
                    second.len()
                ),
                "Use the normal approximation, which is accurate for groups of this size.",
            ));
        }
    };
    let p = if exact {
        // The smaller group is counted: the other's sum follows from it.
        let smaller = first.len().min(second.len());
        let half = half_ranks(&ranks);
        let part = if smaller == first.len() {
            &half[..smaller]
        } else {
            &half[first.len()..]
        };
        two_sided(&sums_of_size(&half, smaller), part.iter().sum())
    } else {
        let n = n1 + n2;
        let variance = n1 * n2 / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)));
        let distance = ((u - n1 * n2 / 2.0).abs() - 0.5).max(0.0);
        if variance > 0.0 {
            normal_two_sided(distance / variance.sqrt())
        } else {
            1.0
        }
    };
    Ok(MannWhitney { u, p })
}
