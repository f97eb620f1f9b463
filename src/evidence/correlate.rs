//! Correlations of tables, column by column.

/// Pearson's correlation of every column of `a` with the same column of `b`, both
/// `[rows, width]` row by row; NaN where a column is constant or has a NaN.
pub(super) fn by_column<A, B>(a: &[A], b: &[B], width: usize) -> Vec<f64>
where
    A: Copy + Into<f64>,
    B: Copy + Into<f64>,
{
    let (means_a, means_b) = (means(a, width), means(b, width));
    let mut sums = vec![(0f64, 0f64, 0f64); width];
    for (a, b) in a
        .chunks_exact(width.max(1))
        .zip(b.chunks_exact(width.max(1)))
    {
        for (at, (ab, aa, bb)) in sums.iter_mut().enumerate() {
            let (a, b) = (a[at].into() - means_a[at], b[at].into() - means_b[at]);
            *ab += a * b;
            *aa += a * a;
            *bb += b * b;
        }
    }
    let n = (a.len() / width.max(1)) as f64;
    let varies = |squares: f64, mean: f64| (squares / n).sqrt() > 1e-7 * mean.abs();
    let columns = sums.iter().zip(means_a.iter().zip(&means_b));
    columns
        .map(|((ab, aa, bb), (mean_a, mean_b))| {
            if varies(*aa, *mean_a) && varies(*bb, *mean_b) {
                (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0)
            } else {
                f64::NAN
            }
        })
        .collect()
}

/// The mean of every column.
fn means<V: Copy + Into<f64>>(values: &[V], width: usize) -> Vec<f64> {
    let mut means = vec![0f64; width];
    for row in values.chunks_exact(width.max(1)) {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += (*value).into();
        }
    }
    let rows = (values.len() / width.max(1)) as f64;
    means.iter_mut().for_each(|mean| *mean /= rows);
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::hypothesis::pearson;

    #[test]
    fn columns_are_correlated_as_pearson_says() {
        let a = [
            1.0f64, 3.0, 5.0, 2.0, -1.0, 5.0, 4.0, 0.5, 5.0, 8.0, 2.0, 5.0,
        ];
        let b = [
            2.0f64, 1.0, 1.0, 1.0, 4.0, 2.0, 7.0, 0.0, 3.0, 6.0, 1.0, 4.0,
        ];
        let column = |values: &[f64], at: usize| -> Vec<f64> {
            values.iter().skip(at).step_by(3).copied().collect()
        };
        let found = by_column(&a, &b, 3);
        for (at, r) in found.iter().take(2).enumerate() {
            let expected = pearson(&column(&a, at), &column(&b, at)).map(|found| found.r);
            assert!((r - expected.unwrap_or(f64::NAN)).abs() < 1e-12);
        }
        assert!(found[2].is_nan(), "a constant column");
        assert!(by_column(&[1.0f64, f64::NAN, 2.0], &[1.0f64, 2.0, 4.0], 1)[0].is_nan());
    }
}
