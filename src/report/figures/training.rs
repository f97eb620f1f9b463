//! The losses of training.

use super::figure::{Figure, FigureOptions, something};
use super::palette::{DOWN, GUIDE, UP};
use crate::error::Result;
use kuva::plot::LinePlot;
use kuva::plot::legend::{LegendEntry, LegendShape};
use kuva::render::annotations::ReferenceLine;

/// The course of training.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LossCurve {
    /// Epochs and training losses.
    pub training: Vec<(f64, f64)>,
    /// Epochs and losses on held-out samples.
    pub validation: Vec<(f64, f64)>,
    /// The epoch whose weights the model keeps.
    pub best: f64,
}

/// Losses by epoch.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without an epoch.
pub fn training(curve: &LossCurve, options: &FigureOptions) -> Result<Figure> {
    something(
        !curve.training.is_empty(),
        "the model has no epoch, as PCA has none",
    )?;
    let line = |points: &[(f64, f64)], color: &str| {
        LinePlot::new()
            .with_data(points.to_vec())
            .with_color(color)
            .with_stroke_width(1.6)
    };
    let entry = |label: &str, color: &str, dashes: Option<&str>| LegendEntry {
        label: label.to_owned(),
        color: color.to_owned(),
        shape: LegendShape::Line,
        dasharray: dashes.map(str::to_owned),
    };
    let mut entries = vec![entry("training", DOWN, None)];
    let mut plots = vec![line(&curve.training, DOWN).into()];
    if !curve.validation.is_empty() {
        plots.push(line(&curve.validation, UP).with_dashed().into());
        entries.push(entry("held out", UP, Some("5 3")));
    }
    let kept = format!("epoch kept ({})", curve.best);
    entries.push(entry(&kept, GUIDE, Some("3 2")));
    let wanted = curve.training.len() as f64 / 7.0;
    let power = 10f64.powf(wanted.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| *step >= wanted);
    let step = step.unwrap_or(power).max(1.0);
    Ok(Figure::new(plots, options, 0.6, |layout| {
        layout
            .with_x_label("Epoch")
            .with_y_label("Loss")
            .with_x_tick_step(step)
            .with_reference_line(ReferenceLine::vertical(curve.best).with_color(GUIDE))
            .with_legend_entries(entries)
    }))
}
