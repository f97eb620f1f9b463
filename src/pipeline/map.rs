//! From gene sets and the model's genes to the map that shapes a network.

use super::{FitOptions, Node};
use crate::error::{Error, Result};
use crate::expression::Block;
use crate::genesets::{GeneSetCollection, MembershipGraph, Relations, SelectedSet, depths};
use crate::mask::{Mask, SetMap, SetTree};
use crate::nn::random_stream;
use rand::seq::SliceRandom;

/// More gene-set nodes than this are a slip of the keyboard.
const MOST_NODES: usize = 10_000_000;

/// The map from the model's genes to the gene sets that have enough of them, and its nodes.
pub(super) fn map(
    collection: &GeneSetCollection,
    relations: Option<&Relations>,
    genes: &[String],
    options: &FitOptions,
) -> Result<(SetMap, Vec<Node>)> {
    let copies = options
        .model
        .gene_sets()
        .map_or(1, |sets| sets.nodes_per_set);
    let graph = MembershipGraph::new(collection);
    let bare = |gene: &String| Block::bare(&options.blocks, gene).to_owned();
    let names: Vec<String> = genes.iter().map(bare).collect();
    let mut selected = graph.memberships(&names, options.sizes);
    if selected.is_empty() {
        return Err(Error::data(
            format!(
                "none of the {} gene sets has {} to {} of the {} genes",
                collection.len(),
                options.sizes.min,
                options.sizes.max,
                genes.len()
            ),
            "Compare the identifiers with `gsae doctor`, or widen --min-size and --max-size.",
        ));
    }
    let children = match (options.hierarchy.levels, relations) {
        (None, _) => vec![Vec::new(); selected.len()],
        (Some(_), None) => {
            return Err(Error::config(
                "--levels",
                "needs parent-child relations: use a collection that ships with them (reactome, \
                 go_bp), or give --relations FILE",
            ));
        }
        (Some(levels), Some(relations)) => {
            let graph = graph.with_relations(relations);
            hierarchy(&graph, &mut selected, levels)?
        }
    };
    let nodes = selected.len().saturating_mul(copies);
    if nodes > MOST_NODES {
        return Err(Error::config(
            "--nodes-per-set",
            format!("{copies} times {} sets are {nodes} nodes", selected.len()),
        ));
    }
    if let Some(seed) = options.shuffled_map {
        let renamed = dealt_anew(genes, &options.blocks, seed);
        for set in &mut selected {
            for gene in &mut set.genes {
                *gene = renamed[*gene as usize];
            }
            set.genes.sort_unstable();
        }
    }
    let rows = || selected.iter().map(|set| set.genes.clone()).collect();
    let (map, order) = if children.iter().all(Vec::is_empty) {
        let rows: Vec<Vec<u32>> = rows();
        let order: Vec<usize> = (0..rows.len())
            .flat_map(|set| std::iter::repeat_n(set, copies))
            .collect();
        let rows = order.iter().map(|&set| rows[set].clone()).collect();
        (SetMap::flat(Mask::from_rows(genes.len(), rows)?), order)
    } else {
        let tree = SetTree {
            genes: rows(),
            children,
        };
        SetMap::hierarchical(genes.len(), &tree, copies)?
    };
    let nodes = order.iter().enumerate().map(|(at, &set)| {
        let selected = &selected[set];
        let copy = at - order.iter().position(|&other| other == set).unwrap_or(at) + 1;
        Node {
            name: if copies > 1 {
                format!("{} /{copy}", selected.name)
            } else {
                selected.name.clone()
            },
            description: selected.description.clone(),
            size: selected.size,
            found: selected.found,
        }
    });
    let nodes = nodes.collect();
    Ok((map, nodes))
}

/// The children of every set; keeps the sets of the upper levels only.
fn hierarchy(
    graph: &MembershipGraph,
    selected: &mut Vec<SelectedSet>,
    levels: usize,
) -> Result<Vec<Vec<usize>>> {
    let names = |sets: &[SelectedSet]| sets.iter().map(|set| set.name.clone()).collect::<Vec<_>>();
    let mut children = graph.children_among(&names(selected));
    if levels > 0 {
        let depths = depths(&children);
        let mut depth = depths.iter();
        selected.retain(|_| matches!(depth.next(), Some(Some(depth)) if *depth < levels));
        children = graph.children_among(&names(selected));
    }
    if children.iter().all(Vec::is_empty) {
        return Err(Error::data(
            format!(
                "none of the {} gene sets in use is part of another",
                selected.len()
            ),
            "Raise --max-size, as higher sets are larger, or check --relations.",
        ));
    }
    Ok(children)
}

/// A random new place for every gene, within its matrix where there are several.
pub(super) fn dealt_anew(genes: &[String], blocks: &[Block], seed: u64) -> Vec<u32> {
    let mut random = random_stream(seed, "shuffled map");
    let mut renamed = vec![0; genes.len()];
    let block_of = |gene: &String| Block::position(blocks, gene).unwrap_or(0);
    let blocks_of: Vec<usize> = genes.iter().map(block_of).collect();
    for block in 0..blocks.len().max(1) {
        let own = |gene: &u32| blocks_of[*gene as usize] == block;
        let places: Vec<u32> = (0..genes.len() as u32).filter(own).collect();
        let mut dealt = places.clone();
        dealt.shuffle(&mut random);
        for (place, new) in places.into_iter().zip(dealt) {
            renamed[place as usize] = new;
        }
    }
    renamed
}
