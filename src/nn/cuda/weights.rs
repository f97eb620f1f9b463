//! Clipping and updates of all weights, a few kernels for all of them together.

use super::{Arg, Gpu, Grid, Slice, THREADS, size};
use crate::nn::optimizer::{AdamStep, SgdStep};
use candle_core::Result;

/// Weights that one kernel takes.
const MOST: usize = 32;
/// Elements that a block takes.
const CHUNK: usize = 4 * THREADS as usize;

/// A weight on a device: its numbers, what an optimizer remembers of each, their gradient.
#[derive(Clone, Copy)]
pub(crate) struct Weight<const N: usize> {
    pub values: Slice<f32>,
    pub history: [Slice<f32>; N],
    pub gradient: Slice<f32>,
}

/// Up to [`MOST`] weights, as the kernels take them.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Weights {
    values: [u64; MOST],
    history: [[u64; MOST]; 2],
    gradient: [u64; MOST],
    count: [u64; MOST],
    first_block: [u32; MOST],
}

impl Weights {
    /// The weights, and the blocks that take them.
    fn new<const N: usize>(weights: &[Weight<N>]) -> Result<(Self, usize)> {
        let mut all = Self {
            values: [0; MOST],
            history: [[0; MOST]; 2],
            gradient: [0; MOST],
            count: [0; MOST],
            first_block: [0; MOST],
        };
        let mut blocks = 0;
        for (at, weight) in weights.iter().enumerate() {
            all.values[at] = weight.values.address;
            for (own, history) in all.history.iter_mut().zip(weight.history) {
                own[at] = history.address;
            }
            all.gradient[at] = weight.gradient.address;
            all.count[at] = weight.gradient.len() as u64;
            all.first_block[at] = size(blocks)?;
            blocks += weight.gradient.len().div_ceil(CHUNK);
        }
        Ok((all, blocks))
    }
}

/// Starts a kernel on all weights, some at a time: their arguments, then those that `more` makes of
/// the blocks before.
fn launch<G: Gpu, const N: usize>(
    gpu: &G,
    kernel: &'static str,
    weights: &[Weight<N>],
    more: impl Fn(usize) -> Vec<Arg>,
) -> Result<()> {
    let mut before = 0;
    for some in weights.chunks(MOST) {
        let (all, blocks) = Weights::new(some)?;
        let mut arguments = vec![Arg::Weights(Box::new(all)), size(some.len())?.into()];
        arguments.extend(more(before));
        let grid = Grid {
            blocks: (size(blocks)?, 1),
            threads: THREADS,
        };
        gpu.launch(kernel, grid, &arguments)?;
        before += blocks;
    }
    Ok(())
}

/// Scales gradients in place so that their common norm is at most `limit`; returns the norm they
/// had, a scalar.
pub(crate) fn clip_gradients<G: Gpu>(
    gpu: &G,
    gradients: &[Slice<f32>],
    limit: f64,
) -> Result<G::Memory<f64>> {
    let weights: Vec<Weight<0>> = gradients
        .iter()
        .map(|gradient| Weight {
            values: *gradient,
            history: [],
            gradient: *gradient,
        })
        .collect();
    let blocks: usize = gradients.iter().map(|own| own.len().div_ceil(CHUNK)).sum();
    let parts = gpu.empty::<f64>(blocks)?;
    let all = gpu.slice(&parts);
    launch(gpu, "gsae_sum_squares", &weights, |before| {
        vec![all.part(before..all.len()).into()]
    })?;
    let (factor, norm) = (gpu.empty::<f32>(1)?, gpu.empty::<f64>(1)?);
    let scalar = gpu.slice(&factor);
    gpu.launch(
        "gsae_clip_factor",
        Grid::elements(1),
        &[
            all.into(),
            size(blocks)?.into(),
            limit.into(),
            scalar.into(),
            gpu.slice(&norm).into(),
        ],
    )?;
    launch(gpu, "gsae_clip", &weights, |_| vec![scalar.into()])?;
    Ok(norm)
}

/// An update by Adam, in place; the history is both moments.
pub(crate) fn adam<G: Gpu>(gpu: &G, weights: &[Weight<2>], step: AdamStep) -> Result<()> {
    let numbers = [
        step.keep[0],
        step.new[0],
        step.keep[1],
        step.new[1],
        step.step,
        step.root,
        step.epsilon,
        step.penalty,
        step.shrink,
    ];
    launch(gpu, "gsae_adam", weights, |_| {
        numbers
            .iter()
            .map(|&number| (number as f32).into())
            .collect()
    })
}

/// An update by gradient descent, in place; the history is the last update.
pub(crate) fn sgd<G: Gpu>(gpu: &G, weights: &[Weight<1>], step: SgdStep) -> Result<()> {
    launch(gpu, "gsae_sgd", weights, |_| {
        vec![
            (step.rate as f32).into(),
            (step.momentum as f32).into(),
            u32::from(step.nesterov).into(),
        ]
    })
}
