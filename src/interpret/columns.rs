//! The columns of tables over the same samples, and how they correlate.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Samples and columns that are multiplied at once.
const ROWS: usize = 2048;
const COLUMNS: usize = 256;

/// The columns of a table `[samples, width]`, row by row.
#[derive(Debug, Clone)]
pub(super) struct Columns<'a> {
    values: &'a [f32],
    width: usize,
    means: Vec<f64>,
    /// Population SDs; 0 for a column that is constant or has a value that is not finite.
    deviations: Vec<f64>,
}

impl<'a> Columns<'a> {
    pub fn new(values: &'a [f32], width: usize) -> Self {
        let n = values.len() / width.max(1);
        let (means, deviations) = (0..width)
            .into_par_iter()
            .map(|at| {
                let column = || values.iter().skip(at).step_by(width).map(|v| f64::from(*v));
                let mean = column().sum::<f64>() / n as f64;
                let squares: f64 = column().map(|value| (value - mean).powi(2)).sum();
                let sd = (squares / n as f64).sqrt();
                // What single precision cannot tell from a constant is one.
                let varies = sd.is_finite() && sd > 1e-7 * mean.abs();
                (mean, if varies { sd } else { 0.0 })
            })
            .unzip();
        Self {
            values,
            width,
            means,
            deviations,
        }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// Population SDs; 0 where a column does not vary.
    pub fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// A value of a column, standardised over the samples; 0 in a column that does not vary.
    pub fn standardised(&self, sample: usize, column: usize) -> f64 {
        if self.deviations[column] == 0.0 {
            return 0.0;
        }
        let value = f64::from(self.values[sample * self.width + column]);
        (value - self.means[column]) / self.deviations[column]
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    fn block(&self, rows: &Range<usize>, columns: &Range<usize>) -> Mat<f64> {
        Mat::from_fn(rows.len(), columns.len(), |row, column| {
            self.standardised(rows.start + row, columns.start + column)
        })
    }

    /// The correlations of some columns with some of another table over the same samples; 0 with
    /// a column that does not vary. One thread, in the samples' order.
    fn product(&self, mine: &Range<usize>, other: &Self, theirs: &Range<usize>) -> Mat<f64> {
        let n = self.samples();
        let mut sums = Mat::zeros(mine.len(), theirs.len());
        for start in (0..n).step_by(ROWS) {
            let rows = start..(start + ROWS).min(n);
            let (a, b) = (self.block(&rows, mine), other.block(&rows, theirs));
            let share = 1.0 / n as f64;
            matmul(&mut sums, Accum::Add, a.transpose(), &b, share, Par::Seq);
        }
        sums
    }

    /// The correlations of all columns with all of another table: `[mine, theirs]`, row by row.
    pub fn correlations(&self, other: &Self) -> Vec<f32> {
        let mut values = vec![0f32; self.width * other.width];
        values
            .par_chunks_mut((COLUMNS * other.width).max(1))
            .zip(blocks(self.width))
            .for_each(|(out, mine)| {
                for theirs in blocks(other.width) {
                    let product = self.product(&mine, other, &theirs);
                    for row in 0..mine.len() {
                        for column in 0..theirs.len() {
                            let at = row * other.width + theirs.start + column;
                            out[at] = product[(row, column)].clamp(-1.0, 1.0) as f32;
                        }
                    }
                }
            });
        values
    }

    /// The pairs among the chosen columns, by position in `chosen`, whose correlation has at
    /// least this size; nothing but these is kept.
    pub fn similar_pairs(&self, chosen: &[usize], least: f64) -> Vec<(u32, u32, f64)> {
        let selected: Vec<f32> = self
            .values
            .chunks_exact(self.width.max(1))
            .flat_map(|row| chosen.iter().map(|&at| row[at]))
            .collect();
        let own = Columns::new(&selected, chosen.len());
        let ranges = blocks(chosen.len());
        let pairs: Vec<(usize, usize)> = (0..ranges.len())
            .flat_map(|a| (a..ranges.len()).map(move |b| (a, b)))
            .collect();
        let found: Vec<Vec<(u32, u32, f64)>> = pairs
            .into_par_iter()
            .map(|(a, b)| {
                let (a, b) = (&ranges[a], &ranges[b]);
                let product = own.product(a, &own, b);
                let mut found = Vec::new();
                for row in 0..a.len() {
                    for column in 0..b.len() {
                        let (first, second) = (a.start + row, b.start + column);
                        let r = product[(row, column)].clamp(-1.0, 1.0);
                        if first < second && r.abs() >= least {
                            found.push((first as u32, second as u32, r));
                        }
                    }
                }
                found
            })
            .collect();
        found.concat()
    }
}

fn blocks(width: usize) -> Vec<Range<usize>> {
    (0..width)
        .step_by(COLUMNS)
        .map(|start| start..(start + COLUMNS).min(width))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_equal_the_textbook_across_blocks() {
        let (n, width) = (ROWS + 31, COLUMNS + 3);
        let values: Vec<f32> = (0..n * width)
            .map(|i| ((i * i + 37 * i) % 1009) as f32)
            .collect();
        let columns = Columns::new(&values, width);
        let all = columns.correlations(&columns);
        let column = |at: usize| -> Vec<f64> {
            let own = values.iter().skip(at).step_by(width);
            own.map(|value| f64::from(*value)).collect()
        };
        for (a, b) in [(0, 1), (3, COLUMNS + 2), (COLUMNS, COLUMNS + 1)] {
            let (x, y) = (column(a), column(b));
            let expected = crate::stats::hypothesis::pearson(&x, &y)
                .expect("a correlation")
                .r;
            assert!((f64::from(all[a * width + b]) - expected).abs() < 1e-6);
            assert_eq!(all[a * width + b], all[b * width + a]);
        }
        let pairs = columns.similar_pairs(&[5, 7, 9], -1.0);
        assert_eq!(pairs.len(), 3);
        assert!((pairs[1].2 - f64::from(all[5 * width + 9])).abs() < 1e-6);
    }

    #[test]
    fn what_does_not_vary_or_is_missing_correlates_with_nothing() {
        let values = [1.0, 5.0, f32::NAN, 2.0, 5.0, 1.0, 4.0, 5.0, 2.0];
        let columns = Columns::new(&values, 3);
        assert_eq!(columns.deviations()[1..], [0.0, 0.0]);
        assert_eq!(columns.correlations(&columns)[1..], [0.0; 8]);
    }
}
