//! How alike two clusterings are.

use crate::error::Result;
use crate::stats::check::{at_least, same_length};
use std::collections::BTreeMap;

/// The adjusted Rand index of two clusterings of the same things (Hubert & Arabie 1985, Journal
/// of Classification 2:193): 1 for the same clusters under whatever numbers, 0 on average for
/// random ones.
///
/// `(S - E) / ((A + B) / 2 - E)`: S pairs together in both, A and B pairs together in either,
/// `E = A B / (n (n - 1) / 2)`. 1 where both put everything together or everything apart.
///
/// ```
/// use gsae::stats::clustering::adjusted_rand_index;
///
/// assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 2, 2])?, 1.0);
/// let index = adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 1, 2])?;
/// assert!((index - 4.0 / 7.0).abs() < 1e-15);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths or of fewer than two.
pub fn adjusted_rand_index(first: &[usize], second: &[usize]) -> Result<f64> {
    same_length(first.len(), second.len(), "the two clusterings")?;
    at_least(first.len(), 2, "a clustering")?;
    let pairs = |count: usize| count as f64 * (count as f64 - 1.0) / 2.0;
    let mut both: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
    for (&a, &b) in first.iter().zip(second) {
        *both.entry((a, b)).or_default() += 1;
        *rows.entry(a).or_default() += 1;
        *columns.entry(b).or_default() += 1;
    }
    let together: f64 = both.values().map(|count| pairs(*count)).sum();
    let a: f64 = rows.values().map(|count| pairs(*count)).sum();
    let b: f64 = columns.values().map(|count| pairs(*count)).sum();
    let chance = a * b / pairs(first.len());
    let most = f64::midpoint(a, b);
    Ok(if most == chance {
        1.0
    } else {
        (together - chance) / (most - chance)
    })
}
