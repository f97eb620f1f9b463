//! Gene sets of terms: who is annotated to a term belongs to every term above it.

use super::{Annotations, Aspect, Ontology};
use crate::error::Result;
use crate::genesets::{GeneSet, GeneSetCollection, Relations};
use std::collections::{BTreeSet, HashMap};

/// The gene sets of one part of the ontology with their hierarchy.
#[derive(Debug, Clone)]
pub struct OntologySets {
    /// A set for every term with a gene: name (with the id where terms share it), id as
    /// description, genes by name.
    pub sets: GeneSetCollection,
    /// Parent, child and kind (`isa`, `part of`) by id, both ends among the sets.
    pub relations: Relations,
}

impl OntologySets {
    /// Propagates annotations along `is_a` and `part_of` (Gene Ontology Consortium: the relations
    /// over which annotations may be grouped), across the parts of the ontology where relations
    /// cross them, and takes the sets of one part.
    ///
    /// # Errors
    /// None that an [`Ontology`] allows: its ids are unique.
    pub fn new(ontology: &Ontology, annotations: &Annotations, aspect: Aspect) -> Result<Self> {
        let terms = ontology.terms();
        let mut above: Vec<Option<Vec<usize>>> = vec![None; terms.len()];
        let mut genes: Vec<Vec<&str>> = vec![Vec::new(); terms.len()];
        for (gene, direct) in &annotations.terms_of_gene {
            let mut all: BTreeSet<usize> = BTreeSet::new();
            for &term in direct {
                let own = above[term].get_or_insert_with(|| with_ancestors(ontology, term));
                all.extend(own.iter());
            }
            for term in all {
                genes[term].push(gene);
            }
        }
        let used = |term: usize| terms[term].aspect == aspect && !genes[term].is_empty();
        let mut count: HashMap<&str, usize> = HashMap::new();
        for term in (0..terms.len()).filter(|&term| used(term)) {
            *count.entry(&terms[term].name).or_insert(0) += 1;
        }
        let sets: Vec<GeneSet> = (0..terms.len())
            .filter(|&term| used(term))
            .map(|term| {
                let (name, id) = (&terms[term].name, &terms[term].id);
                let name = match count.get(name.as_str()) {
                    Some(1) => name.clone(),
                    _ => format!("{name} ({id})"),
                };
                GeneSet::new(name, id, genes[term].iter().copied())
            })
            .collect();
        let pairs = (0..terms.len())
            .filter(|&term| used(term))
            .flat_map(|child| {
                let parents = terms[child].parents.iter();
                parents
                    .filter(|(parent, _)| used(*parent))
                    .map(move |(parent, kind)| {
                        let ids = [*parent, child].map(|term| terms[term].id.clone());
                        let [parent, child] = ids;
                        (parent, child, (*kind).to_owned())
                    })
            });
        Ok(Self {
            relations: pairs.collect(),
            sets: GeneSetCollection::new(sets)?,
        })
    }
}

/// A term and everything above it; a circle is gone round once.
fn with_ancestors(ontology: &Ontology, term: usize) -> Vec<usize> {
    let mut found = BTreeSet::from([term]);
    let mut open = vec![term];
    while let Some(term) = open.pop() {
        for &(parent, _) in &ontology.terms()[term].parents {
            if found.insert(parent) {
                open.push(parent);
            }
        }
    }
    found.into_iter().collect()
}
