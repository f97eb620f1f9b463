//! Mini-batches.

use candle_core::{Tensor, WithDType};

use super::{bridge, kernels};
use crate::{Error, Result};

/// The chosen rows of a row-major matrix `[samples, features]`, as a tensor
/// `[batch, features]` that lies feature-major in memory.
///
/// The result is a transposed view, what the layers here like best: its `.t()`
/// is contiguous.
///
/// ```
/// let matrix = [1f32, 2.0, 3.0, 4.0, 5.0, 6.0]; // three samples, two features
/// let batch = gsae::nn::gather_rows(&matrix, 2, &[2, 0])?;
/// assert_eq!(batch.to_vec2::<f32>()?, [[5.0, 6.0], [1.0, 2.0]]);
/// assert!(batch.t()?.is_contiguous());
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the matrix is not whole rows of `features`, or has no such row.
pub fn gather_rows<T: WithDType>(matrix: &[T], features: usize, rows: &[usize]) -> Result<Tensor> {
    let samples = matrix.len().checked_div(features).unwrap_or(0);
    if samples * features != matrix.len() {
        return Err(Error::data(
            format!("{} numbers are no rows of {features}", matrix.len()),
            "Pass the matrix row by row, every row whole.",
        ));
    }
    if let Some(row) = rows.iter().find(|&&row| row >= samples) {
        return Err(Error::data(
            format!("there is no row {row} among {samples}"),
            "Choose rows from 0 on that the matrix has.",
        ));
    }
    let data = kernels::gather_transposed(rows.len(), features, |at| {
        &matrix[rows[at] * features..][..features]
    });
    Ok(bridge::tensor(data, (features, rows.len()))?.t()?)
}
