//! Sparse matrices of HDF5 files: `data`, `indices` and `indptr`, by rows (CSR) or columns (CSC).

use super::hdf5::{DAMAGED, Hdf5};
use crate::error::Result;

/// The dense `[rows, columns]` of the sparse matrix in the group `name`; `by_rows` for CSR.
/// Entries of one place are summed. With `kept`, only the columns that have a place there are
/// read, each to that place.
pub(super) fn read(
    file: &Hdf5,
    name: &str,
    [rows, columns]: [usize; 2],
    by_rows: bool,
    kept: Option<&[Option<usize>]>,
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
    let width = match kept {
        Some(kept) => kept.iter().flatten().count(),
        None => columns,
    };
    let mut values = file.zeros(rows, width, name)?;
    for (line, ends) in starts.windows(2).enumerate() {
        for at in ends[0]..ends[1] {
            let (row, column) = if by_rows {
                (line, indices[at])
            } else {
                (indices[at], line)
            };
            let column = match kept {
                Some(kept) => kept[column],
                None => Some(column),
            };
            if let Some(column) = column {
                values[row * width + column] += data[at];
            }
        }
    }
    Ok(values)
}
