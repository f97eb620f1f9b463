//! The mean of standardised genes.

use super::samples::{Members, Samples, Value, check};
use crate::error::Result;
use rayon::prelude::*;

/// Mean z: every gene is standardised over the samples (mean 0, SD 1 with `n - 1`), and a set's
/// score is `sum w z / sum |w|` (Lee et al. 2008, PLoS Computational Biology 4:e1000217, without
/// their choice of genes).
///
/// A gene that never varies has z 0. A shift that all genes of a sample share moves all sets.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, mean_z};
///
/// let samples = Samples::new(&[1.0f32, 5.0, 2.0, 5.0, 3.0, 5.0], 2)?;
/// assert_eq!(mean_z(&samples, &[Members::new(vec![0, 1])])?, [-0.5, 0.0, 0.5]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for a gene outside the data or twice in a set, or fewer
/// than two samples.
pub fn mean_z<V: Value>(samples: &Samples<V>, sets: &[Members]) -> Result<Vec<f64>> {
    check(samples, sets)?;
    let n = samples.n_samples();
    crate::stats::check::at_least(n, 2, "a gene's standard deviation")?;
    // Neighbouring genes together: a row is read once for many of them.
    const BLOCK: usize = 256;
    let moments: Vec<(f64, f64)> = (0..samples.n_genes().div_ceil(BLOCK))
        .into_par_iter()
        .flat_map_iter(|block| {
            let genes = block * BLOCK..samples.n_genes().min((block + 1) * BLOCK);
            let row = |sample| samples.row(sample).skip(genes.start).take(genes.len());
            let mut means = vec![0.0; genes.len()];
            for sample in 0..n {
                for (mean, value) in means.iter_mut().zip(row(sample)) {
                    *mean += value / n as f64;
                }
            }
            let mut squares = vec![0.0; genes.len()];
            for sample in 0..n {
                for ((square, mean), value) in squares.iter_mut().zip(&means).zip(row(sample)) {
                    *square += (value - mean) * (value - mean);
                }
            }
            let sds = squares
                .into_iter()
                .map(|square| (square / (n - 1) as f64).sqrt());
            means.into_iter().zip(sds).collect::<Vec<_>>()
        })
        .collect();
    Ok(samples.table(sets.len(), |sample, out| {
        let z: Vec<f64> = samples
            .row(sample)
            .zip(&moments)
            .map(|(value, (mean, sd))| {
                // What is left of a constant gene is rounding.
                if *sd > 1e-12 * mean.abs() {
                    (value - mean) / sd
                } else {
                    0.0
                }
            })
            .collect();
        for (out, set) in out.iter_mut().zip(sets) {
            let size: f64 = set.weights().iter().map(|weight| weight.abs()).sum();
            *out = set.dot(&z) / size;
        }
    }))
}
