//! Rows of values in memory: dense, or sparse where most values are 0.

use rayon::prelude::*;

/// The values of one sample.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// Every value.
    Dense(&'a [f32]),
    /// The values that are stored, by ascending column; all others are 0.
    Sparse {
        /// Their columns, each once.
        columns: &'a [u32],
        /// The values.
        values: &'a [f32],
    },
}

impl<'a> Row<'a> {
    /// A row of which nothing is stored.
    pub(super) const NOTHING: Self = Self::Sparse {
        columns: &[],
        values: &[],
    };

    /// The values that are stored: all of a dense row.
    pub fn stored(self) -> &'a [f32] {
        match self {
            Self::Dense(values) | Self::Sparse { values, .. } => values,
        }
    }

    /// The stored values with their columns, ascending.
    pub fn entries(self) -> impl Iterator<Item = (usize, f32)> + 'a {
        let (columns, values) = match self {
            Self::Dense(values) => (None, values),
            Self::Sparse { columns, values } => (Some(columns), values),
        };
        let column = move |at: usize| columns.map_or(at, |columns| columns[at] as usize);
        let values = values.iter().enumerate();
        values.map(move |(at, value)| (column(at), *value))
    }

    /// Writes the row out in full.
    pub fn write_to(self, out: &mut [f32]) {
        match self {
            Self::Dense(values) => out.copy_from_slice(values),
            Self::Sparse { columns, values } => {
                out.fill(0.0);
                for (column, value) in columns.iter().zip(values) {
                    out[*column as usize] = *value;
                }
            }
        }
    }
}

/// Compressed sparse rows; in each the columns ascend.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SparseRows {
    pub width: usize,
    pub starts: Vec<usize>,
    pub columns: Vec<u32>,
    pub values: Vec<f32>,
}

impl SparseRows {
    /// No rows yet.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            starts: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Ends a row whose entries were appended to `columns` and `values`: sorts them and sums
    /// entries of one place, in the order in which they came.
    pub fn end_row(&mut self) {
        let start = self.starts.last().copied().unwrap_or_default();
        let own = &self.columns[start..];
        // All pairs are looked at, many at a time.
        let ascending = |all, pair: &[u32]| all & (pair[0] < pair[1]);
        if !own.windows(2).fold(true, ascending) {
            let mut entries: Vec<(u32, f32)> = own
                .iter()
                .copied()
                .zip(self.values[start..].iter().copied())
                .collect();
            entries.sort_by_key(|(column, _)| *column);
            self.columns.truncate(start);
            self.values.truncate(start);
            for (column, value) in entries {
                let last = self.values.len();
                if last > start && self.columns[last - 1] == column {
                    self.values[last - 1] += value;
                } else {
                    self.columns.push(column);
                    self.values.push(value);
                }
            }
        }
        self.starts.push(self.columns.len());
    }

    /// Appends a row.
    pub fn push(&mut self, entries: impl IntoIterator<Item = (u32, f32)>) {
        for (column, value) in entries {
            self.columns.push(column);
            self.values.push(value);
        }
        self.end_row();
    }

    /// Rows from entries in any order, one after the other: row, column and value of each.
    /// Entries of one place are summed.
    pub fn from_entries(
        rows: usize,
        width: usize,
        row_of: &[u32],
        columns: &[u32],
        values: &[f32],
    ) -> Self {
        let mut next = vec![0usize; rows + 1];
        for row in row_of {
            next[*row as usize + 1] += 1;
        }
        for row in 0..rows {
            next[row + 1] += next[row];
        }
        let bounds = next.clone();
        let mut placed = Self {
            width,
            starts: vec![0],
            columns: vec![0; columns.len()],
            values: vec![0.0; values.len()],
        };
        for ((row, column), value) in row_of.iter().zip(columns).zip(values) {
            let at = &mut next[*row as usize];
            placed.columns[*at] = *column;
            placed.values[*at] = *value;
            *at += 1;
        }
        placed.starts = bounds;
        placed.tidied()
    }

    /// The columns as rows: `[width, rows]`.
    pub fn turned(&self) -> Self {
        let rows = self.starts.len() - 1;
        let mut next = vec![0usize; self.width + 1];
        for column in &self.columns {
            next[*column as usize + 1] += 1;
        }
        for column in 0..self.width {
            next[column + 1] += next[column];
        }
        let mut turned = Self {
            width: rows,
            starts: next.clone(),
            columns: vec![0; self.columns.len()],
            values: vec![0.0; self.values.len()],
        };
        for (row, ends) in self.starts.windows(2).enumerate() {
            for at in ends[0]..ends[1] {
                let place = &mut next[self.columns[at] as usize];
                turned.columns[*place] = row as u32;
                turned.values[*place] = self.values[at];
                *place += 1;
            }
        }
        turned
    }

    /// The same rows with their zeros.
    pub fn dense(self) -> Rows {
        let (width, count) = (self.width, self.starts.len() - 1);
        let sparse = Rows::Sparse(self);
        let mut values = vec![0f32; count * width];
        for (row, out) in values.chunks_exact_mut(width.max(1)).enumerate() {
            sparse.row(row).write_to(out);
        }
        Rows::Dense { values, width }
    }

    /// The same rows with ascending columns, each once.
    pub fn tidied(self) -> Self {
        let tidy = self.starts.par_windows(2).all(|ends| {
            let own = &self.columns[ends[0]..ends[1]];
            own.windows(2).all(|pair| pair[0] < pair[1])
        });
        if tidy {
            return self;
        }
        let mut tidy = Self::new(self.width);
        for ends in self.starts.windows(2) {
            let columns = self.columns[ends[0]..ends[1]].iter().copied();
            tidy.push(columns.zip(self.values[ends[0]..ends[1]].iter().copied()));
        }
        tidy
    }
}

/// Rows in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rows {
    Dense { values: Vec<f32>, width: usize },
    Sparse(SparseRows),
}

impl Rows {
    pub fn row(&self, row: usize) -> Row<'_> {
        match self {
            Self::Dense { values, width } => Row::Dense(&values[row * width..(row + 1) * width]),
            Self::Sparse(sparse) => {
                let own = sparse.starts[row]..sparse.starts[row + 1];
                Row::Sparse {
                    columns: &sparse.columns[own.clone()],
                    values: &sparse.values[own],
                }
            }
        }
    }

    /// The values that are stored, row by row.
    pub fn stored(&self) -> &[f32] {
        match self {
            Self::Dense { values, .. } => values,
            Self::Sparse(sparse) => &sparse.values,
        }
    }

    pub fn stored_mut(&mut self) -> &mut [f32] {
        match self {
            Self::Dense { values, .. } => values,
            Self::Sparse(sparse) => &mut sparse.values,
        }
    }

    /// Row and column of the stored value at `at`.
    pub fn place(&self, at: usize) -> (usize, usize) {
        match self {
            Self::Dense { width, .. } => (at / width, at % width),
            Self::Sparse(sparse) => {
                let row = sparse.starts.partition_point(|start| *start <= at) - 1;
                (row, sparse.columns[at] as usize)
            }
        }
    }

    /// Whether some value is 0 because none is stored.
    pub fn has_gaps(&self, rows: usize) -> bool {
        match self {
            Self::Dense { .. } => false,
            Self::Sparse(sparse) => sparse.values.len() < rows * sparse.width,
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Dense { values, .. } => 4 * values.len() as u64,
            Self::Sparse(sparse) => sparse_bytes(sparse.starts.len(), sparse.values.len()),
        }
    }

    /// Makes room for so many rows and stored values in all.
    pub fn reserve(&mut self, rows: usize, stored: usize) {
        match self {
            Self::Dense { values, .. } => {
                values.reserve_exact(stored.saturating_sub(values.len()));
            }
            Self::Sparse(sparse) => {
                let more = stored.saturating_sub(sparse.values.len());
                sparse.values.reserve_exact(more);
                sparse.columns.reserve_exact(more);
                let more = (rows + 1).saturating_sub(sparse.starts.len());
                sparse.starts.reserve_exact(more);
            }
        }
    }

    /// Adds rows of the same kind at the end.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Dense { values, .. }, Self::Dense { values: more, .. }) => values.extend(more),
            (Self::Sparse(all), Self::Sparse(more)) => {
                let offset = all.columns.len();
                all.columns.extend(more.columns);
                all.values.extend(more.values);
                all.starts
                    .extend(more.starts[1..].iter().map(|start| start + offset));
            }
            _ => unreachable!("the rows of one file are all dense or all sparse"),
        }
    }

    /// The rows with these columns, in this order.
    pub fn select_columns(&self, columns: &[usize]) -> Self {
        match self {
            Self::Dense { values, width } => Self::Dense {
                values: values
                    .chunks_exact((*width).max(1))
                    .flat_map(|row| columns.iter().map(|&at| row[at]))
                    .collect(),
                width: columns.len(),
            },
            Self::Sparse(sparse) => {
                let mut places: Vec<Vec<u32>> = vec![Vec::new(); sparse.width];
                for (to, &from) in columns.iter().enumerate() {
                    places[from].push(to as u32);
                }
                let mut selected = SparseRows::new(columns.len());
                for row in 0..sparse.starts.len() - 1 {
                    selected.push(self.row(row).entries().flat_map(|(column, value)| {
                        let places = &places[column];
                        places.iter().map(move |&to| (to, value))
                    }));
                }
                Self::Sparse(selected)
            }
        }
    }

    /// The rows at these positions.
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Dense { width, .. } => Self::Dense {
                values: rows
                    .iter()
                    .flat_map(|&row| self.row(row).stored())
                    .copied()
                    .collect(),
                width: *width,
            },
            Self::Sparse(sparse) => {
                let mut selected = SparseRows::new(sparse.width);
                for &row in rows {
                    let own = sparse.starts[row]..sparse.starts[row + 1];
                    selected
                        .columns
                        .extend_from_slice(&sparse.columns[own.clone()]);
                    selected.values.extend_from_slice(&sparse.values[own]);
                    selected.starts.push(selected.columns.len());
                }
                Self::Sparse(selected)
            }
        }
    }
}

/// Bytes of so many rows with so many stored values.
pub(super) fn sparse_bytes(rows: usize, stored: usize) -> u64 {
    8 * (rows as u64 + stored as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_in_any_order_become_tidy_rows() {
        let sparse = SparseRows::from_entries(
            3,
            4,
            &[2, 0, 2, 0, 2],
            &[3, 1, 0, 0, 3],
            &[1.0, 2.0, 3.0, 4.0, 5.0],
        );
        assert_eq!(sparse.starts, [0, 2, 2, 4]);
        assert_eq!(sparse.columns, [0, 1, 0, 3]);
        assert_eq!(sparse.values, [4.0, 2.0, 3.0, 6.0]);
        let turned = sparse.turned();
        assert_eq!((turned.width, turned.starts.len()), (3, 5));
        assert_eq!(turned.starts, [0, 2, 3, 3, 4]);
        assert_eq!(turned.columns, [0, 2, 0, 2]);
        assert_eq!(turned.values, [4.0, 3.0, 2.0, 6.0]);
        assert_eq!(turned.turned(), sparse);
        let rows = Rows::Sparse(sparse);
        assert_eq!(rows.place(3), (2, 3));
        let mut dense = [9.0; 4];
        rows.row(2).write_to(&mut dense);
        assert_eq!(dense, [3.0, 0.0, 0.0, 6.0]);
        let turned = rows.select(&[2, 1]);
        assert_eq!(turned.row(0).stored(), [3.0, 6.0]);
        assert!(turned.row(1).stored().is_empty());
    }
}
