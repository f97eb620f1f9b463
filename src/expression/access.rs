//! The ways to a matrix's values: all, one sample's, or block by block.

use super::Normalization;
use super::matrix::{ExpressionMatrix, Storage};
use super::prepared::normalised_block;
use super::rows::{Row, Rows};
use super::streamed::Streamed;
use crate::error::Result;
use std::borrow::Cow;

/// The values of a sample by its number.
pub(crate) type RowOf<'a> = dyn Fn(usize) -> Row<'a> + Sync + 'a;

impl ExpressionMatrix {
    /// Whether the values lie sparse in memory.
    pub fn is_sparse(&self) -> bool {
        matches!(self.storage, Storage::Memory(Rows::Sparse(_)))
    }

    /// Whether the values stay on disk and are read when they are needed.
    pub fn is_streamed(&self) -> bool {
        matches!(self.storage, Storage::Streamed(_))
    }

    /// Bytes that the values take in memory; of a streamed matrix those that are held at one
    /// time.
    pub fn resident_bytes(&self) -> u64 {
        match &self.storage {
            Storage::Memory(rows) => rows.bytes(),
            Storage::Streamed(streamed) => streamed.buffer_bytes(super::BLOCK),
        }
    }

    /// All values, row by row, zeros included: `[samples, genes]`. Of a matrix of cells this may
    /// be far more than memory holds; what can be done a few samples at a time should be.
    ///
    /// # Errors
    /// If a streamed matrix cannot be read.
    pub fn to_dense(&self) -> Result<Cow<'_, [f32]>> {
        if let Storage::Memory(Rows::Dense { values, .. }) = &self.storage {
            return Ok(Cow::Borrowed(values));
        }
        let mut dense = vec![0f32; self.n_samples() * self.n_genes()];
        let width = self.n_genes();
        self.each_block(&mut |first, count, row| {
            let block = dense[first * width..].chunks_exact_mut(width.max(1));
            for (at, out) in block.take(count).enumerate() {
                row(first + at).write_to(out);
            }
            Ok(())
        })?;
        Ok(Cow::Owned(dense))
    }

    /// The values of one sample, zeros included.
    ///
    /// # Errors
    /// If a streamed matrix cannot be read.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, sample: usize) -> Result<Vec<f32>> {
        let mut values = vec![0f32; self.n_genes()];
        self.with_row(sample, |row| row.write_to(&mut values))?;
        Ok(values)
    }

    pub(super) fn with_row<T>(&self, sample: usize, visit: impl FnOnce(Row) -> T) -> Result<T> {
        match &self.storage {
            Storage::Memory(rows) => Ok(visit(rows.row(sample))),
            Storage::Streamed(streamed) => {
                let load = streamed.load(&[sample])?;
                load.show(|row| Ok(visit(row(sample))))
            }
        }
    }

    /// The values, unless they are streamed.
    pub(crate) fn rows_in_memory(&self) -> Option<&Rows> {
        match &self.storage {
            Storage::Memory(rows) => Some(rows),
            Storage::Streamed(_) => None,
        }
    }

    pub(crate) fn row_in_memory(&self, sample: usize) -> Option<Row<'_>> {
        Some(self.rows_in_memory()?.row(sample))
    }

    /// The file of a streamed matrix.
    pub(crate) fn streamed(&self) -> Option<&Streamed> {
        match &self.storage {
            Storage::Memory(_) => None,
            Storage::Streamed(streamed) => Some(streamed),
        }
    }

    /// Shows the samples normalised, in blocks of [`BLOCK`](super::BLOCK): the first one of the
    /// block, and the values `[samples, genes]`, zeros included.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) as [`Normalization::normalize`]; those of `visit`.
    pub(crate) fn each_normalised_block(
        &self,
        normalization: Normalization,
        visit: &mut dyn FnMut(usize, &[f32]) -> Result<()>,
    ) -> Result<()> {
        let mut values = Vec::new();
        self.each_block(&mut |first, count, row| {
            normalised_block(normalization, self, (first, count), row, &mut values)?;
            visit(first, &values)
        })
    }

    /// Shows the samples in blocks of [`BLOCK`](super::BLOCK): the first one of the block, how
    /// many there are, and the values of each by its number.
    pub(crate) fn each_block(
        &self,
        visit: &mut dyn FnMut(usize, usize, &RowOf) -> Result<()>,
    ) -> Result<()> {
        let blocks = |from: usize, to: usize| {
            let starts = (from..to).step_by(super::BLOCK);
            starts.map(move |first| (first, super::BLOCK.min(to - first)))
        };
        match &self.storage {
            Storage::Memory(rows) => {
                for (first, count) in blocks(0, self.n_samples()) {
                    visit(first, count, &|sample| rows.row(sample))?;
                }
                Ok(())
            }
            Storage::Streamed(streamed) => {
                let all: Vec<usize> = (0..self.n_samples()).collect();
                let plan: Vec<Vec<usize>> = all
                    .chunks(streamed.load_rows(super::BLOCK))
                    .map(<[usize]>::to_vec)
                    .collect();
                let ends: Vec<(usize, usize)> = plan
                    .iter()
                    .map(|rows| (rows[0], rows[rows.len() - 1] + 1))
                    .collect();
                streamed.each_load(None, plan, None, &mut |at, load| {
                    for (first, count) in blocks(ends[at].0, ends[at].1) {
                        load.show(|row| visit(first, count, row))?;
                    }
                    Ok(())
                })?;
                Ok(())
            }
        }
    }
}
