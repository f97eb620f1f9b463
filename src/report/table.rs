//! Tables of other commands, read by the names of their columns.

use crate::error::{Error, Place, Result};
use crate::io::{one_field, read_text};
use std::collections::HashMap;
use std::path::Path;

/// A tab-separated table as text: a header, then rows of as many fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] with the line of a ragged row.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (text, _) = read_text(path)?;
        Self::parse(&text, path)
    }

    /// Parses the text of a table; `path` names errors.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a ragged row.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.is_empty());
        let fields = |line: &str| -> Vec<String> { line.split('\t').map(str::to_owned).collect() };
        let columns = lines.next().map(|(line, _)| fields(line));
        let columns = columns.unwrap_or_default();
        let mut rows = Vec::new();
        for (line, number) in lines {
            let row = fields(line);
            if row.len() != columns.len() {
                return Err(Error::format(
                    path,
                    Place::line(number),
                    format!(
                        "the row has {} fields, and the header has {}",
                        row.len(),
                        columns.len()
                    ),
                    "Give a tab-separated table as gsae writes it.",
                ));
            }
            rows.push(row);
        }
        Ok(Self { columns, rows })
    }

    /// A table with names alone.
    pub(super) fn of_names(names: &[String]) -> Self {
        Self {
            columns: vec!["name".to_owned()],
            rows: names.iter().map(|name| vec![one_field(name)]).collect(),
        }
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The fields of a column, row by row; `None` where there is no such column.
    pub fn column(&self, name: &str) -> Option<Vec<&str>> {
        let at = self.columns.iter().position(|column| column == name)?;
        Some(self.rows.iter().map(|row| row[at].as_str()).collect())
    }

    /// A column as numbers, NaN where a field is none; `None` where there is no such column.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let fields = self.column(name)?;
        Some(fields.into_iter().map(number).collect())
    }

    /// The rows whose field in a column is `value`.
    ///
    /// # Errors
    /// [`Error::Data`] if there is no such column or row.
    pub fn only(&self, name: &str, value: &str) -> Result<Self> {
        let fields = self.column(name).unwrap_or_default();
        let rows = self.rows.iter().zip(&fields);
        let rows = rows.filter(|(_, field)| **field == value);
        let rows: Vec<Vec<String>> = rows.map(|(row, _)| row.clone()).collect();
        if rows.is_empty() {
            return Err(Error::data(
                format!("the table has no row with {value:?} in a column {name}"),
                "Check the name, or leave the choice out.",
            ));
        }
        Ok(Self {
            columns: self.columns.clone(),
            rows,
        })
    }

    /// The rows at these places, in this order; those that are not there are left out.
    pub(super) fn rows(&self, places: &[usize]) -> Self {
        let rows = places.iter().filter_map(|&at| self.rows.get(at).cloned());
        Self {
            columns: self.columns.clone(),
            rows: rows.collect(),
        }
    }

    /// For every name the first row that begins with it.
    pub(super) fn by_name(&self) -> HashMap<&str, usize> {
        let names = self.rows.iter().enumerate().rev();
        // The first row of a name counts, as tables are ordered by evidence.
        names
            .filter_map(|(at, row)| Some((row.first()?.as_str(), at)))
            .collect()
    }
}

/// The number a field holds; NaN for NA and for text.
pub(super) fn number(field: &str) -> f64 {
    field.trim().parse().unwrap_or(f64::NAN)
}

/// Whether a field says that there is nothing.
pub(super) fn is_missing(field: &str) -> bool {
    matches!(field.trim(), "" | "NA" | "NaN" | "nan" | "na" | "N/A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_by_name_and_ragged_rows_are_refused() -> Result<()> {
        let path = Path::new("table.tsv");
        let table = Table::parse("name\tp\nA\t0.5\nB\tNA\nA\t1\n", path)?;
        assert_eq!(table.len(), 3);
        assert_eq!(table.column("name"), Some(vec!["A", "B", "A"]));
        let p = table.numbers("p").unwrap_or_default();
        assert!(p[0] == 0.5 && p[1].is_nan());
        assert_eq!(table.by_name()["A"], 0);
        assert_eq!(table.column("q"), None);
        let error = Table::parse("name\tp\nA\n", path).expect_err("a ragged row");
        assert!(error.to_string().contains("line 2"), "{error}");
        Ok(())
    }
}
