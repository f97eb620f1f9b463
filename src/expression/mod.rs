//! Expression: the matrix, its readers, normalisation and gene filters.

mod access;
mod annotation_frame;
mod annotations;
mod blocks;
mod cells;
mod covariates;
mod delimited;
mod duplicates;
mod file_rows;
mod filter;
mod h5ad;
mod h5ad_matrix;
mod hdf5;
mod matrix;
mod missing;
mod mtx;
mod normalize;
mod options;
mod orientation;
mod prepared;
mod preprocess;
mod rows;
mod sparse;
mod streamed;
mod summary;
mod target_scale;

/// Samples that are normalised, counted and scored at once. Sums over samples are taken block by
/// block, so that they are the same bits wherever the samples come from.
pub(crate) const BLOCK: usize = 512;

pub(crate) use access::RowOf;
pub use annotations::SampleTable;
pub use blocks::{Block, join};
pub use covariates::Covariates;
pub use filter::GeneFilter;
pub use matrix::ExpressionMatrix;
pub use normalize::{Detected, Normalization};
pub use options::{
    DuplicateGenes, GeneColumn, Layer, MissingValues, Orientation, ReadOptions, Streaming,
};
pub(crate) use prepared::{Libraries, Prepared, SampleScale};
pub use preprocess::{PreprocessOptions, Preprocessed, Preprocessor, Scaling};
pub(crate) use streamed::{Load, Streamed};
