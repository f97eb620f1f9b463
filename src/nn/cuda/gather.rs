//! Batches from samples on the device, and transposed copies.

use super::{Gpu, Grid, Slice, size};
use candle_core::Result;

/// The side of the square that a block copies.
const SIDE: usize = 32;

/// `[features, rows]`: these rows of a row-major matrix of so many features.
pub(crate) fn gather<G: Gpu>(
    gpu: &G,
    matrix: Slice<f32>,
    features: usize,
    rows: Slice<u32>,
) -> Result<G::Memory<f32>> {
    copy(gpu, matrix, features, Some(rows), rows.len())
}

/// `[columns, rows]` from `[rows, columns]`.
pub(crate) fn transpose<G: Gpu>(
    gpu: &G,
    matrix: Slice<f32>,
    columns: usize,
) -> Result<G::Memory<f32>> {
    copy(gpu, matrix, columns, None, matrix.len() / columns.max(1))
}

fn copy<G: Gpu>(
    gpu: &G,
    matrix: Slice<f32>,
    features: usize,
    rows: Option<Slice<u32>>,
    count: usize,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(features * count)?;
    let grid = Grid {
        blocks: (size(features.div_ceil(SIDE))?, size(count.div_ceil(SIDE))?),
        threads: super::THREADS,
    };
    gpu.launch(
        "gsae_gather",
        grid,
        &[
            matrix.into(),
            rows.into(),
            gpu.slice(&out).into(),
            size(features)?.into(),
            size(count)?.into(),
        ],
    )?;
    Ok(out)
}
