//! What penalties that are not smooth do to weights, in place.

use super::pattern::DeviceLines;
use super::sparse::ValueOrder;
use super::{Gpu, Grid, Slice, count, size};
use candle_core::Result;
use std::ops::Range;

/// `w = sign(w) max(|w| - threshold, 0)`.
pub(crate) fn soft_threshold<G: Gpu>(gpu: &G, w: Slice<f32>, threshold: f64) -> Result<()> {
    let arguments = [w.into(), threshold.into(), count(w.len())];
    gpu.launch("gsae_soft_threshold", Grid::elements(w.len()), &arguments)
}

/// `w = max(w, 0)`.
pub(crate) fn clamp_at_zero<G: Gpu>(gpu: &G, w: Slice<f32>) -> Result<()> {
    let arguments = [w.into(), count(w.len())];
    gpu.launch("gsae_clamp_at_zero", Grid::elements(w.len()), &arguments)
}

/// 0 at these positions.
pub(crate) fn clear<G: Gpu>(gpu: &G, w: Slice<f32>, positions: Slice<u32>) -> Result<()> {
    let arguments = [w.into(), positions.into(), count(positions.len())];
    gpu.launch("gsae_clear", Grid::elements(positions.len()), &arguments)
}

/// The weights of every one of these lines, scaled by `max(0, 1 - threshold sqrt(n) / norm)`.
pub(crate) fn shrink_lines<G: Gpu>(
    gpu: &G,
    lines: &DeviceLines<G>,
    (values, order): (Slice<f32>, ValueOrder),
    which: Range<usize>,
    threshold: f64,
) -> Result<()> {
    let pattern = lines.slices(gpu);
    let twin = (order == ValueOrder::Other).then_some(pattern.twin);
    gpu.launch(
        "gsae_shrink_lines",
        Grid::rows(which.len())?,
        &[
            pattern.starts.into(),
            twin.into(),
            values.into(),
            size(which.start)?.into(),
            size(which.len())?.into(),
            threshold.into(),
        ],
    )
}
