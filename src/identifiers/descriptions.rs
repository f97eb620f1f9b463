//! Genes that stand where GMT wants a description, and are lost to their sets.

use super::looks_like_gene;
use crate::genesets::{GeneSet, GeneSetCollection, Lint};

/// Fewer sets with a description than these say nothing.
const FEWEST: usize = 2;

/// A remark on a collection most of whose descriptions are names of genes: a file without
/// descriptions loses the first gene of every set to them. Of several collections taken together
/// each is judged alone.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection};
/// use gsae::identifiers::genes_as_descriptions;
///
/// let sets = |first: &str, second: &str| {
///     let genes = ["ISG15", "MX1"];
///     let sets = vec![GeneSet::new("A", first, genes), GeneSet::new("B", second, genes)];
///     GeneSetCollection::new(sets)
/// };
/// let remark = genes_as_descriptions(&sets("NOC2L", "TP53")?).expect("a remark");
/// assert!(remark.message.contains("(NOC2L)"));
/// assert!(genes_as_descriptions(&sets("na", "TP53")?).is_none());
/// # Ok::<(), gsae::Error>(())
/// ```
pub fn genes_as_descriptions(collection: &GeneSetCollection) -> Option<Lint> {
    let sets = collection.sets();
    let counts: Vec<usize> = collection.parts().iter().map(|part| part.sets).collect();
    // Policies on sets of one name leave fewer of them, and the parts are not known any more.
    if counts.iter().sum::<usize>() != sets.len() {
        return remark(sets);
    }
    let mut rest = sets;
    counts.into_iter().find_map(|count| {
        let (own, others) = rest.split_at(count);
        rest = others;
        remark(own)
    })
}

fn remark(sets: &[GeneSet]) -> Option<Lint> {
    let described = sets.iter().filter(|set| !set.description.is_empty());
    let described: Vec<&GeneSet> = described.collect();
    // A regulon may be described by its regulator, which is its name.
    let genes = described
        .iter()
        .filter(|set| set.description != set.name && looks_like_gene(&set.description));
    let genes: Vec<&&GeneSet> = genes.collect();
    let example = genes.first()?;
    // A word that describes them all is no gene of each.
    let varied = genes.len() == 1
        || genes
            .iter()
            .any(|set| set.description != example.description);
    let most = described.len() >= FEWEST.min(sets.len()) && 2 * genes.len() > described.len();
    let most = most && varied;
    most.then(|| Lint {
        line: None,
        set: String::new(),
        message: format!(
            "{} of {} descriptions are names of genes ({}): GMT wants a description in the second \
             field, and a file without loses the first gene of every set. Put a field such as na \
             before the genes",
            genes.len(),
            described.len(),
            example.description
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    fn remarked(sets: [(&str, &str); 2]) -> Result<bool> {
        let sets =
            sets.map(|(name, description)| GeneSet::new(name, description, ["ISG15", "MX1"]));
        let collection = GeneSetCollection::new(sets.to_vec())?;
        Ok(genes_as_descriptions(&collection).is_some())
    }

    #[test]
    fn names_and_words_for_all_are_no_genes_of_the_sets() -> Result<()> {
        assert!(remarked([("A", "NOC2L"), ("B", "TP53")])?);
        assert!(!remarked([("STAT1", "STAT1"), ("TP53", "TP53")])?);
        assert!(!remarked([("A", "SET"), ("B", "SET")])?);
        Ok(())
    }
}
