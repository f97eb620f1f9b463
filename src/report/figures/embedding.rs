//! The samples in two dimensions.

use super::figure::{Figure, FigureOptions, plain, short, something};
use super::palette::{DOWN, NEUTRAL, diverging, group, viridis};
use crate::error::Result;
use kuva::plot::ScatterPlot;
use kuva::plot::legend::{LegendEntry, LegendShape};

/// What colours the points.
#[derive(Debug, Clone, PartialEq)]
pub enum PointColors {
    /// Nothing.
    None,
    /// Groups by number; `None` where it is not known.
    Groups {
        /// The groups' names.
        levels: Vec<String>,
        /// The group of every point.
        codes: Vec<Option<u8>>,
    },
    /// A number from violet (lowest) to yellow.
    Numbers(Vec<f64>),
    /// An activity: blue below 0, orange-red above, 2.5 SD at the ends.
    Activity(Vec<f64>),
}

/// Points with their colours. `axes` name the two dimensions, `colored` what colours.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a point.
pub fn embedding(
    points: &[(f64, f64)],
    axes: [&str; 2],
    colors: &PointColors,
    colored: &str,
    options: &FigureOptions,
) -> Result<Figure> {
    something(!points.is_empty(), "there is no sample")?;
    let size = match points.len() {
        0..=300 => 3.0,
        301..=3000 => 1.9,
        _ => 1.1,
    };
    let plot = |chosen: Vec<(f64, f64)>| {
        ScatterPlot::new()
            .with_data(chosen)
            .with_size(size)
            .with_marker_opacity(0.8)
    };
    let (plots, entries) = match colors {
        PointColors::None => (
            vec![plot(points.to_vec()).with_color(DOWN).into()],
            Vec::new(),
        ),
        PointColors::Groups { levels, codes } => {
            let mut plots = Vec::new();
            let codes_of = |wanted: Option<u8>| -> Vec<(f64, f64)> {
                let own = points
                    .iter()
                    .zip(codes)
                    .filter(|(_, code)| **code == wanted);
                own.map(|(point, _)| *point).collect()
            };
            let without = codes_of(None);
            if !without.is_empty() {
                plots.push(
                    plot(without)
                        .with_color(NEUTRAL)
                        .with_legend("not known")
                        .into(),
                );
            }
            for (at, level) in levels.iter().enumerate() {
                let own = codes_of(u8::try_from(at).ok());
                if own.is_empty() {
                    continue;
                }
                let legend = short(&format!("{level} ({})", own.len()), 24);
                plots.push(plot(own).with_color(group(at)).with_legend(legend).into());
            }
            (plots, Vec::new())
        }
        PointColors::Numbers(values) => {
            let known = values.iter().filter(|value| value.is_finite());
            let (low, high) = known
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(*value), high.max(*value))
                });
            let share = |value: f64| (value - low) / (high - low).max(f64::MIN_POSITIVE);
            let colors: Vec<String> = values.iter().map(|value| viridis(share(*value))).collect();
            let steps = (0..=4)
                .rev()
                .map(|at| low + (high - low) * f64::from(at) / 4.0);
            let entries = steps.map(|value| entry(format!("{value:.2}"), viridis(share(value))));
            (
                vec![plot(points.to_vec()).with_colors(colors).into()],
                entries.collect(),
            )
        }
        PointColors::Activity(values) => {
            let colors: Vec<String> = values.iter().map(|value| diverging(value / 2.5)).collect();
            let steps = [2.5, 1.25, 0.0, -1.25, -2.5];
            let entries = steps.map(|value: f64| entry(format!("{value}"), diverging(value / 2.5)));
            (
                vec![plot(points.to_vec()).with_colors(colors).into()],
                entries.to_vec(),
            )
        }
    };
    Ok(Figure::new(plots, options, 0.72, |layout| {
        let layout = layout
            .with_x_label(plain(axes[0]))
            .with_y_label(plain(axes[1]));
        let layout = match colored.is_empty() {
            true => layout,
            false => layout.with_legend_title(short(colored, 24)),
        };
        match entries.is_empty() {
            true => layout,
            false => layout.with_legend_entries(entries),
        }
    }))
}

fn entry(label: String, color: String) -> LegendEntry {
    LegendEntry {
        label: label.replace('-', "\u{2212}"),
        color,
        shape: LegendShape::Rect,
        dasharray: None,
    }
}
