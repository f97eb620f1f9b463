//! Genes behind the pathways: their expression by group, and a ranking for running sums.

use super::inputs::GeneRanking;
use super::pack::{Quantised, base64, rounded};
use super::{Annotation, Labels, Run};
use crate::error::Result;
use crate::expression::{ExpressionMatrix, Normalization};
use crate::nn::random_stream;
use crate::stats::hypothesis::welch_t;
use rand::seq::index::sample;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// Annotations with more groups are left out of the genes' means.
const MOST_GROUPS: usize = 12;
/// The annotations that genes are averaged by.
const MOST_ANNOTATIONS: usize = 2;
/// The most values of expression that are held in full.
const MOST_VALUES: usize = 30_000_000;

/// Mean expression by group, in SDs of the gene over all samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct GeneMeans {
    pub annotation: usize,
    pub low: f64,
    pub high: f64,
    /// `[genes of the model, groups]`.
    pub codes: String,
}

/// A ranking by positions of the model's genes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Ranked {
    pub title: String,
    /// -1 for a gene that the model lacks.
    pub genes: Vec<i64>,
    pub statistics: Vec<f64>,
}

/// Expression on a log scale, each gene with mean 0 and SD 1 over the run's samples.
pub(super) struct Standardised {
    /// The samples at hand: the run's sample and the row.
    rows: Vec<(usize, usize)>,
    /// The model's genes at hand, each with its values by `rows`.
    genes: Vec<(usize, Vec<f64>)>,
    /// The samples at hand before some were drawn.
    of: usize,
}

impl Standardised {
    /// Of at most [`MOST_VALUES`] values: of more, samples drawn with `seed`.
    pub fn new(run: &Run, expression: &ExpressionMatrix, seed: u64) -> Result<Self> {
        let detected = Normalization::detect(expression);
        let position: HashMap<&String, usize> = expression.samples().iter().zip(0..).collect();
        let samples = run.activity.samples().iter().enumerate();
        let mut pairs: Vec<(usize, usize)> = samples
            .filter_map(|(sample, name)| Some((sample, *position.get(name)?)))
            .collect();
        let of = pairs.len();
        let room = (MOST_VALUES / expression.n_genes().max(1)).max(1);
        if room < of {
            let random = &mut random_stream(seed, "expression of a report");
            let mut drawn = sample(random, of, room).into_vec();
            drawn.sort_unstable();
            pairs = drawn.into_iter().map(|at| pairs[at]).collect();
        }
        let (at_hand, picked): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let mut picked = expression.select_samples(&picked);
        if picked.streamed().is_some() {
            // What was drawn has room in memory, and only there can it be normalised.
            let values = picked.to_dense()?.into_owned();
            picked =
                ExpressionMatrix::new(picked.samples().to_vec(), picked.genes().to_vec(), values)?;
        }
        let matrix = detected.normalization.normalize(&picked)?;
        let dense = matrix.to_dense()?;
        let rows: Vec<(usize, usize)> = at_hand.into_iter().zip(0..).collect();
        let index = matrix.gene_index();
        let genes = run.genes.par_iter().enumerate().filter_map(|(gene, name)| {
            let column = *index.get(name.as_str())?;
            let value = |row: usize| f64::from(dense[row * matrix.n_genes() + column]);
            let values: Vec<f64> = rows.iter().map(|(_, row)| value(*row)).collect();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            let scale = |value: f64| if sd > 0.0 { (value - mean) / sd } else { 0.0 };
            Some((gene, values.into_iter().map(scale).collect()))
        });
        Ok(Self {
            genes: genes.collect(),
            rows,
            of,
        })
    }

    /// What to say where samples were drawn.
    pub fn remark(&self) -> Option<String> {
        (self.rows.len() < self.of).then(|| {
            format!(
                "Means of genes by group, and rankings of genes, are from {} of {} samples, drawn \
                 at random.",
                self.rows.len(),
                self.of
            )
        })
    }

    /// The group of every sample at hand.
    fn codes(&self, codes: &[Option<u8>]) -> Vec<Option<usize>> {
        let code = |&(sample, _): &(usize, usize)| codes[sample].map(usize::from);
        self.rows.iter().map(code).collect()
    }

    /// The means of all genes by the groups of the first annotations that have few.
    pub fn means(&self, n_genes: usize, annotations: &[Annotation]) -> Vec<GeneMeans> {
        let grouped =
            annotations
                .iter()
                .enumerate()
                .filter_map(|(at, annotation)| match &annotation.labels {
                    Labels::Groups { levels, codes }
                        if (2..=MOST_GROUPS).contains(&levels.len()) =>
                    {
                        Some((at, levels.len(), self.codes(codes)))
                    }
                    _ => None,
                });
        grouped
            .take(MOST_ANNOTATIONS)
            .map(|(annotation, groups, codes)| {
                let mut means = vec![f64::NAN; n_genes * groups];
                for (gene, values) in &self.genes {
                    let mut sums = vec![(0.0, 0.0); groups];
                    for (value, code) in values.iter().zip(&codes) {
                        if let Some(code) = *code {
                            sums[code].0 += value;
                            sums[code].1 += 1.0;
                        }
                    }
                    let own = &mut means[gene * groups..][..groups];
                    for (mean, (sum, count)) in own.iter_mut().zip(sums) {
                        *mean = sum / count;
                    }
                }
                let packed = Quantised::new(means.iter().copied());
                GeneMeans {
                    annotation,
                    low: rounded(packed.low, 5),
                    high: rounded(packed.high, 5),
                    codes: base64(&packed.codes),
                }
            })
            .collect()
    }

    /// The genes by Welch's t between the groups of the first annotation that has two.
    pub fn ranking(&self, run: &Run, annotations: &[Annotation]) -> Result<Option<GeneRanking>> {
        let two = annotations.iter().find_map(|known| match &known.labels {
            Labels::Groups { levels, codes } if levels.len() == 2 => {
                Some((&known.name, levels, self.codes(codes)))
            }
            _ => None,
        });
        let Some((name, levels, codes)) = two else {
            return Ok(None);
        };
        let side = |values: &[f64], level| -> Vec<f64> {
            let known = values.iter().zip(&codes);
            let own = known.filter(|(_, code)| **code == Some(level));
            own.map(|(value, _)| *value).collect()
        };
        let enough = |level| codes.iter().filter(|code| **code == Some(level)).count() > 1;
        if !(enough(0) && enough(1)) {
            return Ok(None);
        }
        let mut ranked = Vec::with_capacity(self.genes.len());
        for (gene, values) in &self.genes {
            let t = welch_t(&side(values, 1), &side(values, 0))?.t;
            ranked.push((if t.is_finite() { t } else { 0.0 }, *gene));
        }
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(Some(GeneRanking {
            title: format!(
                "Welch's t of the genes, {name}: {} against {}",
                levels[1], levels[0]
            ),
            genes: ranked
                .iter()
                .map(|(_, gene)| run.genes[*gene].clone())
                .collect(),
            statistics: ranked.iter().map(|(t, _)| *t).collect(),
        }))
    }
}

impl Ranked {
    pub fn new(ranking: &GeneRanking, genes: &[String]) -> Self {
        let known: HashMap<&String, i64> = genes.iter().zip(0..).collect();
        let mut rows: Vec<(f64, i64)> = ranking
            .genes
            .iter()
            .zip(&ranking.statistics)
            .map(|(gene, statistic)| (*statistic, known.get(gene).copied().unwrap_or(-1)))
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            title: ranking.title.clone(),
            genes: rows.iter().map(|(_, gene)| *gene).collect(),
            statistics: rows.iter().map(|(value, _)| rounded(*value, 4)).collect(),
        }
    }
}
