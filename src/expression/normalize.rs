//! Normalisation: raw counts, linear intensities and log values are told apart and brought to a
//! log scale.

use super::ExpressionMatrix;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How values are brought to a scale on which differences mean the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// `ln(1 + 10,000 count / sum of the sample's counts)`, for raw counts.
    Log1pCp10k,
    /// `log2(1 + x)`, for linear values that are normalised already (TPM, intensities).
    Log2p1,
    /// As they are, for values on a log scale.
    None,
}

/// A normalisation and why it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The choice.
    pub normalization: Normalization,
    /// The reason, for the log.
    pub reason: String,
}

/// Log2 expression rarely exceeds 20, and ln(1 + counts per 10,000) cannot exceed 9.3; larger
/// values are on a linear scale.
const LARGEST_LOG: f32 = 50.0;

impl Normalization {
    /// Raw counts (integers from 0) are counted per 10,000; other values from 0
    /// with a maximum above 50 are linear; everything else is on a log scale already.
    pub fn detect(matrix: &ExpressionMatrix) -> Detected {
        let values = matrix.values();
        let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let smallest = values.iter().copied().fold(f32::INFINITY, f32::min);
        let (normalization, reason) = if smallest < 0.0 {
            (
                Self::None,
                format!("there are values below 0 (down to {smallest})"),
            )
        } else if values.iter().all(|value| value.fract() == 0.0) {
            (
                Self::Log1pCp10k,
                "all values are whole numbers from 0: raw counts".to_owned(),
            )
        } else if largest > LARGEST_LOG {
            (
                Self::Log2p1,
                format!("values go up to {largest}, too far for a log scale"),
            )
        } else {
            (
                Self::None,
                format!("values go up to {largest}: a log scale"),
            )
        };
        Detected {
            normalization,
            reason,
        }
    }

    /// A matrix with its values on a log scale.
    ///
    /// ```
    /// use gsae::{ExpressionMatrix, Normalization};
    ///
    /// let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    /// let counts = ExpressionMatrix::new(names(&["cell"]), names(&["A", "B"]), vec![1.0, 3.0])?;
    /// let logs = Normalization::Log1pCp10k.normalize(&counts)?;
    /// assert_eq!(logs.values()[0], 2501f32.ln());
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for values below 0, a sample without counts, or values that are no
    /// counts where counts are asked for.
    pub fn normalize(self, matrix: &ExpressionMatrix) -> Result<ExpressionMatrix> {
        let mut order: Vec<usize> = (0..matrix.n_genes()).collect();
        order.sort_by_key(|&gene| &matrix.genes()[gene]);
        let values = self.apply(matrix, &order)?;
        ExpressionMatrix::new(matrix.samples().to_vec(), matrix.genes().to_vec(), values)
    }

    /// Normalises a matrix in place of a copy; `order` is the order in which a sample's genes
    /// are summed, so that the bits do not depend on the order in the file.
    ///
    /// # Errors
    /// [`Error::Data`] for values below 0, a sample without counts, or values that are no
    /// counts where counts are asked for.
    pub(super) fn apply(self, matrix: &ExpressionMatrix, order: &[usize]) -> Result<Vec<f32>> {
        let mut values = matrix.values().to_vec();
        if self == Self::None {
            return Ok(values);
        }
        let width = matrix.n_genes().max(1);
        let place = |at: usize| (&matrix.genes()[at % width], &matrix.samples()[at / width]);
        if let Some(at) = values.iter().position(|value| *value < 0.0) {
            let (gene, sample) = place(at);
            return Err(Error::data(
                format!(
                    "gene {gene:?} is {} in sample {sample:?}, and {self} needs values from 0",
                    values[at]
                ),
                "Use --normalization none for values that are on a log scale already.",
            ));
        }
        if self == Self::Log2p1 {
            values
                .iter_mut()
                .for_each(|value| *value = value.ln_1p() / std::f32::consts::LN_2);
            return Ok(values);
        }
        if let Some(at) = values.iter().position(|value| value.fract() != 0.0) {
            let (gene, sample) = place(at);
            return Err(Error::data(
                format!(
                    "gene {gene:?} is {} in sample {sample:?}, and {self} needs counts, which \
                     are whole numbers",
                    values[at]
                ),
                "Give the raw counts, or train with --normalization none on normalised values.",
            ));
        }
        for (sample, row) in values.chunks_exact_mut(width).enumerate() {
            let total: f64 = order.iter().map(|&gene| f64::from(row[gene])).sum();
            if total <= 0.0 {
                return Err(Error::data(
                    format!(
                        "the sample {:?} has no counts at all",
                        matrix.samples()[sample]
                    ),
                    "Remove it from the matrix: it says nothing about any pathway.",
                ));
            }
            for value in row {
                *value = (f64::from(*value) * 1e4 / total).ln_1p() as f32;
            }
        }
        Ok(values)
    }
}

impl fmt::Display for Normalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log1pCp10k => "log1p-cp10k",
            Self::Log2p1 => "log2p1",
            Self::None => "none",
        })
    }
}

impl FromStr for Normalization {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "log1p-cp10k" => Ok(Self::Log1pCp10k),
            "log2p1" => Ok(Self::Log2p1),
            "none" => Ok(Self::None),
            _ => Err(Error::config(
                "--normalization",
                format!("is auto, log1p-cp10k, log2p1 or none, not {text:?}"),
            )),
        }
    }
}
