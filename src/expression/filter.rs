//! Which genes a model sees.

use serde::{Deserialize, Serialize};

/// Conditions on a gene's normalised values over the training samples; all must hold. Genes
/// that never vary are always left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GeneFilter {
    /// Lowest mean, as in Chen et al. 2018.
    pub min_mean: Option<f64>,
    /// Lowest SD, as in Chen et al. 2018.
    pub min_sd: Option<f64>,
    /// Lowest share of samples with a value above 0, in [0, 1].
    pub min_expressed: f64,
    /// Keep only so many highly variable genes: those with the largest dispersion (variance /
    /// mean), standardised within 20 bins of genes of similar mean (Satija et al. 2015).
    pub top_variable: Option<usize>,
}

impl Default for GeneFilter {
    fn default() -> Self {
        Self {
            min_mean: None,
            min_sd: None,
            min_expressed: 0.0,
            top_variable: None,
        }
    }
}

/// What the filter judges a gene by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GeneMoments {
    pub mean: f64,
    pub sd: f64,
    pub expressed: f64,
}

const BINS: usize = 20;

impl GeneFilter {
    /// Which of the genes stay, in their order.
    pub(super) fn keep(&self, genes: &[GeneMoments]) -> Vec<usize> {
        let mut kept: Vec<usize> = (0..genes.len())
            .filter(|&gene| {
                let GeneMoments {
                    mean,
                    sd,
                    expressed,
                } = genes[gene];
                sd > 0.0
                    && self.min_mean.is_none_or(|lowest| mean >= lowest)
                    && self.min_sd.is_none_or(|lowest| sd >= lowest)
                    && expressed >= self.min_expressed
            })
            .collect();
        if let Some(count) = self.top_variable
            && count < kept.len()
        {
            let scores = standardised_dispersions(genes, &kept);
            let mut ranked: Vec<usize> = (0..kept.len()).collect();
            ranked.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
            ranked.truncate(count);
            ranked.sort_unstable();
            kept = ranked.into_iter().map(|at| kept[at]).collect();
        }
        kept
    }
}

/// Variance over mean of every kept gene, as a z-score among the genes of its bin by mean.
fn standardised_dispersions(genes: &[GeneMoments], kept: &[usize]) -> Vec<f64> {
    let dispersion = |gene: usize| {
        let GeneMoments { mean, sd, .. } = genes[gene];
        sd * sd / mean.abs().max(1e-12)
    };
    let mut by_mean: Vec<usize> = (0..kept.len()).collect();
    by_mean.sort_by(|&a, &b| {
        let mean = |at: usize| genes[kept[at]].mean;
        mean(a).total_cmp(&mean(b)).then(a.cmp(&b))
    });
    let mut scores = vec![0.0; kept.len()];
    for bin in by_mean.chunks(kept.len().div_ceil(BINS).max(1)) {
        let values: Vec<f64> = bin.iter().map(|&at| dispersion(kept[at])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (squares / values.len() as f64).sqrt();
        for (&at, value) in bin.iter().zip(values) {
            scores[at] = if sd > 0.0 { (value - mean) / sd } else { 0.0 };
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gene(mean: f64, sd: f64) -> GeneMoments {
        GeneMoments {
            mean,
            sd,
            expressed: 0.5,
        }
    }

    #[test]
    fn constant_genes_go_and_thresholds_hold() {
        let genes = [gene(1.0, 0.0), gene(1.0, 0.2), gene(3.0, 0.5)];
        assert_eq!(GeneFilter::default().keep(&genes), [1, 2]);
        let filter = GeneFilter {
            min_sd: Some(0.3),
            ..GeneFilter::default()
        };
        assert_eq!(filter.keep(&genes), [2]);
        let filter = GeneFilter {
            min_expressed: 0.6,
            ..GeneFilter::default()
        };
        assert!(filter.keep(&genes).is_empty());
    }

    #[test]
    fn variable_genes_are_judged_among_genes_of_their_mean() {
        // 40 genes, two a bin; in every bin the second one has the larger dispersion.
        let genes: Vec<GeneMoments> = (0..40)
            .map(|i| gene(1.0 + (i / 2) as f64, 1.0 + (i % 2) as f64))
            .collect();
        let filter = GeneFilter {
            top_variable: Some(20),
            ..GeneFilter::default()
        };
        let odd: Vec<usize> = (0..40).filter(|i| i % 2 == 1).collect();
        assert_eq!(filter.keep(&genes), odd);
    }
}
