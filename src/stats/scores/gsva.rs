//! GSVA: gene set variation analysis.

use super::kernel::{Kernel, check_count, distribution};
use super::ranks::descending;
use super::samples::{Members, Samples, Value, check};
use crate::error::{Error, Result};
use crate::stats::enrichment::walk::walk;
use rayon::prelude::*;

/// The choices of [`gsva`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GsvaOptions {
    /// How a gene's distribution over the samples is estimated.
    pub kernel: Kernel,
    /// The exponent of a gene's weight.
    pub tau: f64,
    /// The score is the largest value of the running sum plus the smallest (`true`), or
    /// whichever is farther from 0.
    pub difference: bool,
}

impl Default for GsvaOptions {
    fn default() -> Self {
        Self {
            kernel: Kernel::Gaussian,
            tau: 1.0,
            difference: true,
        }
    }
}

/// GSVA (Hänzelmann, Castelo & Guinney 2013, BMC Bioinformatics 14:7).
///
/// Every value becomes its place in the gene's smoothed distribution over the samples; a
/// sample's n genes are ranked by it, and a gene at position i (from 0, the highest first) weighs
/// `|n / 2 - i|^tau` in the running sum of GSEA. In [-1, 1].
///
/// Genes that never vary are left out. Of genes at one place the first in the data ranks higher.
/// NaN for sets without a gene that varies, or with all of them. Time grows with the square of
/// the number of samples (of different values of a gene).
///
/// ```
/// use gsae::stats::scores::{GsvaOptions, Members, Samples, gsva};
///
/// let samples = Samples::new(&[5.0f32, 6.0, 1.0, 2.0, 1.0, 2.0, 6.0, 5.0], 4)?;
/// let scores = gsva(&samples, &[Members::new(vec![0, 1])], &GsvaOptions::default())?;
/// assert_eq!(scores, [1.0, -1.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside the data or twice in a set, fewer than two samples, a
/// `tau` below 0, or values that are no counts where the kernel needs them.
pub fn gsva<V: Value>(
    samples: &Samples<V>,
    sets: &[Members],
    options: &GsvaOptions,
) -> Result<Vec<f64>> {
    check(samples, sets)?;
    let n = samples.n_samples();
    crate::stats::check::at_least(n, 2, "a gene's distribution over samples")?;
    if !(options.tau >= 0.0 && options.tau.is_finite()) {
        return Err(Error::data(
            format!("{} is no exponent for weights of genes", options.tau),
            "Give a number from 0, for example 1.",
        ));
    }
    if options.kernel == Kernel::Poisson {
        for sample in 0..n {
            for (gene, value) in samples.row(sample).enumerate() {
                check_count(value, sample, gene)?;
            }
        }
    }
    let places: Vec<Vec<f64>> = (0..samples.n_genes())
        .into_par_iter()
        .map(|gene| {
            let column: Vec<f64> = samples.column(gene).collect();
            distribution(options.kernel, &column)
        })
        .collect();
    let varying: Vec<usize> = (0..places.len())
        .filter(|&gene| !places[gene][0].is_nan())
        .collect();
    let mut number = vec![None; places.len()];
    for (&gene, at) in varying.iter().zip(0u32..) {
        number[gene] = Some(at);
    }
    let sets: Vec<Vec<u32>> = sets
        .iter()
        .map(|set| {
            set.genes()
                .iter()
                .filter_map(|gene| number[*gene as usize])
                .collect()
        })
        .collect();
    let genes = varying.len();
    let weights: Vec<f64> = (0..genes)
        .map(|position| {
            ((genes - position) as f64 - genes as f64 / 2.0)
                .abs()
                .powf(options.tau)
        })
        .collect();

    Ok(samples.table(sets.len(), |sample, out| {
        let order = descending(varying.iter().map(|&gene| places[gene][sample]));
        let mut ranks = vec![0; genes];
        for ((_, gene), rank) in order.iter().zip(0u32..) {
            ranks[*gene as usize] = rank;
        }
        let mut own = Vec::new();
        for (out, set) in out.iter_mut().zip(&sets) {
            if set.is_empty() || set.len() == genes {
                *out = f64::NAN;
                continue;
            }
            own.clear();
            own.extend(set.iter().map(|gene| ranks[*gene as usize]));
            own.sort_unstable();
            let extremes = walk(&weights, &own);
            let (most, least) = (extremes.most.max(0.0), extremes.least.min(0.0));
            *out = if options.difference {
                most + least
            } else if most > -least {
                most
            } else {
                least
            };
        }
    }))
}
