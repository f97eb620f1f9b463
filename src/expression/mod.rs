//! Expression: the matrix, its readers, normalisation and gene filters.

mod annotations;
mod cells;
mod delimited;
mod duplicates;
mod filter;
mod matrix;
mod mtx;
mod normalize;
mod options;
mod orientation;
mod preprocess;

pub use annotations::SampleTable;
pub use filter::GeneFilter;
pub use matrix::ExpressionMatrix;
pub use normalize::{Detected, Normalization};
pub use options::{DuplicateGenes, GeneColumn, MissingValues, Orientation, ReadOptions};
pub use preprocess::{PreprocessOptions, Preprocessed, Preprocessor, Scaling};
