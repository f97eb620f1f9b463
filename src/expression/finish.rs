//! What every reader of a binary file does with names and values before they are a matrix.

use super::duplicates::combine;
use super::hdf5::Hdf5;
use super::matrix::first_duplicate;
use super::missing::{Tally, refused};
use super::rows::Rows;
use super::{ExpressionMatrix, ReadOptions};
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

/// The matrix of samples, genes and their rows, read from the data set `name`: infinities are
/// refused, missing values refused or filled, genes of one name combined.
pub(super) fn finish(
    file: &Hdf5,
    name: &str,
    (samples, genes, mut rows): (Vec<String>, Vec<String>, Rows),
    options: &ReadOptions,
    mut warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    refuse(file, name, (&samples, &genes), (&rows, 0), options)?;
    let mut tally = Tally::new(genes.len());
    tally.add(&rows, samples.len());
    let (fill, remark) = tally.fill(options.missing);
    fill.apply(&mut rows);
    warnings.extend(remark);
    let policy = options.duplicate_genes;
    let (genes, rows) = combine(genes, rows, policy, file.path, &mut warnings)?;
    Ok(ExpressionMatrix::from_rows(samples, genes, rows)?.with_remarks(warnings))
}

/// Refuses infinities, and missing values where they are refused; `first` is the number of the
/// first of the rows.
pub(super) fn refuse(
    file: &Hdf5,
    name: &str,
    (samples, genes): (&[String], &[String]),
    (rows, first): (&Rows, usize),
    options: &ReadOptions,
) -> Result<()> {
    let Some((at, what, remedy)) = refused(rows, options.missing) else {
        return Ok(());
    };
    let (row, gene) = rows.place(at);
    let (sample, gene) = (&samples[first + row], &genes[gene]);
    let message = format!("the value of gene {gene:?} in sample {sample:?} is {what}");
    Err(file.error(name, message, remedy))
}
