//! Sets by size, name and the genes that are measured.

use super::NamePattern;
use crate::error::Result;
use crate::genesets::{GeneSet, GeneSetCollection, SizeFilter};
use std::collections::HashSet;

/// Which sets stay, and which of their genes.
#[derive(Debug, Clone, PartialEq)]
pub struct SetFilter {
    /// Sizes, counted in the universe if there is one.
    pub sizes: SizeFilter,
    /// Names that stay; all if there is none.
    pub keep: Vec<NamePattern>,
    /// Names that go, even if they are to stay.
    pub drop: Vec<NamePattern>,
    /// The genes that can be measured; others leave their sets.
    pub universe: Option<HashSet<String>>,
    /// Genes outside of the universe stay, though they do not count.
    pub keep_genes: bool,
}

impl Default for SetFilter {
    /// Everything stays.
    fn default() -> Self {
        Self {
            sizes: SizeFilter::new(1, usize::MAX),
            keep: Vec::new(),
            drop: Vec::new(),
            universe: None,
            keep_genes: false,
        }
    }
}

/// The sets of a collection that pass a filter, in order.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection, SetFilter, SizeFilter, filter};
///
/// let sets = GeneSetCollection::new(vec![
///     GeneSet::new("large", "", ["A", "B", "C"]),
///     GeneSet::new("small", "", ["A"]),
/// ])?;
/// let two = SetFilter { sizes: SizeFilter::new(2, 9), ..SetFilter::default() };
/// assert_eq!(filter(&sets, &two)?.sets()[0].name, "large");
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// None that a valid collection can cause.
pub fn filter(collection: &GeneSetCollection, filter: &SetFilter) -> Result<GeneSetCollection> {
    let named =
        |name: &str, patterns: &[NamePattern]| patterns.iter().any(|pattern| pattern.matches(name));
    let sets = collection.sets().iter().filter_map(|set| {
        let stays = filter.keep.is_empty() || named(&set.name, &filter.keep);
        if !stays || named(&set.name, &filter.drop) {
            return None;
        }
        let measured = match &filter.universe {
            Some(universe) => restricted(set, universe),
            None => set.clone(),
        };
        filter.sizes.accepts(measured.len()).then(|| {
            if filter.keep_genes {
                set.clone()
            } else {
                measured
            }
        })
    });
    GeneSetCollection::new(sets.collect())
}

/// A set with the genes of a universe only, weights kept.
pub(super) fn restricted(set: &GeneSet, universe: &HashSet<String>) -> GeneSet {
    let kept: Vec<usize> = (0..set.len())
        .filter(|at| universe.contains(&set.genes[*at]))
        .collect();
    GeneSet {
        name: set.name.clone(),
        description: set.description.clone(),
        genes: kept.iter().map(|at| set.genes[*at].clone()).collect(),
        weights: set
            .weights
            .as_ref()
            .map(|weights| kept.iter().map(|at| weights[*at]).collect()),
    }
}
