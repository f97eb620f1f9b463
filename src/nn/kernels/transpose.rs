//! Between row-major `[rows, columns]` and its transpose, in blocks that stay in cache.

use candle_core::WithDType;
use rayon::prelude::*;

use super::zeros;

/// How many columns of the source one task turns into rows at a time.
const BLOCK: usize = 32;

/// Writes the transpose of `from`, row-major `[rows, columns]`, as row-major
/// `[columns, rows]`.
pub(crate) fn transpose<T: WithDType>(from: &[T], rows: usize, columns: usize) -> Vec<T> {
    gather_transposed(rows, columns, |row| &from[row * columns..][..columns])
}

/// The matrix `[columns, rows]` whose column `r` is `row(r)`.
pub(crate) fn gather_transposed<'a, T: WithDType>(
    rows: usize,
    columns: usize,
    row: impl Fn(usize) -> &'a [T] + Sync,
) -> Vec<T> {
    let mut out = zeros(rows * columns);
    if rows == 0 {
        return out;
    }
    out.par_chunks_mut(BLOCK * rows)
        .enumerate()
        .for_each(|(block, out)| {
            let first = block * BLOCK;
            let width = out.len() / rows;
            for at in 0..rows {
                let from = &row(at)[first..][..width];
                for (k, &value) in from.iter().enumerate() {
                    out[k * rows + at] = value;
                }
            }
        });
    out
}
