//! Every node between two groups of observations.

use super::pseudobulk::Observations;
use super::test::Test;
use crate::error::Result;
use crate::stats::hypothesis::{
    LinearModel, Method, auroc, benjamini_hochberg, hedges_g, mann_whitney, paired_t,
    rank_biserial, student_t, welch_t, wilcoxon_signed_rank,
};
use rayon::prelude::*;

/// The level of all confidence intervals.
const LEVEL: f64 = 0.95;

/// One group against a reference, node by node.
#[derive(Debug, Clone, PartialEq)]
pub struct EachGroup {
    /// The group.
    pub group: String,
    /// What it is held against: a level, or `rest`.
    pub reference: String,
    /// Observations in the group and in the reference; pairs twice if they are paired.
    pub sizes: (usize, usize),
    /// Whether an observation of the group is held against the same donor's of the reference.
    pub paired: bool,
    /// The nodes by ascending p, NaN last.
    pub nodes: Vec<NodeContrast>,
    /// One a row of the scores: a node's difference is the sum of its scores times these.
    pub weights: Vec<f64>,
}

/// One node between two groups. What could not be had is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeContrast {
    /// The column of the scores.
    pub node: usize,
    /// Observations with a score in the group and in the reference.
    pub sizes: (usize, usize),
    /// The mean score in the group and in the reference.
    pub means: (f64, f64),
    /// The difference of the means, adjusted for the covariates if there are any.
    pub difference: f64,
    /// Student's t, the linear model's too; of the rank tests U or W.
    pub statistic: f64,
    /// Degrees of freedom of t.
    pub df: f64,
    /// The two-sided p-value.
    pub p: f64,
    /// Benjamini and Hochberg's, over the nodes.
    pub adjusted_p: f64,
    /// Hedges' g, without regard to pairs and covariates.
    pub hedges_g: f64,
    /// The rank-biserial correlation, `2 AUROC - 1`.
    pub rank_biserial: f64,
    /// The chance that an observation of the group scores above one of the reference.
    pub auroc: f64,
    /// DeLong's 95 % interval of it; NaN for pairs, which it is not for.
    pub auroc_interval: (f64, f64),
    /// Which way the test's statistic points: 1 up in the group, -1 down, 0 neither.
    pub sign: i8,
}

impl NodeContrast {
    /// The direction in words.
    pub fn direction(&self, group: &str) -> String {
        match self.sign {
            1 => format!("up in {group}"),
            -1 => format!("down in {group}"),
            _ => "none".to_owned(),
        }
    }
}

/// Who is held against whom.
pub(super) enum Design {
    /// Observations of two groups.
    Apart(Vec<usize>, Vec<usize>),
    /// An observation against the mean of others of the same donor.
    Pairs(Vec<(usize, Vec<usize>)>),
}

/// What a contrast is made of.
pub(super) struct Contrast<'a> {
    pub observations: &'a Observations<'a>,
    pub nodes: usize,
    pub design: Design,
    pub test: Test,
    /// Variables of the linear model, by observation, donors among them.
    pub nuisance: &'a [Vec<f64>],
}

impl Contrast<'_> {
    /// Tests all nodes.
    pub fn run(&self, group: String, reference: String) -> Result<EachGroup> {
        let linear = self.test == Test::Linear;
        let (first, second) = self.sides();
        let model = linear
            .then(|| self.model(&[first.as_slice(), &second].concat(), first.len()))
            .transpose()?;
        let nodes: Result<Vec<NodeContrast>> = (0..self.nodes)
            .into_par_iter()
            .map(|node| {
                let values = self.observations.values(node);
                match &model {
                    Some(model) => self.linear(node, &values, model, &first, &second),
                    None => self.plain(node, &values),
                }
            })
            .collect();
        let mut nodes = nodes?;
        let p: Vec<f64> = nodes.iter().map(|node| node.p).collect();
        for (node, adjusted) in nodes.iter_mut().zip(benjamini_hochberg(&p)?) {
            node.adjusted_p = adjusted;
        }
        nodes.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.effect().total_cmp(&a.effect())));
        let weights = match &model {
            Some(model) => {
                let mut weights = vec![0.0; self.observations.len()];
                for (at, weight) in first.iter().chain(&second).zip(model.weights()) {
                    weights[*at] = weight;
                }
                weights
            }
            None => self.weights(),
        };
        Ok(EachGroup {
            group,
            reference,
            sizes: match &self.design {
                Design::Apart(first, second) => (first.len(), second.len()),
                Design::Pairs(pairs) => (pairs.len(), pairs.len()),
            },
            paired: matches!(self.design, Design::Pairs(_)),
            nodes,
            weights: self.observations.spread(&weights),
        })
    }

    /// The observations on either side, each once.
    fn sides(&self) -> (Vec<usize>, Vec<usize>) {
        match &self.design {
            Design::Apart(first, second) => (first.clone(), second.clone()),
            Design::Pairs(pairs) => (
                pairs.iter().map(|(own, _)| *own).collect(),
                pairs
                    .iter()
                    .flat_map(|(_, others)| others)
                    .copied()
                    .collect(),
            ),
        }
    }

    /// What makes the difference of the means out of the observations.
    fn weights(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.observations.len()];
        match &self.design {
            Design::Apart(first, second) => {
                first
                    .iter()
                    .for_each(|at| weights[*at] += 1.0 / first.len() as f64);
                second
                    .iter()
                    .for_each(|at| weights[*at] -= 1.0 / second.len() as f64);
            }
            Design::Pairs(pairs) => {
                let n = pairs.len() as f64;
                for (own, others) in pairs {
                    weights[*own] += 1.0 / n;
                    for other in others {
                        weights[*other] -= 1.0 / n / others.len() as f64;
                    }
                }
            }
        }
        weights
    }

    fn plain(&self, node: usize, values: &[f64]) -> Result<NodeContrast> {
        let known = |at: &usize| Some(values[*at]).filter(|value| !value.is_nan());
        let paired = matches!(self.design, Design::Pairs(_));
        let (first, second): (Vec<f64>, Vec<f64>) = match &self.design {
            Design::Apart(first, second) => (
                first.iter().filter_map(known).collect(),
                second.iter().filter_map(known).collect(),
            ),
            Design::Pairs(pairs) => pairs
                .iter()
                .filter_map(|(own, others)| {
                    let others: Vec<f64> = others.iter().filter_map(known).collect();
                    let mean = others.iter().sum::<f64>() / others.len() as f64;
                    known(own).zip(Some(mean).filter(|mean| !mean.is_nan()))
                })
                .unzip(),
        };
        let mut found = describe(node, &first, &second, paired)?;
        if first.len().min(second.len()) < 2 {
            return Ok(found);
        }
        match (self.test.is_rank(), paired) {
            (true, true) => {
                let test = wilcoxon_signed_rank(&first, &second)?;
                (found.statistic, found.p) = (test.w, test.p);
            }
            (true, false) => {
                let test = mann_whitney(&first, &second, Method::Auto)?;
                (found.statistic, found.p) = (test.u, test.p);
                found.sign = sign(found.rank_biserial);
            }
            (false, _) => {
                let test = match (paired, self.test) {
                    (true, _) => paired_t(&first, &second)?,
                    (false, Test::Student) => student_t(&first, &second)?,
                    (false, _) => welch_t(&first, &second)?,
                };
                (found.statistic, found.df, found.p) = (test.t, test.df, test.p);
            }
        }
        Ok(found)
    }

    /// The model of the observations `of`, the first `group` of them in the group.
    fn model(&self, of: &[usize], group: usize) -> Result<LinearModel> {
        let tested = (0..of.len()).map(|at| f64::from(u8::from(at < group)));
        let of_variable = |variable: &Vec<f64>| of.iter().map(|at| variable[*at]).collect();
        let nuisance: Vec<Vec<f64>> = self.nuisance.iter().map(of_variable).collect();
        LinearModel::new(of.len(), &nuisance, &[tested.collect()])
    }

    fn linear(
        &self,
        node: usize,
        values: &[f64],
        model: &LinearModel,
        first: &[usize],
        second: &[usize],
    ) -> Result<NodeContrast> {
        let known = |at: &&usize| !values[**at].is_nan();
        let own: Vec<usize> = first.iter().filter(known).copied().collect();
        let others: Vec<usize> = second.iter().filter(known).copied().collect();
        let all = [own.as_slice(), &others].concat();
        let of = |at: &[usize]| -> Vec<f64> { at.iter().map(|at| values[*at]).collect() };
        let paired = matches!(self.design, Design::Pairs(_));
        let mut found = describe(node, &of(&own), &of(&others), paired)?;
        let fewer;
        let model = if all.len() == first.len() + second.len() {
            model
        } else {
            // Without the missing scores the model may not be estimable: then nothing is known.
            match self.model(&all, own.len()) {
                Ok(model) => {
                    fewer = model;
                    &fewer
                }
                Err(_) => return Ok(found),
            }
        };
        let test = model.test(&of(&all))?;
        found.difference = test.coefficient;
        found.sign = sign(test.coefficient);
        (found.statistic, found.df, found.p) = (test.t, test.df.1, test.p);
        Ok(found)
    }
}

impl NodeContrast {
    /// The size of the effect, to order nodes of one p.
    fn effect(&self) -> f64 {
        if self.hedges_g.is_nan() {
            0.0
        } else {
            self.hedges_g.abs()
        }
    }
}

fn sign(value: f64) -> i8 {
    match value {
        value if value > 0.0 => 1,
        value if value < 0.0 => -1,
        _ => 0,
    }
}

/// Everything but the test.
fn describe(node: usize, first: &[f64], second: &[f64], paired: bool) -> Result<NodeContrast> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means = (mean(first), mean(second));
    let enough = first.len().min(second.len()) >= 2;
    let mut found = NodeContrast {
        node,
        sizes: (first.len(), second.len()),
        means,
        difference: means.0 - means.1,
        statistic: f64::NAN,
        df: f64::NAN,
        p: f64::NAN,
        adjusted_p: f64::NAN,
        hedges_g: f64::NAN,
        rank_biserial: f64::NAN,
        auroc: f64::NAN,
        auroc_interval: (f64::NAN, f64::NAN),
        sign: sign(means.0 - means.1),
    };
    if enough {
        found.hedges_g = hedges_g(first, second)?;
        found.rank_biserial = rank_biserial(first, second)?;
        let positive: Vec<bool> = (0..first.len() + second.len())
            .map(|at| at < first.len())
            .collect();
        let roc = auroc(&[first, second].concat(), &positive, LEVEL)?;
        found.auroc = roc.area;
        if !paired {
            found.auroc_interval = roc.interval;
        }
    }
    Ok(found)
}
