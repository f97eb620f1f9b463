//! Every node over several groups at once, and along a number.

use super::pseudobulk::Observations;
use super::test::Test;
use crate::error::Result;
use crate::stats::hypothesis::{
    LinearModel, SpearmanExact, anova, benjamini_hochberg, kruskal_wallis, pearson, spearman_curve,
};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Up to this many observations, Spearman's p-value is exact.
const FEW: usize = 12;

/// One node over several groups. What could not be had is NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeGroups {
    /// The column of the scores.
    pub node: usize,
    /// Observations with a score.
    pub size: usize,
    /// F, or Kruskal and Wallis' H.
    pub statistic: f64,
    /// The p-value of the groups' being the same.
    pub p: f64,
    /// Benjamini and Hochberg's, over the nodes.
    pub adjusted_p: f64,
    /// The share of the variance that the groups explain (eta squared), without covariates and
    /// donors.
    pub explained: f64,
    /// The mean of every group.
    pub means: Vec<f64>,
    /// The groups with the highest and the lowest mean.
    pub extremes: (String, String),
}

/// One node along a number. What could not be had is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeTrend {
    /// The column of the scores.
    pub node: usize,
    /// Observations with a score.
    pub size: usize,
    /// The correlation; with covariates the partial correlation.
    pub r: f64,
    /// The change of the score for one SD more of the number.
    pub slope: f64,
    /// The two-sided p-value.
    pub p: f64,
    /// Benjamini and Hochberg's, over the nodes.
    pub adjusted_p: f64,
}

impl NodeTrend {
    /// The direction in words.
    pub fn direction(&self, number: &str) -> String {
        match self.r {
            r if r > 0.0 => format!("rises with {number}"),
            r if r < 0.0 => format!("falls with {number}"),
            _ => "none".to_owned(),
        }
    }
}

impl NodeGroups {
    pub(super) fn named(mut self, levels: &[String]) -> Self {
        let known = |at: &usize| !self.means[*at].is_nan();
        let by_mean = |a: &usize, b: &usize| self.means[*a].total_cmp(&self.means[*b]);
        let all = || (0..self.means.len()).filter(known);
        let name = |at: Option<usize>| at.map_or_else(|| "NA".to_owned(), |at| levels[at].clone());
        self.extremes = (name(all().max_by(by_mean)), name(all().min_by(by_mean)));
        self
    }
}

/// Whether groups, lists of observations, differ.
pub(super) fn all_groups(
    observations: &Observations,
    nodes: usize,
    groups: &[Vec<usize>],
    nuisance: &[Vec<f64>],
    test: Test,
) -> Result<Vec<NodeGroups>> {
    let all = groups.concat();
    let number: Vec<usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(number, group)| vec![number; group.len()])
        .collect();
    // Covariates, or donors with several groups.
    let linear = test == Test::Linear || !nuisance.is_empty();
    let model_of = |kept: &[usize]| {
        let variable = |values: &Vec<f64>| kept.iter().map(|at| values[all[*at]]).collect();
        let nuisance: Vec<Vec<f64>> = nuisance.iter().map(variable).collect();
        let is = |of: usize| {
            let own = kept.iter().map(|at| f64::from(u8::from(number[*at] == of)));
            own.collect::<Vec<f64>>()
        };
        let tested: Vec<Vec<f64>> = (1..groups.len()).map(is).collect();
        LinearModel::new(kept.len(), &nuisance, &tested)
    };
    let everyone: Vec<usize> = (0..all.len()).collect();
    let model = linear.then(|| model_of(&everyone)).transpose()?;
    let found: Result<Vec<NodeGroups>> = (0..nodes)
        .into_par_iter()
        .map(|node| {
            let values = observations.values(node);
            let of = |group: &Vec<usize>| -> Vec<f64> {
                let known = group.iter().map(|at| values[*at]);
                known.filter(|value| !value.is_nan()).collect()
            };
            let values_of: Vec<Vec<f64>> = groups.iter().map(of).collect();
            let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
            let size = values_of.iter().map(Vec::len).sum();
            let mut found = NodeGroups {
                node,
                size,
                statistic: f64::NAN,
                p: f64::NAN,
                adjusted_p: f64::NAN,
                explained: f64::NAN,
                means: values_of.iter().map(mean).collect(),
                extremes: Default::default(),
            };
            let slices: Vec<&[f64]> = values_of.iter().map(Vec::as_slice).collect();
            if slices.iter().any(|group| group.is_empty()) || size <= groups.len() {
                return Ok(found);
            }
            let plain = anova(&slices)?;
            let ratio = plain.f * plain.df.0 / plain.df.1;
            found.explained = if ratio.is_infinite() {
                1.0
            } else {
                ratio / (1.0 + ratio)
            };
            match &model {
                Some(model) if size == all.len() => {
                    let y: Vec<f64> = all.iter().map(|at| values[*at]).collect();
                    let test = model.test(&y)?;
                    (found.statistic, found.p) = (test.f, test.p);
                }
                Some(_) => {
                    let known = |at: &usize| !values[all[*at]].is_nan();
                    let kept: Vec<usize> = everyone.iter().copied().filter(known).collect();
                    // Without the missing scores the model may not be estimable: nothing is known.
                    if let Ok(model) = model_of(&kept) {
                        let y: Vec<f64> = kept.iter().map(|at| values[all[*at]]).collect();
                        let test = model.test(&y)?;
                        (found.statistic, found.p) = (test.f, test.p);
                    }
                }
                None if test.is_rank() => {
                    let test = kruskal_wallis(&slices)?;
                    (found.statistic, found.p) = (test.h, test.p);
                }
                // Without any variance within groups there is no test, as of two groups.
                None if plain.f.is_infinite() => {}
                None => (found.statistic, found.p) = (plain.f, plain.p),
            }
            Ok(found)
        })
        .collect();
    let mut found = found?;
    let p: Vec<f64> = found.iter().map(|node| node.p).collect();
    for (node, adjusted) in found.iter_mut().zip(benjamini_hochberg(&p)?) {
        node.adjusted_p = adjusted;
    }
    found.sort_by(|a, b| {
        a.p.total_cmp(&b.p)
            .then(b.explained.total_cmp(&a.explained))
    });
    Ok(found)
}

/// The nodes along a number x, one an observation, and what makes the change with one SD more.
pub(super) fn trend(
    observations: &Observations,
    nodes: usize,
    x: &[f64],
    nuisance: &[Vec<f64>],
    test: Test,
) -> Result<(Vec<NodeTrend>, Vec<f64>)> {
    let all: Vec<usize> = (0..x.len()).collect();
    let model_of = |kept: &[usize]| {
        let of = |values: &[f64]| kept.iter().map(|at| values[*at]).collect::<Vec<f64>>();
        let nuisance: Vec<Vec<f64>> = nuisance.iter().map(|values| of(values)).collect();
        LinearModel::new(kept.len(), &nuisance, &[of(x)])
    };
    let model = model_of(&all)?;
    let sd = deviation(x);
    let found: Result<Vec<NodeTrend>> = (0..nodes)
        .into_par_iter()
        .map(|node| {
            let values = observations.values(node);
            let kept: Vec<usize> = all
                .iter()
                .copied()
                .filter(|at| !values[*at].is_nan())
                .collect();
            let mut found = NodeTrend {
                node,
                size: kept.len(),
                r: f64::NAN,
                slope: f64::NAN,
                p: f64::NAN,
                adjusted_p: f64::NAN,
            };
            let of = |from: &[f64]| kept.iter().map(|at| from[*at]).collect::<Vec<f64>>();
            let (own, y) = (of(x), of(&values));
            let fewer;
            let model = if kept.len() == x.len() {
                &model
            } else {
                // Without the missing scores the model may not be estimable: nothing is known.
                match model_of(&kept) {
                    Ok(model) => {
                        fewer = model;
                        &fewer
                    }
                    Err(_) => return Ok(found),
                }
            };
            let linear = model.test(&y)?;
            found.slope = linear.coefficient * sd;
            if test == Test::Linear {
                found.r = linear.t / (linear.t * linear.t + linear.df.1).sqrt();
                found.p = linear.p;
            } else if kept.len() >= 3 {
                let test = match test {
                    Test::Pearson => pearson(&own, &y)?,
                    _ => match untied(kept.len())? {
                        Some(null) => null.test(&own, &y)?,
                        None => spearman_curve(&own, &y)?,
                    },
                };
                (found.r, found.p) = (test.r, test.p);
            }
            Ok(found)
        })
        .collect();
    let mut found = found?;
    let p: Vec<f64> = found.iter().map(|node| node.p).collect();
    for (node, adjusted) in found.iter_mut().zip(benjamini_hochberg(&p)?) {
        node.adjusted_p = adjusted;
    }
    found.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.r.abs().total_cmp(&a.r.abs())));
    let weights: Vec<f64> = model.weights().iter().map(|weight| weight * sd).collect();
    Ok((found, observations.spread(&weights)))
}

/// The exact distribution for few observations, counted once in a program.
fn untied(observations: usize) -> Result<Option<&'static SpearmanExact>> {
    static COUNTED: [OnceLock<SpearmanExact>; FEW + 1] = [const { OnceLock::new() }; FEW + 1];
    let Some(cell) = COUNTED.get(observations) else {
        return Ok(None);
    };
    if cell.get().is_none() {
        let counted = SpearmanExact::of_untied(observations)?;
        return Ok(Some(cell.get_or_init(|| counted)));
    }
    Ok(cell.get())
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0).max(1.0)).sqrt()
}
