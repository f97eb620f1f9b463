//! Where batches come from: memory, or a file that is larger.

use super::autoencoder::{Batch, Dataset};
use crate::error::Result;

/// What [`BatchSource::each_batch`] shows: the rows of a batch and the samples.
pub type Visit<'a> = dyn FnMut(&[usize], &Batch) -> Result<()> + 'a;

/// Samples that are shown batch by batch.
pub trait BatchSource {
    /// The number of samples.
    fn samples(&self) -> usize;

    /// The width of the input.
    fn features(&self) -> usize;

    /// All samples, where they are in memory as a whole.
    fn whole(&self) -> Option<Dataset<'_>> {
        None
    }

    /// Says which groups will be asked for after those of the next [`each_batch`](Self::each_batch),
    /// so that the first of them can be read meanwhile.
    fn expect(&self, _groups: &[Vec<&[usize]>]) {}

    /// Shows the batches of all groups in their order. The rows of a group's batches are read
    /// together, so they should lie near each other where samples are read from disk.
    ///
    /// # Errors
    /// If there is no such row, it cannot be read, or `visit` fails.
    fn each_batch(&self, groups: &[Vec<&[usize]>], visit: &mut Visit) -> Result<()>;

    /// Shows rows in batches of at most `size`, in their order.
    ///
    /// # Errors
    /// As [`each_batch`](Self::each_batch).
    fn in_order(&self, rows: &[usize], size: usize, visit: &mut Visit) -> Result<()> {
        self.each_batch(&[rows.chunks(size.max(1)).collect()], visit)
    }
}

impl BatchSource for Dataset<'_> {
    fn samples(&self) -> usize {
        Dataset::samples(self)
    }

    fn features(&self) -> usize {
        self.features
    }

    fn whole(&self) -> Option<Dataset<'_>> {
        Some(*self)
    }

    fn each_batch(&self, groups: &[Vec<&[usize]>], visit: &mut Visit) -> Result<()> {
        for rows in groups.iter().flatten() {
            visit(rows, &self.batch(rows)?)?;
        }
        Ok(())
    }
}
