//! Sample annotations: a table of labels by sample.

use super::annotation_frame::Frame;
use super::hdf5::{self, Hdf5};
use crate::error::{Error, Place, Result};
use crate::io::{read_bytes, utf8};
use std::path::Path;

/// Annotations of samples: a row a sample, a column a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleTable {
    samples: Vec<String>,
    columns: Vec<String>,
    cells: Vec<Vec<String>>,
}

impl SampleTable {
    /// Reads a tab-separated table whose first column names the samples, or the `obs` of an h5ad
    /// file (categories by name, missing labels empty).
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] with the line of a ragged row or the column of `obs`.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if hdf5::is_hdf5_file(path)? {
            return hdf5::open(path, Self::from_obs);
        }
        let (bytes, _) = read_bytes(path)?;
        if hdf5::is_hdf5(&bytes) {
            hdf5::read(bytes, path, Self::from_obs)
        } else {
            Self::parse(&utf8(bytes, path)?, path)
        }
    }

    fn from_obs(file: &Hdf5) -> Result<Self> {
        let frame = Frame::open(file, "obs")?;
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

    /// Parses the text of such a table; `path` names errors.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a ragged row.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty());
        let fields = |line: &str| -> Vec<String> {
            line.split('\t')
                .map(|field| field.trim().to_owned())
                .collect()
        };
        let mut columns = lines
            .next()
            .map(|(_, line)| fields(line))
            .unwrap_or_default();
        let width = columns.len();
        let mut table = Self {
            samples: Vec::new(),
            columns: columns.split_off(1.min(width)),
            cells: Vec::new(),
        };
        for (index, line) in lines {
            let mut row = fields(line);
            if row.len() != width {
                return Err(Error::format(
                    path,
                    Place::line(index + 1),
                    format!(
                        "the row has {} fields, and the header has {width}",
                        row.len()
                    ),
                    "Every row needs the sample's name and one field a column.",
                ));
            }
            table.cells.push(row.split_off(1));
            table.samples.extend(row);
        }
        Ok(table)
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
