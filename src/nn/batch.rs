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
    check(rows, samples)?;
    let data = kernels::gather_transposed(rows.len(), features, |at| {
        &matrix[rows[at] * features..][..features]
    });
    Ok(bridge::tensor(data, (features, rows.len()))?.t()?)
}

/// As [`gather_rows`], of rows that `fill(row, ..)` writes one by one, over any content.
pub(crate) fn fill_rows<T: WithDType>(
    rows: usize,
    features: usize,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Result<Tensor> {
    let data = kernels::fill_transposed(rows, features, fill);
    Ok(bridge::tensor(data, (features, rows))?.t()?)
}

fn check(rows: &[usize], samples: usize) -> Result<()> {
    match rows.iter().find(|&&row| row >= samples) {
        None => Ok(()),
        Some(row) => Err(Error::data(
            format!("there is no row {row} among {samples}"),
            "Choose rows from 0 on that the matrix has.",
        )),
    }
}

/// As [`gather_rows`], from a contiguous matrix `[samples, features]` that is a tensor, where it
/// is: samples on a GPU stay there.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let matrix = Tensor::new(&[[1f32, 2.0], [3.0, 4.0], [5.0, 6.0]], &Device::Cpu)?;
/// let batch = gsae::nn::gather_rows_of(&matrix, &[2, 0])?;
/// assert_eq!(batch.to_vec2::<f32>()?, [[5.0, 6.0], [1.0, 2.0]]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the matrix is not contiguous or not f32, or has no such row.
pub fn gather_rows_of(matrix: &Tensor, rows: &[usize]) -> Result<Tensor> {
    let (samples, features) = matrix.dims2()?;
    #[cfg(feature = "cuda-linked")]
    if matrix.device().is_cuda() && !rows.is_empty() {
        check(rows, samples)?;
        let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        let batch = super::cuda::with_slices([matrix], |gpu, [matrix]| {
            use super::cuda::{Gpu, gather, tensor};
            let rows_there = gpu.upload(&rows)?;
            let batch = gather(gpu, matrix, features, gpu.slice(&rows_there))?;
            Ok(tensor(gpu, batch, (features, rows.len())))
        })?;
        return Ok(batch.t()?);
    }
    check(rows, samples)?;
    if rows.is_empty() {
        return Ok(Tensor::zeros(
            (0, features),
            matrix.dtype(),
            matrix.device(),
        )?);
    }
    let gathered = bridge::with_slices::<f32, _, 1>([matrix], |[matrix]| {
        let row = |at: usize| &matrix[rows[at] * features..][..features];
        Ok(kernels::gather_transposed(rows.len(), features, row))
    })?;
    Ok(bridge::tensor(gathered, (features, rows.len()))?.t()?)
}
