//! A matrix in a slice.

/// A view of a row-major matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T> Matrix<'a, T> {
    /// The rows of `columns` numbers in a slice.
    ///
    /// # Panics
    /// If the slice is not whole rows.
    pub(crate) fn new(data: &'a [T], columns: usize) -> Self {
        let rows = data.len().checked_div(columns).unwrap_or(0);
        assert_eq!(data.len(), rows * columns, "a matrix is whole rows");
        Self {
            data,
            rows,
            columns,
            transposed: false,
        }
    }

    /// The same numbers as `[columns, rows]`.
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            transposed: !self.transposed,
            ..self
        }
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// All numbers, in the order of memory.
    pub(crate) fn data(&self) -> &'a [T] {
        self.data
    }

    /// `(column stride, row stride)`.
    pub(crate) fn strides(&self) -> (isize, isize) {
        if self.transposed {
            (self.rows as isize, 1)
        } else {
            (1, self.columns as isize)
        }
    }
}
