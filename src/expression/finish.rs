//! What every reader of a binary file does with names and values before they are a matrix.

use super::duplicates::{self, combine};
use super::file_rows::FileRows;
use super::hdf5::Hdf5;
use super::matrix::first_duplicate;
use super::missing::{Tally, refused};
use super::rows::Rows;
use super::streamed::{Step, Streamed};
use super::summary::Summary;
use super::{ExpressionMatrix, ReadOptions, Streaming};
use crate::error::Result;
use crate::io::available_memory;
use std::sync::Arc;

/// Bytes of rows that are read at once.
pub(super) const READ_BYTES: u64 = 64 << 20;
/// The share of the available memory that a matrix may take before it is streamed.
const MEMORY_SHARE: f64 = 0.5;

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

/// As [`finish`] of rows in a file: they are read into memory, or left on disk where they would
/// not fit.
pub(super) fn finish_stored(
    file: &Hdf5,
    name: &str,
    (samples, genes, rows): (Vec<String>, Vec<String>, FileRows),
    options: &ReadOptions,
    warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    let parts = (samples, genes, rows);
    if streams(&parts.2, options.streaming) {
        return stream(file, name, parts, options, warnings);
    }
    let whole = parts.2.all(READ_BYTES)?;
    finish(file, name, (parts.0, parts.1, whole), options, warnings)
}

/// Whether a matrix is left on disk.
fn streams(rows: &FileRows, streaming: Streaming) -> bool {
    match streaming {
        Streaming::Always => true,
        Streaming::Never => false,
        Streaming::Auto => available_memory()
            .is_some_and(|available| rows.bytes() as f64 > MEMORY_SHARE * available as f64),
    }
}

/// The matrix on disk, after one look at all its values.
fn stream(
    file: &Hdf5,
    name: &str,
    (samples, genes, mut stored): (Vec<String>, Vec<String>, FileRows),
    options: &ReadOptions,
    mut warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    let mut tally = Tally::new(genes.len());
    let mut summary = Summary::none();
    for (first, last) in stored.ranges(READ_BYTES) {
        let rows = stored.range(first, last)?;
        refuse(file, name, (&samples, &genes), (&rows, first), options)?;
        tally.add(&rows, last - first);
        summary = summary.merge(Summary::new(&rows, last - first));
    }
    let (fill, remark) = tally.fill(options.missing);
    let filled = remark.is_some();
    let are_counts = summary.are_counts() && fill.keeps_counts();
    stored.fill = fill;
    warnings.extend(remark);
    let policy = options.duplicate_genes;
    let planned = duplicates::plan(&genes, policy, file.path, &mut warnings, || are_counts)?;
    let mut streamed = Streamed::new(Arc::new(stored), summary);
    let combined = planned.is_some();
    let genes = match planned {
        None => genes,
        Some((genes, combination)) => {
            streamed = streamed.with_step(Step::Combine(combination));
            genes
        }
    };
    let mut matrix = ExpressionMatrix::from_streamed(samples, genes, streamed)?;
    if combined || filled {
        matrix.refresh_summary()?;
    }
    Ok(matrix.with_remarks(warnings))
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
