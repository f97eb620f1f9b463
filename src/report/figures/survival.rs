//! Kaplan-Meier curves.

use super::figure::{Figure, FigureOptions, plain, short, something};
use super::palette::group;
use crate::error::Result;
use kuva::plot::SurvivalPlot;
use kuva::plot::legend::LegendPosition;

/// The follow-up of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalGroup {
    /// The group's name.
    pub name: String,
    /// Times of event or censoring.
    pub times: Vec<f64>,
    /// Whether the event was seen.
    pub events: Vec<bool>,
}

/// Kaplan-Meier curves with confidence bands, censored subjects and the number at risk; `p` is
/// written beside them.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) if no group has a subject.
pub fn survival(
    groups: &[SurvivalGroup],
    time: &str,
    p: Option<f64>,
    options: &FigureOptions,
) -> Result<Figure> {
    something(
        groups.iter().any(|own| !own.times.is_empty()),
        "no group has a subject",
    )?;
    let mut plot = SurvivalPlot::new()
        .with_ci(true)
        .with_ci_alpha(0.15)
        .with_censoring(true)
        .with_risk_table(true)
        .with_legend("");
    for (at, own) in groups
        .iter()
        .filter(|own| !own.times.is_empty())
        .enumerate()
    {
        // Orange for the first, blue for the second, as in the other figures.
        let color = group([5, 0].get(at).copied().unwrap_or(at));
        let name = short(&own.name, 12);
        plot = plot.with_colored_group(name, own.times.clone(), own.events.clone(), color);
    }
    if let Some(p) = p.filter(|p| p.is_finite()) {
        let text = match p < 0.001 {
            true => format!("{p:.1e}").replace('-', "\u{2212}"),
            false => format!("{p:.3}"),
        };
        plot = plot.with_pvalue_text(format!("log-rank p = {text}"));
    }
    Ok(Figure::new(vec![plot.into()], options, 0.75, |layout| {
        layout
            .with_x_label(plain(time))
            .with_y_label("Survival")
            .with_legend_position(LegendPosition::InsideTopRight)
    }))
}
