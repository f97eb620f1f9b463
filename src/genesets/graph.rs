//! The membership graph: genes and gene sets as nodes, membership and hierarchy as edges.

use super::{GeneSet, GeneSetCollection, Relations};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::unionfind::UnionFind;
use petgraph::visit::{EdgeRef, NodeIndexable};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A node of the graph.
#[derive(Debug, Clone, PartialEq)]
pub enum GraphNode {
    /// A gene.
    Gene(String),
    /// A gene set, with its description and its size before any restriction to data.
    Set {
        /// The name.
        name: String,
        /// The description.
        description: String,
        /// Genes in the file.
        size: usize,
    },
}

impl GraphNode {
    /// The gene's or the set's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Gene(name) | Self::Set { name, .. } => name,
        }
    }
}

/// An edge of the graph.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    /// From a set to a member gene, with the membership's weight.
    Member(f32),
    /// From a set to its child set, with the kind of relation.
    Parent(String),
}

/// Genes and gene sets, who belongs to what, and which set is part of which.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection, MembershipGraph};
///
/// let sets = GeneSetCollection::new(vec![
///     GeneSet::new("signalling", "", ["A", "B", "C"]),
///     GeneSet::new("response", "", ["B", "C"]),
/// ])?;
/// let graph = MembershipGraph::new(&sets);
/// assert_eq!(graph.sets_of_gene("B"), ["signalling", "response"]);
/// assert_eq!(graph.overlap("signalling", "response"), Some(2));
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MembershipGraph {
    pub(super) graph: DiGraph<GraphNode, Relation>,
    pub(super) sets: Vec<NodeIndex>,
    set_by_key: HashMap<String, NodeIndex>,
    gene_by_name: HashMap<String, NodeIndex>,
}

impl MembershipGraph {
    /// The graph of a collection, without hierarchy.
    pub fn new(collection: &GeneSetCollection) -> Self {
        let mut graph = Self {
            graph: DiGraph::with_capacity(2 * collection.len(), collection.memberships()),
            sets: Vec::with_capacity(collection.len()),
            set_by_key: HashMap::new(),
            gene_by_name: HashMap::new(),
        };
        for set in collection.sets() {
            graph.add_set(set);
        }
        // Stable ids stand in the description; a name always goes before an id.
        for &node in &graph.sets {
            if let GraphNode::Set { description, .. } = &graph.graph[node]
                && !description.is_empty()
            {
                graph.set_by_key.entry(description.clone()).or_insert(node);
            }
        }
        graph
    }

    fn add_set(&mut self, set: &GeneSet) {
        let node = self.graph.add_node(GraphNode::Set {
            name: set.name.clone(),
            description: set.description.clone(),
            size: set.len(),
        });
        self.sets.push(node);
        self.set_by_key.insert(set.name.clone(), node);
        for (position, gene) in set.genes.iter().enumerate() {
            let weight = set
                .weights
                .as_ref()
                .map_or(1.0, |weights| weights[position]);
            let gene = match self.gene_by_name.get(gene) {
                Some(&known) => known,
                None => {
                    let fresh = self.graph.add_node(GraphNode::Gene(gene.clone()));
                    self.gene_by_name.insert(gene.clone(), fresh);
                    fresh
                }
            };
            self.graph.add_edge(node, gene, Relation::Member(weight));
        }
    }

    /// Adds the hierarchy: an edge from parent to child wherever the graph has both, found by
    /// name or by description (a stable id).
    pub fn with_relations(mut self, relations: &Relations) -> Self {
        for (parent, child, kind) in relations.iter() {
            if let (Some(parent), Some(child)) = (self.set(parent), self.set(child))
                && parent != child
            {
                let kind = Relation::Parent(kind.to_owned());
                self.graph.add_edge(parent, child, kind);
            }
        }
        self
    }

    /// The graph restricted to genes that the data have; set sizes stay those of the file, and
    /// sets that lose all genes stay.
    pub fn restricted_to(&self, genes: &[String]) -> Self {
        let kept: HashSet<&str> = genes.iter().map(String::as_str).collect();
        let graph = self.graph.filter_map(
            |_, node| match node {
                GraphNode::Gene(name) if !kept.contains(name.as_str()) => None,
                _ => Some(node.clone()),
            },
            |_, edge| Some(edge.clone()),
        );
        let mut restricted = Self {
            sets: Vec::new(),
            set_by_key: HashMap::new(),
            gene_by_name: HashMap::new(),
            graph,
        };
        for node in restricted.graph.node_indices() {
            match &restricted.graph[node] {
                GraphNode::Gene(name) => {
                    restricted.gene_by_name.insert(name.clone(), node);
                }
                GraphNode::Set { name, .. } => {
                    restricted.sets.push(node);
                    restricted.set_by_key.insert(name.clone(), node);
                }
            }
        }
        for &node in &restricted.sets {
            if let GraphNode::Set { description, .. } = &restricted.graph[node] {
                let by_id = restricted.set_by_key.entry(description.clone());
                by_id.or_insert(node);
            }
        }
        restricted
    }

    /// The node of a set, by name or description.
    pub(super) fn set(&self, key: &str) -> Option<NodeIndex> {
        self.set_by_key.get(key).copied()
    }

    pub(super) fn gene(&self, name: &str) -> Option<NodeIndex> {
        self.gene_by_name.get(name).copied()
    }

    /// The number of genes.
    pub fn n_genes(&self) -> usize {
        self.gene_by_name.len()
    }

    /// The number of sets.
    pub fn n_sets(&self) -> usize {
        self.sets.len()
    }

    /// The number of memberships.
    pub fn n_memberships(&self) -> usize {
        self.count_edges(|edge| matches!(edge, Relation::Member(_)))
    }

    /// The number of parent-child relations.
    pub fn n_relations(&self) -> usize {
        self.count_edges(|edge| matches!(edge, Relation::Parent(_)))
    }

    fn count_edges(&self, which: impl Fn(&Relation) -> bool) -> usize {
        self.graph.edge_weights().filter(|edge| which(edge)).count()
    }

    /// The sets a gene belongs to, in the collection's order; empty for an unknown gene.
    pub fn sets_of_gene(&self, gene: &str) -> Vec<&str> {
        self.gene(gene).map_or_else(Vec::new, |gene| {
            let mut sets: Vec<NodeIndex> = self
                .graph
                .neighbors_directed(gene, Direction::Incoming)
                .collect();
            sets.sort_unstable();
            sets.into_iter().map(|set| self.graph[set].name()).collect()
        })
    }

    /// The genes of a set with their weights, in the set's order; empty for an unknown set.
    pub fn genes_of_set(&self, set: &str) -> Vec<(&str, f32)> {
        self.set(set).map_or_else(Vec::new, |set| {
            self.members(set)
                .map(|(gene, weight)| (self.graph[gene].name(), weight))
                .collect()
        })
    }

    /// The gene nodes of a set node with weights, in the order they were added.
    pub(super) fn members(&self, set: NodeIndex) -> impl Iterator<Item = (NodeIndex, f32)> {
        let mut members: Vec<_> = self
            .graph
            .edges(set)
            .filter_map(|edge| match edge.weight() {
                Relation::Member(weight) => Some((edge.id(), edge.target(), *weight)),
                Relation::Parent(_) => None,
            })
            .collect();
        members.sort_unstable_by_key(|(id, ..)| *id);
        members.into_iter().map(|(_, gene, weight)| (gene, weight))
    }

    /// The child sets of a set, by name.
    pub fn children(&self, set: &str) -> Vec<&str> {
        self.step(set, Direction::Outgoing)
    }

    /// The parent sets of a set, by name.
    pub fn parents(&self, set: &str) -> Vec<&str> {
        self.step(set, Direction::Incoming)
    }

    fn step(&self, set: &str, direction: Direction) -> Vec<&str> {
        let mut names: Vec<&str> = self.set(set).map_or_else(Vec::new, |set| {
            self.relatives(set, direction)
                .into_iter()
                .map(|other| self.graph[other].name())
                .collect()
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    fn relatives(&self, set: NodeIndex, direction: Direction) -> Vec<NodeIndex> {
        self.graph
            .edges_directed(set, direction)
            .filter(|edge| matches!(edge.weight(), Relation::Parent(_)))
            .map(|edge| match direction {
                Direction::Outgoing => edge.target(),
                Direction::Incoming => edge.source(),
            })
            .collect()
    }

    /// All sets above a set, by name.
    pub fn ancestors(&self, set: &str) -> Vec<&str> {
        self.closure(set, Direction::Incoming)
    }

    /// All sets below a set, by name.
    pub fn descendants(&self, set: &str) -> Vec<&str> {
        self.closure(set, Direction::Outgoing)
    }

    fn closure(&self, set: &str, direction: Direction) -> Vec<&str> {
        let Some(start) = self.set(set) else {
            return Vec::new();
        };
        let mut seen = HashSet::from([start]);
        let mut open = vec![start];
        let mut names = Vec::new();
        while let Some(node) = open.pop() {
            for next in self.relatives(node, direction) {
                if seen.insert(next) {
                    names.push(self.graph[next].name());
                    open.push(next);
                }
            }
        }
        names.sort_unstable();
        names
    }

    /// Sets without a parent, in the collection's order.
    pub fn roots(&self) -> Vec<&str> {
        self.without(Direction::Incoming)
    }

    /// Sets without a child, in the collection's order.
    pub fn leaves(&self) -> Vec<&str> {
        self.without(Direction::Outgoing)
    }

    fn without(&self, direction: Direction) -> Vec<&str> {
        self.sets
            .iter()
            .filter(|set| self.relatives(**set, direction).is_empty())
            .map(|set| self.graph[*set].name())
            .collect()
    }

    /// The connected parts: sets that share genes or relations, directly or through others. The
    /// largest part first; sets of a part in the collection's order.
    pub fn connected_sets(&self) -> Vec<Vec<&str>> {
        let mut parts = UnionFind::<usize>::new(self.graph.node_bound());
        for edge in self.graph.edge_references() {
            parts.union(edge.source().index(), edge.target().index());
        }
        let mut by_root: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for set in &self.sets {
            let root = parts.find(set.index());
            by_root
                .entry(root)
                .or_default()
                .push(self.graph[*set].name());
        }
        let mut parts: Vec<Vec<&str>> = by_root.into_values().collect();
        parts.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        parts
    }
}
