//! Activations and losses.

use super::{Gpu, Grid, Slice, count, size};
use crate::nn::Activation;
use candle_core::Result;

/// The number of an activation in the kernels.
fn kind(activation: Activation) -> u32 {
    match activation {
        Activation::Linear => 0,
        Activation::Relu => 1,
        Activation::LeakyRelu => 2,
        Activation::Elu => 3,
        Activation::Tanh => 4,
        Activation::Sigmoid => 5,
        Activation::Softplus => 6,
    }
}

/// The activation of every element.
pub(crate) fn activation<G: Gpu>(
    gpu: &G,
    activation: Activation,
    x: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(x.len())?;
    gpu.launch(
        "gsae_activation",
        Grid::elements(x.len()),
        &[
            kind(activation).into(),
            x.into(),
            gpu.slice(&out).into(),
            count(x.len()),
        ],
    )?;
    Ok(out)
}

/// The gradient in an activation's input, from its output `y` and the gradient `g` in that.
pub(crate) fn activation_gradient<G: Gpu>(
    gpu: &G,
    activation: Activation,
    y: Slice<f32>,
    g: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(y.len())?;
    gpu.launch(
        "gsae_activation_gradient",
        Grid::elements(y.len()),
        &[
            kind(activation).into(),
            y.into(),
            g.into(),
            gpu.slice(&out).into(),
            count(y.len()),
        ],
    )?;
    Ok(out)
}

/// Adds a number a row, in place: `y`: `[rows, batch]`.
pub(crate) fn add_bias<G: Gpu>(
    gpu: &G,
    y: Slice<f32>,
    bias: Slice<f32>,
    batch: usize,
) -> Result<()> {
    gpu.launch(
        "gsae_add_bias",
        Grid::elements(y.len()),
        &[y.into(), bias.into(), size(batch)?.into(), count(y.len())],
    )
}

/// A loss that is a mean over elements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LossKind {
    Squared,
    CrossEntropy,
    LogitCrossEntropy,
}

/// Runs a kernel that leaves a sum a block in `parts`, then adds them up: a scalar, `factor` times
/// the sum.
fn summed<G: Gpu>(
    gpu: &G,
    n: usize,
    factor: f64,
    launch: impl FnOnce(Grid, Slice<f64>) -> Result<()>,
) -> Result<G::Memory<f32>> {
    let grid = Grid::elements(n);
    let blocks = grid.blocks.0;
    let parts = gpu.empty::<f64>(blocks as usize)?;
    launch(grid, gpu.slice(&parts))?;
    let out = gpu.empty(1)?;
    gpu.launch(
        "gsae_finish_sum",
        Grid::elements(1),
        &[
            gpu.slice(&parts).into(),
            blocks.into(),
            factor.into(),
            gpu.slice(&out).into(),
        ],
    )?;
    Ok(out)
}

/// The mean loss, a scalar.
pub(crate) fn loss<G: Gpu>(
    gpu: &G,
    kind: LossKind,
    p: Slice<f32>,
    t: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let n = p.len();
    summed(gpu, n, 1.0 / n as f64, |grid, parts| {
        let arguments = [
            (kind as u32).into(),
            p.into(),
            t.into(),
            parts.into(),
            count(n),
        ];
        gpu.launch("gsae_loss", grid, &arguments)
    })
}

/// The gradient of the mean loss in the prediction, or in the target, times the scalar `g`.
pub(crate) fn loss_gradient<G: Gpu>(
    gpu: &G,
    (kind, in_target): (LossKind, bool),
    p: Slice<f32>,
    t: Slice<f32>,
    g: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let n = p.len();
    let out = gpu.empty(n)?;
    gpu.launch(
        "gsae_loss_gradient",
        Grid::elements(n),
        &[
            (kind as u32).into(),
            u32::from(in_target).into(),
            p.into(),
            t.into(),
            g.into(),
            ((1.0 / n as f64) as f32).into(),
            gpu.slice(&out).into(),
            count(n),
        ],
    )?;
    Ok(out)
}

/// The mean squared error of `y`, a scalar; `y` becomes its own gradient.
pub(crate) fn squared_error<G: Gpu>(
    gpu: &G,
    y: Slice<f32>,
    t: Slice<f32>,
) -> Result<G::Memory<f32>> {
    let n = y.len();
    summed(gpu, n, 1.0 / n as f64, |grid, parts| {
        let factor = (2.0 / n as f64) as f32;
        let arguments = [y.into(), t.into(), parts.into(), factor.into(), count(n)];
        gpu.launch("gsae_squared_error", grid, &arguments)
    })
}

/// `x` times a scalar on the device.
pub(crate) fn scaled<G: Gpu>(gpu: &G, x: Slice<f32>, scalar: Slice<f32>) -> Result<G::Memory<f32>> {
    let out = gpu.empty(x.len())?;
    gpu.launch(
        "gsae_scale",
        Grid::elements(x.len()),
        &[
            x.into(),
            scalar.into(),
            gpu.slice(&out).into(),
            count(x.len()),
        ],
    )?;
    Ok(out)
}
