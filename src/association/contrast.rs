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
    /// Samples or donors in the group and in the reference; pairs twice if they are paired.
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

/// What counts once: the mean of these observations.
pub(super) type Unit = Vec<usize>;

/// Who is held against whom.
pub(super) struct Design {
    /// The group's.
    pub first: Vec<Unit>,
    /// The reference's.
    pub second: Vec<Unit>,
    /// Whether the two sides are the same donors in the same order.
    pub paired: bool,
}

/// What a contrast is made of.
pub(super) struct Contrast<'a> {
    pub observations: &'a Observations<'a>,
    pub nodes: usize,
    pub design: Design,
    pub test: Test,
    /// Variables of the linear model, by observation; pairs are added as a factor.
    pub nuisance: &'a [Vec<f64>],
}

impl Contrast<'_> {
    /// Tests all nodes.
    pub fn run(&self, group: String, reference: String) -> Result<EachGroup> {
        let Design {
            first,
            second,
            paired,
        } = &self.design;
        let everyone = (
            (0..first.len()).collect::<Vec<usize>>(),
            (0..second.len()).collect::<Vec<usize>>(),
        );
        let model = (self.test == Test::Linear)
            .then(|| self.model(&everyone.0, &everyone.1))
            .transpose()?;
        let nodes: Result<Vec<NodeContrast>> = (0..self.nodes)
            .into_par_iter()
            .map(|node| self.one(node, model.as_ref()))
            .collect();
        let mut nodes = nodes?;
        let p: Vec<f64> = nodes.iter().map(|node| node.p).collect();
        for (node, adjusted) in nodes.iter_mut().zip(benjamini_hochberg(&p)?) {
            node.adjusted_p = adjusted;
        }
        nodes.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.effect().total_cmp(&a.effect())));
        let of_units = match &model {
            Some(model) => model.weights(),
            None => {
                let own = std::iter::repeat_n(1.0 / first.len() as f64, first.len());
                let others = std::iter::repeat_n(-1.0 / second.len() as f64, second.len());
                own.chain(others).collect()
            }
        };
        let mut weights = vec![0.0; self.observations.len()];
        for (unit, weight) in first.iter().chain(second).zip(of_units) {
            for at in unit {
                weights[*at] += weight / unit.len() as f64;
            }
        }
        Ok(EachGroup {
            group,
            reference,
            sizes: (first.len(), second.len()),
            paired: *paired,
            nodes,
            weights: self.observations.spread(&weights),
        })
    }

    fn one(&self, node: usize, model: Option<&LinearModel>) -> Result<NodeContrast> {
        let values = self.observations.values(node);
        let of = |unit: &Unit| {
            let known = unit.iter().map(|at| values[*at]);
            let known: Vec<f64> = known.filter(|value| !value.is_nan()).collect();
            known.iter().sum::<f64>() / known.len() as f64
        };
        let first: Vec<f64> = self.design.first.iter().map(of).collect();
        let second: Vec<f64> = self.design.second.iter().map(of).collect();
        let complete = |at: &usize| !first[*at].is_nan() && !second[*at].is_nan();
        let (kept, others): (Vec<usize>, Vec<usize>) = if self.design.paired {
            let both: Vec<usize> = (0..first.len()).filter(complete).collect();
            (both.clone(), both)
        } else {
            let known = |side: &[f64]| (0..side.len()).filter(|at| !side[*at].is_nan()).collect();
            (known(&first), known(&second))
        };
        let of = |side: &[f64], at: &[usize]| at.iter().map(|at| side[*at]).collect::<Vec<f64>>();
        let values = (of(&first, &kept), of(&second, &others));
        let mut found = describe(node, &values.0, &values.1, self.design.paired)?;
        let Some(model) = model else {
            self.plain(&values.0, &values.1, &mut found)?;
            return Ok(found);
        };
        let fewer;
        let model = if kept.len() == first.len() && others.len() == second.len() {
            model
        } else {
            // Without the missing scores the model may not be estimable: then nothing is known.
            match self.model(&kept, &others) {
                Ok(model) => {
                    fewer = model;
                    &fewer
                }
                Err(_) => return Ok(found),
            }
        };
        let test = model.test(&[values.0, values.1].concat())?;
        found.difference = test.coefficient;
        found.sign = sign(test.coefficient);
        (found.statistic, found.df, found.p) = (test.t, test.df.1, test.p);
        Ok(found)
    }

    fn plain(&self, first: &[f64], second: &[f64], found: &mut NodeContrast) -> Result<()> {
        if first.len().min(second.len()) < 2 {
            return Ok(());
        }
        match (self.test.is_rank(), self.design.paired) {
            (true, true) => {
                let test = wilcoxon_signed_rank(first, second)?;
                (found.statistic, found.p) = (test.w, test.p);
                found.sign = sign(test.balance);
            }
            (true, false) => {
                let test = mann_whitney(first, second, Method::Auto)?;
                (found.statistic, found.p) = (test.u, test.p);
                found.sign = sign(found.rank_biserial);
            }
            (false, paired) => {
                let test = match (paired, self.test) {
                    (true, _) => paired_t(first, second)?,
                    (false, Test::Student) => student_t(first, second)?,
                    (false, _) => welch_t(first, second)?,
                };
                (found.statistic, found.df, found.p) = (test.t, test.df, test.p);
            }
        }
        Ok(())
    }

    /// The model of these units of either side, pairs as a factor.
    fn model(&self, first: &[usize], second: &[usize]) -> Result<LinearModel> {
        let own = first.iter().map(|at| &self.design.first[*at]);
        let others = second.iter().map(|at| &self.design.second[*at]);
        let units: Vec<&Unit> = own.chain(others).collect();
        let mean = |variable: &Vec<f64>, unit: &Unit| {
            unit.iter().map(|at| variable[*at]).sum::<f64>() / unit.len() as f64
        };
        let of_variable =
            |variable: &Vec<f64>| units.iter().map(|unit| mean(variable, unit)).collect();
        let mut nuisance: Vec<Vec<f64>> = self.nuisance.iter().map(of_variable).collect();
        if self.design.paired {
            let donors = [first, second].concat();
            let is = |pair: &usize| {
                let same = donors.iter().map(|own| f64::from(u8::from(own == pair)));
                same.collect()
            };
            nuisance.extend(first.iter().skip(1).map(is));
        }
        let tested = (0..units.len()).map(|at| f64::from(u8::from(at < first.len())));
        LinearModel::new(units.len(), &nuisance, &[tested.collect()])
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
