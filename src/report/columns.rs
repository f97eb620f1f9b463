//! Tables as a report carries them: column by column, numbers as numbers.

use super::Table;
use super::pack::rounded;
use super::table::{is_missing, number};
use serde::Serialize;

/// The digits that numbers keep.
const DIGITS: i32 = 5;
/// The rows that are kept.
const MOST_ROWS: usize = 20_000;

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Column {
    pub key: String,
    pub values: Values,
}

/// Its fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Values {
    /// All fields are numbers or missing (`null`).
    Numbers(Vec<f64>),
    /// Text as it is; missing fields are empty.
    Texts(Vec<String>),
}

/// The columns of a table but for those named in `without`.
pub(super) fn columns(table: &Table, without: &[&str]) -> Vec<Column> {
    let kept = table.columns().iter();
    let kept = kept.filter(|name| !without.contains(&name.as_str()));
    let column = |name: &String| {
        let fields = table.column(name)?;
        Some(Column {
            key: name.clone(),
            values: values(&fields[..fields.len().min(MOST_ROWS)]),
        })
    };
    kept.filter_map(column).collect()
}

fn values(fields: &[&str]) -> Values {
    let numeric = |field: &&str| {
        is_missing(field) || number(field).is_finite() || matches!(*field, "inf" | "-inf")
    };
    let numbers = fields.iter().all(numeric) && !fields.iter().all(|field| is_missing(field));
    if numbers {
        let value = |field: &&str| rounded(number(field), DIGITS);
        return Values::Numbers(fields.iter().map(value).collect());
    }
    let text = |field: &&str| match is_missing(field) {
        true => String::new(),
        false => (*field).to_owned(),
    };
    Values::Texts(fields.iter().map(text).collect())
}

/// A table of findings on nodes: its rows, each with the node it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Findings {
    /// The file it was read from.
    pub file: String,
    pub columns: Vec<Column>,
    /// The position of each row's node; `null` for a name that the run lacks.
    pub sets: Vec<Option<usize>>,
    /// The rows of the file.
    pub rows: usize,
}

impl Findings {
    /// `nodes` are the run's; columns that repeat theirs are left out.
    pub fn new(file: &str, table: &Table, nodes: &Table) -> Self {
        let known = nodes.by_name();
        let names = table.column("name").or_else(|| {
            let first = table.columns().first()?;
            table.column(first)
        });
        let names = names.unwrap_or_default();
        let names = &names[..names.len().min(MOST_ROWS)];
        let repeated: Vec<&str> = nodes.columns().iter().map(String::as_str).collect();
        let first = table.columns().first().map(String::as_str);
        let without: Vec<&str> = repeated.into_iter().chain(first).collect();
        let mut columns = columns(table, &without);
        columns.insert(
            0,
            Column {
                key: "name".to_owned(),
                values: Values::Texts(names.iter().map(|&name| name.to_owned()).collect()),
            },
        );
        Self {
            file: file.to_owned(),
            columns,
            sets: names.iter().map(|name| known.get(name).copied()).collect(),
            rows: table.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use std::path::Path;

    #[test]
    fn findings_join_by_name_and_do_not_repeat_what_is_known_of_nodes() -> Result<()> {
        let parse = |text| Table::parse(text, Path::new("t.tsv"));
        let nodes = parse("name\tsize\nA\t3\nB\t4\n")?;
        let table = parse("name\tdirection\tp\tsize\nB\tup\t1e-9\t4\nC\tdown\tNA\t7\n")?;
        let found = Findings::new("compare.tsv", &table, &nodes);
        assert_eq!(found.sets, [Some(1), None]);
        let keys: Vec<&str> = found
            .columns
            .iter()
            .map(|column| column.key.as_str())
            .collect();
        assert_eq!(keys, ["name", "direction", "p"]);
        assert_eq!(
            serde_json::to_string(&found.columns[2]).unwrap_or_default(),
            r#"{"key":"p","values":[1e-9,null]}"#
        );
        Ok(())
    }
}
