//! The activity of every node in every sample, from learned loadings.

use super::regression::{LoadingMoments, SampleMoments, t_statistic};
use super::{Loadings, Orientation};
use crate::error::{Error, Result};
use crate::mask::Mask;
use crate::stats::ColumnMoments;
use rayon::prelude::*;

/// Samples whose statistics are summed at once.
const SCALE_BLOCK: usize = 512;

/// Scores samples against the nodes of a trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityScorer {
    mask: Mask,
    loadings: Loadings,
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

/// What a reader should know of a node beside its activity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeSummary {
    /// Which way the hidden value ran.
    pub orientation: Orientation,
    /// The share of the member genes' covariance that agrees with it, rescaled to [0, 1].
    pub confidence: f64,
    /// The gene (a column of the mask) with the largest loading.
    pub top_gene: Option<usize>,
    /// Its share of the sum of loadings, in [0, 1]: near 1, one gene is the whole node.
    pub top_gene_share: f64,
    /// SD over the training samples of the unscaled t statistic; about 1 for a set whose genes
    /// vary independently of each other, larger the more they move together.
    pub spread: f64,
}

impl ActivityScorer {
    /// Learns loadings and scale from the training samples.
    ///
    /// `x`: `[n, genes]`, the model's input; `nodes`: `[n, sets]`, the hidden values of the
    /// gene-set layer; both row by row.
    ///
    /// # Errors
    /// [`Error::Data`] if the sizes do not fit the mask.
    pub fn fit(mask: &Mask, x: &[f32], nodes: &[f32]) -> Result<Self> {
        let n = x.len() / mask.inputs().max(1);
        if x.len() != n * mask.inputs() || nodes.len() != n * mask.outputs() {
            return Err(Error::data(
                format!(
                    "{} inputs and {} node values do not fit a mask of {} genes x {} sets",
                    x.len(),
                    nodes.len(),
                    mask.inputs(),
                    mask.outputs()
                ),
                "Give both for the same samples.",
            ));
        }
        let loadings = Loadings::fit(mask, x, nodes);
        Self::fit_blocks(mask, loadings, |add| {
            let blocks = x.chunks(SCALE_BLOCK * mask.inputs().max(1));
            blocks.into_iter().for_each(add);
            Ok(())
        })
    }

    /// A scorer with these loadings, its scale learned from training samples that come block by
    /// block: `samples` calls what it is given for each (`[n, genes]`, row by row).
    ///
    /// # Errors
    /// Those of `samples`.
    pub fn fit_blocks(
        mask: &Mask,
        loadings: Loadings,
        samples: impl FnOnce(&mut dyn FnMut(&[f32])) -> Result<()>,
    ) -> Result<Self> {
        let sets = mask.outputs();
        let mut scorer = Self {
            loadings,
            mask: mask.clone(),
            mean: vec![0.0; sets],
            deviation: vec![1.0; sets],
        };
        let present = vec![true; mask.inputs()];
        let mut scale = ColumnMoments::new(sets);
        samples(&mut |x| scale.add(&scorer.statistics(x, &present)))?;
        for set in (0..sets).filter(|set| scale.count(*set) > 0) {
            scorer.mean[set] = scale.mean(set);
            scorer.deviation[set] = scale.variance(set).sqrt();
        }
        Ok(scorer)
    }

    /// A scorer from its stored parts.
    ///
    /// # Errors
    /// [`Error::Data`] if the parts do not fit each other.
    pub fn from_parts(
        mask: Mask,
        loadings: Loadings,
        mean: Vec<f64>,
        deviation: Vec<f64>,
    ) -> Result<Self> {
        let sets = mask.outputs();
        let fits = loadings.values.len() == mask.entries()
            && [
                loadings.orientation.len(),
                loadings.confidence.len(),
                mean.len(),
                deviation.len(),
            ] == [sets; 4];
        if !fits {
            return Err(Error::data(
                format!("the stored loadings do not fit a mask of {sets} sets"),
                "The model file is damaged; train again or restore it.",
            ));
        }
        Ok(Self {
            mask,
            loadings,
            mean,
            deviation,
        })
    }

    /// The activity of every node in every sample: `[n, sets]`, row by row, 0 the mean and 1 the
    /// SD of the training samples.
    ///
    /// `x`: `[n, genes]`; `present`: which genes the data have. Absent genes are left out of the
    /// regression, members and background alike. NaN for a node without a gene present.
    pub fn score(&self, x: &[f32], present: &[bool]) -> Vec<f32> {
        let sets = self.mask.outputs();
        self.statistics(x, present)
            .chunks_exact(sets.max(1))
            .flat_map(|row| {
                row.iter().enumerate().map(|(set, value)| {
                    let deviation = self.deviation[set];
                    let centred = value - self.mean[set];
                    (if deviation > 0.0 {
                        centred / deviation
                    } else {
                        centred
                    }) as f32
                })
            })
            .collect()
    }

    /// The unscaled t statistics: `[n, sets]`, row by row.
    fn statistics(&self, x: &[f32], present: &[bool]) -> Vec<f64> {
        let (genes, sets) = (self.mask.inputs(), self.mask.outputs());
        let nodes: Vec<LoadingMoments> = (0..sets)
            .map(|set| {
                let mut moments = LoadingMoments::default();
                for (gene, loading) in self.members(set) {
                    if present[gene] {
                        moments.sum += loading;
                        moments.squares += loading * loading;
                    }
                }
                moments
            })
            .collect();
        let n = x.len() / genes.max(1);
        let mut statistics = vec![0f64; n * sets];
        statistics
            .par_chunks_mut(sets.max(1))
            .zip(x.par_chunks_exact(genes.max(1)))
            .for_each(|(row, values)| {
                let sample = SampleMoments::new(values, present);
                for (set, statistic) in row.iter_mut().enumerate() {
                    let products = self
                        .members(set)
                        .filter(|(gene, _)| present[*gene])
                        .map(|(gene, loading)| loading * f64::from(values[gene]))
                        .sum();
                    *statistic = t_statistic(sample, nodes[set], products);
                }
            });
        statistics
    }

    /// The genes of a node with their loadings.
    pub fn members(&self, set: usize) -> impl Iterator<Item = (usize, f64)> {
        let loadings = &self.loadings.values[self.mask.row_entries(set)];
        self.mask
            .row(set)
            .iter()
            .zip(loadings)
            .map(|(gene, loading)| (*gene as usize, f64::from(*loading)))
    }

    /// What to know of a node beside its activity.
    ///
    /// # Panics
    /// If there is no such set.
    pub fn summary(&self, set: usize) -> NodeSummary {
        let strongest = self.loadings.strongest(&self.mask, set);
        NodeSummary {
            orientation: self.loadings.orientation[set],
            confidence: self.loadings.confidence[set],
            top_gene: strongest.map(|(position, _)| self.mask.row(set)[position] as usize),
            top_gene_share: strongest.map_or(0.0, |(_, share)| share),
            spread: self.deviation[set],
        }
    }

    /// The map.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The loadings and orientations.
    pub fn loadings(&self) -> &Loadings {
        &self.loadings
    }

    /// Mean and SD of every node's t statistic over the training samples.
    pub fn scale(&self) -> (&[f64], &[f64]) {
        (&self.mean, &self.deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Result<(ActivityScorer, Vec<f32>)> {
        let mask = Mask::from_rows(6, vec![vec![0, 1], vec![2, 3]])?;
        let x: Vec<f32> = (0..8 * 6).map(|i| ((i * 29) % 23) as f32 - 11.0).collect();
        let nodes: Vec<f32> = x
            .chunks(6)
            .flat_map(|row| [row[0] + row[1], -row[2] - row[3]])
            .collect();
        Ok((ActivityScorer::fit(&mask, &x, &nodes)?, x))
    }

    #[test]
    fn training_samples_have_mean_zero_and_sd_one() -> Result<()> {
        let (scorer, x) = example()?;
        let activity = scorer.score(&x, &[true; 6]);
        for set in 0..2 {
            let column: Vec<f32> = activity.iter().skip(set).step_by(2).copied().collect();
            let mean = column.iter().sum::<f32>() / 8.0;
            let variance = column.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 8.0;
            assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4);
        }
        Ok(())
    }

    #[test]
    fn up_means_the_genes_are_up_even_where_the_node_ran_against_them() -> Result<()> {
        let (scorer, _) = example()?;
        assert_eq!(scorer.summary(1).orientation, Orientation::Flipped);
        let raised = [0.0, 0.0, 9.0, 9.0, 0.0, 0.0];
        let activity = scorer.score(&raised, &[true; 6]);
        assert!(activity[1] > 0.0 && activity[1] > activity[0]);
        Ok(())
    }

    #[test]
    fn a_sample_scores_the_same_alone_and_absent_genes_are_left_out() -> Result<()> {
        let (scorer, x) = example()?;
        let all = scorer.score(&x, &[true; 6]);
        assert_eq!(scorer.score(&x[12..18], &[true; 6]), all[4..6]);
        let mut changed = x.clone();
        changed[1] = 1e6;
        let present = [true, false, true, true, true, true];
        assert_eq!(scorer.score(&x, &present), scorer.score(&changed, &present));
        let none = [true, true, false, false, true, true];
        assert!(scorer.score(&x, &none)[1].is_nan());
        Ok(())
    }
}
