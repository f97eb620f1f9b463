//! Mapping the data's gene identifiers to those of the gene sets.

use super::GeneTable;
use super::id_type::IdType;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// A way to rename the data's genes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneMapping {
    /// As they are.
    None,
    /// `ENSG00000121410.12` to `ENSG00000121410`.
    StripVersion,
    /// Ensembl ids, with or without version, to symbols by the shipped table.
    EnsemblToSymbol,
    /// Entrez ids to symbols by the shipped table.
    EntrezToSymbol,
    /// Symbols in capitals: a crude guess from mouse to human, never applied unasked.
    UpperCase,
}

impl GeneMapping {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::StripVersion,
        Self::EnsemblToSymbol,
        Self::EntrezToSymbol,
        Self::UpperCase,
    ];

    fn map(self, name: &str, table: &GeneTable) -> Option<String> {
        let without_version = || match IdType::of(name) {
            IdType::EnsemblVersioned => name.split('.').next(),
            IdType::Ensembl => Some(name),
            _ => None,
        };
        match self {
            Self::None => None,
            Self::StripVersion => without_version().map(str::to_owned),
            Self::EnsemblToSymbol => without_version()
                .and_then(|id| table.from_ensembl(id))
                .map(str::to_owned),
            Self::EntrezToSymbol => table.from_entrez(name).map(str::to_owned),
            Self::UpperCase => Some(name.to_uppercase()),
        }
    }

    /// Renames genes; then, if `aliases` says so, outdated symbols that no gene set knows become
    /// the current symbol that some set does, unless another gene of the data has that name.
    pub fn apply(
        self,
        genes: &[String],
        set_genes: &HashSet<&str>,
        table: &GeneTable,
        aliases: bool,
    ) -> Mapped {
        let mut names: Vec<String> = genes
            .iter()
            .map(|gene| self.map(gene, table).unwrap_or_else(|| gene.clone()))
            .collect();
        if aliases {
            let mut taken: HashSet<String> = names.iter().cloned().collect();
            for name in &mut names {
                if !set_genes.contains(name.as_str())
                    && let Some(current) = table.from_alias(name)
                    && set_genes.contains(current)
                    && taken.insert(current.to_owned())
                {
                    *name = current.to_owned();
                }
            }
        }
        let changed = genes
            .iter()
            .zip(&names)
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (from.clone(), to.clone()))
            .collect();
        Mapped { names, changed }
    }
}

/// Renamed genes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// One name a gene, in the genes' order.
    pub names: Vec<String>,
    /// The genes whose name changed: before and after.
    pub changed: Vec<(String, String)>,
}

impl fmt::Display for GeneMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::StripVersion => "strip-version",
            Self::EnsemblToSymbol => "ensembl-to-symbol",
            Self::EntrezToSymbol => "entrez-to-symbol",
            Self::UpperCase => "upper-case",
        })
    }
}

impl FromStr for GeneMapping {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|mapping| mapping.to_string() == text);
        found.ok_or_else(|| {
            let names: Vec<String> = Self::ALL.iter().map(ToString::to_string).collect();
            Error::config(
                "--gene-mapping",
                format!("is auto or one of {}, not {text:?}", names.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_become_symbols() -> Result<()> {
        let table = GeneTable::bundled()?;
        let none = HashSet::new();
        let genes = names(&["ENSG00000121410.5", "ENSG99999999999"]);
        let mapped = GeneMapping::EnsemblToSymbol.apply(&genes, &none, table, false);
        assert_eq!(mapped.names, ["A1BG", "ENSG99999999999"]);
        assert_eq!(mapped.changed.len(), 1);
        let mapped = GeneMapping::StripVersion.apply(&genes, &none, table, false);
        assert_eq!(mapped.names[0], "ENSG00000121410");
        Ok(())
    }

    #[test]
    fn an_alias_does_not_take_the_name_of_another_gene() -> Result<()> {
        let table = GeneTable::bundled()?;
        let sets = HashSet::from(["A1CF"]);
        let mapped = GeneMapping::None.apply(&names(&["ACF65"]), &sets, table, true);
        assert_eq!(mapped.names, ["A1CF"]);
        let both = names(&["ACF65", "A1CF"]);
        assert_eq!(
            GeneMapping::None.apply(&both, &sets, table, true).names,
            both
        );
        Ok(())
    }
}
