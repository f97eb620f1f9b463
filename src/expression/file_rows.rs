//! The matrix of an HDF5 file, a range of rows at a time.

use super::hdf5::{DAMAGED, Data, Hdf5, guarded};
use super::missing::Fill;
use super::rows::{Rows, SparseRows, sparse_bytes};
use crate::error::{Error, Place, Result};
use std::path::PathBuf;

/// Stored values that are read at once, unless one row has more: few, so that they stay in cache
/// while they are looked at.
const PIECE: usize = 1 << 16;

/// A matrix with a smaller share of values other than 0 is smaller when it is stored sparse.
const SPARSE_BELOW: f64 = 0.5;

/// A matrix that lies in a file row by row.
pub(super) struct FileRows {
    path: PathBuf,
    name: String,
    pub rows: usize,
    /// Columns that are read.
    pub width: usize,
    /// Columns in the file, and which of them are read where they are not all.
    stored_width: usize,
    chosen: Option<Vec<usize>>,
    layout: Layout,
    /// What takes the place of missing values.
    pub fill: Fill,
}

enum Layout {
    Sparse {
        starts: Vec<usize>,
        columns: Data,
        values: Data,
    },
    Dense {
        values: Data,
        /// The share of values that are not 0, judged by the first.
        density: f64,
    },
}

impl FileRows {
    /// The group `name` of a CSR matrix; `starts` is its checked `indptr`.
    pub fn sparse(file: &Hdf5, name: &str, width: usize, starts: Vec<usize>) -> Result<Self> {
        let part = |part: &str| file.dataset(&format!("{name}/{part}"));
        Ok(Self {
            path: file.path.to_path_buf(),
            name: name.to_owned(),
            rows: starts.len() - 1,
            width,
            stored_width: width,
            chosen: None,
            layout: Layout::Sparse {
                starts,
                columns: part("indices")?,
                values: part("data")?,
            },
            fill: Fill::Nothing,
        })
    }

    /// A dense data set.
    pub fn dense(file: &Hdf5, name: &str, rows: usize, width: usize, head: &[f32]) -> Result<Self> {
        let stored = head.iter().filter(|value| **value != 0.0).count();
        Ok(Self {
            path: file.path.to_path_buf(),
            name: name.to_owned(),
            rows,
            width,
            stored_width: width,
            chosen: None,
            layout: Layout::Dense {
                values: file.dataset(name)?,
                density: stored as f64 / head.len().max(1) as f64,
            },
            fill: Fill::Nothing,
        })
    }

    /// Only these columns.
    pub fn with_columns(mut self, columns: Vec<usize>) -> Self {
        self.width = columns.len();
        self.chosen = Some(columns);
        self
    }

    /// Bytes of one row in memory, about.
    pub fn row_bytes(&self) -> u64 {
        match &self.layout {
            Layout::Sparse { starts, .. } => {
                let stored = starts.last().copied().unwrap_or_default();
                sparse_bytes(1, stored.div_ceil(self.rows.max(1)))
            }
            Layout::Dense { density, .. } => {
                let stored = (density * self.width as f64) as usize;
                sparse_bytes(1, stored).min(4 * self.width as u64)
            }
        }
    }

    /// Bytes of the whole matrix in memory, about.
    pub fn bytes(&self) -> u64 {
        self.row_bytes().saturating_mul(self.rows as u64)
    }

    /// All rows in ranges of about so many bytes.
    pub fn ranges(&self, bytes: u64) -> impl Iterator<Item = (usize, usize)> + use<> {
        let rows = self.rows;
        let step = (bytes / self.row_bytes().max(1)).max(1) as usize;
        let firsts = (0..rows).step_by(step);
        firsts.map(move |first| (first, (first + step).min(rows)))
    }

    /// All rows, read in ranges of about so many bytes.
    pub fn all(&self, bytes: u64) -> Result<Rows> {
        let mut all: Option<Rows> = None;
        for (first, last) in self.ranges(bytes) {
            let rows = self.range(first, last)?;
            match &mut all {
                Some(all) => all.append(rows),
                None => {
                    let mut first = rows;
                    first.reserve(self.rows, self.stored());
                    all = Some(first);
                }
            }
        }
        Ok(all.unwrap_or(Rows::Sparse(SparseRows::new(self.width))))
    }

    /// Values that are stored, for a sparse matrix exactly.
    fn stored(&self) -> usize {
        match &self.layout {
            Layout::Sparse { starts, .. } => starts.last().copied().unwrap_or_default(),
            Layout::Dense { density, .. } if *density >= SPARSE_BELOW => self.rows * self.width,
            Layout::Dense { .. } => 0,
        }
    }

    /// The rows from `first` to before `last`; missing values are filled.
    pub fn range(&self, first: usize, last: usize) -> Result<Rows> {
        let rows: Vec<usize> = (first..last).collect();
        self.read(&[&rows])
    }

    /// The rows of all runs. Each run ascends; what lies between its rows is read with them and
    /// passed over. Missing values are filled.
    pub fn read(&self, runs: &[&[usize]]) -> Result<Rows> {
        let mut rows = guarded(&self.path, || match &self.layout {
            Layout::Sparse {
                starts,
                columns,
                values,
            } => self.read_sparse(runs, starts, columns, values),
            Layout::Dense { values, density } => self.read_dense(runs, values, *density),
        })?;
        if let Some(columns) = &self.chosen {
            rows = rows.select_columns(columns);
        }
        self.fill.apply(&mut rows);
        Ok(rows)
    }

    fn read_sparse(
        &self,
        runs: &[&[usize]],
        starts: &[usize],
        columns: &Data,
        values: &Data,
    ) -> Result<Rows> {
        let lengths = runs.iter().copied().flatten();
        let stored = lengths.map(|row| starts[row + 1] - starts[*row]).sum();
        let mut sparse = SparseRows::new(self.stored_width);
        sparse.columns.reserve_exact(stored);
        sparse.values.reserve_exact(stored);
        for run in runs {
            let mut rest = *run;
            while let Some(first) = rest.first() {
                let start = starts[*first];
                let fit = rest.partition_point(|row| starts[row + 1] - start <= PIECE);
                let (own, others) = rest.split_at(fit.max(1));
                rest = others;
                let count = starts[own[own.len() - 1] + 1] - start;
                let columns = columns.u32_rows(start, count)?;
                let values = values.f32_rows(start, count)?;
                if columns.len() != count || values.len() != count {
                    return Err(self.damaged("it has fewer values than its indptr says".to_owned()));
                }
                for row in own {
                    let own = starts[*row] - start..starts[row + 1] - start;
                    sparse.columns.extend_from_slice(&columns[own.clone()]);
                    sparse.values.extend_from_slice(&values[own]);
                    sparse.end_row();
                    let last = sparse.columns.last().copied().unwrap_or_default() as usize;
                    if last >= self.stored_width && !sparse.columns.is_empty() {
                        let width = self.stored_width;
                        let message = format!("the index {last} is outside of {width}");
                        return Err(self.damaged(message));
                    }
                }
            }
        }
        Ok(Rows::Sparse(sparse))
    }

    fn read_dense(&self, runs: &[&[usize]], values: &Data, density: f64) -> Result<Rows> {
        let mut read: Option<Rows> = None;
        for run in runs.iter().filter(|run| !run.is_empty()) {
            let (first, last) = (run[0], run[run.len() - 1] + 1);
            let values = self.dense_range(values, first, last)?;
            let mut part = thin(values, self.stored_width, density);
            if run.len() < last - first {
                let own: Vec<usize> = run.iter().map(|row| row - first).collect();
                part = part.select(&own);
            }
            match &mut read {
                Some(read) => read.append(part),
                None => read = Some(part),
            }
        }
        Ok(read.unwrap_or(Rows::Sparse(SparseRows::new(self.stored_width))))
    }

    fn dense_range(&self, values: &Data, first: usize, last: usize) -> Result<Vec<f32>> {
        // A vector holds the only row, or the only value of every row.
        let (start, count) = match values.shape.len() {
            1 => (
                first * self.stored_width,
                (last - first) * self.stored_width,
            ),
            _ => (first, last - first),
        };
        let read = values.f32_rows(start, count)?;
        if read.len() != (last - first) * self.stored_width {
            return Err(self.damaged("it has fewer values than its shape says".to_owned()));
        }
        Ok(read)
    }

    fn damaged(&self, message: String) -> Error {
        let place = Place {
            line: None,
            field: Some(self.name.clone()),
        };
        Error::format(&self.path, place, message, DAMAGED)
    }
}

/// Dense values, stored sparse where that is smaller.
fn thin(values: Vec<f32>, width: usize, density: f64) -> Rows {
    if density >= SPARSE_BELOW || width == 0 {
        return Rows::Dense { values, width };
    }
    let mut sparse = SparseRows::new(width);
    for row in values.chunks_exact(width) {
        let stored = row.iter().enumerate().filter(|(_, value)| **value != 0.0);
        sparse.push(stored.map(|(column, value)| (column as u32, *value)));
    }
    Rows::Sparse(sparse)
}
