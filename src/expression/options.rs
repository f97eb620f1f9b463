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

/// Which column of a 10x `features.tsv` names the genes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GeneColumn {
    /// The second: symbols.
    #[default]
    Symbol,
    /// The first: Ensembl ids.
    Id,
}

/// How expression files are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which way a table lies.
    pub orientation: Orientation,
    /// Genes that stand there several times.
    pub duplicate_genes: DuplicateGenes,
    /// Missing values.
    pub missing: MissingValues,
    /// The names of 10x features.
    pub gene_column: GeneColumn,
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
            _ => Err(Error::config(
                "--gene-column",
                format!("is symbol or id, not {text:?}"),
            )),
        }
    }
}
