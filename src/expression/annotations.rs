//! Sample annotations: a table of labels by sample.

use super::annotation_frame::Frame;
use super::gene_names::GeneTable;
use super::hdf5::{self, Hdf5};
use super::hdf5_kind::Kind;
use super::located::located;
use super::loom::{GCTX, LOOM, Layout};
use super::{class_labels, finish, label_table};
use crate::error::{Error, Place, Result};
use crate::io::{Column, Columns, Gct, is_gct, read_bytes, utf8};
use std::collections::HashMap;
use std::path::Path;

/// Annotations of samples: a row a sample, a column a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleTable {
    samples: Vec<String>,
    columns: Vec<String>,
    cells: Vec<Vec<String>>,
}

impl SampleTable {
    /// Reads the labels of samples: a table (TSV or CSV) whose first column names them, the column
    /// metadata of a GCT 1.3 file, the `obs` of an h5ad file, the `col_attrs` of a loom file, the
    /// column metadata of a GCTX file; text files gzip or not. Categories are read by name,
    /// missing labels are empty.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] with the line of a ragged row, the column that cannot be
    /// read, or a sample that stands there twice; for a `.cls` file, which names no samples: see
    /// [`read_for`](Self::read_for).
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::open(path.as_ref(), None)
    }

    /// As [`from_path`](Self::from_path), and GSEA's `.cls`, categorical or numeric, whose labels
    /// belong to `samples` in their order.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path); for a `.cls` file also if it has not one label a sample.
    pub fn read_for(path: impl AsRef<Path>, samples: &[String]) -> Result<Self> {
        Self::open(path.as_ref(), Some(samples))
    }

    fn open(path: &Path, samples: Option<&[String]>) -> Result<Self> {
        let path = &*located(path)?;
        if hdf5::is_hdf5_file(path)? {
            return hdf5::open(path, |file| match Kind::of(file)? {
                Kind::H5ad => Self::from_obs(file),
                Kind::Loom => Self::from_side(file, &LOOM),
                Kind::Gctx => Self::from_side(file, &GCTX),
                Kind::TenX => Err(file.error(
                    "",
                    "a 10x file has barcodes and no labels",
                    "Give a table whose first column names the barcodes.",
                )),
            });
        }
        let (bytes, _) = read_bytes(path)?;
        if is_gct(&bytes) {
            return Ok(Self::from_columns(&Gct::parse(bytes, path)?.columns));
        }
        let text = utf8(bytes, path)?;
        if !class_labels::is_cls(&text) {
            return Self::parse(&text, path);
        }
        let labels = class_labels::parse(&text, path)?;
        let Some(samples) = samples else {
            return Err(Error::format(
                path,
                Place::file(),
                "a .cls file labels samples by their order and does not name them",
                "Give a table whose first column names the samples.",
            ));
        };
        if labels.rows.len() != samples.len() {
            let message = format!(
                "there are labels of {} samples, and the matrix has {}",
                labels.rows.len(),
                samples.len()
            );
            let remedy = "Give one label a sample, in the order of the matrix.";
            return Err(Error::format(path, Place::file(), message, remedy));
        }
        Ok(Self {
            samples: samples.to_vec(),
            columns: labels.columns,
            cells: labels.rows,
        })
    }

    fn from_columns(table: &Columns) -> Self {
        let columns = table.columns();
        let row = |at: usize| columns.iter().map(|(_, column)| column.cell(at)).collect();
        Self {
            samples: table.rows().to_vec(),
            cells: (0..table.rows().len()).map(row).collect(),
            columns: columns.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    fn from_side(file: &Hdf5, layout: &Layout) -> Result<Self> {
        let side = layout.samples(file)?;
        let remedy = "Give every sample a name of its own.";
        finish::unique_samples(file, "", &side.rows, remedy)?;
        let mut columns = Vec::new();
        for name in &side.others {
            columns.push(side.column(name)?);
        }
        let row = |at: usize| columns.iter().map(|column| column[at].clone()).collect();
        Ok(Self {
            cells: (0..side.rows.len()).map(row).collect(),
            columns: side.others,
            samples: side.rows,
        })
    }

    fn from_obs(file: &Hdf5) -> Result<Self> {
        let frame = Frame::open(file, "obs")?;
        let remedy =
            "Give every sample a name of its own; in Python: adata.obs_names_make_unique().";
        finish::unique_samples(file, "obs", &frame.index, remedy)?;
        let mut columns = Vec::new();
        for name in &frame.columns {
            columns.push(frame.column(name)?);
        }
        let row = |at: usize| columns.iter().map(|column| column[at].clone()).collect();
        Ok(Self {
            cells: (0..frame.index.len()).map(row).collect(),
            columns: frame.columns,
            samples: frame.index,
        })
    }

    /// Parses the text of a table (TSV or CSV); `path` names errors.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a ragged row or of a sample that stands there twice.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let table = label_table::parse(text, path)?;
        let mut first_lines = HashMap::with_capacity(table.rows.len());
        let (mut samples, mut cells) = (Vec::new(), Vec::new());
        for (line, mut row) in table.rows {
            let sample = row.remove(0);
            if let Some(first) = first_lines.insert(sample.clone(), line) {
                return Err(Error::format(
                    path,
                    Place::line(line),
                    format!("the sample {sample:?} stands in line {first} already"),
                    "Give every sample one row.",
                ));
            }
            samples.push(sample);
            cells.push(row);
        }
        Ok(Self {
            samples,
            columns: table.columns,
            cells,
        })
    }

    /// The labels of these samples as typed columns; a sample without labels has empty ones.
    pub fn columns_for(&self, samples: &[String]) -> Columns {
        let rows: HashMap<&str, usize> = self
            .samples
            .iter()
            .enumerate()
            .map(|(at, sample)| (sample.as_str(), at))
            .collect();
        let mut table = Columns::new(samples.to_vec());
        for (at, name) in self.columns.iter().enumerate() {
            let cell = |sample: &String| match rows.get(sample.as_str()) {
                Some(&row) => self.cells[row][at].as_str(),
                None => "",
            };
            let cells: Vec<&str> = samples.iter().map(cell).collect();
            table.set(name.clone(), Column::of(&cells));
        }
        table
    }

    /// The sample names.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// The names of the labels.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The label `column` of every sample.
    pub fn column(&self, column: &str) -> Option<Vec<&str>> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(self.cells.iter().map(|row| row[at].as_str()).collect())
    }
}
