//! The mean of standardised genes.

use super::samples::{Members, Samples, Value, check};
use crate::error::Result;
use rayon::prelude::*;

/// Neighbouring genes that are summed together: a row is read once for many of them.
const BLOCK: usize = 256;

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
    let mut genes = MeanZ::new(samples.n_samples(), samples.n_genes())?;
    genes.add_to_means(samples);
    genes.add_to_squares(samples);
    genes.scores(samples, sets)
}

/// [`mean_z`] of samples that come in blocks, in three passes over them: means, squares, scores.
/// The same blocks, or one of all samples, give the same bits.
///
/// ```
/// use gsae::stats::scores::{MeanZ, Members, Samples};
///
/// let blocks = [[1.0f32, 5.0, 2.0, 5.0].as_slice(), &[3.0, 5.0]];
/// let blocks = [Samples::new(blocks[0], 2)?, Samples::new(blocks[1], 2)?];
/// let mut genes = MeanZ::new(3, 2)?;
/// blocks.iter().for_each(|block| genes.add_to_means(block));
/// blocks.iter().for_each(|block| genes.add_to_squares(block));
/// assert_eq!(genes.scores(&blocks[1], &[Members::new(vec![0, 1])])?, [0.5]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MeanZ {
    samples: usize,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl MeanZ {
    /// Of so many samples and genes.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) for fewer than two samples.
    pub fn new(samples: usize, genes: usize) -> Result<Self> {
        crate::stats::check::at_least(samples, 2, "a gene's standard deviation")?;
        Ok(Self {
            samples,
            means: vec![0.0; genes],
            squares: vec![0.0; genes],
        })
    }

    /// The first pass.
    pub fn add_to_means<V: Value>(&mut self, samples: &Samples<V>) {
        let n = self.samples as f64;
        self.means
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, means)| {
                for sample in 0..samples.n_samples() {
                    let row = samples.row(sample).skip(block * BLOCK);
                    for (mean, value) in means.iter_mut().zip(row) {
                        *mean += value / n;
                    }
                }
            });
    }

    /// The second pass, after the first over all samples.
    pub fn add_to_squares<V: Value>(&mut self, samples: &Samples<V>) {
        let means = &self.means;
        self.squares
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, squares)| {
                let means = &means[block * BLOCK..];
                for sample in 0..samples.n_samples() {
                    let row = samples.row(sample).skip(block * BLOCK);
                    for ((square, mean), value) in squares.iter_mut().zip(means).zip(row) {
                        *square += (value - mean) * (value - mean);
                    }
                }
            });
    }

    /// The scores of some of the samples, after both passes over all.
    ///
    /// # Errors
    /// As [`mean_z`].
    pub fn scores<V: Value>(&self, samples: &Samples<V>, sets: &[Members]) -> Result<Vec<f64>> {
        check(samples, sets)?;
        let freedom = (self.samples - 1) as f64;
        let sds: Vec<f64> = self
            .squares
            .iter()
            .map(|square| (square / freedom).sqrt())
            .collect();
        Ok(samples.table(sets.len(), |sample, out| {
            let z: Vec<f64> = samples
                .row(sample)
                .zip(self.means.iter().zip(&sds))
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
}
