//! Expression: the matrix, its readers, normalisation and gene filters.

mod access;
mod annotation_frame;
mod annotations;
mod blocks;
mod cells;
mod class_labels;
mod covariates;
mod delimited;
mod duplicates;
mod features;
mod file_rows;
mod filter;
mod finish;
mod gct;
mod gene_names;
mod h5ad;
mod h5ad_matrix;
mod hdf5;
mod hdf5_kind;
mod label_table;
mod located;
mod loom;
mod matrix;
mod missing;
mod mtx;
mod normalize;
mod options;
mod orientation;
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_pages;
mod prepared;
mod preprocess;
mod rows;
mod side_columns;
mod sparse;
mod streamed;
mod summary;
mod target_scale;
mod ten_x_h5;
mod turned;

/// Samples that are normalised, counted and scored at once. Sums over samples are taken block by
/// block, so that they are the same bits wherever the samples come from.
pub(crate) const BLOCK: usize = 512;

pub(crate) use access::RowOf;
pub use annotations::SampleTable;
pub use blocks::{Block, join};
pub use covariates::Covariates;
pub use filter::GeneFilter;
pub(crate) use located::located;
pub use matrix::ExpressionMatrix;
pub use normalize::{Detected, Normalization};
pub use options::{
    DuplicateGenes, FeatureType, GeneColumn, Layer, MissingValues, Orientation, ReadOptions,
    Streaming,
};
pub(crate) use prepared::{Libraries, Prepared, SampleScale};
pub use preprocess::{PreprocessOptions, Preprocessed, Preprocessor, Scaling};
pub(crate) use streamed::{Ahead, Load, Streamed};
