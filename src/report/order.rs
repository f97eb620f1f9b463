//! Rows and columns of a heatmap, so that like stands beside like.

use kodama::{Method, linkage};

/// The order of the leaves of an average-linkage tree over `rows`, distances 1 - Pearson's r;
/// rows that do not vary come last. A branch is turned so that the half with the lower mean
/// comes first.
pub(super) fn clustered(rows: &[Vec<f64>]) -> Vec<usize> {
    let scaled: Vec<Option<Vec<f64>>> = rows.iter().map(|row| standardised(row)).collect();
    let varying: Vec<usize> = (0..rows.len()).filter(|&at| scaled[at].is_some()).collect();
    let constant = (0..rows.len()).filter(|&at| scaled[at].is_none());
    let values: Vec<&Vec<f64>> = scaled.iter().flatten().collect();
    let n = values.len();
    if n < 3 {
        return varying.into_iter().chain(constant).collect();
    }
    let mut distances = Vec::with_capacity(n * (n - 1) / 2);
    for a in 0..n {
        for b in a + 1..n {
            let r: f64 = values[a].iter().zip(values[b]).map(|(a, b)| a * b).sum();
            distances.push((1.0 - r).max(0.0));
        }
    }
    let mean = |at: usize| {
        let row = &rows[varying[at]];
        let known = || row.iter().filter(|value| value.is_finite());
        known().sum::<f64>() / known().count().max(1) as f64
    };
    let mut clusters: Vec<(Vec<usize>, f64)> = (0..n).map(|at| (vec![at], mean(at))).collect();
    for step in linkage(&mut distances, n, Method::Average).steps() {
        let take = |clusters: &mut Vec<(Vec<usize>, f64)>, at: usize| {
            std::mem::replace(&mut clusters[at], (Vec::new(), 0.0))
        };
        let first = take(&mut clusters, step.cluster1);
        let second = take(&mut clusters, step.cluster2);
        let (low, high) = if first.1 <= second.1 {
            (first, second)
        } else {
            (second, first)
        };
        let (a, b) = (low.0.len() as f64, high.0.len() as f64);
        let mean = (low.1 * a + high.1 * b) / (a + b);
        let members = low.0.into_iter().chain(high.0).collect();
        clusters.push((members, mean));
    }
    let leaves = clusters
        .pop()
        .map(|(members, _)| members)
        .unwrap_or_default();
    leaves
        .into_iter()
        .map(|at| varying[at])
        .chain(constant)
        .collect()
}

/// A row that correlates more than this with another is a near copy of it.
const NEAR_COPY: f64 = 0.9;
/// The candidates looked at for every row that is wanted.
pub(super) const PATIENCE: usize = 12;

/// The first `wanted` candidates that are no near copies of one before, with their rows; filled up
/// with near copies where there are too few.
pub(super) fn distinct(
    candidates: impl Iterator<Item = usize>,
    row: impl Fn(usize) -> Vec<f64>,
    wanted: usize,
) -> (Vec<usize>, Vec<Vec<f64>>) {
    let mut kept: Vec<(usize, Vec<f64>, Option<Vec<f64>>)> = Vec::new();
    let mut copies: Vec<usize> = Vec::new();
    for candidate in candidates.take(PATIENCE * wanted) {
        if kept.len() == wanted {
            break;
        }
        if copies.contains(&candidate) || kept.iter().any(|(own, _, _)| *own == candidate) {
            continue;
        }
        let values = row(candidate);
        let scaled = standardised(&values);
        let near = |other: &Option<Vec<f64>>| match (other, &scaled) {
            (Some(a), Some(b)) => {
                let r: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                r.abs() > NEAR_COPY
            }
            _ => false,
        };
        if kept.iter().any(|(_, _, other)| near(other)) {
            copies.push(candidate);
        } else {
            kept.push((candidate, values, scaled));
        }
    }
    let room = wanted.saturating_sub(kept.len());
    let mut chosen: Vec<usize> = kept.iter().map(|(own, _, _)| *own).collect();
    let mut rows: Vec<Vec<f64>> = kept.into_iter().map(|(_, values, _)| values).collect();
    for copy in copies.into_iter().take(room) {
        rows.push(row(copy));
        chosen.push(copy);
    }
    (chosen, rows)
}

/// Mean 0 and length 1, missing values at the mean; `None` for a row that does not vary.
fn standardised(row: &[f64]) -> Option<Vec<f64>> {
    let known = || row.iter().filter(|value| value.is_finite());
    let mean = known().sum::<f64>() / known().count().max(1) as f64;
    let centred = |value: &f64| if value.is_finite() { value - mean } else { 0.0 };
    let length = row
        .iter()
        .map(|value| centred(value).powi(2))
        .sum::<f64>()
        .sqrt();
    (length > 1e-9).then(|| row.iter().map(|value| centred(value) / length).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_rows_are_neighbours() {
        let row = |shift: f64, noise: f64| -> Vec<f64> {
            (0..20)
                .map(|at| (f64::from(at) / 3.0 + shift).sin() + noise * f64::from(at % 3))
                .collect()
        };
        let rows = [
            row(0.0, 0.0),
            row(1.6, 0.1),
            vec![1.0; 20],
            row(0.0, 0.1),
            row(1.6, 0.0),
        ];
        let order = clustered(&rows);
        assert_eq!(order[4], 2);
        let pair = |a, b| {
            let at = |wanted| order.iter().position(|&own| own == wanted).unwrap_or(9);
            usize::abs_diff(at(a), at(b)) == 1
        };
        assert!(pair(0, 3) && pair(1, 4), "{order:?}");
        let (chosen, _) = distinct(0..5, |at| rows[at].clone(), 3);
        assert_eq!(chosen, [0, 1, 2]);
        let (chosen, _) = distinct([0, 0, 3, 4].into_iter(), |at| rows[at].clone(), 3);
        assert_eq!(chosen, [0, 4, 3]);
        assert_eq!(clustered(&[vec![1.0]]), [0]);
        assert!(clustered(&[]).is_empty());
    }
}
