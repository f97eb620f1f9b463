//! A pathway, its genes, and the pathways that share them.

use super::figure::{Figure, FigureOptions, short, something};
use super::names::LETTER;
use super::palette::group;
use crate::error::Result;
use kuva::plot::network::{NetworkPlot, NodeShape};
use kuva::render::render::{Primitive, Scene, TextAnchor};
use std::f64::consts::TAU;

/// How far from the middle genes and other pathways stand.
const RING: f64 = 0.33;
const OUTSIDE: f64 = 0.52;
/// The size of letters, and the height of a line.
const LETTERS: f64 = 10.0;
const LINE: f64 = 12.5;

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
    // Sets and genes may share a name, and nodes are told apart by it: sets get a mark that is not
    // seen, and their names later.
    let label = |at: usize| "\u{200b}".repeat(at + 1);
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
    let first = outside.first().map_or(0.0, |(angle, _)| *angle);
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
    let letters = options.width.letters(30);
    let names: Vec<String> = sets.iter().map(|set| short(&set.name, letters)).collect();
    let figure = Figure::new(vec![plot.into()], options, 0.8, |layout| layout);
    Ok(figure.adjusted(|scene| name_sets(scene, &names)))
}

/// Writes the names of the squares, in their order, above or below them, away from the first.
fn name_sets(scene: &mut Scene, names: &[String]) {
    let squares = scene.elements.iter().filter_map(|element| match element {
        Primitive::Rect {
            x,
            y,
            width,
            height,
            ..
        } => Some((x + width / 2.0, y + height / 2.0, height / 2.0)),
        _ => None,
    });
    let squares: Vec<(f64, f64, f64)> = squares.collect();
    let (center, middle) = squares.first().map_or((0.0, 0.0), |own| (own.0, own.1));
    for ((x, y, half), name) in squares.into_iter().zip(names) {
        let reach = LETTER * LETTERS * name.chars().count() as f64 / 2.0;
        let x = match x - center {
            away if away < 0.0 => x + half - reach,
            away if away > 0.0 => x - half + reach,
            _ => x,
        };
        let x = x.min(scene.width - reach - 2.0).max(reach + 2.0);
        // The first has its name below it, as nothing lies that near to it.
        let top = match y < middle {
            true => y - half - LINE - 2.0,
            false => y + half + 2.0,
        };
        scene.add(Primitive::Rect {
            x: x - reach,
            y: top,
            width: 2.0 * reach,
            height: LINE,
            fill: "#ffffff".into(),
            stroke: None,
            stroke_width: None,
            opacity: Some(0.8),
        });
        scene.add(Primitive::Text {
            x,
            y: top + 0.78 * LINE,
            content: name.clone(),
            size: LETTERS as u32,
            anchor: TextAnchor::Middle,
            rotate: None,
            bold: false,
            color: None,
        });
    }
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
