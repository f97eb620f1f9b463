//! The expression matrix: samples x genes, with names.

use super::{ReadOptions, delimited, gct, hdf5, hdf5_kind, mtx, parquet};
use crate::error::{Error, Result};
use crate::io::{Source, is_gct, read_bytes};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Expression values, samples as rows and genes as columns, both with unique names; all values
/// are finite.
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
/// assert_eq!(matrix.row(1), [0.5, 3.0, 4.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionMatrix {
    samples: Vec<String>,
    genes: Vec<String>,
    values: Vec<f32>,
    sources: Vec<Source>,
    warnings: Vec<String>,
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
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::data(
                format!(
                    "the value of gene {:?} in sample {:?} is {}",
                    genes[at % genes.len()],
                    samples[at / genes.len()],
                    values[at]
                ),
                "Replace values that are not finite, or drop the gene.",
            ));
        }
        Ok(Self {
            samples,
            genes,
            values,
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
    /// their content.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`] with file, line and field if its
    /// content breaks the format.
    pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        if path.is_dir() {
            mtx::read(path, options)
        } else {
            let (bytes, source) = read_bytes(path)?;
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

    /// The values, row by row: `[samples, genes]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values of one sample.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, sample: usize) -> &[f32] {
        &self.values[sample * self.genes.len()..(sample + 1) * self.genes.len()]
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
        let (genes, values) = super::duplicates::combine(
            names.to_vec(),
            self.values.clone(),
            policy,
            Path::new("the renamed matrix"),
            &mut warnings,
        )?;
        let renamed = Self::new(self.samples.clone(), genes, values)?;
        let warnings = [self.warnings.clone(), warnings].concat();
        Ok(renamed.with_origin(self.sources.clone(), warnings))
    }

    /// The samples at these rows.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select_samples(&self, rows: &[usize]) -> Self {
        Self {
            samples: rows.iter().map(|&row| self.samples[row].clone()).collect(),
            values: rows
                .iter()
                .flat_map(|&row| self.row(row))
                .copied()
                .collect(),
            ..self.clone()
        }
    }

    /// The genes at these columns, in this order.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn select_genes(&self, columns: &[usize]) -> Self {
        let rows = (0..self.n_samples()).map(|row| self.row(row));
        Self {
            genes: columns.iter().map(|&at| self.genes[at].clone()).collect(),
            values: rows
                .flat_map(|row| columns.iter().map(|&at| row[at]))
                .collect(),
            samples: self.samples.clone(),
            sources: self.sources.clone(),
            warnings: self.warnings.clone(),
        }
    }
}

/// The first name that stands there twice, with both positions.
pub(super) fn first_duplicate(names: &[String]) -> Option<(usize, usize, &str)> {
    let mut seen = HashSet::with_capacity(names.len());
    let second = names.iter().position(|name| !seen.insert(name))?;
    let first = names.iter().position(|name| *name == names[second])?;
    Some((first, second, &names[second]))
}
