//! Classes by the nearest neighbours.

use super::check;
use crate::error::{Error, Result};

/// A k-nearest-neighbours classifier (Cover & Hart 1967, IEEE Transactions on Information Theory
/// 13:21), by Euclidean distance, every neighbour with one voice.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestNeighbors {
    values: Vec<f64>,
    width: usize,
    labels: Vec<usize>,
    classes: usize,
    k: usize,
}

impl NearestNeighbors {
    /// Remembers the rows.
    ///
    /// ```
    /// use gsae::stats::classification::NearestNeighbors;
    ///
    /// let model = NearestNeighbors::fit(&[0.0, 0.1, 1.0, 1.1, 1.2], 1, &[0, 0, 1, 1, 1], 2, 3)?;
    /// assert_eq!(model.probabilities(&[0.5]), [2.0 / 3.0, 1.0 / 3.0]);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for lists that do not fit together, values that are not finite, a class
    /// without a row, or a `k` of 0 or of more than the rows.
    pub fn fit(
        values: &[f64],
        width: usize,
        labels: &[usize],
        classes: usize,
        k: usize,
    ) -> Result<Self> {
        let rows = check(values, width, labels, classes)?;
        if k == 0 || k > rows {
            return Err(Error::data(
                format!("{k} neighbours cannot be found among {rows} rows"),
                "Ask for at least one neighbour, at most as many as there are rows.",
            ));
        }
        Ok(Self {
            values: values.to_vec(),
            width,
            labels: labels.to_vec(),
            classes,
            k,
        })
    }

    /// The share of every class among the k rows nearest to one; equal distances in the rows'
    /// order.
    ///
    /// # Panics
    /// If the row has another width than the model.
    pub fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        assert_eq!(row.len(), self.width, "the width of the row");
        let mut distances: Vec<(f64, usize)> = self
            .values
            .chunks_exact(self.width)
            .enumerate()
            .map(|(at, other)| {
                let squares = other.iter().zip(row).map(|(a, b)| (a - b) * (a - b));
                (squares.sum(), at)
            })
            .collect();
        distances
            .select_nth_unstable_by(self.k - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut shares = vec![0.0; self.classes];
        for (_, at) in &distances[..self.k] {
            shares[self.labels[*at]] += 1.0;
        }
        shares.iter_mut().for_each(|share| *share /= self.k as f64);
        shares
    }
}
