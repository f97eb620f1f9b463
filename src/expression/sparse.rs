//! Sparse matrices of HDF5 files: `data`, `indices` and `indptr`, by rows (CSR) or columns (CSC).

use super::hdf5::{DAMAGED, Hdf5};
use crate::error::Result;

/// The dense `[rows, columns]` of the sparse matrix in the group `name`; `by_rows` for CSR.
/// Entries of one place are summed.
pub(super) fn read(
    file: &Hdf5,
    name: &str,
    rows: usize,
    columns: usize,
    by_rows: bool,
) -> Result<Vec<f32>> {
    let part = |part: &str| file.dataset(&format!("{name}/{part}"));
    let data = part("data")?.f32s()?;
    let indices = part("indices")?.indices()?;
    let starts = part("indptr")?.indices()?;
    let (major, minor) = if by_rows {
        (rows, columns)
    } else {
        (columns, rows)
    };
    let bad = |message: String| file.error(name, message, DAMAGED);
    if data.len() != indices.len() {
        let message = format!(
            "there are {} values and {} indices",
            data.len(),
            indices.len()
        );
        return Err(bad(message));
    }
    if starts.len() != major.saturating_add(1)
        || starts.first() != Some(&0)
        || starts.last() != Some(&data.len())
        || !starts.is_sorted()
    {
        let message = format!(
            "its indptr does not divide {} values by {major}",
            data.len()
        );
        return Err(bad(message));
    }
    if let Some(index) = indices.iter().find(|index| **index >= minor) {
        return Err(bad(format!("the index {index} is outside of {minor}")));
    }
    let mut values = file.zeros(rows, columns, name)?;
    for (line, ends) in starts.windows(2).enumerate() {
        for at in ends[0]..ends[1] {
            let (row, column) = if by_rows {
                (line, indices[at])
            } else {
                (indices[at], line)
            };
            values[row * columns + column] += data[at];
        }
    }
    Ok(values)
}
