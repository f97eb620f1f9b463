//! Mapping the data's gene identifiers to those of the gene sets.

use super::GeneTable;
use super::id_type::IdType;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
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
    /// Ensembl ids (with or without version) and Entrez ids to symbols by the shipped table.
    ToSymbol,
    /// Symbols and Ensembl ids to Entrez ids by the shipped table.
    ToEntrez,
    /// Symbols and Entrez ids to Ensembl ids, without version, by the shipped table.
    ToEnsembl,
    /// Symbols in capitals: a crude guess from mouse to human, never applied unasked.
    UpperCase,
}

impl GeneMapping {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::StripVersion,
        Self::ToSymbol,
        Self::ToEntrez,
        Self::ToEnsembl,
        Self::UpperCase,
    ];

    fn map(self, name: &str, set_genes: &HashSet<&str>, table: &GeneTable) -> Option<String> {
        let unversioned = name.split('.').next().unwrap_or(name);
        let symbol = || match IdType::of(name) {
            IdType::Ensembl | IdType::EnsemblVersioned => table.from_ensembl(unversioned),
            IdType::Entrez => table.from_entrez(name),
            IdType::Symbol => Some(table.from_alias(name).unwrap_or(name)),
        };
        match self {
            Self::None => None,
            Self::StripVersion => {
                (IdType::of(name) == IdType::EnsemblVersioned).then(|| unversioned.to_owned())
            }
            Self::ToSymbol if IdType::of(name) == IdType::Symbol => None,
            Self::ToSymbol => symbol().map(str::to_owned),
            Self::ToEntrez if IdType::of(name) == IdType::Entrez => None,
            Self::ToEntrez => used(table.entrez_of(symbol()?), set_genes),
            Self::ToEnsembl if IdType::of(name) == IdType::Ensembl => None,
            Self::ToEnsembl if IdType::of(name) == IdType::EnsemblVersioned => {
                Some(unversioned.to_owned())
            }
            Self::ToEnsembl => used(table.ensembl_of(symbol()?), set_genes),
            Self::UpperCase => Some(name.to_uppercase()),
        }
    }

    /// Renames genes; then, if `aliases` says so, outdated symbols that no gene set knows become
    /// the current symbol that some set does, unless another gene of the data has that name. What
    /// stands there twice is renamed twice.
    pub fn apply(
        self,
        genes: &[String],
        set_genes: &HashSet<&str>,
        table: &GeneTable,
        aliases: bool,
    ) -> Mapped {
        let mut names: Vec<String> = genes
            .iter()
            .map(|gene| {
                self.map(gene, set_genes, table)
                    .unwrap_or_else(|| gene.clone())
            })
            .collect();
        if aliases {
            let mut taken: HashSet<String> = names.iter().cloned().collect();
            let mut renamed: HashMap<String, &str> = HashMap::new();
            for name in &mut names {
                if set_genes.contains(name.as_str()) {
                    continue;
                }
                if let Some(current) = renamed.get(name.as_str()) {
                    *name = (*current).to_owned();
                } else if let Some(current) = table.from_alias(name)
                    && set_genes.contains(current)
                    && taken.insert(current.to_owned())
                {
                    renamed.insert(std::mem::replace(name, current.to_owned()), current);
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

/// Of several ids of a gene the one that the sets use.
fn used<'a>(
    mut ids: impl Iterator<Item = &'a str> + Clone,
    set_genes: &HashSet<&str>,
) -> Option<String> {
    let known = ids.clone().find(|id| set_genes.contains(id));
    known.or_else(|| ids.next()).map(str::to_owned)
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
            Self::ToSymbol => "to-symbol",
            Self::ToEntrez => "to-entrez",
            Self::ToEnsembl => "to-ensembl",
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
        let mapped = GeneMapping::ToSymbol.apply(&genes, &none, table, false);
        assert_eq!(mapped.names, ["A1BG", "ENSG99999999999"]);
        assert_eq!(mapped.changed.len(), 1);
        let mapped = GeneMapping::StripVersion.apply(&genes, &none, table, false);
        assert_eq!(mapped.names[0], "ENSG00000121410");
        Ok(())
    }

    #[test]
    fn symbols_become_the_ids_that_the_sets_use() -> Result<()> {
        let table = GeneTable::bundled()?;
        let genes = names(&["A1BG", "ACF65", "ENSG00000121410.5", "nobody"]);
        let entrez = GeneMapping::ToEntrez.apply(&genes, &HashSet::new(), table, false);
        assert_eq!(entrez.names, ["1", "29974", "1", "nobody"]);
        let ids = GeneMapping::ToEnsembl.apply(&genes, &HashSet::new(), table, false);
        assert_eq!(ids.names[0], "ENSG00000121410");
        assert_eq!(ids.names[2], "ENSG00000121410");
        let second = "ENSG00000261846";
        let sets = HashSet::from([second]);
        let mapped = GeneMapping::ToEnsembl.apply(&names(&["AADACL2"]), &sets, table, false);
        assert_eq!(mapped.names, [second]);
        Ok(())
    }

    #[test]
    fn an_alias_does_not_take_the_name_of_another_gene() -> Result<()> {
        let table = GeneTable::bundled()?;
        let sets = HashSet::from(["A1CF"]);
        let mapped = GeneMapping::None.apply(&names(&["ACF65"]), &sets, table, true);
        assert_eq!(mapped.names, ["A1CF"]);
        let twice = GeneMapping::None.apply(&names(&["ACF65", "ACF65"]), &sets, table, true);
        assert_eq!(twice.names, ["A1CF", "A1CF"]);
        let both = names(&["ACF65", "A1CF"]);
        assert_eq!(
            GeneMapping::None.apply(&both, &sets, table, true).names,
            both
        );
        Ok(())
    }
}
