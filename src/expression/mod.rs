//! Expression: the matrix, its readers, normalisation and gene filters.

mod annotation_frame;
mod annotations;
mod blocks;
mod cells;
mod covariates;
mod delimited;
mod duplicates;
mod filter;
mod h5ad;
mod hdf5;
mod matrix;
mod mtx;
mod normalize;
mod options;
mod orientation;
mod preprocess;
mod sparse;
mod target_scale;

pub use annotations::SampleTable;
pub use blocks::{Block, join};
pub use covariates::Covariates;
pub use filter::GeneFilter;
pub use matrix::ExpressionMatrix;
pub use normalize::{Detected, Normalization};
pub use options::{DuplicateGenes, GeneColumn, Layer, MissingValues, Orientation, ReadOptions};
pub use preprocess::{PreprocessOptions, Preprocessed, Preprocessor, Scaling};
