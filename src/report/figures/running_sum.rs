//! The running sum of GSEA.

use super::figure::{Figure, FigureOptions, plain, something};
use super::palette::{GUIDE, group};
use crate::error::Result;
use kuva::plot::LinePlot;
use kuva::plot::legend::LegendPosition;
use kuva::render::annotations::ReferenceLine;

/// A walk along a ranking (Subramanian et al. 2005): up at the genes of a set, by their weight,
/// down at all others.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningSum {
    /// Ranks (from 0) and the sum before and after each of the set's genes.
    pub points: Vec<(f64, f64)>,
    /// The ranks of the set's genes.
    pub hits: Vec<f64>,
    /// The sum where it is farthest from 0.
    pub es: f64,
    /// The genes ranked.
    pub genes: usize,
}

impl RunningSum {
    /// `statistics` in descending order; `in_set` says which genes are the set's; a gene's weight
    /// is its statistic's size. `None` if the set has none of the genes, or all.
    pub fn new(statistics: &[f64], in_set: &[bool]) -> Option<Self> {
        let hits: Vec<usize> = (0..statistics.len()).filter(|&rank| in_set[rank]).collect();
        if hits.is_empty() || hits.len() == statistics.len() {
            return None;
        }
        let total: f64 = hits.iter().map(|&rank| statistics[rank].abs()).sum();
        let miss = 1.0 / (statistics.len() - hits.len()) as f64;
        let mut sum = 0.0;
        let mut points = vec![(0.0, 0.0)];
        for (at, &rank) in hits.iter().enumerate() {
            let misses = (rank - at) as f64 * miss;
            points.push((rank as f64, sum - misses));
            sum += match total > 0.0 {
                true => statistics[rank].abs() / total,
                false => 1.0 / hits.len() as f64,
            };
            points.push((rank as f64, sum - misses));
        }
        points.push((statistics.len() as f64, 0.0));
        let es = points.iter().map(|(_, value)| *value);
        Some(Self {
            es: es.fold(0.0, |most: f64, value| {
                if value.abs() > most.abs() {
                    value
                } else {
                    most
                }
            }),
            hits: hits.iter().map(|&rank| rank as f64).collect(),
            genes: statistics.len(),
            points,
        })
    }
}

/// The running sum with a tick for each of the set's genes beneath.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a gene.
pub fn running_sum(walk: &RunningSum, ranked_by: &str, options: &FigureOptions) -> Result<Figure> {
    something(
        !walk.hits.is_empty(),
        "the ranking has none of the set's genes",
    )?;
    let lowest = walk.points.iter().map(|point| point.1).fold(0.0, f64::min);
    let highest = walk.points.iter().map(|point| point.1).fold(0.0, f64::max);
    let beneath = lowest - 0.1 * (highest - lowest);
    let line = LinePlot::new()
        .with_data(walk.points.clone())
        .with_color(group(2))
        .with_stroke_width(1.6);
    let tick = |rank: &f64| {
        LinePlot::new()
            .with_data([
                (*rank, beneath),
                (*rank, lowest - 0.03 * (highest - lowest)),
            ])
            .with_color("#333333")
            .with_stroke_width(0.6)
            .into()
    };
    let mut plots = vec![line.into()];
    plots.extend(walk.hits.iter().map(tick));
    Ok(Figure::new(plots, options, 0.6, |layout| {
        layout
            .with_x_label(plain(&format!("Rank of the gene ({ranked_by})")))
            .with_y_label("Running sum")
            .with_x_axis_min(0.0)
            .with_x_axis_max(walk.genes as f64)
            .with_stats_box_at(
                match walk.es > 0.0 {
                    true => LegendPosition::InsideTopRight,
                    false => LegendPosition::InsideTopCenter,
                },
                vec![
                    format!("ES {:.2}", walk.es),
                    format!("{} of {} genes", walk.hits.len(), walk.genes),
                ],
            )
            .with_stats_box_border(false)
            .with_reference_line(ReferenceLine::horizontal(0.0).with_color(GUIDE))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_at_the_top_reaches_one() {
        let walk = RunningSum::new(&[3.0, 1.0, 0.5, -1.0], &[true, true, false, false]);
        let walk = walk.expect("a walk");
        assert_eq!(walk.es, 1.0);
        assert_eq!(walk.points[2], (0.0, 0.75));
        let walk = RunningSum::new(&[3.0, 1.0, 0.5, -1.0], &[false, false, false, true]);
        assert_eq!(walk.map(|walk| walk.es), Some(-1.0));
        assert_eq!(RunningSum::new(&[1.0, 2.0], &[true, true]), None);
    }
}
