//! Gene sets as the nodes of a network, level by level.

use super::Mask;
use crate::{Error, Result};
use std::ops::Range;

/// Which genes and which other nodes reach a gene-set node.
///
/// Without a hierarchy all sets form one level, connected to their genes. With one, a set is
/// connected to its child sets on lower levels and to those of its genes that none of its
/// children has; every level is a masked layer of its own. Nodes are ordered by level from the
/// bottom, within a level those without a parent (the roots) first. Free nodes, connected to
/// all genes, come last.
///
/// ```
/// use gsae::mask::{SetMap, SetTree};
///
/// // "response" {1, 2} is part of "signalling" {0, 1, 2}.
/// let tree = SetTree { genes: vec![vec![0, 1, 2], vec![1, 2]], children: vec![vec![1], vec![]] };
/// let (map, order) = SetMap::hierarchical(3, &tree, 1)?;
/// assert_eq!(order, [1, 0]);
/// assert_eq!(map.levels().len(), 2);
/// assert_eq!(map.connections(), 2 + 1 + 1); // two genes, the third gene, the child
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMap {
    members: Mask,
    direct: Mask,
    levels: Vec<Level>,
}

/// Gene sets with their place in a hierarchy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetTree {
    /// The genes of every set, those of its children included, ascending.
    pub genes: Vec<Vec<u32>>,
    /// The child sets of every set, by position.
    pub children: Vec<Vec<usize>>,
}

/// Nodes that are computed together, from genes and from nodes of lower levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The level's nodes.
    pub nodes: Range<usize>,
    /// How many of them, the first ones, have no parent.
    pub roots: usize,
    /// Child to parent: `[nodes of the level, nodes of all lower levels]`.
    pub children: Mask,
}

impl SetMap {
    /// One level: every node connected to its genes. `members`: `[sets, genes]`.
    pub fn flat(members: Mask) -> Self {
        let sets = members.outputs();
        Self {
            direct: members.clone(),
            levels: vec![Level {
                nodes: 0..sets,
                roots: sets,
                children: Mask::empty(sets, 0),
            }],
            members,
        }
    }

    /// The levels of a hierarchy over `n_genes` genes, `copies` nodes a set, each connected to
    /// all copies of its children; and the set of every node.
    ///
    /// # Errors
    /// [`Error::Data`] if the hierarchy has a cycle or a set names a gene that is not there.
    pub fn hierarchical(
        n_genes: usize,
        tree: &SetTree,
        copies: usize,
    ) -> Result<(Self, Vec<usize>)> {
        let sets = tree.genes.len();
        let heights = heights(tree)?;
        let mut has_parent = vec![false; sets];
        for &child in tree.children.iter().flatten() {
            has_parent[child] = true;
        }
        let mut by_level: Vec<usize> = (0..sets).collect();
        by_level.sort_by_key(|&set| (heights[set], has_parent[set], set));
        let order: Vec<usize> = by_level
            .iter()
            .flat_map(|&set| std::iter::repeat_n(set, copies.max(1)))
            .collect();
        let mut nodes_of = vec![Vec::new(); sets];
        for (node, &set) in order.iter().enumerate() {
            nodes_of[set].push(node as u32);
        }
        let mut members = Vec::with_capacity(order.len());
        let mut direct = Vec::with_capacity(order.len());
        let mut links = Vec::with_capacity(order.len());
        for &set in &order {
            let genes = &tree.genes[set];
            let through: std::collections::HashSet<u32> = tree.children[set]
                .iter()
                .flat_map(|&child| tree.genes[child].iter().copied())
                .collect();
            direct.push(
                genes
                    .iter()
                    .copied()
                    .filter(|gene| !through.contains(gene))
                    .collect(),
            );
            members.push(genes.clone());
            let mut nodes: Vec<u32> = tree.children[set]
                .iter()
                .flat_map(|&child| nodes_of[child].iter().copied())
                .collect();
            nodes.sort_unstable();
            nodes.dedup();
            links.push(nodes);
        }
        let mut levels = Vec::new();
        let mut start = 0;
        while start < order.len() {
            let height = heights[order[start]];
            let size = order[start..]
                .iter()
                .take_while(|&&set| heights[set] == height)
                .count();
            let nodes = start..start + size;
            levels.push(Level {
                roots: order[nodes.clone()]
                    .iter()
                    .filter(|&&set| !has_parent[set])
                    .count(),
                children: Mask::from_rows(start, links[nodes.clone()].to_vec())?,
                nodes,
            });
            start += size;
        }
        let map = Self {
            members: Mask::from_rows(n_genes, members)?,
            direct: Mask::from_rows(n_genes, direct)?,
            levels,
        };
        Ok((map, order))
    }

    /// A map from its stored parts.
    ///
    /// # Errors
    /// [`Error::Data`] if they do not fit each other.
    pub fn from_parts(members: Mask, direct: Mask, levels: Vec<Level>) -> Result<Self> {
        let ends = levels.last().map_or(0, |level| level.nodes.end);
        let fits = direct.outputs() == members.outputs()
            && ends == members.outputs()
            && direct.inputs() == members.inputs()
            && levels.iter().all(|level| {
                level.children.outputs() == level.nodes.len() && level.roots <= level.nodes.len()
            });
        if !fits {
            return Err(Error::data(
                "the stored levels of gene sets do not fit each other",
                "The model file is damaged; train again or restore it.",
            ));
        }
        Ok(Self {
            members,
            direct,
            levels,
        })
    }

    /// The same with `count` nodes more that are connected to every gene and stand for no set.
    ///
    /// # Errors
    /// If there are too many connections.
    pub fn with_free_nodes(mut self, count: usize) -> Result<Self> {
        if count == 0 {
            return Ok(self);
        }
        let genes = self.direct.inputs();
        if count.saturating_mul(genes) > u32::MAX as usize {
            return Err(Error::config(
                "--free-nodes",
                format!("{count} times {genes} genes are too many connections"),
            ));
        }
        let mut rows: Vec<Vec<u32>> = self.direct.rows().map(<[u32]>::to_vec).collect();
        let start = rows.len();
        rows.extend((0..count).map(|_| (0..genes as u32).collect::<Vec<u32>>()));
        self.direct = Mask::from_rows(genes, rows)?;
        self.levels.push(Level {
            nodes: start..start + count,
            roots: count,
            children: Mask::empty(count, start),
        });
        Ok(self)
    }

    /// The same map with other genes in their places: what was gene `g` is `renamed[g]`. Set
    /// sizes, overlaps and levels stay.
    ///
    /// # Errors
    /// If `renamed` is not a permutation of the genes.
    pub fn permuted_genes(&self, renamed: &[u32]) -> Result<Self> {
        Ok(Self {
            members: self.members.permuted_inputs(renamed)?,
            direct: self.direct.permuted_inputs(renamed)?,
            levels: self.levels.clone(),
        })
    }

    /// All genes of every gene-set node, what activity is read from: `[sets, genes]`.
    pub fn members(&self) -> &Mask {
        &self.members
    }

    /// The genes that are connected to a node itself: `[nodes, genes]`, free nodes included.
    pub fn direct(&self) -> &Mask {
        &self.direct
    }

    /// The levels, from the bottom.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The number of gene-set nodes.
    pub fn sets(&self) -> usize {
        self.members.outputs()
    }

    /// The number of genes.
    pub fn genes(&self) -> usize {
        self.members.inputs()
    }

    /// The number of nodes without a parent, free nodes included.
    pub fn roots(&self) -> usize {
        self.levels.iter().map(|level| level.roots).sum()
    }

    /// The nodes without a parent, in order.
    pub fn root_nodes(&self) -> impl Iterator<Item = usize> {
        self.levels
            .iter()
            .flat_map(|level| level.nodes.start..level.nodes.start + level.roots)
    }

    /// The number of connections on one side: genes to nodes, and nodes to nodes.
    pub fn connections(&self) -> usize {
        let between: usize = self
            .levels
            .iter()
            .map(|level| level.children.entries())
            .sum();
        self.direct.entries() + between
    }
}

/// The longest way from every set down to one without children.
fn heights(tree: &SetTree) -> Result<Vec<usize>> {
    let sets = tree.genes.len();
    let mut parents = vec![Vec::new(); sets];
    let mut open: Vec<usize> = vec![0; sets];
    for (parent, children) in tree.children.iter().enumerate() {
        open[parent] = children.len();
        for &child in children {
            parents[child].push(parent);
        }
    }
    let mut heights = vec![0; sets];
    let mut ready: Vec<usize> = (0..sets).filter(|&set| open[set] == 0).collect();
    let mut done = 0;
    while let Some(set) = ready.pop() {
        done += 1;
        for &parent in &parents[set] {
            heights[parent] = heights[parent].max(heights[set] + 1);
            open[parent] -= 1;
            if open[parent] == 0 {
                ready.push(parent);
            }
        }
    }
    if done < sets {
        return Err(Error::data(
            format!(
                "{} gene sets are part of each other in a circle",
                sets - done
            ),
            "Give relations from parent to child without a cycle.",
        ));
    }
    Ok(heights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_the_longest_way_and_genes_enter_once() -> Result<()> {
        // 0 has 1 and 3 as children, 1 has 2; 3 stands directly under 0.
        let tree = SetTree {
            genes: vec![vec![0, 1, 2, 3, 4], vec![0, 1, 2], vec![0], vec![3]],
            children: vec![vec![1, 3], vec![2], vec![], vec![]],
        };
        let (map, order) = SetMap::hierarchical(5, &tree, 2)?;
        assert_eq!(order, [2, 2, 3, 3, 1, 1, 0, 0]);
        let rows: Vec<&[u32]> = map.direct().rows().step_by(2).collect();
        assert_eq!(rows, [&[0][..], &[3], &[1, 2], &[4]]);
        assert_eq!(map.levels()[2].children.row(0), [2, 3, 4, 5]);
        assert_eq!(map.roots(), 2);
        assert_eq!(map.connections(), 2 * (1 + 1 + 2 + 1) + 2 * 2 + 2 * 4);
        let free = map.with_free_nodes(1)?;
        assert_eq!(
            (free.roots(), free.sets(), free.direct().outputs()),
            (3, 8, 9)
        );
        assert_eq!(free.root_nodes().collect::<Vec<_>>(), [6, 7, 8]);
        Ok(())
    }

    #[test]
    fn a_circle_is_refused() {
        let tree = SetTree {
            genes: vec![vec![0], vec![0]],
            children: vec![vec![1], vec![0]],
        };
        assert!(SetMap::hierarchical(1, &tree, 1).is_err());
    }
}
