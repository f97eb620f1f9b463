//! Tests of several groups at once.

use super::t_test::moments;
use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite};
use crate::stats::distribution::{chi_squared_upper, f_upper};
use crate::stats::rank::{average_ranks, tie_sum};

/// A one-way analysis of variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anova {
    /// Mean square between groups over mean square within; NaN if no value varies, infinite if
    /// values vary between groups only.
    pub f: f64,
    /// The p-value; NaN where `f` is.
    pub p: f64,
    /// Degrees of freedom between and within groups.
    pub df: (f64, f64),
}

/// A Kruskal-Wallis test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KruskalWallis {
    /// The statistic, corrected for ties; 0 if all values are the same.
    pub h: f64,
    /// The p-value by the chi-squared approximation; 1 if all values are the same.
    pub p: f64,
    /// Degrees of freedom: groups minus 1.
    pub df: f64,
}

fn check(groups: &[&[f64]]) -> Result<usize> {
    if groups.len() < 2 {
        return Err(Error::data(
            format!("{} groups cannot be compared", groups.len()),
            "Give at least two groups.",
        ));
    }
    for (at, group) in groups.iter().enumerate() {
        let name = format!("group {}", at + 1);
        at_least(group.len(), 1, &name)?;
        finite(group, &name)?;
    }
    Ok(groups.iter().map(|group| group.len()).sum())
}

/// One-way analysis of variance: whether several groups have one mean (Fisher 1925).
///
/// `F = (sum n_g (m_g - m)^2 / (k - 1)) / (sum (x - m_g)^2 / (n - k))`. A group may have a
/// single value as long as some group has more.
///
/// ```
/// use gsae::stats::hypothesis::anova;
///
/// let test = anova(&[&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9], &[3.0, 4.1, 2.2]])?;
/// assert!((test.f - 8.186_337_563_0).abs() < 1e-9);
/// assert!((test.p - 0.011_607_726_0).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for fewer than two groups, an empty group, no more values than groups, or a
/// value that is not finite.
pub fn anova(groups: &[&[f64]]) -> Result<Anova> {
    let n = check(groups)?;
    at_least(n, groups.len() + 1, "the list of groups")?;
    let df = ((groups.len() - 1) as f64, (n - groups.len()) as f64);
    let all = groups.concat();
    let (grand, _) = moments(&all);
    let (mut between, mut within) = (0.0, 0.0);
    for group in groups {
        let (mean, squares) = moments(group);
        between += group.len() as f64 * (mean - grand).powi(2);
        within += squares;
    }
    let f = (between / df.0) / (within / df.1);
    Ok(Anova {
        f,
        p: f_upper(f, df.0, df.1),
        df,
    })
}

/// The Kruskal-Wallis test: whether several groups come from one distribution (Kruskal & Wallis
/// 1952, JASA 47:583).
///
/// `H = (12 / (n (n + 1)) sum R_g^2 / n_g - 3 (n + 1)) / (1 - sum(t^3 - t) / (n^3 - n))`, `R_g`
/// the rank sum of group g, t the sizes of groups of ties.
///
/// ```
/// use gsae::stats::hypothesis::kruskal_wallis;
///
/// let test = kruskal_wallis(&[&[2.1, 3.4, 1.9, 5.0], &[6.2, 5.8, 7.1, 4.9], &[3.0, 4.1, 2.2]])?;
/// assert!((test.h - 6.053_030_303_0).abs() < 1e-9);
/// assert!((test.p - 0.048_484_304_5).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for fewer than two groups, an empty group, or a value that is not finite.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<KruskalWallis> {
    let n = check(groups)? as f64;
    let df = (groups.len() - 1) as f64;
    let all = groups.concat();
    let untied = 1.0 - tie_sum(&all) / (n * n * n - n);
    if untied <= 0.0 || untied.is_nan() {
        return Ok(KruskalWallis { h: 0.0, p: 1.0, df });
    }
    let ranks = average_ranks(&all);
    let mut start = 0;
    let mut sum = 0.0;
    for group in groups {
        let rank_sum: f64 = ranks[start..start + group.len()].iter().sum();
        sum += rank_sum * rank_sum / group.len() as f64;
        start += group.len();
    }
    let h = (12.0 / (n * (n + 1.0)) * sum - 3.0 * (n + 1.0)) / untied;
    Ok(KruskalWallis {
        h,
        p: chi_squared_upper(h, df),
        df,
    })
}
