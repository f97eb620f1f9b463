//! Near copies: nodes that say the same, grouped and merged.

use super::columns::Columns;
use crate::Result;
use crate::activity::ScoreTable;
use crate::stats::clustering::complete_linkage;
use std::collections::HashMap;

/// Which nodes of a layer are near copies of each other (maui: Ronen et al. 2019, Life Science
/// Alliance 2:e201900517): complete linkage of `1 - |r|`, cut so that all nodes of a group
/// correlate with all by at least a limit, whatever the sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Redundancy {
    /// The group of every node, numbered from 0; `None` for a node that was left out.
    pub group: Vec<Option<usize>>,
    /// The nodes of every group, the representative first, then in the layer's order.
    pub members: Vec<Vec<usize>>,
    /// The correlation of every node with its representative: 1 for the representative itself, NaN for
    /// a node that was left out.
    pub correlation: Vec<f64>,
}

impl Redundancy {
    /// Groups the `kept` nodes; the representative is the member of the largest `weight`. Groups
    /// are numbered by their first node.
    pub(super) fn new(
        columns: &Columns,
        kept: &[usize],
        limit: f64,
        weight: &[f64],
    ) -> Result<Self> {
        let pairs = columns.similar_pairs(kept, limit);
        let sizes: Vec<(u32, u32, f64)> = pairs.iter().map(|(a, b, r)| (*a, *b, r.abs())).collect();
        let group_of = complete_linkage(kept.len(), &sizes)?;
        let groups = group_of.iter().max().map_or(0, |last| last + 1);
        let signed: HashMap<(usize, usize), f64> = pairs
            .iter()
            .flat_map(|&(a, b, r)| {
                let (a, b) = (kept[a as usize], kept[b as usize]);
                [((a, b), r), ((b, a), r)]
            })
            .collect();
        let mut members = vec![Vec::new(); groups];
        let mut group = vec![None; columns.width()];
        let mut correlation = vec![f64::NAN; columns.width()];
        for (&node, &own) in kept.iter().zip(&group_of) {
            members[own].push(node);
            group[node] = Some(own);
        }
        for nodes in &mut members {
            let mut leader = 0;
            for (at, node) in nodes.iter().enumerate() {
                if weight[*node] > weight[nodes[leader]] {
                    leader = at;
                }
            }
            nodes[..=leader].rotate_right(1);
            correlation[nodes[0]] = 1.0;
            for node in &nodes[1..] {
                correlation[*node] = signed[&(nodes[0], *node)];
            }
        }
        Ok(Self {
            group,
            members,
            correlation,
        })
    }

    /// The node that stands for a node's group, itself if it is alone; `None` if it was left out.
    pub fn representative(&self, node: usize) -> Option<usize> {
        self.group[node].map(|group| self.members[group][0])
    }

    /// One column a group, under its representative's name: the mean of its nodes, each
    /// standardised over these samples and turned to the representative's sign.
    pub(super) fn merge(&self, columns: &Columns, table: &ScoreTable) -> Result<ScoreTable> {
        let mut values = Vec::with_capacity(table.samples().len() * self.members.len());
        for sample in 0..table.samples().len() {
            for nodes in &self.members {
                let aligned = nodes.iter().map(|&node| {
                    self.correlation[node].signum() * columns.standardised(sample, node)
                });
                values.push((aligned.sum::<f64>() / nodes.len() as f64) as f32);
            }
        }
        let names = self.members.iter();
        let names = names.map(|nodes| table.columns()[nodes[0]].clone());
        ScoreTable::new(table.samples().to_vec(), names.collect(), values)
    }
}
