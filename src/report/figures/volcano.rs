//! Effects against p-values.

use super::figure::{Figure, FigureOptions, short, something};
use super::palette::{DOWN, GUIDE, NEUTRAL, UP};
use crate::error::Result;
use kuva::plot::ScatterPlot;
use kuva::plot::volcano::LabelStyle;
use kuva::render::annotations::ReferenceLine;

/// The pathways that are named on each side.
const NAMED: usize = 4;
/// The size of a mark.
const RADIUS: f64 = 2.2;

/// A pathway of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct VolcanoEntry {
    /// Its name.
    pub name: String,
    /// The effect: a difference, a correlation.
    pub effect: f64,
    /// The p-value.
    pub p: f64,
    /// The adjusted p-value, which decides the colour.
    pub adjusted_p: f64,
}

/// Effect against `-log10 p`; colours mark an adjusted p of at most `level`. Entries without a
/// finite effect or p are left out; p of 0 stands at the smallest other.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without an entry.
pub fn volcano(
    entries: &[VolcanoEntry],
    effect: &str,
    level: f64,
    options: &FigureOptions,
) -> Result<Figure> {
    let known: Vec<&VolcanoEntry> = entries
        .iter()
        .filter(|entry| entry.effect.is_finite() && entry.p.is_finite())
        .collect();
    something(!known.is_empty(), "no pathway has an effect and a p-value")?;
    let smallest = known.iter().map(|entry| entry.p).filter(|p| *p > 0.0);
    let floor = smallest.fold(1.0, f64::min);
    let height = |entry: &VolcanoEntry| -entry.p.max(floor).log10();
    let significant = |entry: &VolcanoEntry| entry.adjusted_p <= level;
    let side = |entry: &&&VolcanoEntry, up: bool| significant(entry) && (entry.effect > 0.0) == up;
    let plot = |chosen: &[&VolcanoEntry], color: &str, legend: String| {
        ScatterPlot::new()
            .with_data(chosen.iter().map(|entry| (entry.effect, height(entry))))
            .with_color(color)
            .with_size(RADIUS)
            .with_marker_opacity(0.75)
            .with_legend(legend)
    };
    let rest: Vec<&VolcanoEntry> = known
        .iter()
        .filter(|own| !significant(own))
        .copied()
        .collect();
    let mut plots = vec![plot(&rest, NEUTRAL, format!("not significant ({})", rest.len())).into()];
    for (up, color, word) in [(false, DOWN, "lower"), (true, UP, "higher")] {
        let mut own: Vec<&VolcanoEntry> = known
            .iter()
            .filter(|entry| side(entry, up))
            .copied()
            .collect();
        own.sort_by(|a, b| {
            a.p.total_cmp(&b.p)
                .then(b.effect.abs().total_cmp(&a.effect.abs()))
        });
        let labels =
            own.iter()
                .enumerate()
                .map(|(at, entry)| match at < options.width.named(NAMED) {
                    true => short(&entry.name, options.width.letters(45).min(36)),
                    false => String::new(),
                });
        let labels: Vec<String> = labels.collect();
        let points = plot(&own, color, format!("{word} ({})", own.len()));
        plots.push(
            points
                .with_labels(labels)
                .with_label_style(LabelStyle::Exact)
                .into(),
        );
    }
    Ok(Figure::new(plots, options, 0.8, |layout| {
        layout
            .with_x_label(super::figure::plain(effect))
            .with_y_label("\u{2212}log10 p")
            .with_reference_line(ReferenceLine::vertical(0.0).with_color(GUIDE))
    })
    .with_names_apart(RADIUS))
}
