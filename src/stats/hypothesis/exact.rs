//! Exact distributions of sums of ranks under permutation, by counting subsets.
//!
//! Mean ranks of ties are halves, so everything counts in half ranks. All counts are sums of
//! positive numbers: nothing cancels.

/// Ranks as whole numbers of halves.
pub(super) fn half_ranks(ranks: &[f64]) -> Vec<usize> {
    ranks
        .iter()
        .map(|rank| (2.0 * rank).round() as usize)
        .collect()
}

/// The number of subsets of `chosen` half ranks with each sum, as weights.
pub(super) fn sums_of_size(ranks: &[usize], chosen: usize) -> Vec<f64> {
    let mut largest = ranks.to_vec();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = largest[..chosen].iter().sum();
    let mut counts = vec![vec![0.0; top + 1]; chosen + 1];
    counts[0][0] = 1.0;
    for (seen, &rank) in ranks.iter().enumerate() {
        for size in (1..=chosen.min(seen + 1)).rev() {
            let (below, current) = counts.split_at_mut(size);
            for sum in rank..=top {
                current[0][sum] += below[size - 1][sum - rank];
            }
        }
    }
    counts.pop().unwrap_or_default()
}

/// The number of subsets of any size with each sum, as weights.
pub(super) fn sums_of_any_size(ranks: &[usize]) -> Vec<f64> {
    let top: usize = ranks.iter().sum();
    let mut counts = vec![0.0; top + 1];
    counts[0] = 1.0;
    for &rank in ranks {
        for sum in (rank..=top).rev() {
            counts[sum] += counts[sum - rank];
        }
    }
    counts
}

/// Twice the smaller tail at `observed`, itself included, at most 1.
pub(super) fn two_sided(counts: &[f64], observed: usize) -> f64 {
    let total: f64 = counts.iter().sum();
    let at = observed.min(counts.len() - 1);
    let below: f64 = counts[..=at].iter().sum();
    let above: f64 = counts[at..].iter().sum();
    (2.0 * below.min(above) / total).min(1.0)
}
