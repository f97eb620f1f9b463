//! Expression: the matrix, its readers, normalisation and gene filters.

mod annotation_frame;
mod annotations;
mod blocks;
mod cells;
mod class_labels;
mod covariates;
mod delimited;
mod duplicates;
mod features;
mod filter;
mod finish;
mod gct;
mod gene_names;
mod h5ad;
mod hdf5;
mod hdf5_kind;
mod label_table;
mod loom;
mod matrix;
mod mtx;
mod normalize;
mod options;
mod orientation;
mod parquet;
mod preprocess;
mod sparse;
mod target_scale;
mod ten_x_h5;
mod turned;

pub use annotations::SampleTable;
pub use blocks::{Block, join};
pub use covariates::Covariates;
pub use filter::GeneFilter;
pub use matrix::ExpressionMatrix;
pub use normalize::{Detected, Normalization};
pub use options::{
    DuplicateGenes, FeatureType, GeneColumn, Layer, MissingValues, Orientation, ReadOptions,
};
pub use preprocess::{PreprocessOptions, Preprocessed, Preprocessor, Scaling};
