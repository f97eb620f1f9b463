//! The scales that reconstructions are on, and the way back to normalised values.

use super::{ExpressionMatrix, Normalization, Preprocessed, Preprocessor};
use crate::error::{Error, Result};
use rayon::prelude::*;

impl Preprocessor {
    /// From the model's scale back to normalised values, in place: `[samples, genes]`, with the
    /// shift of every sample.
    pub fn restore(&self, values: &mut [f32], shifts: &[f64]) {
        values
            .par_chunks_mut(self.genes.len().max(1))
            .zip(shifts.par_chunks(self.n_blocks))
            .for_each(|(row, shifts)| {
                for (gene, value) in row.iter_mut().enumerate() {
                    let shift = shifts[self.block_of[gene]];
                    let centred = f64::from(*value) * self.divisors[gene];
                    *value = (centred + self.means[gene] + shift) as f32;
                }
            });
    }

    /// Every gene's normalised values between its least and its greatest training value, as
    /// 0 to 1: `[samples, genes]`; 0 where a gene does not vary.
    pub fn unit_interval(&self, input: &Preprocessed) -> Vec<f32> {
        let mut values = input.values.clone();
        self.restore(&mut values, &input.shifts);
        self.scale_ranges(&mut values, |value, (least, most)| {
            let span = most - least;
            if span > 0.0 {
                ((value - least) / span).clamp(0.0, 1.0)
            } else {
                0.0
            }
        });
        values
    }

    /// The way back from [`unit_interval`](Self::unit_interval), in place.
    pub fn restore_unit_interval(&self, values: &mut [f32]) {
        self.scale_ranges(values, |value, (least, most)| {
            least + value * (most - least)
        });
    }

    fn scale_ranges(&self, values: &mut [f32], f: impl Fn(f64, (f64, f64)) -> f64 + Sync) {
        values
            .par_chunks_mut(self.genes.len().max(1))
            .for_each(|row| {
                for (value, range) in row.iter_mut().zip(&self.ranges) {
                    *value = f(f64::from(*value), *range) as f32;
                }
            });
    }

    /// The raw counts of the preprocessor's genes, `[samples, genes]`, 0 for a gene that the
    /// data lack, and the sum over all genes of every sample.
    ///
    /// # Errors
    /// [`Error::Data`] naming the first value that is no count, or a sample without counts.
    pub fn counts(&self, matrix: &ExpressionMatrix) -> Result<(Vec<f32>, Vec<f64>)> {
        let width = matrix.n_genes().max(1);
        let no_count = |value: &f32| *value < 0.0 || value.fract() != 0.0;
        if let Some(at) = matrix.values().iter().position(no_count) {
            return Err(Error::data(
                format!(
                    "gene {:?} is {} in sample {:?}, and a negative binomial likelihood needs \
                     raw counts, whole numbers from 0",
                    matrix.genes()[at % width],
                    matrix.values()[at],
                    matrix.samples()[at / width]
                ),
                "Give the raw counts, or use --likelihood gaussian.",
            ));
        }
        let index = matrix.gene_index();
        let columns: Vec<Option<usize>> = self
            .genes
            .iter()
            .map(|gene| index.get(gene.as_str()).copied())
            .collect();
        let mut counts = Vec::with_capacity(matrix.n_samples() * self.genes.len());
        let mut totals = Vec::with_capacity(matrix.n_samples());
        for (sample, row) in matrix.values().chunks_exact(width).enumerate() {
            let start = counts.len();
            counts.extend(
                columns
                    .iter()
                    .map(|column| column.map_or(0.0, |at| row[at])),
            );
            if counts[start..].iter().all(|count| *count == 0.0) {
                return Err(Error::data(
                    format!(
                        "the sample {:?} has no counts in the model's genes",
                        matrix.samples()[sample]
                    ),
                    "Remove it from the matrix: it says nothing about any pathway.",
                ));
            }
            totals.push(row.iter().map(|count| f64::from(*count)).sum());
        }
        Ok((counts, totals))
    }

    /// Expected counts as normalised values, in place: `[samples, genes]`, with the sum of all
    /// counts of every sample.
    pub fn normalise_counts(&self, counts: &mut [f32], totals: &[f64]) {
        counts
            .par_chunks_mut(self.genes.len().max(1))
            .zip(totals)
            .for_each(|(row, total)| {
                for value in row {
                    let count = f64::from(*value);
                    *value = match self.normalization {
                        Normalization::Log1pCp10k => (count * 1e4 / total).ln_1p(),
                        Normalization::Log2p1 => count.ln_1p() / std::f64::consts::LN_2,
                        Normalization::None => count,
                    } as f32;
                }
            });
    }
}
