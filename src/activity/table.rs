//! A table of scores: samples as rows, nodes as columns.

use crate::error::{Error, Place, Result};
use crate::io::{compressed, one_field, read_text, write_atomically};
use rayon::prelude::*;
use std::collections::HashSet;
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

    /// Reads a table as [`write_tsv`](Self::write_tsv) writes it (tab- or comma-separated, plain or
    /// gzip): a header, then a row a sample with its name first. `NA`, `NaN` and empty fields are
    /// missing values.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] with line and column for a ragged row, a field that is
    /// no number, or a name that comes twice.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (text, _) = read_text(path)?;
        Self::parse(&text, path)
    }

    /// Parses the text of such a table; `path` names errors.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path), without [`Error::Io`].
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.is_empty());
        let (header, _) = lines.next().unwrap_or_default();
        let mut rows = Rows::of_header(header, path);
        for (line, number) in lines {
            rows.add(line, number)?;
        }
        rows.finish()
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

    /// Writes a tab-separated table with the header `sample` and the column names, through gzip if
    /// the path ends in `.gz`. Values are the shortest decimals that read back to the same number.
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
            compressed(path, file, |file| {
                let mut header = true;
                blocks(&mut |table| {
                    let first = std::mem::take(&mut header);
                    table
                        .write_rows(file, first)
                        .map_err(Error::io("write", path))
                })
            })
        })
    }

    pub(super) fn write_rows(&self, file: &mut dyn Write, header: bool) -> std::io::Result<()> {
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

/// A table as its lines come.
pub(super) struct Rows<'a> {
    path: &'a Path,
    delimiter: char,
    samples: Vec<String>,
    columns: Vec<String>,
    /// Where in a line the columns stand, ascending, with their places in the table, if they are
    /// not all.
    wanted: Option<Vec<(usize, usize)>>,
    /// The fields of a line, without the name.
    fields: usize,
    values: Vec<f32>,
}

impl<'a> Rows<'a> {
    pub fn of_header(header: &str, path: &'a Path) -> Self {
        let delimiter = if header.contains('\t') { '\t' } else { ',' };
        let columns = header.split(delimiter).skip(1);
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        Self {
            path,
            delimiter,
            samples: Vec::new(),
            wanted: None,
            fields: columns.len(),
            columns,
            values: Vec::new(),
        }
    }

    /// A table of some of its columns, in the order asked for.
    pub fn of_columns(header: &str, path: &'a Path, columns: &[usize]) -> Result<Self> {
        let all = Self::of_header(header, path);
        let name = |&at: &usize| {
            all.columns.get(at).cloned().ok_or_else(|| {
                Error::format(
                    path,
                    Place::file(),
                    format!(
                        "the table has {} columns, and column {} was asked for",
                        all.columns.len(),
                        at + 1
                    ),
                    "Give tables of one run, with the same nodes.",
                )
            })
        };
        let names = columns.iter().map(name).collect::<Result<_>>()?;
        let mut wanted: Vec<(usize, usize)> = columns.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        Ok(Self {
            columns: names,
            wanted: Some(wanted),
            ..all
        })
    }

    /// The columns of scores.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub fn into_columns(self) -> Vec<String> {
        self.columns
    }

    pub fn add(&mut self, line: &str, number: usize) -> Result<()> {
        let mut fields = line.split(self.delimiter);
        self.samples
            .push(fields.next().unwrap_or_default().to_owned());
        let read = |column: usize, field: &str| {
            score(field).ok_or_else(|| {
                let column = self.columns.get(column).map_or("?", String::as_str);
                Error::format(
                    self.path,
                    Place::field(number, column),
                    format!("{field:?} is no number"),
                    "Give a table of samples x columns as gsae writes it: numbers, or NA.",
                )
            })
        };
        let mut count = 0;
        match &self.wanted {
            None => {
                for field in fields {
                    self.values.push(read(count, field)?);
                    count += 1;
                }
            }
            Some(wanted) => {
                let first = self.values.len();
                self.values.resize(first + wanted.len(), f32::NAN);
                let mut wanted = wanted.iter().peekable();
                for field in fields {
                    if let Some((_, place)) = wanted.next_if(|(at, _)| *at == count) {
                        self.values[first + place] = read(*place, field)?;
                    }
                    count += 1;
                }
            }
        }
        if count != self.fields || count == 0 {
            return Err(Error::format(
                self.path,
                Place::line(number),
                format!(
                    "the row has {} fields, and the header has {}",
                    count + 1,
                    self.fields + 1
                ),
                "Every row needs the sample's name and one number a column.",
            ));
        }
        Ok(())
    }

    pub fn finish(self) -> Result<ScoreTable> {
        if self.samples.is_empty() {
            return Err(Error::format(
                self.path,
                Place::file(),
                "the table has no row",
                "Check that it was written completely.",
            ));
        }
        for (names, what) in [(&self.samples, "sample"), (&self.columns, "column")] {
            if let Some(name) = repeated(names) {
                return Err(Error::format(
                    self.path,
                    Place::file(),
                    format!("the {what} {name:?} comes twice"),
                    "Give every sample and every column a name of its own.",
                ));
            }
        }
        ScoreTable::new(self.samples, self.columns, self.values)
    }
}

/// A number, or NaN for a missing one; infinite values are no scores.
fn score(field: &str) -> Option<f32> {
    match field.trim() {
        "" | "NA" | "N/A" | "na" | "NaN" | "nan" => Some(f32::NAN),
        field => field.parse().ok().filter(|value: &f32| value.is_finite()),
    }
}

fn repeated(names: &[String]) -> Option<&str> {
    let mut seen = HashSet::new();
    let again = names.iter().find(|name| !seen.insert(name.as_str()));
    again.map(String::as_str)
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
        let back = ScoreTable::from_path(&path)?;
        assert_eq!(back.samples(), table.samples());
        assert_eq!(back.column("up"), table.column("up"));
        assert!(back.values()[1].is_nan());
        for wrong in [
            "s\tx\na\t1\t2\n",
            "s\tx\na\tup\n",
            "s\tx\na\tinf\n",
            "s\tx\n",
            "s\na\n",
        ] {
            assert!(matches!(
                ScoreTable::parse(wrong, &path),
                Err(Error::Format { .. })
            ));
        }
        let twice = ScoreTable::parse("s\tx\tx\na\t1\t2\n", &path).expect_err("one name");
        assert!(
            twice.to_string().contains("the column \"x\" comes twice"),
            "{twice}"
        );
        Ok(())
    }
}
