//! Expression: the matrix, its readers, normalisation and gene filters.

mod matrix;

pub use matrix::ExpressionMatrix;
