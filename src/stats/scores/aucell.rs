//! AUCell: how early the genes of a set come in a sample's ranking.

use super::ranks::{Ties, by_gene, descending};
use super::samples::{Members, Samples, Value, check};
use crate::error::{Error, Result};

/// The choices of [`aucell`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AucellOptions {
    /// How many genes from the top count; 5 % of all, at least 2, if `None`.
    pub top: Option<usize>,
    /// What genes of one value count as.
    pub ties: Ties,
}

/// AUCell (Aibar et al. 2017, Nature Methods 14:1083): the area under the curve of recovered
/// genes along the top of a sample's ranking, over the largest area a set of this size can have;
/// in [0, 1]. Weights play no role.
///
/// A gene at rank r (from 1) of the top n adds `n - r`. Where genes are tied, as the zeros of
/// single cells are, AUCell breaks ties at random; here a gene adds what it adds on average.
///
/// ```
/// use gsae::stats::scores::{AucellOptions, Members, Samples, aucell};
///
/// let samples = Samples::new(&[9.0f32, 1.0, 7.0, 5.0, 3.0, 1.0], 6)?;
/// let options = AucellOptions { top: Some(4), ..AucellOptions::default() };
/// // Ranks 1 and 3 of the top 4: (3 + 1) of at most (3 + 2).
/// assert_eq!(aucell(&samples, &[Members::new(vec![0, 3])], &options)?, [0.8]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside the data or twice in a set, or a top of fewer than 2 or
/// more than all genes.
pub fn aucell<V: Value>(
    samples: &Samples<V>,
    sets: &[Members],
    options: &AucellOptions,
) -> Result<Vec<f64>> {
    check(samples, sets)?;
    let genes = samples.n_genes();
    let top = match options.top {
        Some(top) => top,
        None => genes.div_ceil(20).max(2),
    };
    if !(2..=genes).contains(&top) {
        return Err(Error::data(
            format!("the top {top} of {genes} genes say nothing"),
            "Count from 2 to all genes; 5 % is usual.",
        ));
    }
    let gain = |position: usize| top.saturating_sub(position + 1) as f64;
    let most: Vec<f64> = sets
        .iter()
        .map(|set| (0..set.len().min(top - 1)).map(gain).sum())
        .collect();
    Ok(samples.table(sets.len(), |sample, out| {
        let gains = by_gene(&descending(samples.row(sample)), options.ties, gain);
        for ((out, set), most) in out.iter_mut().zip(sets).zip(&most) {
            let area: f64 = set.genes().iter().map(|gene| gains[*gene as usize]).sum();
            *out = area / most;
        }
    }))
}
