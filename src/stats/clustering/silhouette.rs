//! The silhouette of a clustering.

use super::{rows, squared_distance};
use crate::error::{Error, Result};
use crate::stats::check::same_length;
use rayon::prelude::*;

/// The silhouette of every row of `values` `[n, width]` under cluster numbers from 0 (Rousseeuw
/// 1987, Journal of Computational and Applied Mathematics 20:53), by Euclidean distance.
///
/// `s = (b - a) / max(a, b)`: a the mean distance to the other rows of its cluster, b to the rows
/// of the nearest other cluster; in [-1, 1]. A row alone in its cluster has 0, and so has one for
/// which a and b are 0.
///
/// ```
/// use gsae::stats::clustering::silhouette;
///
/// let s = silhouette(&[0.0, 1.0, 4.0], 1, &[0, 0, 1])?;
/// assert_eq!(s, [0.75, 2.0 / 3.0, 0.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a table without rows or with uneven ones, values that are not finite,
/// not one cluster a row, or fewer than two clusters with a row.
pub fn silhouette(values: &[f64], width: usize, clusters: &[usize]) -> Result<Vec<f64>> {
    let n = rows(values, width)?;
    same_length(n, clusters.len(), "rows and clusters")?;
    // Cluster numbers may have gaps: they are renumbered.
    let mut known = clusters.to_vec();
    known.sort_unstable();
    known.dedup();
    if known.len() < 2 {
        return Err(Error::data(
            "a silhouette needs two clusters, and there is one",
            "Divide the rows into more clusters.",
        ));
    }
    let number = |cluster: &usize| known.partition_point(|known| known < cluster);
    let clusters: Vec<usize> = clusters.iter().map(number).collect();
    let mut sizes = vec![0usize; known.len()];
    for &cluster in &clusters {
        sizes[cluster] += 1;
    }
    let row = |at: usize| &values[at * width..(at + 1) * width];
    Ok((0..n)
        .into_par_iter()
        .map(|at| {
            let mut sums = vec![0.0; sizes.len()];
            for other in 0..n {
                sums[clusters[other]] += squared_distance(row(at), row(other)).sqrt();
            }
            let own = clusters[at];
            if sizes[own] == 1 {
                return 0.0;
            }
            let a = sums[own] / (sizes[own] - 1) as f64;
            let b = (0..sizes.len())
                .filter(|&cluster| cluster != own)
                .map(|cluster| sums[cluster] / sizes[cluster] as f64)
                .fold(f64::INFINITY, f64::min);
            let larger = a.max(b);
            if larger > 0.0 { (b - a) / larger } else { 0.0 }
        })
        .collect())
}

/// The mean of [`silhouette`] over all rows.
///
/// ```
/// use gsae::stats::clustering::mean_silhouette;
///
/// let mean = mean_silhouette(&[0.0, 1.0, 4.0], 1, &[0, 0, 1])?;
/// assert!((mean - 17.0 / 36.0).abs() < 1e-15);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`silhouette`].
pub fn mean_silhouette(values: &[f64], width: usize, clusters: &[usize]) -> Result<f64> {
    let all = silhouette(values, width, clusters)?;
    Ok(all.iter().sum::<f64>() / all.len() as f64)
}
