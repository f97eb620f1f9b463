//! The heatmap of a report: which pathways and samples, and their order.

use super::Run;
use super::contrasts::Contrasts;
use super::inputs::ReportOptions;
use super::order::{clustered, distinct};
use crate::nn::random_stream;
use rand::seq::index::sample;
use serde::Serialize;

/// The samples that a heatmap shows.
const HEATMAP_SAMPLES: usize = 1000;

/// Rows and columns, in their order.
#[derive(Serialize)]
pub(super) struct Heatmap {
    /// Positions of nodes.
    nodes: Vec<usize>,
    /// Positions among the samples shown.
    samples: Vec<usize>,
}

impl Heatmap {
    /// The pathways that tell groups apart, then the most variable ones; rows and columns each
    /// ordered by average linkage on correlation. `samples` are positions among those shown.
    pub(super) fn new(
        run: &Run,
        shown: &[usize],
        contrasts: &[Contrasts],
        by_spread: &[usize],
        options: &ReportOptions,
    ) -> Self {
        let width = run.activity.columns().len();
        let samples: Vec<usize> = if shown.len() > HEATMAP_SAMPLES {
            let random = &mut random_stream(options.seed, "samples of a heatmap");
            let mut drawn = sample(random, shown.len(), HEATMAP_SAMPLES).into_vec();
            drawn.sort_unstable();
            drawn
        } else {
            (0..shown.len()).collect()
        };
        let value = |sample: usize, node: usize| {
            f64::from(run.activity.values()[shown[sample] * width + node])
        };
        let row = |node: usize| -> Vec<f64> { samples.iter().map(|&at| value(at, node)).collect() };
        let groups = contrasts.first().map_or(&[][..], |found| &found.groups);
        let share = (options.heatmap_rows / 2 / groups.len().max(1)).max(2);
        let telling = groups.iter().flat_map(|group| group.top.iter().take(share));
        let candidates = telling
            .map(|node| node.set)
            .chain(by_spread.iter().copied());
        let (chosen, rows) = distinct(candidates, row, options.heatmap_rows);
        let columns: Vec<Vec<f64>> = samples
            .iter()
            .map(|&at| chosen.iter().map(|&node| value(at, node)).collect())
            .collect();
        Self {
            nodes: clustered(&rows).into_iter().map(|at| chosen[at]).collect(),
            samples: clustered(&columns)
                .into_iter()
                .map(|at| samples[at])
                .collect(),
        }
    }
}
