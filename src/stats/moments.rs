//! Means and variances of columns over rows that come in blocks.

use rayon::prelude::*;

/// Columns that one task takes.
const COLUMNS: usize = 512;

/// Mean and sum of squared deviations of every column, over blocks of rows: within a block in
/// two passes, between blocks by the update of Chan, Golub & LeVeque 1983 (eq. 2.1). NaN is
/// left out.
///
/// The same blocks give the same bits, whatever the threads; one block gives what two passes
/// over all rows give.
///
/// ```
/// use gsae::stats::ColumnMoments;
///
/// let mut moments = ColumnMoments::new(2);
/// moments.add(&[1.0f64, 5.0, 3.0, f64::NAN]);
/// moments.add(&[5.0f64, 7.0]);
/// assert_eq!(moments.mean(0), 3.0);
/// assert_eq!(moments.variance(0), 8.0 / 3.0);
/// assert_eq!((moments.mean(1), moments.variance(1)), (6.0, 1.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnMoments {
    columns: Vec<Moments>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl ColumnMoments {
    /// No rows yet of so many columns.
    pub fn new(columns: usize) -> Self {
        Self {
            columns: vec![Moments::default(); columns],
        }
    }

    /// Adds a block of rows: `[rows, columns]`, row by row.
    pub fn add<T: Copy + Into<f64> + Sync>(&mut self, rows: &[T]) {
        let width = self.columns.len();
        self.columns
            .par_chunks_mut(COLUMNS)
            .enumerate()
            .for_each(|(task, columns)| {
                let first = task * COLUMNS;
                let own = || {
                    let rows = rows.chunks_exact(width);
                    rows.map(|row| &row[first..first + columns.len()])
                };
                let mut block = vec![Moments::default(); columns.len()];
                for row in own() {
                    for (moments, value) in block.iter_mut().zip(row) {
                        let value: f64 = (*value).into();
                        let there = !value.is_nan();
                        moments.count += f64::from(u8::from(there));
                        moments.mean += if there { value } else { 0.0 };
                    }
                }
                for moments in &mut block {
                    moments.mean /= moments.count.max(1.0);
                }
                for row in own() {
                    for (moments, value) in block.iter_mut().zip(row) {
                        let value: f64 = (*value).into();
                        let deviation = value - moments.mean;
                        let square = deviation * deviation;
                        moments.squares += if value.is_nan() { 0.0 } else { square };
                    }
                }
                for (all, block) in columns.iter_mut().zip(block) {
                    all.merge(block);
                }
            });
    }

    /// How many values a column has that are not NaN.
    pub fn count(&self, column: usize) -> usize {
        self.columns[column].count as usize
    }

    /// The mean; 0 of none.
    pub fn mean(&self, column: usize) -> f64 {
        self.columns[column].mean
    }

    /// The variance, divided by the number of values; 0 of none.
    pub fn variance(&self, column: usize) -> f64 {
        let Moments { count, squares, .. } = self.columns[column];
        squares / count.max(1.0)
    }
}

impl Moments {
    fn merge(&mut self, other: Self) {
        if self.count == 0.0 {
            *self = other;
        } else if other.count > 0.0 {
            let count = self.count + other.count;
            let shift = other.mean - self.mean;
            self.mean += shift * (other.count / count);
            self.squares += other.squares + shift * shift * (self.count * other.count / count);
            self.count = count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_agree_with_two_passes_over_everything() {
        let (rows, width) = (301, 1100);
        let values: Vec<f32> = (0..rows * width)
            .map(|at| 1000.0 + ((at * 7919) % 1013) as f32 / 7.0)
            .collect();
        let mut whole = ColumnMoments::new(width);
        whole.add(&values);
        let mut parts = ColumnMoments::new(width);
        values.chunks(64 * width).for_each(|block| parts.add(block));
        for column in [0, 511, 512, 1099] {
            let own = || values.iter().skip(column).step_by(width);
            let mean = own().map(|v| f64::from(*v)).sum::<f64>() / rows as f64;
            let squares: f64 = own().map(|v| (f64::from(*v) - mean).powi(2)).sum();
            assert_eq!(whole.mean(column), mean);
            assert_eq!(whole.variance(column), squares / rows as f64);
            assert!((parts.mean(column) - mean).abs() < 1e-10);
            assert!((parts.variance(column) / whole.variance(column) - 1.0).abs() < 1e-12);
            assert_eq!(parts.count(column), rows);
        }
    }
}
