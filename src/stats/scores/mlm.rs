//! The multivariate linear model: all sets in one regression.

use super::samples::{Estimates, Members, Samples, Value, check};
use crate::error::{Error, Result};
use crate::stats::distribution::t_two_sided;
use crate::stats::linalg::{Cholesky, dependent_rows};

/// Multivariate linear model (Badia-i-Mompel et al. 2022, Bioinformatics Advances 2:vbac016): the
/// t statistics of all slopes when a sample's genes are regressed on the weights of all sets at
/// once, with an intercept. Sets that share genes share them out.
///
/// p from Student's t with `n - k - 1` degrees of freedom, n genes and k sets that have any.
/// A sample that the sets explain completely (a constant one) has NaN.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, mlm};
///
/// let samples = Samples::new(&[2.0f32, 1.0, 4.0, 3.0, 7.0, 1.0], 6)?;
/// let sets = [Members::new(vec![2, 3, 4]), Members::new(vec![0, 4])];
/// let found = mlm(&samples, &sets)?;
/// assert!((found.scores[0] - 4.399_413_4).abs() < 1e-6);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside the data or twice in a set, no fewer sets than genes, or a
/// set whose weights are a combination of the sets before it (such as the same set again).
pub fn mlm<V: Value>(samples: &Samples<V>, sets: &[Members]) -> Result<Estimates> {
    check(samples, sets)?;
    Mlm::new(sets, samples.n_genes())?.scores(samples)
}

/// The regression of [`mlm`] made ready once, for samples that come in blocks.
#[derive(Debug)]
pub struct Mlm<'a> {
    sets: &'a [Members],
    /// Those that have genes.
    used: Vec<usize>,
    genes: usize,
    design: Design,
    factor: Cholesky,
    spread: Vec<f64>,
}

impl<'a> Mlm<'a> {
    /// Of sets in data of so many genes.
    ///
    /// # Errors
    /// As [`mlm`].
    pub fn new(sets: &'a [Members], genes: usize) -> Result<Self> {
        crate::stats::enrichment::check_sets(sets, genes)?;
        let used: Vec<usize> = (0..sets.len()).filter(|&at| !sets[at].is_empty()).collect();
        let k = used.len();
        if genes < k + 2 {
            return Err(Error::data(
                format!("{k} gene sets cannot be told apart by {genes} genes"),
                "Use fewer sets (a minimum size helps), or a method that takes them one by one: \
                 ulm.",
            ));
        }
        let design = Design::new(sets, &used, genes);
        let factor = Cholesky::new(&design.products, k).map_err(|row| {
            Error::data(
                format!(
                    "the weights of gene set {} are a combination of those before it",
                    used[row] + 1
                ),
                "Leave one of the sets that say the same out, or use a method that takes sets one \
                 by one: ulm.",
            )
        })?;
        Ok(Self {
            spread: factor.inverse_diagonal(),
            sets,
            used,
            genes,
            design,
            factor,
        })
    }

    /// The estimates for samples.
    ///
    /// # Errors
    /// [`Error::Data`] for samples of another number of genes.
    pub fn scores<V: Value>(&self, samples: &Samples<V>) -> Result<Estimates> {
        if samples.n_genes() != self.genes {
            return Err(Error::data(
                format!(
                    "samples of {} genes do not fit a regression of {}",
                    samples.n_genes(),
                    self.genes
                ),
                "Give samples of the same genes.",
            ));
        }
        let n = self.genes as f64;
        let df = n - self.used.len() as f64 - 1.0;
        let Design { means, by_gene, .. } = &self.design;
        Ok(Estimates::new(samples.table(
            self.sets.len(),
            |sample, out| {
                let row = samples.row(sample);
                let mean = row.clone().sum::<f64>() / n;
                let values: Vec<f64> = row.map(|value| value - mean).collect();
                let slopes = self.used.iter().map(|&at| self.sets[at].dot(&values));
                let mut slopes: Vec<f64> = slopes.collect();
                self.factor.solve(&mut slopes);
                let common: f64 = slopes.iter().zip(means).map(|(b, m)| b * m).sum();
                let mut unexplained = 0.0;
                let mut total = 0.0;
                for (value, memberships) in values.iter().zip(by_gene) {
                    let fitted: f64 = memberships
                        .iter()
                        .map(|(column, weight)| slopes[*column as usize] * weight)
                        .sum();
                    unexplained += (value - fitted + common).powi(2);
                    total += value * value;
                }
                out.fill((f64::NAN, f64::NAN));
                if unexplained <= 1e-20 * total || total == 0.0 {
                    return;
                }
                for ((&at, slope), spread) in self.used.iter().zip(&slopes).zip(&self.spread) {
                    let t = slope / (unexplained / df * spread).sqrt();
                    out[at] = (t, t_two_sided(t, df));
                }
            },
        )))
    }
}

/// The sets that [`mlm`] refuses: those whose weights are a combination of the weights of sets
/// before them (and of a constant), in ascending order. Sets without genes are none of them.
///
/// ```
/// use gsae::stats::scores::{Members, dependent_sets};
///
/// let sets = [vec![0, 1, 2], vec![0], vec![1, 2], vec![3]].map(Members::new);
/// assert_eq!(dependent_sets(&sets, 6)?, [2]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside `0..genes` or twice in a set.
pub fn dependent_sets(sets: &[Members], genes: usize) -> Result<Vec<usize>> {
    crate::stats::enrichment::check_sets(sets, genes)?;
    let used: Vec<usize> = (0..sets.len()).filter(|&at| !sets[at].is_empty()).collect();
    let design = Design::new(sets, &used, genes);
    let dependent = dependent_rows(&design.products, used.len());
    Ok(dependent.into_iter().map(|row| used[row]).collect())
}

/// The regression's design: one column a set that has genes.
#[derive(Debug)]
struct Design {
    /// The mean of every column.
    means: Vec<f64>,
    /// Columns and weights of every gene.
    by_gene: Vec<Vec<(u32, f64)>>,
    /// Products of the columns without their means, lower triangle.
    products: Vec<f64>,
}

impl Design {
    fn new(sets: &[Members], used: &[usize], genes: usize) -> Self {
        let k = used.len();
        let n = genes as f64;
        let sum = |set: &Members| set.weights().iter().sum::<f64>();
        let means: Vec<f64> = used.iter().map(|&at| sum(&sets[at]) / n).collect();
        let mut by_gene: Vec<Vec<(u32, f64)>> = vec![Vec::new(); genes];
        for (&at, column) in used.iter().zip(0..) {
            for (gene, weight) in sets[at].iter() {
                by_gene[gene].push((column, weight));
            }
        }
        // Products of sets come from the genes they share.
        let mut products = vec![0.0; k * k];
        for memberships in &by_gene {
            for (index, (row, a)) in memberships.iter().enumerate() {
                for (column, b) in &memberships[..=index] {
                    products[*row as usize * k + *column as usize] += a * b;
                }
            }
        }
        for row in 0..k {
            for column in 0..=row {
                products[row * k + column] -= n * means[row] * means[column];
            }
        }
        Self {
            means,
            by_gene,
            products,
        }
    }
}
