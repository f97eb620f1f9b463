//! Stability over seeds against shuffled maps.

use super::figure::{Figure, FigureOptions, short, something};
use super::palette::{GUIDE, UP, group};
use crate::error::Result;
use kuva::plot::ScatterPlot;
use kuva::plot::volcano::LabelStyle;
use kuva::render::annotations::ReferenceLine;

/// The pathways that are named.
const NAMED: usize = 4;
/// The size of a mark.
const RADIUS: f64 = 2.4;

/// The evidence for a pathway.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidencePoint {
    /// Its name.
    pub name: String,
    /// Correlation with refits under other seeds.
    pub stability: f64,
    /// The p-value against maps with shuffled genes.
    pub map_p: f64,
    /// Whether it passes all checks.
    pub passes: bool,
}

/// Stability against `-log10` of the p-value of shuffled maps; the best are named.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) if no pathway has both.
pub fn evidence(points: &[EvidencePoint], options: &FigureOptions) -> Result<Figure> {
    let known: Vec<&EvidencePoint> = points
        .iter()
        .filter(|own| own.stability.is_finite() && own.map_p > 0.0)
        .collect();
    something(
        !known.is_empty(),
        "no pathway has a stability and a p-value of shuffled maps; `gsae fit` and \
         `gsae evidence` gather them",
    )?;
    let plot = |passes: bool, color: &str, legend: &str| {
        let mut own: Vec<&&EvidencePoint> =
            known.iter().filter(|own| own.passes == passes).collect();
        own.sort_by(|a, b| {
            a.map_p
                .total_cmp(&b.map_p)
                .then(b.stability.total_cmp(&a.stability))
        });
        let label = |(at, point): (usize, &&&EvidencePoint)| match passes
            && at < options.width.named(NAMED)
        {
            true => short(&point.name, options.width.letters(45).min(36)),
            false => String::new(),
        };
        let labels: Vec<String> = own.iter().enumerate().map(label).collect();
        ScatterPlot::new()
            .with_data(own.iter().map(|own| (own.stability, -own.map_p.log10())))
            .with_color(color)
            .with_size(RADIUS)
            .with_marker_opacity(0.7)
            .with_labels(labels)
            .with_label_style(LabelStyle::Exact)
            .with_legend(format!("{legend} ({})", own.len()))
    };
    let plots = vec![
        plot(false, UP, "does not pass").into(),
        plot(true, group(2), "passes all checks").into(),
    ];
    Ok(Figure::new(plots, options, 0.7, |layout| {
        layout
            .with_x_label("Stability over seeds (mean correlation)")
            .with_y_label("\u{2212}log10 p of shuffled maps")
            .with_reference_line(ReferenceLine::vertical(0.9).with_color(GUIDE))
    })
    .with_names_apart(RADIUS))
}
