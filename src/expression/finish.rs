//! What every reader of a binary file does with names and values before they are a matrix.

use super::duplicates::combine;
use super::hdf5::Hdf5;
use super::matrix::first_duplicate;
use super::orientation::date_warning;
use super::{ExpressionMatrix, MissingValues, ReadOptions};
use crate::error::Result;

/// Refuses a sample name that stands there twice.
pub(super) fn unique_samples(
    file: &Hdf5,
    name: &str,
    samples: &[String],
    remedy: &str,
) -> Result<()> {
    match first_duplicate(samples) {
        None => Ok(()),
        Some((first, second, sample)) => {
            let message = format!(
                "the samples {} and {} are both called {sample:?}",
                first + 1,
                second + 1
            );
            Err(file.error(name, message, remedy))
        }
    }
}

/// The matrix of samples, genes and values (`[samples, genes]`) read from the data set `name`.
pub(super) fn finish(
    file: &Hdf5,
    name: &str,
    (samples, genes, mut values): (Vec<String>, Vec<String>, Vec<f32>),
    options: &ReadOptions,
    mut warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    check(
        file,
        name,
        &mut values,
        &samples,
        &genes,
        options,
        &mut warnings,
    )?;
    warnings.extend(date_warning(&genes));
    let policy = options.duplicate_genes;
    let (genes, values) = combine(genes, values, policy, file.path, &mut warnings)?;
    Ok(ExpressionMatrix::new(samples, genes, values)?.with_origin(Vec::new(), warnings))
}

/// Refuses infinities; fills or refuses missing values.
fn check(
    file: &Hdf5,
    name: &str,
    values: &mut [f32],
    samples: &[String],
    genes: &[String],
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let refused = |at: usize, what: &str, remedy: &str| {
        let (sample, gene) = (&samples[at / genes.len()], &genes[at % genes.len()]);
        let message = format!("the value of gene {gene:?} in sample {sample:?} is {what}");
        Err(file.error(name, message, remedy))
    };
    if let Some(at) = values.iter().position(|value| value.is_infinite()) {
        return refused(at, "infinite", "Replace it by a number.");
    }
    if options.missing == MissingValues::Error
        && let Some(at) = values.iter().position(|value| value.is_nan())
    {
        return refused(at, "missing", "Choose --missing zero or --missing mean.");
    }
    super::delimited::fill_missing(values, samples, genes, options.missing, warnings);
    Ok(())
}
