//! How expression files are read.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Which way a table lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Orientation {
    /// Recognised by where the gene names are.
    #[default]
    Auto,
    /// A gene a row, a sample a column.
    GenesAsRows,
    /// A gene a column, a sample a row.
    GenesAsColumns,
}

/// What happens to values of one gene that stands in the file several times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateGenes {
    /// Summed if the matrix holds counts (integers from 0), averaged otherwise.
    #[default]
    Auto,
    /// Summed.
    Sum,
    /// Averaged.
    Mean,
    /// The largest, sample by sample.
    Max,
    /// The first.
    First,
    /// The file is refused.
    Error,
}

/// What happens to missing values (`NA`, empty, ...).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingValues {
    /// The file is refused; the message names the first.
    #[default]
    Error,
    /// They become 0.
    Zero,
    /// They become the mean of the gene's other values.
    Mean,
}

/// What names the genes where a file has several names for them (10x, h5ad, GCT, loom, GCTX).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum GeneColumn {
    /// Symbols: the second column of 10x; elsewhere the column that has them if the row names
    /// are not mostly symbols, else the row names.
    #[default]
    Symbol,
    /// The first column of 10x; elsewhere the row names.
    Id,
    /// A column of `var` or of the row metadata, by name.
    Named(String),
}

/// Which features of 10x data are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FeatureType {
    /// Genes: those of type `Gene Expression`, and all of a file without types.
    #[default]
    GeneExpression,
    /// All: genes, antibodies, guides, ...
    All,
    /// Those of this type, such as `Antibody Capture`.
    Named(String),
}

/// Which matrix of an h5ad file is read; of a loom file a layer, of a 10x v2 file a genome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Layer {
    /// The first of `X`, `layers/counts` and `raw/X` that holds counts (whole numbers from 0);
    /// if none does, the first of `X` and `raw/X` that holds nothing below 0, else `X`. Judged by
    /// the first values stored.
    #[default]
    Auto,
    /// `X`.
    X,
    /// `raw/X`.
    Raw,
    /// `layers/NAME`.
    Named(String),
}

/// Whether a matrix stays on disk and is read a block of samples at a time: that of an h5ad (by
/// rows), 10x h5 or GCTX file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Streaming {
    /// If it would take more than half of the memory that is available.
    #[default]
    Auto,
    /// Always; refused for a matrix that is not stored by samples: h5ad by columns (CSC), loom,
    /// text.
    Always,
    /// Never.
    Never,
}

/// How expression files are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which way a table lies.
    pub orientation: Orientation,
    /// Genes that stand there several times.
    pub duplicate_genes: DuplicateGenes,
    /// Missing values.
    pub missing: MissingValues,
    /// The names of the genes of all files that have several.
    pub gene_column: GeneColumn,
    /// The matrix of an h5ad file.
    pub layer: Layer,
    /// Whether a matrix stays on disk.
    pub streaming: Streaming,
    /// The features of 10x data.
    pub features: FeatureType,
}

impl FromStr for Streaming {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(Error::config(
                "--stream",
                format!("is auto, always or never, not {text:?}"),
            )),
        }
    }
}

impl FromStr for Orientation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "rows" => Ok(Self::GenesAsRows),
            "columns" => Ok(Self::GenesAsColumns),
            _ => Err(Error::config(
                "--genes-as",
                format!("is auto, rows or columns, not {text:?}"),
            )),
        }
    }
}

impl FromStr for DuplicateGenes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "auto" => Self::Auto,
            "sum" => Self::Sum,
            "mean" => Self::Mean,
            "max" => Self::Max,
            "first" => Self::First,
            "error" => Self::Error,
            _ => {
                return Err(Error::config(
                    "--duplicate-genes",
                    format!("is one of auto, sum, mean, max, first, error, not {text:?}"),
                ));
            }
        })
    }
}

impl FromStr for MissingValues {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "error" => Ok(Self::Error),
            "zero" => Ok(Self::Zero),
            "mean" => Ok(Self::Mean),
            _ => Err(Error::config(
                "--missing",
                format!("is error, zero or mean, not {text:?}"),
            )),
        }
    }
}

impl FromStr for GeneColumn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "symbol" => Ok(Self::Symbol),
            "id" => Ok(Self::Id),
            "" => Err(Error::config(
                "--gene-column",
                "is symbol, id or the name of a column of var, not empty",
            )),
            name => Ok(Self::Named(name.to_owned())),
        }
    }
}

impl FromStr for FeatureType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "genes" => Ok(Self::GeneExpression),
            "all" => Ok(Self::All),
            "" => Err(Error::config(
                "--features",
                "is genes, all or a type such as \"Antibody Capture\", not empty",
            )),
            name => Ok(Self::Named(name.to_owned())),
        }
    }
}

impl FromStr for Layer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "X" => Ok(Self::X),
            "raw" => Ok(Self::Raw),
            "" => Err(Error::config(
                "--layer",
                "is auto, X, raw or the name of a layer, not empty",
            )),
            name => Ok(Self::Named(name.to_owned())),
        }
    }
}
