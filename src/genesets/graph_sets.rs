//! Sets held against each other and against the data: overlap, nesting, equivalence, and the
//! memberships a mask is made from.

use super::{GraphNode, MembershipGraph};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Which sets are used, by the number of their genes that the data have; both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeFilter {
    /// Fewest genes found.
    pub min: usize,
    /// Most genes found.
    pub max: usize,
}

impl SizeFilter {
    /// Sets with `min` to `max` genes found, both included.
    pub fn new(min: usize, max: usize) -> Self {
        Self { min, max }
    }

    /// Whether a set with `found` genes is used.
    pub fn accepts(&self, found: usize) -> bool {
        (self.min.max(1)..=self.max).contains(&found)
    }
}

/// A set as the data have it.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedSet {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// Genes in the file.
    pub size: usize,
    /// Genes of it in the data, each counted once.
    pub found: usize,
    /// The positions of its genes in the data, ascending.
    pub genes: Vec<u32>,
    /// Their weights.
    pub weights: Vec<f32>,
}

/// Two sets that share genes.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// The set that comes first in the collection.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Genes in both.
    pub shared: usize,
    /// Genes in both over genes in either, in (0, 1].
    pub jaccard: f64,
}

impl MembershipGraph {
    /// The sets that pass the size filter with the positions of their genes in `genes`, in the
    /// collection's order: what a mask is made from. A gene that stands in `genes` several times,
    /// as in several matrices over the same samples, is a member each time and counts once
    /// towards the set's size.
    pub fn memberships(&self, genes: &[String], sizes: SizeFilter) -> Vec<SelectedSet> {
        let mut positions: HashMap<NodeIndex, Vec<u32>> = HashMap::with_capacity(genes.len());
        for (at, gene) in genes.iter().enumerate() {
            if let Some(node) = self.gene(gene) {
                positions.entry(node).or_default().push(at as u32);
            }
        }
        self.sets
            .iter()
            .filter_map(|&node| {
                let GraphNode::Set {
                    name,
                    description,
                    size,
                } = &self.graph[node]
                else {
                    return None;
                };
                let mut distinct = 0;
                let mut found: Vec<(u32, f32)> = Vec::new();
                for (gene, weight) in self.members(node) {
                    if let Some(own) = positions.get(&gene) {
                        distinct += 1;
                        found.extend(own.iter().map(|at| (*at, weight)));
                    }
                }
                found.sort_by_key(|(gene, _)| *gene);
                sizes.accepts(distinct).then(|| SelectedSet {
                    found: distinct,
                    name: name.clone(),
                    description: description.clone(),
                    size: *size,
                    genes: found.iter().map(|(gene, _)| *gene).collect(),
                    weights: found.iter().map(|(_, weight)| *weight).collect(),
                })
            })
            .collect()
    }

    /// The number of genes in both sets; `None` if either is unknown.
    pub fn overlap(&self, first: &str, second: &str) -> Option<usize> {
        let (first, second) = (self.set(first)?, self.set(second)?);
        let mut genes: Vec<NodeIndex> = self.members(first).map(|(gene, _)| gene).collect();
        genes.sort_unstable();
        let shared = self
            .members(second)
            .filter(|(gene, _)| genes.binary_search(gene).is_ok());
        Some(shared.count())
    }

    /// Jaccard's index of two sets, in [0, 1]; `None` if either is unknown or both are empty.
    pub fn jaccard(&self, first: &str, second: &str) -> Option<f64> {
        let shared = self.overlap(first, second)?;
        let sizes = [first, second].map(|set| self.genes_of_set(set).len());
        let either = sizes.iter().sum::<usize>() - shared;
        (either > 0).then(|| shared as f64 / either as f64)
    }

    /// All pairs of sets with a Jaccard index of at least `threshold` (and at least one shared
    /// gene), in the collection's order. The pairs are found through shared genes, not by
    /// comparing all sets with all.
    pub fn overlaps(&self, threshold: f64) -> Vec<Overlap> {
        let sizes: Vec<usize> = self
            .sets
            .iter()
            .map(|set| self.members(*set).count())
            .collect();
        let rank: HashMap<NodeIndex, usize> = self
            .sets
            .iter()
            .enumerate()
            .map(|(rank, set)| (*set, rank))
            .collect();
        let mut overlaps = Vec::new();
        let mut shared = vec![0usize; self.sets.len()];
        for (first, &node) in self.sets.iter().enumerate() {
            let mut touched = Vec::new();
            for (gene, _) in self.members(node) {
                for set in self.graph.neighbors_directed(gene, Direction::Incoming) {
                    let Some(&second) = rank.get(&set) else {
                        continue;
                    };
                    if second > first {
                        if shared[second] == 0 {
                            touched.push(second);
                        }
                        shared[second] += 1;
                    }
                }
            }
            touched.sort_unstable();
            for second in touched {
                let both = std::mem::take(&mut shared[second]);
                let jaccard = both as f64 / (sizes[first] + sizes[second] - both) as f64;
                if jaccard >= threshold {
                    overlaps.push(Overlap {
                        first: self.graph[node].name().to_owned(),
                        second: self.graph[self.sets[second]].name().to_owned(),
                        shared: both,
                        jaccard,
                    });
                }
            }
        }
        overlaps
    }

    /// Groups of two and more sets with the same genes, in the collection's order. On a graph
    /// [restricted](Self::restricted_to) to the data these are the sets no data can tell apart.
    pub fn equivalent_sets(&self) -> Vec<Vec<&str>> {
        let mut by_genes: BTreeMap<Vec<NodeIndex>, Vec<usize>> = BTreeMap::new();
        for (rank, set) in self.sets.iter().enumerate() {
            let mut genes: Vec<NodeIndex> = self.members(*set).map(|(gene, _)| gene).collect();
            if !genes.is_empty() {
                genes.sort_unstable();
                by_genes.entry(genes).or_default().push(rank);
            }
        }
        let mut groups: Vec<Vec<usize>> = by_genes
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        groups.sort_unstable();
        let name = |rank: usize| self.graph[self.sets[rank]].name();
        groups
            .into_iter()
            .map(|group| group.into_iter().map(name).collect())
            .collect()
    }

    /// Pairs (inner, outer) where all genes of the inner set are in the larger outer one.
    pub fn nested_sets(&self) -> Vec<(String, String)> {
        let sizes: HashMap<&str, usize> = self
            .sets
            .iter()
            .map(|set| (self.graph[*set].name(), self.members(*set).count()))
            .collect();
        self.overlaps(0.0)
            .into_iter()
            .filter_map(|pair| {
                let size = |name: &String| sizes.get(name.as_str()).copied().unwrap_or(0);
                let (first, second) = (size(&pair.first), size(&pair.second));
                match first.cmp(&second) {
                    std::cmp::Ordering::Less if pair.shared == first => {
                        Some((pair.first, pair.second))
                    }
                    std::cmp::Ordering::Greater if pair.shared == second => {
                        Some((pair.second, pair.first))
                    }
                    _ => None,
                }
            })
            .collect()
    }
}
