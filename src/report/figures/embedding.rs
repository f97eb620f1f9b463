//! The samples in two dimensions.

use super::figure::{Figure, FigureOptions, counted, plain, short, something};
use super::legend::Scale;
use super::palette::{DOWN, NEUTRAL, PAPER, diverging, group, repeat_note, viridis};
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
    let mut entries = Vec::new();
    let mut scale = None;
    let colored_by = |color: &dyn Fn(usize) -> String| (0..points.len()).map(color).collect();
    let tints: Vec<String> = match colors {
        PointColors::None => colored_by(&|_| DOWN.to_owned()),
        PointColors::Groups { levels, codes } => {
            let count = |wanted: Option<usize>| {
                let own = codes.iter().map(|code| code.map(usize::from));
                own.filter(|code| *code == wanted).count()
            };
            for (at, level) in levels.iter().enumerate() {
                if let n @ 1.. = count(Some(at)) {
                    entries.push(entry(counted(level, n, 24), group(at).to_owned()));
                }
            }
            if let n @ 1.. = count(None) {
                entries.push(entry(counted("not labelled", n, 24), NEUTRAL.to_owned()));
            }
            // A mark that is not seen on paper.
            let note = repeat_note(levels.len());
            entries.extend(note.map(|note| entry(note, PAPER.to_owned())));
            colored_by(&|at| {
                codes[at]
                    .map_or(NEUTRAL, |code| group(code.into()))
                    .to_owned()
            })
        }
        PointColors::Numbers(values) => {
            let known = values.iter().filter(|value| value.is_finite());
            let (low, high) = known
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(*value), high.max(*value))
                });
            let ends = [low, high].map(|value| match value.is_finite() {
                true => rounded(value),
                false => "none known".to_owned(),
            });
            scale = Some(Scale {
                title: short(colored, 40),
                ends,
                color: Box::new(viridis),
            });
            let share = |value: f64| (value - low) / (high - low).max(f64::MIN_POSITIVE);
            colored_by(&|at| viridis(share(values[at])))
        }
        PointColors::Activity(values) => {
            scale = Some(Scale {
                title: format!("{} (SD)", short(colored, 48)),
                ends: ["\u{2212}2.5", "+2.5"].map(str::to_owned),
                color: Box::new(|share| diverging(2.0 * share - 1.0)),
            });
            colored_by(&|at| diverging(values[at] / 2.5))
        }
    };
    // In an order that mixes groups, so that none hides another.
    let order = mixed(points.len());
    let plot = ScatterPlot::new()
        .with_data(order.iter().map(|&at| points[at]))
        .with_colors(order.iter().map(|&at| tints[at].clone()))
        .with_size(size)
        .with_marker_opacity(0.8);
    let plots = vec![plot.into()];
    Ok(Figure::with_scale(plots, options, 0.72, scale, |layout| {
        let layout = layout
            .with_x_label(plain(axes[0]))
            .with_y_label(plain(axes[1]));
        match entries.is_empty() {
            true => layout,
            false => layout
                .with_legend_title(short(colored, 24))
                .with_legend_entries(entries),
        }
    }))
}

/// All numbers below `count`, neighbours far apart.
fn mixed(count: usize) -> Vec<usize> {
    let step = match count.is_multiple_of(7919) {
        true => 7907,
        false => 7919,
    };
    (0..count).map(|at| at * step % count).collect()
}

/// A number with three digits that count.
fn rounded(value: f64) -> String {
    let digits = 2 - value.abs().max(1e-300).log10().floor() as i32;
    let text = match value {
        0.0 => "0".to_owned(),
        _ if (0..=6).contains(&digits) => format!("{value:.*}", digits as usize),
        _ if (-6..0).contains(&digits) => format!("{value:.0}"),
        _ => format!("{value:.2e}"),
    };
    text.replace('-', "\u{2212}")
}

fn entry(label: String, color: String) -> LegendEntry {
    LegendEntry {
        label,
        color,
        shape: LegendShape::Circle,
        dasharray: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_are_drawn_whatever_their_number() {
        for count in [0, 1, 5, 7919, 15838, 7907 * 2] {
            let mut order = mixed(count);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..count), "{count}");
        }
        assert_eq!(rounded(-0.012345), "\u{2212}0.0123");
        assert_eq!(rounded(12345.6), "12346");
        assert_eq!(rounded(0.0), "0");
    }
}
