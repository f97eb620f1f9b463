//! A table of scores: samples as rows, nodes as columns.

use crate::error::{Error, Result};
use crate::io::{one_field, write_atomically};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

/// Rows that are text at one time.
const TEXT_ROWS: usize = 256;

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
        Self::write_blocks(path, |write| write(self))
    }

    /// [`write_tsv`](Self::write_tsv) for a table that is never whole: `blocks` calls what it
    /// is given with tables of the same columns, one after the other.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; those of `blocks`.
    pub fn write_blocks(
        path: impl AsRef<Path>,
        blocks: impl FnOnce(&mut dyn FnMut(&Self) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            let mut header = true;
            blocks(&mut |table| {
                let first = std::mem::take(&mut header);
                table
                    .write_rows(file, first)
                    .map_err(Error::io("write", path))
            })
        })
    }

    fn write_rows(&self, file: &mut dyn Write, header: bool) -> std::io::Result<()> {
        if header {
            write!(file, "sample")?;
            for column in &self.columns {
                write!(file, "\t{}", one_field(column))?;
            }
            writeln!(file)?;
        }
        let rows: Vec<usize> = (0..self.samples.len()).collect();
        for rows in rows.chunks(TEXT_ROWS) {
            let lines: Vec<String> = rows.par_iter().map(|row| self.line(*row)).collect();
            for line in lines {
                file.write_all(line.as_bytes())?;
            }
        }
        Ok(())
    }

    fn line(&self, row: usize) -> String {
        let mut line = one_field(&self.samples[row]);
        for value in self.row(row) {
            // Writing to a String cannot fail.
            let _ = match value.is_nan() {
                true => write!(line, "\tNA"),
                false => write!(line, "\t{value}"),
            };
        }
        line.push('\n');
        line
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
