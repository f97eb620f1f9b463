//! The expression matrix: samples x genes, with names.

use super::duplicates;
use super::located::located;
use super::rows::{Rows, SparseRows};
use super::streamed::{Step, Streamed};
use super::summary::Summary;
use super::{ReadOptions, Streaming, delimited, gct, hdf5, hdf5_kind, mtx, parquet};
use crate::error::{Error, Result};
use crate::io::{Source, first_repeated, is_gct, read_bytes, source};
use std::collections::HashMap;
use std::path::Path;

/// Expression values, samples as rows and genes as columns, both with unique names; all values
/// are finite.
///
/// Counts lie sparse in memory (CSR) where that is smaller; a matrix that does not fit into
/// memory stays in its file (h5ad, 10x h5, GCTX) and is read a block of samples at a time.
///
/// ```
/// use gsae::expression::ExpressionMatrix;
///
/// let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
/// let matrix = ExpressionMatrix::new(
///     names(&["patient 1", "patient 2"]),
///     names(&["TP53", "ISG15", "MX1"]),
///     vec![1.0, 0.0, 2.0, 0.5, 3.0, 4.0],
/// )?;
/// assert_eq!(matrix.row(1)?, [0.5, 3.0, 4.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionMatrix {
    samples: Vec<String>,
    genes: Vec<String>,
    pub(super) storage: Storage,
    sources: Vec<Source>,
    warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Storage {
    Memory(Rows),
    Streamed(Streamed),
}

impl ExpressionMatrix {
    /// A matrix of `values`: `[samples, genes]`, row by row.
    ///
    /// # Errors
    /// [`Error::Data`] if the sizes do not fit, a name stands there twice, or a value is not
    /// finite.
    pub fn new(samples: Vec<String>, genes: Vec<String>, values: Vec<f32>) -> Result<Self> {
        if values.len() != samples.len() * genes.len() {
            return Err(Error::data(
                format!(
                    "{} values do not fill {} samples x {} genes",
                    values.len(),
                    samples.len(),
                    genes.len()
                ),
                "Give one value a sample and gene, sample by sample.",
            ));
        }
        let width = genes.len();
        Self::from_rows(samples, genes, Rows::Dense { values, width })
    }

    /// A sparse matrix in compressed rows (CSR): the entries of sample i are those from
    /// `starts[i]` to before `starts[i + 1]`, `columns` their genes; entries of one place are
    /// summed.
    ///
    /// ```
    /// use gsae::ExpressionMatrix;
    ///
    /// let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    /// let cells = ExpressionMatrix::sparse(
    ///     names(&["cell 1", "cell 2"]),
    ///     names(&["A", "B", "C"]),
    ///     vec![0, 1, 3],
    ///     vec![1, 0, 2],
    ///     vec![5.0, 1.0, 7.0],
    /// )?;
    /// assert_eq!(cells.to_dense()?, [0.0, 5.0, 0.0, 1.0, 0.0, 7.0].as_slice());
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new); also if the parts do not fit each other.
    pub fn sparse(
        samples: Vec<String>,
        genes: Vec<String>,
        starts: Vec<usize>,
        columns: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self> {
        let width = genes.len();
        let fits = starts.len() == samples.len() + 1
            && starts.first() == Some(&0)
            && starts.last() == Some(&values.len())
            && starts.is_sorted()
            && columns.len() == values.len()
            && columns.iter().all(|column| (*column as usize) < width);
        if !fits {
            return Err(Error::data(
                format!(
                    "{} starts, {} columns and {} values are no sparse rows of {} samples x \
                     {width} genes",
                    starts.len(),
                    columns.len(),
                    values.len(),
                    samples.len()
                ),
                "Give the indptr, indices and data of a CSR matrix.",
            ));
        }
        let rows = SparseRows {
            width,
            starts,
            columns,
            values,
        };
        Self::from_rows(samples, genes, Rows::Sparse(rows.tidied()))
    }

    pub(super) fn from_rows(samples: Vec<String>, genes: Vec<String>, rows: Rows) -> Result<Self> {
        let values = rows.stored();
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let (sample, gene) = rows.place(at);
            return Err(Error::data(
                format!(
                    "the value of gene {:?} in sample {:?} is {}",
                    genes[gene], samples[sample], values[at]
                ),
                "Replace values that are not finite, or drop the gene.",
            ));
        }
        Self::stored(samples, genes, Storage::Memory(rows))
    }

    pub(super) fn from_streamed(
        samples: Vec<String>,
        genes: Vec<String>,
        streamed: Streamed,
    ) -> Result<Self> {
        Self::stored(samples, genes, Storage::Streamed(streamed))
    }

    fn stored(samples: Vec<String>, genes: Vec<String>, storage: Storage) -> Result<Self> {
        for (what, names) in [("samples", &samples), ("genes", &genes)] {
            if let Some((first, second, name)) = first_duplicate(names) {
                return Err(Error::data(
                    format!(
                        "the {what} {} and {} are both called {name:?}",
                        first + 1,
                        second + 1
                    ),
                    format!("Give all {what} different names."),
                ));
            }
        }
        Ok(Self {
            samples,
            genes,
            storage,
            sources: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Reads any of the formats with the default options.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::read(path, &ReadOptions::default())
    }

    /// Reads a table (TSV or CSV), GCT 1.2 or 1.3 (these gzip or not), h5ad, 10x HDF5, loom, GCTX,
    /// a 10x MTX folder, or, with the feature `parquet`, a Parquet table. Files are told apart by
    /// their content. Of a folder that holds one file of these formats, tables aside, it is that
    /// file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`] with file, line and field if its
    /// content breaks the format.
    pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = &*located(path.as_ref())?;
        let stays = !path.is_dir() && hdf5::is_hdf5_file(path)?;
        if options.streaming == Streaming::Always && !stays {
            return Err(Error::config(
                "--stream",
                format!(
                    "always needs an h5ad, 10x h5 or GCTX file, and {} is none",
                    path.display()
                ),
            ));
        }
        if path.is_dir() {
            mtx::read(path, options)
        } else if stays {
            let matrix = hdf5_kind::read_file(path, options)?;
            Ok(matrix.with_origin(vec![source(path)?], Vec::new()))
        } else {
            let (bytes, source) = read_bytes(path)?;
            mtx::refuse_alone(&bytes, path)?;
            let matrix = if hdf5::is_hdf5(&bytes) {
                hdf5_kind::parse(bytes, path, options)?
            } else if is_gct(&bytes) {
                gct::parse(bytes, path, options)?
            } else if parquet::is_parquet(&bytes) {
                parquet::parse(bytes, path, options)?
            } else {
                delimited::parse(&bytes, path, options)?
            };
            Ok(matrix.with_origin(vec![source], Vec::new()))
        }
    }

    /// Parses the bytes of a table, already decompressed; `path` names errors.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse_table(bytes: &[u8], path: &Path, options: &ReadOptions) -> Result<Self> {
        delimited::parse(bytes, path, options)
    }

    pub(super) fn with_origin(mut self, sources: Vec<Source>, warnings: Vec<String>) -> Self {
        self.sources.extend(sources);
        self.warnings.extend(warnings);
        self
    }

    /// Adds remarks before those that are there.
    pub(super) fn with_remarks(mut self, mut remarks: Vec<String>) -> Self {
        remarks.append(&mut self.warnings);
        self.warnings = remarks;
        self
    }

    /// The sample names, one a row.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// The gene names, one a column.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// The number of samples.
    pub fn n_samples(&self) -> usize {
        self.samples.len()
    }

    /// The number of genes.
    pub fn n_genes(&self) -> usize {
        self.genes.len()
    }

    /// The range of the values. Of a streamed matrix with some of the file's samples or genes
    /// it is that of all.
    pub(super) fn summary(&self) -> Summary {
        match &self.storage {
            Storage::Memory(rows) => Summary::new(rows, self.n_samples()),
            Storage::Streamed(streamed) => streamed.summary,
        }
    }

    /// The files the values were read from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Remarks of the reader.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The column of every gene.
    pub fn gene_index(&self) -> HashMap<&str, usize> {
        let names = self.genes.iter().enumerate();
        names.map(|(index, gene)| (gene.as_str(), index)).collect()
    }

    /// The matrix with its genes renamed; genes that get one name are combined by `policy`.
    ///
    /// # Errors
    /// [`Error::Data`] if the names are not one a gene, or the policy refuses duplicates.
    pub fn renamed(&self, names: &[String], policy: super::DuplicateGenes) -> Result<Self> {
        if names.len() != self.genes.len() {
            return Err(Error::data(
                format!("{} names for {} genes", names.len(), self.genes.len()),
                "Give one name a gene.",
            ));
        }
        let mut warnings = Vec::new();
        let counts = || self.summary().are_counts();
        let path = Path::new("the renamed matrix");
        let planned = duplicates::plan(names, policy, path, &mut warnings, counts)?;
        let (genes, storage) = match (planned, &self.storage) {
            (None, storage) => (names.to_vec(), storage.clone()),
            (Some((genes, combination)), Storage::Memory(rows)) => {
                (genes, Storage::Memory(combination.apply(rows)))
            }
            (Some((genes, combination)), Storage::Streamed(streamed)) => {
                let changed = streamed.with_step(Step::Combine(combination));
                (genes, Storage::Streamed(changed))
            }
        };
        let mut renamed = Self::stored(self.samples.clone(), genes, storage)?;
        if renamed.genes.len() < self.genes.len() {
            renamed.refresh_summary()?;
        }
        let warnings = [self.warnings.clone(), warnings].concat();
        Ok(renamed.with_origin(self.sources.clone(), warnings))
    }

    /// Looks at all values of a streamed matrix whose columns have changed.
    pub(super) fn refresh_summary(&mut self) -> Result<()> {
        let Storage::Streamed(_) = &self.storage else {
            return Ok(());
        };
        let mut summary = Summary::none();
        let width = self.n_genes();
        self.each_block(&mut |first, count, row| {
            for sample in first..first + count {
                summary = summary.merge(Summary::of_row(row(sample), width));
            }
            Ok(())
        })?;
        if let Storage::Streamed(streamed) = &mut self.storage {
            streamed.summary = summary;
        }
        Ok(())
    }

    /// The samples at these rows.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select_samples(&self, rows: &[usize]) -> Self {
        Self {
            samples: rows.iter().map(|&row| self.samples[row].clone()).collect(),
            genes: self.genes.clone(),
            storage: match &self.storage {
                Storage::Memory(values) => Storage::Memory(values.select(rows)),
                Storage::Streamed(streamed) => Storage::Streamed(streamed.select(rows)),
            },
            sources: self.sources.clone(),
            warnings: self.warnings.clone(),
        }
    }

    /// The genes at these columns, in this order.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn select_genes(&self, columns: &[usize]) -> Self {
        Self {
            samples: self.samples.clone(),
            genes: columns.iter().map(|&at| self.genes[at].clone()).collect(),
            storage: match &self.storage {
                Storage::Memory(rows) => Storage::Memory(rows.select_columns(columns)),
                Storage::Streamed(streamed) => {
                    Storage::Streamed(streamed.with_step(Step::Select(columns.to_vec())))
                }
            },
            sources: self.sources.clone(),
            warnings: self.warnings.clone(),
        }
    }
}

/// The first name that stands there twice, with both positions.
pub(super) fn first_duplicate(names: &[String]) -> Option<(usize, usize, &str)> {
    let (first, second) = first_repeated(names)?;
    Some((first, second, &names[second]))
}
