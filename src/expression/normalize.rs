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
        let summary = matrix.summary();
        let (smallest, largest) = (summary.least, summary.most);
        let (normalization, reason) = if smallest < 0.0 {
            (
                Self::None,
                format!("there are values below 0 (down to {smallest})"),
            )
        } else if summary.whole {
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
    /// assert_eq!(logs.row(0)?[0], 2501f32.ln());
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for values below 0, a sample without counts, or values that are no
    /// counts where counts are asked for; also for a matrix that is streamed from disk.
    pub fn normalize(self, matrix: &ExpressionMatrix) -> Result<ExpressionMatrix> {
        let Some(rows) = matrix.rows_in_memory() else {
            return Err(Error::data(
                "a matrix that is streamed from disk cannot be normalised as a whole",
                "Read it into memory (--stream never).",
            ));
        };
        let mut rows = rows.clone();
        let mut rest = rows.stored_mut();
        for sample in 0..matrix.n_samples() {
            let count = matrix
                .row_in_memory(sample)
                .map_or(0, |row| row.stored().len());
            let (row, others) = rest.split_at_mut(count);
            let total = self.check(row);
            let total = total.map_err(|refused| refused.error(self, matrix, sample))?;
            let normalized = self.of_sample(total);
            for value in row {
                *value = normalized.value(*value);
            }
            rest = others;
        }
        ExpressionMatrix::from_rows(matrix.samples().to_vec(), matrix.genes().to_vec(), rows)
    }

    /// Whether the stored values of a sample can be normalised; the sum of its counts where it
    /// is one of counts. Sums of counts are exact, so their order changes no bit.
    pub(super) fn check(self, values: &[f32]) -> Result<f64, Refused> {
        if self == Self::None {
            return Ok(0.0);
        }
        if let Some(at) = values.iter().position(|value| *value < 0.0) {
            return Err(Refused::Negative(at));
        }
        if self == Self::Log2p1 {
            return Ok(0.0);
        }
        if let Some(at) = values.iter().position(|value| value.fract() != 0.0) {
            return Err(Refused::Fraction(at));
        }
        let total: f64 = values.iter().map(|value| f64::from(*value)).sum();
        if total > 0.0 {
            Ok(total)
        } else {
            Err(Refused::Empty)
        }
    }

    /// What becomes of the values of a sample with this sum of counts; 0 stays 0.
    pub(super) fn of_sample(self, total: f64) -> OfSample {
        let mut small = [0f32; SMALL];
        if self == Self::Log1pCp10k {
            for (count, value) in small.iter_mut().enumerate() {
                *value = log1p_cp10k(count as f32, total);
            }
        }
        OfSample {
            normalization: self,
            total,
            small,
        }
    }
}

/// Counts below this are looked up: most counts of single cells.
const SMALL: usize = 16;

fn log1p_cp10k(count: f32, total: f64) -> f32 {
    (f64::from(count) * 1e4 / total).ln_1p() as f32
}

/// A normalisation for the values of one sample.
pub(super) struct OfSample {
    normalization: Normalization,
    total: f64,
    /// What counts become.
    small: [f32; SMALL],
}

impl OfSample {
    /// A value normalised.
    #[inline]
    pub fn value(&self, value: f32) -> f32 {
        match self.normalization {
            Normalization::None => value,
            Normalization::Log2p1 => value.ln_1p() / std::f32::consts::LN_2,
            Normalization::Log1pCp10k => {
                let count = value as usize;
                match self.small.get(count) {
                    Some(small) if count as f32 == value => *small,
                    _ => log1p_cp10k(value, self.total),
                }
            }
        }
    }
}

/// Why a sample cannot be normalised; places are among its stored values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused {
    Negative(usize),
    Fraction(usize),
    Empty,
}

impl Refused {
    /// The error; reads the sample once more to name the gene.
    pub fn error(self, by: Normalization, matrix: &ExpressionMatrix, sample: usize) -> Error {
        let name = &matrix.samples()[sample];
        let place = |at: usize| -> Result<(String, f32)> {
            let found = matrix.with_row(sample, |row| row.entries().nth(at))?;
            let (column, value) = found.unwrap_or_default();
            Ok((matrix.genes()[column].clone(), value))
        };
        match self {
            Self::Negative(at) => match place(at) {
                Err(error) => error,
                Ok((gene, value)) => Error::data(
                    format!(
                        "gene {gene:?} is {value} in sample {name:?}, and {by} needs values from 0"
                    ),
                    "Use --normalization none for values that are on a log scale already.",
                ),
            },
            Self::Fraction(at) => match place(at) {
                Err(error) => error,
                Ok((gene, value)) => Error::data(
                    format!(
                        "gene {gene:?} is {value} in sample {name:?}, and {by} needs counts, which \
                         are whole numbers"
                    ),
                    "Give the raw counts, or train with --normalization none on normalised values.",
                ),
            },
            Self::Empty => Error::data(
                format!("the sample {name:?} has no counts at all"),
                "Remove it from the matrix: it says nothing about any pathway.",
            ),
        }
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
