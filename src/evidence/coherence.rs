//! The statistic by which a node competes with nodes of shuffled maps.

use crate::activity::ActivityScorer;
use rayon::prelude::*;

/// The variance over the samples of every gene's standing within its sample,
/// `z = (x - mean) / SD` over the sample's genes: `[genes]`. `x`: `[samples, genes]`.
pub(super) fn standing_variances(x: &[f32], genes: usize) -> Vec<f64> {
    let standings: Vec<(f64, f64)> = x
        .par_chunks_exact(genes.max(1))
        .map(|row| {
            let n = genes as f64;
            let mean = row.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
            let squares: f64 = row.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum();
            (mean, (squares / (n - 2.0).max(1.0)).sqrt())
        })
        .collect();
    let mut sums = vec![(0f64, 0f64); genes];
    for (row, (mean, sd)) in x.chunks_exact(genes.max(1)).zip(&standings) {
        if *sd > 0.0 {
            for ((sum, squares), value) in sums.iter_mut().zip(row) {
                let z = (f64::from(*value) - mean) / sd;
                *sum += z;
                *squares += z * z;
            }
        }
    }
    let n = standings.len().max(1) as f64;
    sums.iter()
        .map(|(sum, squares)| (squares / n - (sum / n).powi(2)).max(0.0))
        .collect()
}

/// Every node's variance ratio: the variance of its t statistic, which is close to
/// `sum w z / sqrt(sum w^2 - (sum w)^2 / G)`, over what it would be if the set's genes varied
/// independently, `sum w^2 var(z) / (sum w^2 - (sum w)^2 / G)`. NaN for a node without genes.
///
/// It is 1 for independent genes, however loud they are, and for a node that is one gene; up to
/// the number of genes for those that move as one. The mere spread of t would reward sets of loud
/// genes.
pub(super) fn coherence(scorer: &ActivityScorer, variances: &[f64]) -> Vec<f64> {
    let genes = scorer.mask().inputs() as f64;
    let (_, spreads) = scorer.scale();
    spreads
        .iter()
        .enumerate()
        .map(|(set, spread)| {
            let (mut sum, mut squares, mut alone) = (0.0, 0.0, 0.0);
            for (gene, loading) in scorer.members(set) {
                sum += loading;
                squares += loading * loading;
                alone += loading * loading * variances[gene];
            }
            spread * spread * (squares - sum * sum / genes) / alone
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Mask;
    use crate::nn::random_stream;
    use crate::{Orientation, Result, activity::Loadings};
    use rand_distr::{Distribution, StandardNormal};

    /// Three sets of 20 genes among 400: independent, independent and loud, moving as one.
    #[test]
    fn loud_genes_are_no_evidence_and_common_genes_are() -> Result<()> {
        let random = &mut random_stream(3, "coherence");
        let (n, genes) = (400, 400);
        let mut x = Vec::with_capacity(n * genes);
        for _ in 0..n {
            let common: f64 = StandardNormal.sample(random);
            for gene in 0..genes {
                let own: f64 = StandardNormal.sample(random);
                x.push(match gene {
                    20..40 => 3.0 * own,
                    40..60 => own + common,
                    _ => own,
                } as f32);
            }
        }
        let rows: Vec<Vec<u32>> = (0..3)
            .map(|set| (20 * set..20 * (set + 1)).collect())
            .collect();
        let mask = Mask::from_rows(genes, rows)?;
        let loadings = Loadings {
            values: vec![1.0; 60],
            orientation: vec![Orientation::Up; 3],
            confidence: vec![1.0; 3],
        };
        let plain =
            ActivityScorer::from_parts(mask.clone(), loadings.clone(), vec![0.0; 3], vec![1.0; 3])?;
        let t = plain.score(&x, &vec![true; genes]);
        let spreads: Vec<f64> = (0..3)
            .map(|set| {
                let column = || t.iter().skip(set).step_by(3).map(|t| f64::from(*t));
                let mean = column().sum::<f64>() / n as f64;
                (column().map(|t| (t - mean).powi(2)).sum::<f64>() / n as f64).sqrt()
            })
            .collect();
        assert!(spreads[1] > 2.0 * spreads[0], "{spreads:?}");
        let scorer = ActivityScorer::from_parts(mask, loadings, vec![0.0; 3], spreads)?;
        let found = coherence(&scorer, &standing_variances(&x, genes));
        assert!(
            (found[0] - 1.0).abs() < 0.25 && (found[1] - 1.0).abs() < 0.25,
            "{found:?}"
        );
        // var(sum) / sum(var) = (20 * 2 + 20 * 19) / (20 * 2).
        assert!((found[2] / 10.5 - 1.0).abs() < 0.25, "{found:?}");
        Ok(())
    }
}
