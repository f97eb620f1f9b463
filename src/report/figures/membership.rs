//! A pathway, its genes, and the pathways that share them.

use super::figure::{Figure, FigureOptions, short, something};
use super::palette::group;
use crate::error::Result;
use kuva::plot::network::{NetworkLayout, NetworkPlot, NodeShape};

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
        .with_layout(NetworkLayout::ForceDirected)
        .with_labels()
        .with_repel_labels()
        .with_edge_opacity(0.45)
        .with_node_radius(4.0);
    // Sets and genes may share a name, and nodes are told apart by it: sets get a mark.
    let set_label =
        |at: usize, name: &str| format!("{}{}", short(name, 34), "\u{200b}".repeat(at + 1));
    for (at, set) in sets.iter().enumerate() {
        let label = set_label(at, &set.name);
        plot = plot
            .with_node_color(label.clone(), group(if at == 0 { 5 } else { 0 }))
            .with_node_shape(label.clone(), NodeShape::Square)
            .with_node_size(label, if at == 0 { 11.0 } else { 7.0 });
    }
    for (at, set) in sets.iter().enumerate() {
        for gene in &set.genes {
            let gene = short(gene, 16);
            plot = plot.with_node_color(gene.clone(), group(2)).with_edge(
                set_label(at, &set.name),
                gene,
                1.0,
            );
        }
    }
    Ok(Figure::new(vec![plot.into()], options, 0.85, |layout| {
        layout
    }))
}
