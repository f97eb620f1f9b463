//! A user's own table of identifiers: orthologs, aliases, any ids.

use crate::error::{Error, Place, Result};
use crate::io::{one_field, read_text, write_text};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Old names and their new ones, in the file's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdTable {
    path: PathBuf,
    targets: HashMap<String, Vec<String>>,
}

/// What became of a gene's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFate {
    /// The table has one new name.
    Mapped,
    /// The table has so many new names; the first was taken.
    Ambiguous(usize),
    /// The table does not have the gene, which keeps its name.
    Absent,
}

impl IdTable {
    /// Reads a table whose first column has the data's identifiers and whose second those to use
    /// instead, tab- or comma-separated; `#` starts a comment, rows without a second field say
    /// nothing, further columns are not read. A header does no harm: it names no gene.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] with the line of a row of one column, or if no row has
    /// two names.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(&read_text(path)?.0, path)
    }

    /// Parses a table; `path` names errors.
    ///
    /// ```
    /// use gsae::identifiers::{IdFate, IdTable};
    /// use std::path::Path;
    ///
    /// let table = IdTable::parse("mouse\thuman\nTrp53\tTP53\n", Path::new("orthologs.tsv"))?;
    /// assert_eq!(table.look_up("Trp53"), ("TP53", IdFate::Mapped));
    /// assert_eq!(table.look_up("Myc"), ("Myc", IdFate::Absent));
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path).
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut targets: HashMap<String, Vec<String>> = HashMap::new();
        for (line, number) in text.lines().zip(1..) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let delimiter = if line.contains('\t') { '\t' } else { ',' };
            let mut fields = line
                .split(delimiter)
                .map(|field| field.trim().trim_matches('"'));
            let (Some(from), Some(to)) = (fields.next(), fields.next()) else {
                return Err(Error::format(
                    path,
                    Place::line(number),
                    format!("{line:?} is one column"),
                    "Give the data's identifier and the one to use instead, separated by a tab.",
                ));
            };
            if !from.is_empty() && !to.is_empty() {
                let known = targets.entry(from.to_owned()).or_default();
                if !known.iter().any(|other| other == to) {
                    known.push(to.to_owned());
                }
            }
        }
        if targets.is_empty() {
            return Err(Error::format(
                path,
                Place::file(),
                "no row of the table has two names",
                "Give the data's identifier and the one to use instead, separated by a tab.",
            ));
        }
        Ok(Self {
            path: path.to_path_buf(),
            targets,
        })
    }

    /// The new name of a gene, looked up as it is and, if it is a versioned Ensembl id, without
    /// the version.
    pub fn look_up<'a>(&'a self, gene: &'a str) -> (&'a str, IdFate) {
        let unversioned = || match gene.split_once('.') {
            Some((id, _)) if gene.starts_with("ENS") => self.targets.get(id),
            _ => None,
        };
        match self
            .targets
            .get(gene)
            .or_else(unversioned)
            .map(Vec::as_slice)
        {
            None | Some([]) => (gene, IdFate::Absent),
            Some([one]) => (one, IdFate::Mapped),
            Some([first, rest @ ..]) => (first, IdFate::Ambiguous(rest.len() + 1)),
        }
    }

    /// The new names of genes, and what became of each.
    ///
    /// # Errors
    /// [`Error::Data`] if the table has none of the genes.
    pub fn apply(&self, genes: &[String]) -> Result<(Vec<String>, Vec<IdFate>)> {
        let found = genes.iter().map(|gene| {
            let (name, fate) = self.look_up(gene);
            (name.to_owned(), fate)
        });
        let (names, fates): (Vec<String>, Vec<IdFate>) = found.unzip();
        if fates.iter().all(|fate| *fate == IdFate::Absent) {
            let example = genes.first().map_or("", String::as_str);
            return Err(Error::data(
                format!(
                    "{} has none of the data's {} genes (the first is {example:?})",
                    self.path.display(),
                    genes.len()
                ),
                "The first column has to be the data's identifiers: swap the columns, or use \
                 another table.",
            ));
        }
        Ok((names, fates))
    }
}

/// A gene's way from the data's name to the gene sets'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedGene {
    /// As the data have it.
    pub gene: String,
    /// As it is used.
    pub used_as: String,
    /// What renamed it: `-` if nothing did.
    pub by: String,
    /// The number of gene sets that have it.
    pub sets: usize,
}

/// Writes genes as a tab-separated table: `gene`, `used_as`, `by`, `sets`.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub fn write_mapped_genes(genes: &[MappedGene], path: impl AsRef<Path>) -> Result<()> {
    let mut text = String::from("gene\tused_as\tby\tsets\n");
    for gene in genes {
        let fields = [&gene.gene, &gene.used_as, &gene.by].map(|field| one_field(field));
        text.push_str(&format!("{}\t{}\n", fields.join("\t"), gene.sets));
    }
    write_text(path, &text)
}
