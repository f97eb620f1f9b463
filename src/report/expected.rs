//! The tables of other commands, told apart by their columns.

use super::Table;
use crate::error::{Error, Place, Result};
use crate::wording::{listed, number_of};
use std::collections::HashSet;
use std::path::Path;

/// A table that a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Of `gsae compare`: two groups, several, or a number.
    Comparison,
    /// Of `gsae survival`.
    Survival,
    /// Of `gsae survival --curves`.
    Curves,
}

/// Columns that are named in a message.
const NAMED: usize = 8;

impl TableKind {
    /// What writes it.
    fn command(self) -> &'static str {
        match self {
            Self::Comparison => "gsae compare",
            Self::Survival => "gsae survival",
            Self::Curves => "gsae survival --curves",
        }
    }

    /// The columns that it has, and those of which it has at least one.
    fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Comparison => (
                &["name", "p", "adjusted_p"],
                &["difference", "explained", "slope_per_sd"],
            ),
            Self::Survival => (&["name", "hazard_ratio", "p", "adjusted_p"], &[]),
            Self::Curves => (&["name", "group", "time", "survival"], &[]),
        }
    }

    /// Reads a table of this kind.
    ///
    /// # Errors
    /// As [`Table::from_path`]; [`Error::Format`] for a table without its columns.
    pub fn read(self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let table = Table::from_path(path)?;
        let has = |column: &&str| table.columns().iter().any(|own| own == column);
        let (all, any) = self.columns();
        let lacks = all.iter().find(|column| !has(column));
        let lacking = match lacks {
            Some(column) => (*column).to_owned(),
            None if any.is_empty() || any.iter().any(has) => return Ok(table),
            None => any.join(" or "),
        };
        let columns = table.columns().iter().map(String::as_str);
        Err(Error::format(
            path,
            Place::file(),
            format!(
                "there is no column {lacking}, which the table of `{}` has; the columns are {}",
                self.command(),
                listed(columns, NAMED)
            ),
            format!("Give the table that `{}` wrote.", self.command()),
        ))
    }

    /// As [`read`](Self::read), with the number of its rows that are of none of the `nodes`.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`Error::Format`] if no row is of one of the nodes.
    pub fn read_of(self, path: impl AsRef<Path>, nodes: &[String]) -> Result<(Table, usize)> {
        let path = path.as_ref();
        let table = self.read(path)?;
        let known: HashSet<&str> = nodes.iter().map(String::as_str).collect();
        let names = table.column("name").unwrap_or_default();
        let strange = names.iter().filter(|name| !known.contains(*name)).count();
        if strange > 0 && strange == names.len() {
            return Err(Error::format(
                path,
                Place::file(),
                format!(
                    "none of its {} (the first is of {:?}) is of one of the run's {} (the first is \
                     {:?})",
                    number_of(strange, "row"),
                    names[0],
                    number_of(nodes.len(), "node"),
                    nodes.first().map_or("", String::as_str),
                ),
                format!(
                    "Give the table that `{}` wrote of this run.",
                    self.command()
                ),
            ));
        }
        Ok((table, strange))
    }
}
