//! Clusters: k-means, complete linkage of near copies, and how good and how alike clusterings are.

mod complete_linkage;
mod kmeans;
mod rand_index;
mod silhouette;

pub use complete_linkage::complete_linkage;
pub use kmeans::{KMeans, kmeans};
pub use rand_index::adjusted_rand_index;
pub use silhouette::{mean_silhouette, silhouette, silhouette_against};

use crate::error::{Error, Result};

/// The number of rows of a table `[rows, width]`.
fn rows(values: &[f64], width: usize) -> Result<usize> {
    if width == 0 || values.is_empty() || !values.len().is_multiple_of(width) {
        return Err(Error::data(
            format!("{} values are no table of {width} columns", values.len()),
            "Give all rows, row by row, each with the same number of columns.",
        ));
    }
    crate::stats::check::finite(values, "the table")?;
    Ok(values.len() / width)
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
