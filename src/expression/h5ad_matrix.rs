//! The matrix of an h5ad file: read into memory, or left on disk where it would not fit.

use super::duplicates;
use super::file_rows::FileRows;
use super::hdf5::{DAMAGED, Hdf5, text};
use super::missing::{Tally, refused};
use super::rows::Rows;
use super::streamed::{Step, Streamed};
use super::summary::Summary;
use super::{ExpressionMatrix, ReadOptions, Streaming, sparse};
use crate::error::{Error, Result};
use crate::io::available_memory;
use std::sync::Arc;

/// Bytes of rows that are read at once.
const READ_BYTES: u64 = 64 << 20;
/// The share of the available memory that a matrix may take before it is streamed.
const MEMORY_SHARE: f64 = 0.5;

/// Reads the matrix called `name`; `head` gives its first values.
pub(super) fn read(
    file: &Hdf5,
    name: &str,
    head: impl FnOnce() -> Result<Vec<f32>>,
    samples: Vec<String>,
    genes: Vec<String>,
    options: &ReadOptions,
) -> Result<ExpressionMatrix> {
    let reader = Reader {
        file,
        name,
        samples,
        genes,
        options,
    };
    match reader.open(head)? {
        Some(rows) if streams(&rows, options.streaming) => reader.stream(rows),
        Some(rows) => {
            let whole = rows.all(READ_BYTES)?;
            reader.hold(whole)
        }
        None if options.streaming == Streaming::Always => Err(Error::config(
            "--stream",
            format!(
                "always needs a matrix that is stored by rows, and {name} of {} is stored by \
                 columns (CSC); in Python: adata.X = adata.X.tocsr()",
                file.path.display()
            ),
        )),
        None => {
            let (rows, columns) = (reader.samples.len(), reader.genes.len());
            let rows = sparse::by_columns(file, name, rows, columns)?;
            reader.hold(Rows::Sparse(rows))
        }
    }
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

struct Reader<'a> {
    file: &'a Hdf5<'a>,
    name: &'a str,
    samples: Vec<String>,
    genes: Vec<String>,
    options: &'a ReadOptions,
}

impl Reader<'_> {
    /// The matrix if it is stored by rows; `None` if by columns.
    fn open(&self, head: impl FnOnce() -> Result<Vec<f32>>) -> Result<Option<FileRows>> {
        let (file, name) = (self.file, self.name);
        let (samples, genes) = (self.samples.len(), self.genes.len());
        if file.has_dataset(name) {
            let shape = file.dataset(name)?.shape;
            let alone = shape.len() == 1 && (samples == 1 || genes == 1);
            if shape != [samples, genes] && !(alone && shape[0] == samples * genes) {
                let message = format!(
                    "the matrix is {shape:?}, but there are {samples} samples and {genes} genes"
                );
                return Err(file.error(name, message, DAMAGED));
            }
            return FileRows::dense(file, name, samples, genes, &head()?).map(Some);
        }
        let attributes = file.attributes(name);
        let encoding = text(attributes.get("encoding-type"))
            .or_else(|| text(attributes.get("h5sparse_format")))
            .unwrap_or_default();
        match encoding.as_str() {
            "csr_matrix" | "csr" => {
                let starts = sparse::starts(file, name, samples)?;
                FileRows::sparse(file, name, genes, starts).map(Some)
            }
            "csc_matrix" | "csc" => Ok(None),
            _ => Err(file.error(
                name,
                format!("the encoding {encoding:?} of the matrix is unknown"),
                "Open the file with a current anndata and write it again.",
            )),
        }
    }

    /// Refuses infinities, and missing values where they are refused; `first` is the number of
    /// the first row.
    fn check(&self, rows: &Rows, first: usize) -> Result<()> {
        let Some((at, what, remedy)) = refused(rows, self.options.missing) else {
            return Ok(());
        };
        let (row, gene) = rows.place(at);
        let (sample, gene) = (&self.samples[first + row], &self.genes[gene]);
        let message = format!("the value of gene {gene:?} in sample {sample:?} is {what}");
        Err(self.file.error(self.name, message, remedy))
    }

    /// The matrix in memory.
    fn hold(self, mut rows: Rows) -> Result<ExpressionMatrix> {
        self.check(&rows, 0)?;
        let mut tally = Tally::new(self.genes.len());
        tally.add(&rows, self.samples.len());
        let (fill, remark) = tally.fill(self.options.missing);
        fill.apply(&mut rows);
        let mut warnings: Vec<String> = remark.into_iter().collect();
        let policy = self.options.duplicate_genes;
        let path = self.file.path;
        let (genes, rows) = duplicates::combine(self.genes, rows, policy, path, &mut warnings)?;
        let matrix = ExpressionMatrix::from_rows(self.samples, genes, rows)?;
        Ok(matrix.with_remarks(warnings))
    }

    /// The matrix on disk, after one look at all its values.
    fn stream(self, mut file: FileRows) -> Result<ExpressionMatrix> {
        let mut tally = Tally::new(self.genes.len());
        let mut summary = Summary::none();
        for (first, last) in file.ranges(READ_BYTES) {
            let rows = file.range(first, last)?;
            self.check(&rows, first)?;
            tally.add(&rows, last - first);
            summary = summary.merge(Summary::new(&rows, last - first));
        }
        let (fill, remark) = tally.fill(self.options.missing);
        let filled = remark.is_some();
        let are_counts = summary.are_counts() && fill.keeps_counts();
        file.fill = fill;
        let mut warnings: Vec<String> = remark.into_iter().collect();
        let policy = self.options.duplicate_genes;
        let path = self.file.path;
        let planned = duplicates::plan(&self.genes, policy, path, &mut warnings, || are_counts)?;
        let mut streamed = Streamed::new(Arc::new(file), summary);
        let combined = planned.is_some();
        let genes = match planned {
            None => self.genes,
            Some((genes, combination)) => {
                streamed = streamed.with_step(Step::Combine(combination));
                genes
            }
        };
        let mut matrix = ExpressionMatrix::from_streamed(self.samples, genes, streamed)?;
        if combined || filled {
            matrix.refresh_summary()?;
        }
        Ok(matrix.with_remarks(warnings))
    }
}
