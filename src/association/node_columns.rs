//! What is known of the nodes, joined by name.

use crate::error::{Error, Place, Result};
use crate::io::read_text;
use std::collections::HashMap;
use std::path::Path;

/// The columns of a `nodes.tsv`, whatever they are, by the nodes' names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeColumns {
    headers: Vec<String>,
    fields: HashMap<String, Vec<String>>,
}

impl NodeColumns {
    /// Reads a tab-separated table with the nodes' names in its first column. The description is
    /// left out, everything else is kept as it is.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] for a ragged row or a name that comes twice.
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
        let headers: Vec<&str> = header.split('\t').collect();
        let kept: Vec<usize> = (1..headers.len())
            .filter(|at| headers[*at] != "description")
            .collect();
        let mut table = Self {
            headers: kept.iter().map(|at| headers[*at].to_owned()).collect(),
            fields: HashMap::new(),
        };
        for (line, number) in lines {
            let row: Vec<&str> = line.split('\t').collect();
            if row.len() != headers.len() {
                let found = format!("{} fields, and the header has {}", row.len(), headers.len());
                return Err(Error::format(
                    path,
                    Place::line(number),
                    format!("the row has {found}"),
                    "Give a table as `gsae fit` writes it: a row a node, its name first.",
                ));
            }
            let own = kept.iter().map(|at| row[*at].to_owned()).collect();
            if table.fields.insert(row[0].to_owned(), own).is_some() {
                return Err(Error::format(
                    path,
                    Place::line(number),
                    format!("the node {:?} comes twice", row[0]),
                    "Leave one row a node.",
                ));
            }
        }
        Ok(table)
    }

    /// The names of the columns.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The fields of a node; `None` if it has no row.
    pub fn of(&self, node: &str) -> Option<&[String]> {
        self.fields.get(node).map(Vec::as_slice)
    }

    /// How many of these nodes have a row.
    pub fn known<'a>(&self, nodes: impl IntoIterator<Item = &'a String>) -> usize {
        let known = |node: &&String| self.fields.contains_key(*node);
        nodes.into_iter().filter(known).count()
    }
}
