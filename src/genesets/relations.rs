//! Parent-child relations between gene sets.

use crate::error::{Error, Place, Result};
use crate::io::read_text;
use std::path::Path;

/// Parent-child pairs of gene sets, by stable id or name, with the kind of relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    pairs: Vec<(String, String, String)>,
}

impl Relations {
    /// Reads `parent TAB child`, with an optional third field for the kind (`isa` if absent).
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] with the line of a row that is not two fields.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(&read_text(path)?.0, path)
    }

    /// Parses the text of a relations file; `path` names errors.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a row that is not two fields.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut pairs = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [parent, child, rest @ ..] = fields.as_slice() else {
                return Err(Error::format(
                    path,
                    Place::line(index + 1),
                    format!("{line:?} is not a parent and a child"),
                    "Separate them by a tab.",
                ));
            };
            let kind = rest.first().copied().unwrap_or("isa");
            pairs.push((parent.to_string(), child.to_string(), kind.to_owned()));
        }
        Ok(Self { pairs })
    }

    /// The relations of these kinds only; GO's regulation, for example, is no subset relation.
    pub fn of_kinds(mut self, kinds: &[&str]) -> Self {
        self.pairs
            .retain(|(_, _, kind)| kinds.contains(&kind.as_str()));
        self
    }

    /// Parent, child and kind, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.pairs
            .iter()
            .map(|(p, c, k)| (p.as_str(), c.as_str(), k.as_str()))
    }

    /// These relations and others.
    pub fn with(mut self, others: Self) -> Self {
        self.pairs.extend(others.pairs);
        self
    }

    /// The relations whose parent and child pass a test on their ids.
    pub fn among(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.pairs
            .retain(|(parent, child, _)| keep(parent) && keep(child));
        self
    }

    /// The number of relations.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl FromIterator<(String, String, String)> for Relations {
    /// From parent, child and kind.
    fn from_iter<T: IntoIterator<Item = (String, String, String)>>(pairs: T) -> Self {
        Self {
            pairs: pairs.into_iter().collect(),
        }
    }
}
