//! Ranks with ties.

/// Ranks from 1, ascending; tied values share the mean of their ranks.
pub(crate) fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    for_each_tie(values, |members, first| {
        let rank = first as f64 + (members.len() + 1) as f64 / 2.0;
        for &at in members {
            ranks[at] = rank;
        }
    });
    ranks
}

/// The sum of `t^3 - t` over groups of t tied values: 0 where nothing is tied.
pub(super) fn tie_sum(values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for_each_tie(values, |members, _| {
        let count = members.len() as f64;
        sum += count * count * count - count;
    });
    sum
}

/// Calls `visit` with the positions of every group of equal values, in ascending order, and the
/// number of values below it. A value of its own is a group of one.
fn for_each_tie(values: &[f64], mut visit: impl FnMut(&[usize], usize)) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start]];
        let end = start + order[start..].partition_point(|&at| values[at] == value);
        // -0.0 sorts before 0.0 and equals it; NaN equals nothing and stands alone.
        let end = end.max(start + 1);
        visit(&order[start..end], start);
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        let values = [3.0, 1.0, 3.0, 2.0, -0.0, 0.0];
        assert_eq!(average_ranks(&values), [5.5, 3.0, 5.5, 4.0, 1.5, 1.5]);
        assert_eq!(tie_sum(&values), 12.0);
        assert_eq!(tie_sum(&[1.0, 2.0]), 0.0);
    }
}
