//! The log-rank test of two or more survival curves.

use super::{by_time, check};
use crate::error::{Error, Result};
use crate::stats::check::same_length;
use crate::stats::distribution::chi_squared_upper;
use crate::stats::linalg::Cholesky;

/// A log-rank test.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// The statistic; NaN if there is nothing to compare: no event while two groups are at risk.
    pub chi_squared: f64,
    /// The p-value; NaN where the statistic is.
    pub p: f64,
    /// Degrees of freedom: groups minus 1.
    pub df: f64,
    /// Events seen in every group.
    pub observed: Vec<f64>,
    /// Events expected in every group if all had one hazard.
    pub expected: Vec<f64>,
}

/// The log-rank test (Mantel 1966; Peto & Peto 1972, JRSS A 135:185): whether groups, numbered
/// from 0, share one hazard.
///
/// At a time with d events among n subjects at risk, of whom `n_g` are in group g, the group
/// expects `e_g = d n_g / n`, with covariance `d (n - d) / (n - 1) n_g / n (1[g = h] - n_h / n)`.
/// The statistic is `(o - e)' V^-1 (o - e)` over all groups but the last.
///
/// ```
/// use gsae::stats::survival::log_rank;
///
/// let times = [6.0, 7.0, 10.0, 15.0, 19.0, 25.0, 1.0, 2.0, 4.0, 5.0, 8.0, 11.0];
/// let mut events = [true; 12];
/// events[4] = false;
/// let groups = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
/// let test = log_rank(&times, &events, &groups)?;
/// assert!((test.chi_squared - 4.662_335).abs() < 1e-6);
/// assert!((test.p - 0.030_831).abs() < 1e-6);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for lists of different lengths, times below 0 or not finite, or fewer than
/// two groups; a group number that no subject has.
pub fn log_rank(times: &[f64], events: &[bool], groups: &[usize]) -> Result<LogRank> {
    check(times, events)?;
    same_length(times.len(), groups.len(), "times and groups")?;
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut at_risk = vec![0.0; count.min(times.len() + 1)];
    for &group in groups {
        if let Some(at_risk) = at_risk.get_mut(group) {
            *at_risk += 1.0;
        }
    }
    if count < 2 || at_risk.contains(&0.0) {
        return Err(Error::data(
            "a log-rank test needs two groups or more, and a subject in each",
            "Number the groups 0, 1, ... without a gap, or leave this comparison out.",
        ));
    }

    let mut observed = vec![0.0; count];
    let mut expected = vec![0.0; count];
    let mut covariance = vec![0.0; count * count];
    let mut n = times.len() as f64;
    for tied in by_time(times).chunk_by(|&a, &b| times[a] == times[b]) {
        let died = tied.iter().filter(|&&at| events[at]);
        let d = died.clone().count() as f64;
        if d > 0.0 {
            died.for_each(|&at| observed[groups[at]] += 1.0);
            let spread = if n > 1.0 {
                d * (n - d) / (n - 1.0)
            } else {
                0.0
            };
            for (g, &own) in at_risk.iter().enumerate() {
                expected[g] += d * own / n;
                for (h, &other) in at_risk.iter().enumerate() {
                    let same = if g == h { 1.0 } else { 0.0 };
                    covariance[g * count + h] += spread * own / n * (same - other / n);
                }
            }
        }
        for &at in tied {
            at_risk[groups[at]] -= 1.0;
            n -= 1.0;
        }
    }

    let df = count - 1;
    let reduced: Vec<f64> = (0..df * df)
        .map(|at| covariance[at / df * count + at % df])
        .collect();
    let difference: Vec<f64> = (0..df).map(|g| observed[g] - expected[g]).collect();
    let chi_squared = match Cholesky::new(&reduced, df) {
        Ok(factor) => {
            let mut solved = difference.clone();
            factor.solve(&mut solved);
            solved.iter().zip(&difference).map(|(a, b)| a * b).sum()
        }
        Err(_) => f64::NAN,
    };
    Ok(LogRank {
        chi_squared,
        p: chi_squared_upper(chi_squared, df as f64),
        df: df as f64,
        observed,
        expected,
    })
}
