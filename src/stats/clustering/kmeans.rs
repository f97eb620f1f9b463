//! k-means clustering.

use super::{rows, squared_distance};
use crate::error::{Error, Result};
use crate::stats::random::Streams;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// A k-means clustering.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// The cluster of every row, numbered by first appearance.
    pub clusters: Vec<usize>,
    /// The clusters' means, `[k, width]`, row by row.
    pub centers: Vec<f64>,
    /// The sum of squared distances of rows to the mean of their cluster.
    pub inertia: f64,
}

const MOST_ROUNDS: usize = 300;

/// Divides the rows of `values` `[n, width]` into `k` clusters by Lloyd's rounds (Lloyd 1982)
/// from k-means++ centers (Arthur & Vassilvitskii 2007); the best of `starts` starts, each with
/// random numbers of its own, whatever the number of threads. A cluster that loses all its rows
/// gets the row farthest from its center.
///
/// ```
/// use gsae::stats::clustering::kmeans;
///
/// let found = kmeans(&[0.0, 0.2, 5.0, 5.2, 5.4], 1, 2, 10, 7)?;
/// assert_eq!(found.clusters, [0, 0, 1, 1, 1]);
/// assert!((found.inertia - 0.1).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a table without rows or with uneven ones, values that are not finite, a
/// `k` of 0 or of more than the rows that differ, or no start.
pub fn kmeans(values: &[f64], width: usize, k: usize, starts: usize, seed: u64) -> Result<KMeans> {
    let n = rows(values, width)?;
    let row = |at: usize| &values[at * width..(at + 1) * width];
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| {
        let pairs = row(a).iter().zip(row(b));
        pairs.fold(std::cmp::Ordering::Equal, |sofar, (a, b)| {
            sofar.then(a.total_cmp(b))
        })
    });
    let different = order.chunk_by(|&a, &b| row(a) == row(b)).count();
    if k == 0 || k > different || starts == 0 {
        return Err(Error::data(
            format!("{k} clusters cannot be made of {different} different rows in {starts} starts"),
            "Ask for at least one cluster, at most one a different row, and at least one start.",
        ));
    }
    let streams = Streams::new(seed, "k-means");
    let data = Table { values, width, n };
    let mut found: Vec<KMeans> = (0..starts as u64)
        .into_par_iter()
        .map(|start| data.lloyd(k, &mut streams.stream(start)))
        .collect();
    let best = (0..starts).fold(0, |best, at| {
        if found[at].inertia < found[best].inertia {
            at
        } else {
            best
        }
    });
    Ok(found.swap_remove(best).renumbered(width))
}

impl KMeans {
    /// Clusters numbered by their first row.
    fn renumbered(self, width: usize) -> Self {
        let mut numbers: Vec<usize> = Vec::new();
        for &cluster in &self.clusters {
            if !numbers.contains(&cluster) {
                numbers.push(cluster);
            }
        }
        let centers = numbers
            .iter()
            .flat_map(|&old| self.centers[old * width..(old + 1) * width].iter().copied())
            .collect();
        let number = |old: &usize| numbers.iter().position(|known| known == old).unwrap_or(0);
        Self {
            clusters: self.clusters.iter().map(number).collect(),
            centers,
            inertia: self.inertia,
        }
    }
}

struct Table<'a> {
    values: &'a [f64],
    width: usize,
    n: usize,
}

impl Table<'_> {
    fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.width..(at + 1) * self.width]
    }

    /// k-means++: every next center a row drawn with its squared distance to the nearest center.
    fn first_centers(&self, k: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
        let mut centers = self.row(random.random_range(0..self.n)).to_vec();
        let mut nearest = vec![f64::INFINITY; self.n];
        while centers.len() < k * self.width {
            let last = &centers[centers.len() - self.width..];
            for (at, nearest) in nearest.iter_mut().enumerate() {
                *nearest = nearest.min(squared_distance(self.row(at), last));
            }
            let mut left = random.random::<f64>() * nearest.iter().sum::<f64>();
            let candidates = (0..self.n).filter(|&at| nearest[at] > 0.0);
            let mut chosen = 0;
            for at in candidates {
                chosen = at;
                left -= nearest[at];
                if left < 0.0 {
                    break;
                }
            }
            centers.extend_from_slice(self.row(chosen));
        }
        centers
    }

    fn lloyd(&self, k: usize, random: &mut ChaCha8Rng) -> KMeans {
        let mut centers = self.first_centers(k, random);
        let mut clusters = vec![usize::MAX; self.n];
        let mut distances = vec![0.0; self.n];
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for at in 0..self.n {
                let mut best = (f64::INFINITY, 0);
                for (cluster, center) in centers.chunks(self.width).enumerate() {
                    let distance = squared_distance(self.row(at), center);
                    if distance < best.0 {
                        best = (distance, cluster);
                    }
                }
                changed |= clusters[at] != best.1;
                (distances[at], clusters[at]) = best;
            }
            changed |= self.fill_empty(k, &mut clusters, &mut distances);
            if !changed {
                break;
            }
            centers = self.means(k, &clusters);
        }
        let inertia = (0..self.n)
            .map(|at| {
                let start = clusters[at] * self.width;
                squared_distance(self.row(at), &centers[start..start + self.width])
            })
            .sum();
        KMeans {
            clusters,
            centers,
            inertia,
        }
    }

    /// Gives every empty cluster the row farthest from its center, out of clusters with others.
    fn fill_empty(&self, k: usize, clusters: &mut [usize], distances: &mut [f64]) -> bool {
        let mut sizes = vec![0usize; k];
        for &cluster in clusters.iter() {
            sizes[cluster] += 1;
        }
        let mut filled = false;
        for empty in 0..k {
            if sizes[empty] > 0 {
                continue;
            }
            let candidates = (0..self.n).filter(|&at| sizes[clusters[at]] > 1);
            if let Some(at) = candidates.max_by(|&a, &b| distances[a].total_cmp(&distances[b])) {
                sizes[clusters[at]] -= 1;
                (clusters[at], distances[at], sizes[empty]) = (empty, 0.0, 1);
                filled = true;
            }
        }
        filled
    }

    fn means(&self, k: usize, clusters: &[usize]) -> Vec<f64> {
        let mut sums = vec![0.0; k * self.width];
        let mut sizes = vec![0.0f64; k];
        for (at, &cluster) in clusters.iter().enumerate() {
            sizes[cluster] += 1.0;
            let sums = &mut sums[cluster * self.width..(cluster + 1) * self.width];
            for (sum, value) in sums.iter_mut().zip(self.row(at)) {
                *sum += value;
            }
        }
        for (sum, at) in sums.iter_mut().zip(0..) {
            *sum /= sizes[at / self.width].max(1.0);
        }
        sums
    }
}
