//! Activity by group.

use super::figure::{Figure, FigureOptions, counted, plain, something};
use super::palette::group;
use crate::error::{Error, Result};
use kuva::plot::ridgeline::RidgelinePlot;
use kuva::plot::{BoxPlot, ViolinPlot};
use std::str::FromStr;

/// Values of a group with fewer are drawn one by one, without a density.
const FEW: usize = 4;

/// How groups are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupStyle {
    /// Densities side by side, with the samples.
    #[default]
    Violin,
    /// Densities one above the other.
    Ridge,
}

impl FromStr for GroupStyle {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "violin" | "violins" => Ok(Self::Violin),
            "ridge" | "ridges" => Ok(Self::Ridge),
            _ => Err(Error::config(
                "--style",
                format!("is violin or ridge, not {text:?}"),
            )),
        }
    }
}

/// The values of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupValues {
    /// The group's name.
    pub name: String,
    /// Its values; those that are not finite are left out.
    pub values: Vec<f64>,
}

/// Densities of values by group.
///
/// # Errors
/// [`Error::Data`] if no group has a value.
pub fn groups(
    found: &[GroupValues],
    value: &str,
    style: GroupStyle,
    options: &FigureOptions,
) -> Result<Figure> {
    let known: Vec<(usize, &str, Vec<f64>)> = found
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let values = own.values.iter().copied().filter(|value| value.is_finite());
            (at, own.name.as_str(), values.collect::<Vec<f64>>())
        })
        .filter(|(_, _, values)| !values.is_empty())
        .collect();
    something(!known.is_empty(), "no group has a value")?;
    let most = known.iter().map(|(_, _, values)| values.len()).max();
    // Upright names of few groups have the room of their violin.
    let letters = match style {
        GroupStyle::Violin if known.len() <= 4 => options.width.letters(100) / known.len(),
        _ => options.width.letters(30),
    };
    let named = |name: &str, n: usize| counted(name, n, letters.min(40));
    if style == GroupStyle::Ridge && known.iter().all(|(_, _, values)| values.len() >= FEW) {
        let mut plot = RidgelinePlot::new().with_opacity(0.75).with_overlap(0.4);
        for (at, name, values) in &known {
            plot = plot.with_group_color(named(name, values.len()), values.clone(), group(*at));
        }
        let height = 0.25 + 0.07 * known.len() as f64;
        return Ok(Figure::new(vec![plot.into()], options, height, |layout| {
            layout.with_x_label(plain(value))
        }));
    }
    let colors: Vec<&str> = known.iter().map(|(at, _, _)| group(*at)).collect();
    let mut plot = ViolinPlot::new()
        .with_group_colors(colors)
        .with_overlay_color("#333333")
        .with_overlay_size(1.4)
        .with_width(if known.len() < 4 { 0.5 } else { 0.8 });
    // Within, every sample, or the quartiles of many.
    let few = most.is_some_and(|most| most <= 300);
    if few {
        plot = plot.with_strip(0.12);
    }
    let mut boxes = BoxPlot::new().with_color("#222222").with_width(0.06);
    for (_, name, values) in &known {
        let name = named(name, values.len());
        plot = plot.with_group(name.clone(), values.clone());
        boxes = boxes.with_group(name, values.clone());
    }
    let mut plots = vec![plot.into()];
    if !few {
        plots.push(boxes.into());
    }
    Ok(Figure::new(plots, options, 0.62, |layout| {
        let layout = layout.with_y_label(plain(value));
        match known.len() > 4 {
            true => layout.with_x_tick_rotate(-35.0),
            false => layout,
        }
    }))
}
