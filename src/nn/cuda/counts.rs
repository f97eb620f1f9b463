//! The negative binomial likelihood.

use super::rows::row_sums;
use super::{Gpu, Grid, LANES, Slice, count, size};
use candle_core::Result;

/// Genes that a block takes.
const GENES: usize = 256;

/// Counts and what predicts them.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    /// `[genes, batch]`.
    pub logits: Slice<f32>,
    /// `[genes, batch]`.
    pub counts: Slice<f32>,
    /// `[genes]`.
    pub log_theta: Slice<f32>,
    /// Sums of counts: `[batch]`.
    pub library: Slice<f64>,
}

/// The mean loss, a scalar, and its gradients.
pub(crate) struct CountsLoss<G: Gpu> {
    pub mean: G::Memory<f32>,
    /// `[genes, batch]`.
    pub in_logits: G::Memory<f32>,
    /// `[genes]`.
    pub in_log_theta: G::Memory<f32>,
}

/// The mean negative log-probability of the counts, and its gradients.
pub(crate) fn negative_binomial<G: Gpu>(gpu: &G, of: Counts) -> Result<CountsLoss<G>> {
    let (genes, batch) = (of.log_theta.len(), of.library.len());
    let n = genes * batch;
    let parts = genes.div_ceil(GENES);
    let grid = Grid {
        blocks: (size(batch.div_ceil(LANES))?, size(parts)?),
        threads: super::THREADS,
    };
    let samples = Grid::elements(batch);
    let (genes_there, batch_there) = (size(genes)?, size(batch)?);
    let parts_there = size(parts)?;
    let room = || gpu.empty::<f64>(parts * batch);
    let (greatest, sums, losses, weighted) = (room()?, room()?, room()?, room()?);
    let (greatest, sums) = (gpu.slice(&greatest), gpu.slice(&sums));
    let (losses, weighted) = (gpu.slice(&losses), gpu.slice(&weighted));
    gpu.launch(
        "gsae_counts_shares",
        grid,
        &[
            of.logits.into(),
            greatest.into(),
            sums.into(),
            genes_there.into(),
            batch_there.into(),
        ],
    )?;
    gpu.launch(
        "gsae_counts_join",
        samples,
        &[
            greatest.into(),
            sums.into(),
            parts_there.into(),
            batch_there.into(),
        ],
    )?;
    let (in_logits, in_theta) = (gpu.empty(n)?, gpu.empty(n)?);
    gpu.launch(
        "gsae_counts_terms",
        grid,
        &[
            of.logits.into(),
            of.counts.into(),
            of.log_theta.into(),
            of.library.into(),
            greatest.into(),
            sums.into(),
            gpu.slice(&in_logits).into(),
            gpu.slice(&in_theta).into(),
            losses.into(),
            weighted.into(),
            genes_there.into(),
            batch_there.into(),
        ],
    )?;
    for sum in [losses, weighted] {
        gpu.launch(
            "gsae_counts_add",
            samples,
            &[sum.into(), parts_there.into(), batch_there.into()],
        )?;
    }
    let factor = 1.0 / n.max(1) as f64;
    gpu.launch(
        "gsae_counts_logits",
        Grid::elements(n),
        &[
            of.logits.into(),
            greatest.into(),
            sums.into(),
            weighted.into(),
            gpu.slice(&in_logits).into(),
            factor.into(),
            batch_there.into(),
            count(n),
        ],
    )?;
    let mean = gpu.empty(1)?;
    gpu.launch(
        "gsae_finish_sum",
        Grid::elements(1),
        &[
            losses.into(),
            batch_there.into(),
            factor.into(),
            gpu.slice(&mean).into(),
        ],
    )?;
    Ok(CountsLoss {
        mean,
        in_logits,
        in_log_theta: row_sums(gpu, gpu.slice(&in_theta), genes, factor, None)?,
    })
}
