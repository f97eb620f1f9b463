//! The masked layer's product and gradients.

use super::pattern::{DeviceLines, DeviceMask};
use super::{Gpu, Grid, Slice, count, size};
use candle_core::Result;

/// Warps of a block of the sparse kernels, and threads.
const WARPS: usize = 4;
/// Columns of the batch that a block of the product takes.
const TILE: usize = super::LANES * 4;
/// Columns that a block of the gradient takes.
const GROUP: usize = 8 * TILE;

fn grid(lines: usize, parts: usize) -> Result<Grid> {
    Ok(Grid {
        blocks: (size(lines)?, size(parts)?),
        threads: (WARPS * super::LANES) as u32,
    })
}

/// Whose order values are in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueOrder {
    /// That of the lines themselves.
    Own,
    /// That of the mask's other direction.
    Other,
}

/// What a product is made of beside its pattern.
#[derive(Clone, Copy)]
pub(crate) struct Factors {
    /// One an entry, in the order said.
    pub values: (Slice<f32>, ValueOrder),
    /// One a line, added.
    pub bias: Option<Slice<f32>>,
    /// A scalar that multiplies the sum.
    pub scale: Option<Slice<f32>>,
    /// `[across, batch]`.
    pub x: Slice<f32>,
}

/// `[lines, batch]`: of every line the sum over its entries of value times `x[across]`.
pub(crate) fn product<G: Gpu>(
    gpu: &G,
    lines: &DeviceLines<G>,
    factors: Factors,
    batch: usize,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(lines.lines() * batch)?;
    let pattern = lines.slices(gpu);
    let (values, order) = factors.values;
    let twin = (order == ValueOrder::Other).then_some(pattern.twin);
    gpu.launch(
        "gsae_product",
        grid(lines.lines(), batch.div_ceil(TILE))?,
        &[
            pattern.order.into(),
            pattern.starts.into(),
            pattern.across.into(),
            twin.into(),
            values.into(),
            factors.bias.into(),
            factors.scale.into(),
            factors.x.into(),
            gpu.slice(&out).into(),
            size(batch)?.into(),
            u32::from(factors.x.is_wide(batch)).into(),
        ],
    )?;
    Ok(out)
}

/// The gradient of the values, in the order of the mask's entries: `x`: `[inputs, batch]`, `gy`:
/// `[outputs, batch]`, `scale`: a scalar that multiplies it.
///
/// As on the CPU, the smaller of the two matrices is the one read out of order.
pub(crate) fn values_gradient<G: Gpu>(
    gpu: &G,
    mask: &DeviceMask<G>,
    x: Slice<f32>,
    gy: Slice<f32>,
    scale: Option<Slice<f32>>,
    batch: usize,
) -> Result<G::Memory<f32>> {
    let by_input = mask.by_output.lines() < mask.by_input.lines();
    let (lines, own, other) = if by_input {
        (&mask.by_input, x, gy)
    } else {
        (&mask.by_output, gy, x)
    };
    let entries = lines.entries();
    let groups = batch.div_ceil(GROUP);
    let parts = gpu.empty(groups * entries)?;
    let pattern = lines.slices(gpu);
    gpu.launch(
        "gsae_values_gradient",
        grid(lines.lines(), groups)?,
        &[
            pattern.order.into(),
            pattern.starts.into(),
            pattern.across.into(),
            by_input.then_some(pattern.twin).into(),
            own.into(),
            other.into(),
            scale.into(),
            gpu.slice(&parts).into(),
            size(batch)?.into(),
            size(entries)?.into(),
            u32::from(own.is_wide(batch) && other.is_wide(batch)).into(),
        ],
    )?;
    if groups <= 1 {
        return Ok(parts);
    }
    let out = gpu.empty(entries)?;
    gpu.launch(
        "gsae_sum_parts",
        Grid::elements(entries),
        &[
            gpu.slice(&parts).into(),
            gpu.slice(&out).into(),
            count(entries),
            size(groups)?.into(),
        ],
    )?;
    Ok(out)
}

/// The values of a direction's entries in the order of the other direction, `values` being in its
/// own: `out[i] = values[twin[i]]` where `lines` are those of the new order.
pub(crate) fn reorder<G: Gpu>(
    gpu: &G,
    lines: &DeviceLines<G>,
    values: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(values.len())?;
    gpu.launch(
        "gsae_reorder",
        Grid::elements(values.len()),
        &[
            values.into(),
            lines.slices(gpu).twin.into(),
            gpu.slice(&out).into(),
            count(values.len()),
        ],
    )?;
    Ok(out)
}
