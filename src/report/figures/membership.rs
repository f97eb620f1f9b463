//! A pathway, its genes, and the pathways that share them.

use super::figure::{Figure, FigureOptions, short, something};
use super::palette::group;
use crate::error::Result;
use kuva::plot::network::{NetworkPlot, NodeShape};
use std::f64::consts::TAU;

/// How far from the middle genes and other pathways stand.
const RING: f64 = 0.33;
const OUTSIDE: f64 = 0.52;

/// A pathway of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct MembershipNode {
    /// Its name.
    pub name: String,
    /// Its genes among those drawn.
    pub genes: Vec<String>,
}

/// The membership graph around the first of `sets`: squares are pathways, circles genes, lines
/// memberships.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a set or a gene.
pub fn membership(sets: &[MembershipNode], options: &FigureOptions) -> Result<Figure> {
    something(
        sets.first().is_some_and(|set| !set.genes.is_empty()),
        "the pathway has no gene here",
    )?;
    let mut plot = NetworkPlot::new()
        .with_labels()
        .with_repel_labels()
        .with_edge_opacity(0.4)
        .with_node_radius(4.0);
    // Sets and genes may share a name, and nodes are told apart by it: sets get a mark.
    let letters = options.width.letters(30);
    let label = |at: usize| {
        let mark = "\u{200b}".repeat(at + 1);
        format!("{}{mark}", short(&sets[at].name, letters))
    };
    let genes = ring(sets);
    let angle = |at: usize, count: usize| TAU * at as f64 / count.max(1) as f64;
    // Within a square of side 1.
    let place = |radius: f64, angle: f64| (0.5 + radius * angle.cos(), 0.5 + radius * angle.sin());
    // The other sets stand outside, in the order of the middle of their genes.
    let mut outside: Vec<(f64, usize)> = (1..sets.len())
        .map(|at| {
            let own = genes.iter().enumerate();
            let own = own.filter(|(_, gene)| sets[at].genes.contains(gene));
            let (x, y) = own.fold((0.0, 0.0), |(x, y), (gene, _)| {
                let turn = angle(gene, genes.len());
                (x + turn.cos(), y + turn.sin())
            });
            (y.atan2(x).rem_euclid(TAU), at)
        })
        .collect();
    outside.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut places = vec![(0.5, 0.5); sets.len()];
    // Names stand to the right of their nodes: nothing lies straight to the left of the middle.
    let step = TAU / outside.len().max(1) as f64;
    let free = (TAU + step) / 2.0;
    let wanted = outside.first().map_or(0.0, |(angle, _)| *angle);
    let first = free + ((wanted - free) / step).round() * step;
    for (order, (_, at)) in outside.iter().enumerate() {
        places[*at] = place(OUTSIDE, first + angle(order, outside.len()));
    }
    for (at, (x, y)) in places.into_iter().enumerate() {
        plot = plot
            .with_node_color(label(at), group(if at == 0 { 5 } else { 0 }))
            .with_node_shape(label(at), NodeShape::Square)
            .with_node_size(label(at), if at == 0 { 10.0 } else { 7.0 })
            .with_node_position(label(at), x, y);
    }
    for (at, gene) in genes.iter().enumerate() {
        let (x, y) = place(RING, angle(at, genes.len()));
        let gene_label = short(gene, 16);
        plot = plot
            .with_node_color(gene_label.clone(), group(2))
            .with_node_position(gene_label.clone(), x, y);
        let own = sets.iter().enumerate();
        for (set, _) in own.filter(|(_, set)| set.genes.contains(gene)) {
            plot = plot.with_edge(label(set), gene_label.clone(), 1.0);
        }
    }
    Ok(Figure::new(vec![plot.into()], options, 0.8, |layout| {
        layout
    }))
}

/// The genes of the first set in an order that keeps together what the others share.
fn ring(sets: &[MembershipNode]) -> Vec<String> {
    let mut genes: Vec<(Vec<bool>, &String)> = sets[0]
        .genes
        .iter()
        .map(|gene| {
            let shared = sets[1..].iter().map(|set| !set.genes.contains(gene));
            (shared.collect(), gene)
        })
        .collect();
    genes.sort();
    genes.dedup();
    genes.into_iter().map(|(_, gene)| gene.clone()).collect()
}
