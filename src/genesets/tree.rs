//! The hierarchy among the sets that a model uses.

use super::{GraphNode, MembershipGraph, Relation};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{HashMap, HashSet, VecDeque};

impl MembershipGraph {
    /// For every set called in `names` its nearest descendants among them, by position: a set
    /// that is not called is passed through.
    pub fn children_among(&self, names: &[String]) -> Vec<Vec<usize>> {
        let position: HashMap<NodeIndex, usize> = names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((self.set(name)?, at)))
            .collect();
        names
            .iter()
            .map(|name| {
                let Some(start) = self.set(name) else {
                    return Vec::new();
                };
                let mut seen = HashSet::from([start]);
                let mut open = vec![start];
                let mut found = Vec::new();
                while let Some(node) = open.pop() {
                    for next in self.below(node) {
                        if !seen.insert(next) {
                            continue;
                        }
                        match position.get(&next) {
                            Some(&at) => found.push(at),
                            None => open.push(next),
                        }
                    }
                }
                found.sort_unstable();
                found
            })
            .collect()
    }

    fn below(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> {
        self.graph
            .edges_directed(node, Direction::Outgoing)
            .filter(|edge| matches!(edge.weight(), Relation::Parent(_)))
            .map(|edge| edge.target())
            .filter(|target| matches!(self.graph[*target], GraphNode::Set { .. }))
    }
}

/// The shortest way from a set without a parent to every set, 0 for those themselves; `None`
/// where a circle is all that leads there.
pub fn depths(children: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut has_parent = vec![false; children.len()];
    for &child in children.iter().flatten() {
        has_parent[child] = true;
    }
    let mut depths = vec![None; children.len()];
    let mut open = VecDeque::new();
    for set in (0..children.len()).filter(|&set| !has_parent[set]) {
        depths[set] = Some(0);
        open.push_back((set, 0));
    }
    while let Some((set, depth)) = open.pop_front() {
        for &child in &children[set] {
            if depths[child].is_none() {
                depths[child] = Some(depth + 1);
                open.push_back((child, depth + 1));
            }
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::genesets::{GeneSet, GeneSetCollection, Relations};
    use std::path::Path;

    #[test]
    fn a_set_that_is_left_out_is_passed_through() -> Result<()> {
        let sets = ["top", "middle", "low"].map(|name| GeneSet::new(name, "", ["A"]));
        let collection = GeneSetCollection::new(sets.to_vec())?;
        let text = "top\tmiddle\nmiddle\tlow\n";
        let relations = Relations::parse(text, Path::new("relations"))?;
        let graph = MembershipGraph::new(&collection).with_relations(&relations);
        let names = ["top", "low"].map(str::to_owned);
        assert_eq!(graph.children_among(&names), [vec![1], vec![]]);
        assert_eq!(depths(&[vec![1], vec![]]), [Some(0), Some(1)]);
        assert_eq!(depths(&[vec![1], vec![0]]), [None, None]);
        Ok(())
    }
}
