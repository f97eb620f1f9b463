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
    let all: Vec<usize> = (0..clusters.len()).collect();
    silhouette_against(values, width, clusters, &all)
}

/// The [`silhouette`] of every row with mean distances taken over the rows `against` alone, each
/// once: n times as many distances instead of n times n. A row whose cluster has no other row
/// there has 0.
///
/// ```
/// use gsae::stats::clustering::silhouette_against;
///
/// let s = silhouette_against(&[0.0, 1.0, 4.0, 6.0], 1, &[0, 0, 1, 1], &[0, 2])?;
/// assert_eq!(s, [0.0, 2.0 / 3.0, 0.0, 2.0 / 3.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`silhouette`]; for a row number that there is not, or a cluster without a row in `against`.
pub fn silhouette_against(
    values: &[f64],
    width: usize,
    clusters: &[usize],
    against: &[usize],
) -> Result<Vec<f64>> {
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
    let mut inside = vec![0usize; n];
    for &at in against {
        let Some(cluster) = clusters.get(at) else {
            return Err(Error::data(
                format!("row {at} is asked for and there are {n}"),
                "Give rows from 0.",
            ));
        };
        sizes[*cluster] += 1;
        inside[at] = 1;
    }
    if sizes.contains(&0) {
        return Err(Error::data(
            "a cluster has no row to measure distances to",
            "Choose rows of every cluster.",
        ));
    }
    let row = |at: usize| &values[at * width..(at + 1) * width];
    Ok((0..n)
        .into_par_iter()
        .map(|at| {
            let mut sums = vec![0.0; sizes.len()];
            for &other in against {
                sums[clusters[other]] += squared_distance(row(at), row(other)).sqrt();
            }
            let own = clusters[at];
            let others = sizes[own] - inside[at];
            if others == 0 {
                return 0.0;
            }
            let a = sums[own] / others as f64;
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
