//! What a run keeps of how the data's genes met those of the gene sets.

use super::{Diagnosis, Mapped, MappingTrial, SideReport};
use crate::genesets::GeneSetCollection;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Renamed genes that are kept as examples.
const EXAMPLES: usize = 5;

/// How the genes of a matrix met those of the gene sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matching {
    /// Which of several matrices; `None` for the only one.
    pub matrix: Option<String>,
    /// The data's genes as they came.
    pub given: SideReport,
    /// What renamed them, in words.
    pub mapping: String,
    /// Genes that got another name.
    pub renamed: usize,
    /// Some of them: before and after.
    pub renamed_examples: Vec<(String, String)>,
    /// The data's genes under the names in use.
    pub data: SideReport,
    /// The genes of all sets.
    pub sets: SideReport,
    /// What each collection finds in the data.
    pub collections: Vec<CollectionCoverage>,
    /// Genes of the sets that the data lack, those of most sets first, with the number of sets.
    pub lacking: Vec<(String, usize)>,
    /// Some of the data's genes that no set has.
    pub unused: Vec<String>,
}

/// What a collection of gene sets finds in the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionCoverage {
    /// The file, or the name it ships under.
    pub name: String,
    /// Its sets.
    pub sets: usize,
    /// Distinct genes of its sets.
    pub genes: usize,
    /// How many of them the data have.
    pub found: usize,
}

impl Matching {
    /// Of the diagnosis of the data as they came, the mapping that was taken and what it did, and
    /// the diagnosis under the new names, `genes`.
    pub fn new(
        given: &Diagnosis,
        (trial, mapped): (MappingTrial, &Mapped),
        used: &Diagnosis,
        genes: &[String],
        collection: &GeneSetCollection,
    ) -> Self {
        let present: HashSet<&str> = genes.iter().map(String::as_str).collect();
        let parts = collection.parts();
        let coverage = parts.into_iter().map(|part| CollectionCoverage {
            name: part.name,
            sets: part.sets,
            genes: part.genes.len(),
            found: part
                .genes
                .iter()
                .filter(|gene| present.contains(gene.as_str()))
                .count(),
        });
        let changed = &mapped.changed;
        Self {
            matrix: None,
            given: given.data.clone(),
            mapping: match changed.is_empty() {
                true => "none".to_owned(),
                false => trial.to_string(),
            },
            renamed: changed.len(),
            renamed_examples: changed.iter().take(EXAMPLES).cloned().collect(),
            data: used.data.clone(),
            sets: used.sets.clone(),
            collections: coverage.collect(),
            lacking: used.unmatched_set_genes.clone(),
            unused: used.unmatched_data_genes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::genesets::{DuplicateNames, GeneSet};

    #[test]
    fn renamed_genes_and_every_collection_are_counted() -> Result<()> {
        let one = |name: &str, genes: &[&str]| {
            GeneSetCollection::new(vec![GeneSet::new(name, "", genes.iter().copied())])
        };
        let parts = vec![
            one("first", &["A1BG", "TP53"])?,
            one("second", &["TP53", "MX1", "ISG15"])?,
        ];
        let sets = GeneSetCollection::merge(parts, DuplicateNames::Rename)?;
        let counts = sets.gene_counts();
        let data = ["ENSG00000121410.5", "ENSG00000141510.11"].map(str::to_owned);
        let given = Diagnosis::new(&data, &counts)?;
        let best = given.best();
        let mapped = Diagnosis::apply(best, &data, &counts)?;
        let used = Diagnosis::new(&mapped.names, &counts)?;
        let found = Matching::new(&given, (best, &mapped), &used, &mapped.names, &sets);
        assert_eq!((found.given.matched, found.renamed), (0, 2));
        assert_eq!((found.data.matched, found.sets.genes), (2, 4));
        let counts: Vec<(usize, usize)> = found
            .collections
            .iter()
            .map(|own| (own.genes, own.found))
            .collect();
        assert_eq!(counts, [(2, 2), (3, 1)]);
        assert_eq!(found.lacking.len(), 2);
        Ok(())
    }
}
