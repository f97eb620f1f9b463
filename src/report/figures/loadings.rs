//! The names that go with a superset.

use super::figure::{Figure, FigureOptions, short, something};
use super::palette::{DOWN, UP};
use crate::error::Result;
use kuva::plot::BarPlot;

/// Bars of loadings, the largest at the top.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a finite loading.
pub fn loadings(entries: &[(String, f64)], value: &str, options: &FigureOptions) -> Result<Figure> {
    let mut known: Vec<&(String, f64)> = entries
        .iter()
        .filter(|(_, loading)| loading.is_finite())
        .collect();
    something(!known.is_empty(), "there is no loading")?;
    known.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let mut plot = BarPlot::new().with_horizontal(true).with_width(0.7);
    for (name, loading) in &known {
        let color = if *loading < 0.0 { DOWN } else { UP };
        plot = plot.with_colored_bar(short(name, options.width.letters(50)), *loading, color);
    }
    let height = (0.16 + 0.03 * known.len() as f64).clamp(0.25, 1.4);
    // Few ticks, so that their numbers stand apart.
    let ends = known.iter().map(|(_, loading)| *loading);
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), own| {
        (low.min(own), high.max(own))
    });
    let wanted = (high - low).max(f64::MIN_POSITIVE) / 4.0;
    let power = 10f64.powf(wanted.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| *step >= wanted);
    Ok(Figure::new(vec![plot.into()], options, height, |layout| {
        let layout = layout.with_x_label(super::figure::plain(value));
        match step {
            Some(step) if high > low => layout.with_x_tick_step(step),
            _ => layout,
        }
    }))
}
