//! The scales that reconstructions are on, and the way back to normalised values.

use super::{Normalization, Preprocessor};
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

    /// From the model's scale to every gene's normalised values between its least and its
    /// greatest training value, as 0 to 1, in place: `[samples, genes]`, with the shift of every
    /// sample; 0 where a gene does not vary.
    pub fn unit_interval(&self, values: &mut [f32], shifts: &[f64]) {
        self.restore(values, shifts);
        self.scale_ranges(values, |value, (least, most)| {
            let span = most - least;
            if span > 0.0 {
                ((value - least) / span).clamp(0.0, 1.0)
            } else {
                0.0
            }
        });
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
