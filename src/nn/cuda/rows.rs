//! Sums over the batch, and batch normalisation.

use super::{Gpu, Grid, Slice, count, size};
use candle_core::Result;

/// The sum of every row of `[rows, batch]`, times `factor` and, if given, a scalar on the device.
pub(crate) fn row_sums<G: Gpu>(
    gpu: &G,
    x: Slice<f32>,
    rows: usize,
    factor: f64,
    scale: Option<Slice<f32>>,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(rows)?;
    gpu.launch(
        "gsae_row_sums",
        Grid::rows(rows)?,
        &[
            x.into(),
            scale.into(),
            factor.into(),
            gpu.slice(&out).into(),
            size(rows)?.into(),
            size(x.len() / rows.max(1))?.into(),
        ],
    )?;
    Ok(out)
}

/// The mean and the variance (divided by the count) of every row.
pub(crate) struct Moments<G: Gpu> {
    pub means: G::Memory<f64>,
    pub variances: G::Memory<f64>,
}

/// The moments of the rows of `[rows, batch]`.
pub(crate) fn row_moments<G: Gpu>(gpu: &G, x: Slice<f32>, rows: usize) -> Result<Moments<G>> {
    let moments = Moments::<G> {
        means: gpu.empty(rows)?,
        variances: gpu.empty(rows)?,
    };
    gpu.launch(
        "gsae_row_moments",
        Grid::rows(rows)?,
        &[
            x.into(),
            gpu.slice(&moments.means).into(),
            gpu.slice(&moments.variances).into(),
            size(rows)?.into(),
            size(x.len() / rows.max(1))?.into(),
        ],
    )?;
    Ok(moments)
}

/// `running = keep running + (1 - keep) factor newest`, in place.
pub(crate) fn move_towards<G: Gpu>(
    gpu: &G,
    running: Slice<f32>,
    newest: Slice<f64>,
    keep: f64,
    factor: f64,
) -> Result<()> {
    gpu.launch(
        "gsae_move_towards",
        Grid::elements(running.len()),
        &[
            running.into(),
            newest.into(),
            keep.into(),
            factor.into(),
            count(running.len()),
        ],
    )
}

/// `(x - mean) / sqrt(variance + epsilon) weight + bias`, row by row.
pub(crate) fn normalise<G: Gpu>(
    gpu: &G,
    x: Slice<f32>,
    moments: &Moments<G>,
    epsilon: f64,
    weight: Slice<f32>,
    bias: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let rows = weight.len();
    let out = gpu.empty(x.len())?;
    gpu.launch(
        "gsae_normalise",
        Grid::rows(rows)?,
        &[
            x.into(),
            gpu.slice(&moments.means).into(),
            gpu.slice(&moments.variances).into(),
            epsilon.into(),
            weight.into(),
            bias.into(),
            gpu.slice(&out).into(),
            size(rows)?.into(),
            size(x.len() / rows.max(1))?.into(),
        ],
    )?;
    Ok(out)
}

/// The gradients of x, weight and bias; `training`: the moments are the batch's own.
pub(crate) fn normalise_gradient<G: Gpu>(
    gpu: &G,
    x: Slice<f32>,
    moments: &Moments<G>,
    (epsilon, training): (f64, bool),
    weight: Slice<f32>,
    gy: Slice<f32>,
) -> Result<[G::Memory<f32>; 3]> {
    let rows = weight.len();
    let gradients = [gpu.empty(x.len())?, gpu.empty(rows)?, gpu.empty(rows)?];
    gpu.launch(
        "gsae_normalise_gradient",
        Grid::rows(rows)?,
        &[
            x.into(),
            gpu.slice(&moments.means).into(),
            gpu.slice(&moments.variances).into(),
            epsilon.into(),
            weight.into(),
            gy.into(),
            u32::from(training).into(),
            gpu.slice(&gradients[0]).into(),
            gpu.slice(&gradients[1]).into(),
            gpu.slice(&gradients[2]).into(),
            size(rows)?.into(),
            size(x.len() / rows.max(1))?.into(),
        ],
    )?;
    Ok(gradients)
}
