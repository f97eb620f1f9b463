//! Kinds of gene identifiers, by their form.

use super::GeneTable;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of one identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdType {
    /// A gene symbol, or anything that looks like none of the others.
    Symbol,
    /// An Ensembl gene id: `ENSG00000121410`.
    Ensembl,
    /// An Ensembl gene id with its version: `ENSG00000121410.12`.
    EnsemblVersioned,
    /// An Entrez (NCBI Gene) id: a whole number.
    Entrez,
}

impl IdType {
    /// By the form of the name.
    pub fn of(name: &str) -> Self {
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Entrez;
        }
        let Some(rest) = name.strip_prefix("ENS") else {
            return Self::Symbol;
        };
        let (id, version) = match rest.split_once('.') {
            Some((id, version)) => (id, Some(version)),
            None => (rest, None),
        };
        let species = id.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = id.len() - species.len();
        let is_gene = species.ends_with('G') && species.len() <= 4 && digits >= 6;
        match version {
            None if is_gene => Self::Ensembl,
            Some(version) if is_gene && version.bytes().all(|b| b.is_ascii_digit()) => {
                Self::EnsemblVersioned
            }
            _ => Self::Symbol,
        }
    }
}

impl fmt::Display for IdType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Symbol => "symbols",
            Self::Ensembl => "Ensembl ids",
            Self::EnsemblVersioned => "Ensembl ids with versions",
            Self::Entrez => "Entrez ids",
        })
    }
}

/// The species that the identifiers speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Species {
    /// Human: `TP53`, `ENSG...`.
    Human,
    /// Mouse or rat: `Trp53`, `ENSMUSG...`, `ENSRNOG...`.
    Rodent,
    /// Neither form prevails.
    Unclear,
}

impl fmt::Display for Species {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Human => "human",
            Self::Rodent => "mouse or rat",
            Self::Unclear => "unclear",
        })
    }
}

/// The kinds of identifiers in a list, and the species they speak for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdTypes {
    /// The most frequent kind.
    pub main: IdType,
    /// Its share, in [0, 1].
    pub share: f64,
    /// The species.
    pub species: Species,
    /// The share of symbols that are current human symbols.
    pub known_symbols: f64,
}

/// One name in so many has to have the form of mouse or rat for a list to be of them.
const FEWEST_RODENT: usize = 3;

impl IdTypes {
    /// Of a list of names; `table` knows the current symbols.
    pub fn detect<'a>(names: impl IntoIterator<Item = &'a str>, table: &GeneTable) -> Self {
        let mut counts = [0usize; 4];
        let (mut upper, mut title, mut rodent_ids, mut human_ids) = (0, 0, 0, 0);
        let mut known = 0;
        for name in names {
            let kind = IdType::of(name);
            counts[kind as usize] += 1;
            match kind {
                IdType::Symbol => {
                    known += usize::from(table.is_symbol(name));
                    let letters = || name.chars().filter(|c| c.is_alphabetic());
                    // A title such as `Cell Cycle` is no symbol of a gene.
                    if letters().count() >= 2 && !name.contains(char::is_whitespace) {
                        upper += usize::from(letters().all(char::is_uppercase));
                        title += usize::from(
                            name.starts_with(|c: char| c.is_uppercase())
                                && letters().skip(1).all(char::is_lowercase),
                        );
                    }
                }
                IdType::Ensembl | IdType::EnsemblVersioned => {
                    human_ids += usize::from(name.starts_with("ENSG"));
                    let rodent = name.starts_with("ENSMUSG") || name.starts_with("ENSRNOG");
                    rodent_ids += usize::from(rodent);
                }
                IdType::Entrez => {}
            }
        }
        let total = counts.iter().sum::<usize>().max(1);
        let kinds = [
            IdType::Symbol,
            IdType::Ensembl,
            IdType::EnsemblVersioned,
            IdType::Entrez,
        ];
        let main = kinds
            .into_iter()
            .rev()
            .max_by_key(|kind| counts[*kind as usize])
            .unwrap_or(IdType::Symbol);
        let (human, rodent) = (upper + human_ids, title + rodent_ids);
        let species = if human > 2 * rodent {
            Species::Human
        } else if rodent > 2 * human && FEWEST_RODENT * rodent >= total {
            Species::Rodent
        } else {
            Species::Unclear
        };
        Self {
            main,
            share: counts[main as usize] as f64 / total as f64,
            species,
            known_symbols: known as f64 / counts[0].max(1) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_recognised() {
        for (name, kind) in [
            ("ENSG00000121410", IdType::Ensembl),
            ("ENSG00000121410.12", IdType::EnsemblVersioned),
            ("ENSMUSG00000000001", IdType::Ensembl),
            ("7157", IdType::Entrez),
            ("TP53", IdType::Symbol),
            ("ENSA", IdType::Symbol),
            ("ENST00000000233", IdType::Symbol),
            ("", IdType::Symbol),
        ] {
            assert_eq!(IdType::of(name), kind, "{name}");
        }
    }

    #[test]
    fn species_shows_in_the_case() -> crate::Result<()> {
        let table = GeneTable::bundled()?;
        let species = |names: &[&str]| IdTypes::detect(names.iter().copied(), table).species;
        assert_eq!(species(&["TP53", "ISG15", "MX1"]), Species::Human);
        assert_eq!(species(&["Trp53", "Isg15", "Mx1"]), Species::Rodent);
        assert_eq!(species(&["ENSMUSG00000000001"]), Species::Rodent);
        assert_eq!(
            species(&["Cell Cycle", "Gene expression"]),
            Species::Unclear
        );
        assert_eq!(species(&["Apoptosis", "1", "2", "3"]), Species::Unclear);
        Ok(())
    }
}
