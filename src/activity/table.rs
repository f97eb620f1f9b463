//! A table of scores: samples as rows, nodes as columns.

use crate::error::{Error, Result};
use crate::io::{one_field, write_atomically};
use std::io::Write;
use std::path::Path;

/// Scores with names: `[samples, columns]`, row by row. A score that cannot be had is NaN and
/// written as `NA`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    samples: Vec<String>,
    columns: Vec<String>,
    values: Vec<f32>,
}

impl ScoreTable {
    /// A table of `samples.len() * columns.len()` values.
    ///
    /// # Errors
    /// [`Error::Data`] if the number of values does not fit the names.
    pub fn new(samples: Vec<String>, columns: Vec<String>, values: Vec<f32>) -> Result<Self> {
        if values.len() != samples.len() * columns.len() {
            return Err(Error::data(
                format!(
                    "{} values do not fill a table of {} samples x {} columns",
                    values.len(),
                    samples.len(),
                    columns.len()
                ),
                "Give one value a sample and column.",
            ));
        }
        Ok(Self {
            samples,
            columns,
            values,
        })
    }

    /// The sample names, one a row.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// The column names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values of one sample.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, sample: usize) -> &[f32] {
        let width = self.columns.len();
        &self.values[sample * width..(sample + 1) * width]
    }

    /// The values of the column called `name`, sample by sample.
    pub fn column(&self, name: &str) -> Option<Vec<f32>> {
        let at = self.columns.iter().position(|column| column == name)?;
        let width = self.columns.len();
        Some(
            self.values
                .iter()
                .skip(at)
                .step_by(width)
                .copied()
                .collect(),
        )
    }

    /// Writes a tab-separated table with the header `sample` and the column names. Values are
    /// the shortest decimals that read back to the same number.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_tsv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            self.write_rows(file).map_err(Error::io("write", path))
        })
    }

    pub(super) fn write_rows(&self, file: &mut dyn Write) -> std::io::Result<()> {
        write!(file, "sample")?;
        for column in &self.columns {
            write!(file, "\t{}", one_field(column))?;
        }
        writeln!(file)?;
        for (index, sample) in self.samples.iter().enumerate() {
            write!(file, "{}", one_field(sample))?;
            for value in self.row(index) {
                if value.is_nan() {
                    write!(file, "\tNA")?;
                } else {
                    write!(file, "\t{value}")?;
                }
            }
            writeln!(file)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_values_read_back_and_missing_ones_are_na() -> Result<()> {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let table = ScoreTable::new(
            names(&["a", "b"]),
            names(&["up", "dow\tn"]),
            vec![0.1, f32::NAN, -2.5e-7, 3.0],
        )?;
        let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
        let path = folder.path().join("scores.tsv");
        table.write_tsv(&path)?;
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        assert_eq!(text, "sample\tup\tdow n\na\t0.1\tNA\nb\t-0.00000025\t3\n");
        assert_eq!(table.column("up"), Some(vec![0.1, -2.5e-7]));
        assert!(ScoreTable::new(names(&["a"]), names(&["x"]), vec![]).is_err());
        Ok(())
    }
}
