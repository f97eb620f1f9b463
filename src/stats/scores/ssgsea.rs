//! ssGSEA: GSEA of the ranks within a sample.

use super::ranks::{Ties, by_gene, descending};
use super::samples::{Members, Samples, Value, check};
use crate::error::{Error, Result};

/// The choices of [`ssgsea`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SsgseaOptions {
    /// A gene's weight is its rank from below to this power.
    pub exponent: f64,
    /// What genes of one value count as.
    pub ties: Ties,
    /// Divide by the range of all scores, of all samples and sets (Barbie et al.'s last step,
    /// which makes a score depend on the other samples and sets).
    pub normalize: bool,
}

impl Default for SsgseaOptions {
    fn default() -> Self {
        Self {
            exponent: 0.25,
            ties: Ties::Expected,
            normalize: false,
        }
    }
}

/// ssGSEA (Barbie et al. 2009, Nature 462:108): along the descending ranking of a sample's
/// genes, the summed difference between the weighted share of the set's genes passed and the
/// share of the other genes passed.
///
/// With gene g at position `i_g` (from 0) of n and rank `r_g` from below (ties share their mean),
/// the sum is `sum_S r^a (n - i) / sum_S r^a - sum_not_S (n - i) / (n - k)`. NaN for a set that
/// holds all genes. Weights play no role.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, SsgseaOptions, ssgsea};
///
/// let samples = Samples::new(&[9.0f32, 1.0, 7.0, 5.0], 4)?;
/// let options = SsgseaOptions { exponent: 0.0, ..SsgseaOptions::default() };
/// // (4 + 3) / 2 - (1 + 2) / 2
/// assert_eq!(ssgsea(&samples, &[Members::new(vec![0, 2])], &options)?, [2.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside the data or twice in a set, or an exponent below 0.
pub fn ssgsea<V: Value>(
    samples: &Samples<V>,
    sets: &[Members],
    options: &SsgseaOptions,
) -> Result<Vec<f64>> {
    check(samples, sets)?;
    if !(options.exponent >= 0.0 && options.exponent.is_finite()) {
        return Err(Error::data(
            format!("{} is no exponent for weights of genes", options.exponent),
            "Give a number from 0, for example 0.25.",
        ));
    }
    let genes = samples.n_genes();
    let n = genes as f64;
    let all = n * (n + 1.0) / 2.0;
    let mut scores: Vec<f64> = samples.table(sets.len(), |sample, out| {
        let order = descending(samples.row(sample));
        let left = |position: usize| (genes - position) as f64;
        let ranks = by_gene(&order, Ties::Expected, left);
        let left = by_gene(&order, options.ties, left);
        let weights: Vec<f64> = ranks
            .iter()
            .map(|rank| rank.powf(options.exponent))
            .collect();
        for (out, set) in out.iter_mut().zip(sets) {
            let (mut weighted, mut total, mut inside) = (0.0, 0.0, 0.0);
            for &gene in set.genes() {
                let gene = gene as usize;
                weighted += weights[gene] * left[gene];
                total += weights[gene];
                inside += left[gene];
            }
            *out = weighted / total - (all - inside) / (n - set.len() as f64);
        }
    });
    for score in &mut scores {
        if !score.is_finite() {
            *score = f64::NAN;
        }
    }
    if options.normalize {
        let most = scores.iter().copied().fold(f64::NAN, f64::max);
        let least = scores.iter().copied().fold(f64::NAN, f64::min);
        for score in &mut scores {
            *score /= most - least;
        }
    }
    Ok(scores)
}
