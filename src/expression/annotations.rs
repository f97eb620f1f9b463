//! Sample annotations: a table of labels by sample.

use super::annotation_frame::Frame;
use super::cells::reader;
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
    /// Reads a tab- or comma-separated table whose first column names the samples, or the `obs` of
    /// an h5ad file (categories by name, missing labels empty).
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

    /// Parses the text of such a table; `path` names errors. It is comma-separated, and then may
    /// have quotes, if its header has commas and no tab.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a ragged row.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut lines = records(text, path)?.into_iter();
        let mut columns = lines.next().map(|(_, fields)| fields).unwrap_or_default();
        let width = columns.len();
        let mut table = Self {
            samples: Vec::new(),
            columns: columns.split_off(1.min(width)),
            cells: Vec::new(),
        };
        for (line, mut row) in lines {
            if row.len() != width {
                return Err(Error::format(
                    path,
                    Place::line(line),
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

/// The lines that are not empty, numbered from 1, as fields without blanks around them.
fn records(text: &str, path: &Path) -> Result<Vec<(usize, Vec<String>)>> {
    let trimmed = |field: &str| field.trim().to_owned();
    let header = text
        .lines()
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if header.contains('\t') || !header.contains(',') {
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.is_empty());
        return Ok(lines
            .map(|(line, number)| (number, line.split('\t').map(trimmed).collect()))
            .collect());
    }
    let mut found = Vec::new();
    for record in reader(text.as_bytes(), b',').into_records() {
        let record = record.map_err(|cause| {
            let line = cause.position().map_or(1, |at| at.line() as usize);
            Error::format(
                path,
                Place::line(line),
                format!("the line cannot be read ({cause})"),
                "Write the table again, tab-separated or with quotes around fields with commas.",
            )
        })?;
        let line = record.position().map_or(1, |at| at.line() as usize);
        found.push((line, record.iter().map(trimmed).collect()));
    }
    Ok(found)
}
