//! A small table of typed columns: what is known of samples or of gene sets beside the numbers.

use crate::error::{Error, Result};

/// The values of a column, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Text; empty where there is none.
    Text(Vec<String>),
    /// Numbers; NaN where there is none.
    Number(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Truth values.
    Flag(Vec<bool>),
}

impl Column {
    /// The narrowest kind that holds all cells: truth values, whole numbers, numbers, text.
    /// Empty cells and `NA` are missing, which only numbers and text can hold. A number with
    /// leading zeros (`007`) is a name.
    pub fn of(cells: &[impl AsRef<str>]) -> Self {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        let missing = |cell: &str| cell.is_empty() || cell == "NA";
        let known = || cells.iter().filter(|cell| !missing(cell));
        let text = || cells.iter().map(|cell| (*cell).to_owned()).collect();
        if known().next().is_none() || known().any(|cell| leading_zero(cell)) {
            return Self::Text(text());
        }
        let flag = |cell: &&str| match *cell {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        };
        if let Some(flags) = cells.iter().map(flag).collect() {
            return Self::Flag(flags);
        }
        if let Some(whole) = cells.iter().map(|cell| cell.parse().ok()).collect() {
            return Self::Whole(whole);
        }
        let number = |cell: &&str| match missing(cell) {
            true => Some(f64::NAN),
            false => cell.parse::<f64>().ok().filter(|value| value.is_finite()),
        };
        match cells.iter().map(number).collect() {
            Some(numbers) => Self::Number(numbers),
            None => Self::Text(text()),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell as text, empty where there is none.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn cell(&self, row: usize) -> String {
        match self {
            Self::Text(values) => values[row].clone(),
            Self::Number(values) if values[row].is_nan() => String::new(),
            Self::Number(values) => values[row].to_string(),
            Self::Whole(values) => values[row].to_string(),
            Self::Flag(values) => if values[row] { "True" } else { "False" }.to_owned(),
        }
    }

    /// A cell as JSON, null where there is none.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn json(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Text(values) if values[row].is_empty() => serde_json::Value::Null,
            Self::Text(values) => values[row].as_str().into(),
            Self::Number(values) => values[row].into(),
            Self::Whole(values) => values[row].into(),
            Self::Flag(values) => values[row].into(),
        }
    }
}

fn leading_zero(cell: &str) -> bool {
    let digits = cell.as_bytes();
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit()
}

/// Named columns of one length, with a name for every row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    rows: Vec<String>,
    columns: Vec<(String, Column)>,
}

impl Columns {
    /// A table without columns.
    pub fn new(rows: Vec<String>) -> Self {
        Self {
            rows,
            columns: Vec::new(),
        }
    }

    /// Adds a column; one of that name is replaced.
    ///
    /// # Errors
    /// [`Error::Data`] if it has not one value a row.
    pub fn with(mut self, name: impl Into<String>, column: Column) -> Result<Self> {
        let name = name.into();
        if column.len() != self.rows.len() {
            return Err(Error::data(
                format!(
                    "the column {name:?} has {} values for {} rows",
                    column.len(),
                    self.rows.len()
                ),
                "Give one value a row.",
            ));
        }
        self.set(name, column);
        Ok(self)
    }

    /// [`with`](Self::with) for a column that is known to fit.
    pub(crate) fn set(&mut self, name: String, column: Column) {
        match self.columns.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = column,
            None => self.columns.push((name, column)),
        }
    }

    /// Reads what this crate writes as a tab-separated table: a header, the row names first.
    ///
    /// # Errors
    /// [`Error::Data`] for a ragged table.
    pub fn from_tsv(text: &str) -> Result<Self> {
        let mut lines = text.lines().map(|line| line.split('\t').collect());
        let header: Vec<&str> = lines.next().unwrap_or_default();
        let rows: Vec<Vec<&str>> = lines.collect();
        if let Some(at) = rows.iter().position(|row| row.len() != header.len()) {
            return Err(Error::data(
                format!("row {} has not {} fields", at + 1, header.len()),
                "Every row needs as many fields as the header.",
            ));
        }
        let mut table = Self::new(rows.iter().map(|row| row[0].to_owned()).collect());
        for (at, name) in header.iter().enumerate().skip(1) {
            let cells: Vec<&str> = rows.iter().map(|row| row[at]).collect();
            table = table.with(*name, Column::of(&cells))?;
        }
        Ok(table)
    }

    /// The names of the rows.
    pub fn rows(&self) -> &[String] {
        &self.rows
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[(String, Column)] {
        &self.columns
    }

    /// The column called `name`.
    pub fn get(&self, name: &str) -> Option<&Column> {
        let found = self.columns.iter().find(|(other, _)| other == name);
        found.map(|(_, column)| column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_kind_is_taken() -> Result<()> {
        assert_eq!(Column::of(&["1", "-2"]), Column::Whole(vec![1, -2]));
        assert_eq!(
            Column::of(&["True", "FALSE"]),
            Column::Flag(vec![true, false])
        );
        let Column::Number(numbers) = Column::of(&["1", "NA", "2.5"]) else {
            return Err(Error::data("not numbers", ""));
        };
        assert!(numbers[1].is_nan() && numbers[2] == 2.5);
        assert_eq!(Column::of(&["007", "1"]).cell(0), "007");
        assert_eq!(Column::of(&["inf", "1"]).cell(0), "inf");
        let table = Columns::from_tsv("name\tsize\tkind\na\t3\tx\nb\t4\t\n")?;
        assert_eq!(table.rows(), ["a", "b"]);
        assert_eq!(table.get("size"), Some(&Column::Whole(vec![3, 4])));
        assert!(Columns::from_tsv("a\tb\n1\n").is_err());
        Ok(())
    }
}
