//! Sparse matrices of HDF5 files: `data`, `indices` and `indptr`, by rows (CSR) or columns (CSC).

use super::hdf5::{DAMAGED, Hdf5};
use super::rows::SparseRows;
use crate::error::Result;

/// Stored values that are read at once.
const PIECE: usize = 1 << 20;

/// Where the rows (CSR) or columns (CSC) of the matrix in the group `name` begin, `major` of
/// them and the end of the last.
pub(super) fn starts(file: &Hdf5, name: &str, major: usize) -> Result<Vec<usize>> {
    let length = |part: &str| -> Result<usize> {
        let shape = file.dataset(&format!("{name}/{part}"))?.shape;
        Ok(shape.iter().product())
    };
    let (values, indices) = (length("data")?, length("indices")?);
    let bad = |message: String| file.error(name, message, DAMAGED);
    if values != indices {
        return Err(bad(format!(
            "there are {values} values and {indices} indices"
        )));
    }
    let starts = file.dataset(&format!("{name}/indptr"))?.indices()?;
    if starts.len() != major.saturating_add(1)
        || starts.first() != Some(&0)
        || starts.last() != Some(&values)
        || !starts.is_sorted()
    {
        let message = format!("its indptr does not divide {values} values by {major}");
        return Err(bad(message));
    }
    Ok(starts)
}

/// The rows of a matrix that is stored by columns (CSC), in two passes over its entries;
/// `starts` is its checked `indptr`.
/// Entries of one place are summed.
pub(super) fn by_columns(
    file: &Hdf5,
    name: &str,
    rows: usize,
    starts: &[usize],
) -> Result<SparseRows> {
    let columns = starts.len() - 1;
    let part = |part: &str| file.dataset(&format!("{name}/{part}"));
    let (indices, data) = (part("indices")?, part("data")?);
    let total = starts[columns];
    let mut next = vec![0usize; rows + 1];
    for at in (0..total).step_by(PIECE) {
        for row in indices.u32_rows(at, PIECE.min(total - at))? {
            let Some(count) = next.get_mut(row as usize + 1) else {
                let message = format!("the index {row} is outside of {rows}");
                return Err(file.error(name, message, DAMAGED));
            };
            *count += 1;
        }
    }
    for row in 0..rows {
        next[row + 1] += next[row];
    }
    let mut placed = SparseRows {
        width: columns,
        starts: next.clone(),
        columns: vec![0; next[rows]],
        values: vec![0.0; next[rows]],
    };
    let mut column = 0;
    for at in (0..total).step_by(PIECE) {
        let count = PIECE.min(total - at);
        let rows_of = indices.u32_rows(at, count)?;
        for (offset, (row, value)) in rows_of
            .into_iter()
            .zip(data.f32_rows(at, count)?)
            .enumerate()
        {
            while starts[column + 1] <= at + offset {
                column += 1;
            }
            let place = &mut next[row as usize];
            placed.columns[*place] = column as u32;
            placed.values[*place] = value;
            *place += 1;
        }
    }
    Ok(placed.tidied())
}
