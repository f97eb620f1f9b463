//! What is scored, on what, and what comes out.

use crate::error::{Error, Result};
use crate::stats::check::same_length;
use crate::stats::enrichment::check_sets;
use rayon::prelude::*;

/// A number that expression may be stored as.
pub trait Value: Copy + Into<f64> + Send + Sync {}

impl Value for f32 {}
impl Value for f64 {}

/// Expression `[samples, genes]`, row by row, all finite.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a, V> {
    values: &'a [V],
    genes: usize,
}

impl<'a, V: Value> Samples<'a, V> {
    /// A view of a matrix with `genes` columns.
    ///
    /// ```
    /// use gsae::stats::scores::Samples;
    ///
    /// let samples = Samples::new(&[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], 3)?;
    /// assert_eq!(samples.n_samples(), 2);
    /// assert!(Samples::new(&[1.0f32, f32::NAN], 2).is_err());
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for a matrix without genes or with rows of different lengths, or a value
    /// that is not finite, named by sample and gene (counted from 1).
    pub fn new(values: &'a [V], genes: usize) -> Result<Self> {
        if genes == 0 || !values.len().is_multiple_of(genes) {
            return Err(Error::data(
                format!("{} values are no matrix of {genes} genes", values.len()),
                "Give one value a sample and gene, sample by sample.",
            ));
        }
        if let Some(at) = values.iter().position(|value| !(*value).into().is_finite()) {
            return Err(Error::data(
                format!(
                    "gene {} of sample {} is {}",
                    at % genes + 1,
                    at / genes + 1,
                    values[at].into()
                ),
                "Fill missing values in, or leave the gene out.",
            ));
        }
        Ok(Self { values, genes })
    }

    /// The number of samples.
    pub fn n_samples(&self) -> usize {
        self.values.len() / self.genes
    }

    /// The number of genes.
    pub fn n_genes(&self) -> usize {
        self.genes
    }

    /// One sample's values.
    pub(super) fn row(&self, sample: usize) -> impl Iterator<Item = f64> + Clone {
        let row = &self.values[sample * self.genes..(sample + 1) * self.genes];
        row.iter().map(|value| (*value).into())
    }

    /// One gene's values.
    pub(super) fn column(&self, gene: usize) -> impl Iterator<Item = f64> + Clone {
        let column = self.values.iter().skip(gene).step_by(self.genes);
        column.map(|value| (*value).into())
    }

    /// A table `[samples, width]`, filled sample by sample on all threads.
    pub(super) fn table<T: Send + Clone + Default>(
        &self,
        width: usize,
        fill: impl Fn(usize, &mut [T]) + Sync,
    ) -> Vec<T> {
        let mut table = vec![T::default(); self.n_samples() * width];
        table
            .par_chunks_mut(width.max(1))
            .enumerate()
            .for_each(|(sample, row)| fill(sample, row));
        table
    }
}

/// A gene set as the data have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    genes: Vec<u32>,
    weights: Vec<f64>,
}

impl Members {
    /// A set of genes that all count alike.
    pub fn new(genes: Vec<u32>) -> Self {
        Self {
            weights: vec![1.0; genes.len()],
            genes,
        }
    }

    /// A set of genes with weights; negative ones for genes that go down.
    ///
    /// # Errors
    /// [`Error::Data`] unless there is a finite weight a gene.
    pub fn weighted(genes: Vec<u32>, weights: Vec<f64>) -> Result<Self> {
        same_length(
            genes.len(),
            weights.len(),
            "the genes of a set and their weights",
        )?;
        crate::stats::check::finite(&weights, "the list of weights")?;
        Ok(Self { genes, weights })
    }

    /// The positions of the genes.
    pub fn genes(&self) -> &[u32] {
        &self.genes
    }

    /// The weights, one a gene.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The number of genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Whether there is no gene.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }

    /// Positions with weights.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        let genes = self.genes.iter().map(|gene| *gene as usize);
        genes.zip(self.weights.iter().copied())
    }

    /// The weighted sum of values at the set's positions.
    pub(super) fn dot(&self, values: &[f64]) -> f64 {
        self.iter()
            .map(|(gene, weight)| weight * values[gene])
            .sum()
    }
}

impl AsRef<[u32]> for Members {
    fn as_ref(&self) -> &[u32] {
        &self.genes
    }
}

/// Refuses sets that do not fit the data.
pub(super) fn check<V: Value>(samples: &Samples<V>, sets: &[Members]) -> Result<()> {
    check_sets(sets, samples.n_genes())
}

/// Scores with the p-value of each, both `[samples, sets]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// The scores.
    pub scores: Vec<f64>,
    /// Two-sided p-values.
    pub p: Vec<f64>,
}

impl Estimates {
    pub(super) fn new(pairs: Vec<(f64, f64)>) -> Self {
        let (scores, p) = pairs.into_iter().unzip();
        Self { scores, p }
    }
}
