//! Every node against the time to an event.

use super::concordance::{Concordance, cross_validated};
use super::follow_up::FollowUp;
use super::labels::Labels;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::stats::hypothesis::benjamini_hochberg;
use crate::stats::survival::{CoxFit, Interval, KaplanMeier, MaximalSplit, cox, log_rank};
use crate::wording::{number_of, verb};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How subjects are split in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SplitKind {
    /// At the median.
    #[default]
    Median,
    /// Where the log-rank statistic is largest; the p-value is corrected for the search.
    Optimal,
}

/// What is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalOptions {
    /// The column with the time of follow-up.
    pub time: String,
    /// The column that says whether the event was seen.
    pub event: String,
    /// The column that names the donors, if they have several samples: then they are averaged.
    pub donor: Option<String>,
    /// Columns that the Cox models adjust for.
    pub covariates: Vec<String>,
    /// Columns to adjust for as groups, though their entries may be numbers.
    pub factors: Vec<String>,
    /// How the log-rank test splits.
    pub split: SplitKind,
    /// The least share of the subjects on either side of an optimal split.
    pub share: f64,
    /// Permutations that correct the optimal split.
    pub permutations: usize,
    /// Folds that cross-validate the c-index; 0 for none.
    pub folds: usize,
    /// Nodes that are selected in every fold.
    pub select: usize,
    /// The seed of all random numbers.
    pub seed: u64,
}

impl SurvivalOptions {
    /// The usual options for these columns: median split, c-index by 5 folds of 5 nodes.
    pub fn new(time: impl Into<String>, event: impl Into<String>) -> Self {
        Self {
            time: time.into(),
            event: event.into(),
            donor: None,
            covariates: Vec::new(),
            factors: Vec::new(),
            split: SplitKind::Median,
            share: 0.1,
            permutations: 99_999,
            folds: 5,
            select: 5,
            seed: 0,
        }
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Survival {
    /// Subjects, and how many of them have the event.
    pub subjects: usize,
    /// Subjects whose event was seen.
    pub events: usize,
    /// The nodes by ascending p of the Cox model, NaN last.
    pub nodes: Vec<NodeSurvival>,
    /// The cross-validated c-index.
    pub concordance: Option<Concordance>,
    /// The covariates, each with how it was read: a number, or groups.
    pub adjusted_for: Vec<String>,
    /// What a reader should know, in words.
    pub warnings: Vec<String>,
}

/// One node and survival. What could not be had is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeSurvival {
    /// The column of the scores.
    pub node: usize,
    /// Subjects with a score.
    pub subjects: usize,
    /// What one SD more of the score multiplies the hazard by, with the covariates held fixed.
    pub hazard_ratio: f64,
    /// Its 95 % interval (Wald).
    pub interval: (f64, f64),
    /// The coefficient over its standard error.
    pub z: f64,
    /// Wald's two-sided p-value.
    pub p: f64,
    /// Benjamini and Hochberg's, over the nodes.
    pub adjusted_p: f64,
    /// Subjects above it are the high group of the split.
    pub threshold: f64,
    /// How many are above.
    pub above: usize,
    /// Of the median split chi-squared of the log-rank test, of the optimal split the
    /// standardised log-rank statistic.
    pub split_statistic: f64,
    /// The p-value of the split, of an optimal one corrected for the search.
    pub split_p: f64,
    /// Benjamini and Hochberg's of it, over the nodes.
    pub split_adjusted_p: f64,
}

impl NodeSurvival {
    /// The direction in words.
    pub fn direction(&self) -> &'static str {
        match self.hazard_ratio {
            ratio if ratio > 1.0 => "higher activity, higher hazard",
            ratio if ratio < 1.0 => "higher activity, lower hazard",
            _ => "none",
        }
    }
}

/// Fits a Cox model of every node (Efron's ties) beside the covariates, tests a split of the
/// subjects by its score, and cross-validates how well the best nodes rank unseen subjects.
///
/// # Errors
/// [`Error::Config`] for an unknown column; [`Error::Format`] for a time or event that cannot be
/// read; [`Error::Data`] for no event, or covariates that cannot be fitted.
pub fn survive(
    scores: &ScoreTable,
    labels: &Labels,
    options: &SurvivalOptions,
) -> Result<Survival> {
    survive_aloud(scores, labels, options, &|_, _| ())
}

/// [`survive`] that tells `progress` the permutations of the optimal split that are done and how
/// many there are.
///
/// # Errors
/// As [`survive`].
pub fn survive_aloud(
    scores: &ScoreTable,
    labels: &Labels,
    options: &SurvivalOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Survival> {
    let mut data = FollowUp::new(scores, labels, options)?;
    // Covariates that cannot be fitted are wrong for every node: say so once.
    let everyone: Vec<usize> = (0..data.times.len()).collect();
    data.fit(&everyone, &[])?;
    let count = scores.columns().len();
    // Nodes by the subjects that have a score: each such list has a null distribution of its own.
    let mut by_subjects: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for node in 0..count {
        let known = data.observations.values(node);
        let known = known
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan());
        let known = known.map(|(at, _)| at).collect();
        by_subjects.entry(known).or_default().push(node);
    }
    if options.split == SplitKind::Optimal {
        check_split(&data, options)?;
    }
    let permutations = by_subjects.len() * options.permutations;
    let done = AtomicUsize::new(0);
    let more = |some: usize| {
        let before = done.fetch_add(some, Ordering::Relaxed);
        progress(before + some, permutations);
    };
    let mut found: Vec<(NodeSurvival, Option<Error>)> = Vec::with_capacity(count);
    for (subjects, nodes) in by_subjects {
        // Too few subjects to split: the nodes have no split.
        let splits = match options.split {
            SplitKind::Optimal => splits(&data, &subjects, options, &more).ok(),
            SplitKind::Median => None,
        };
        let own: Result<Vec<_>> = nodes
            .into_par_iter()
            .map(|node| one(&data, node, &subjects, options.split, splits.as_ref()))
            .collect();
        found.extend(own?);
    }
    found.sort_by_key(|(node, _)| node.node);
    let (mut nodes, failures): (Vec<NodeSurvival>, Vec<Option<Error>>) = found.into_iter().unzip();
    let failed = failures.iter().flatten().count();
    let mut first = failures.iter().zip(scores.columns());
    if let Some((Some(failure), name)) = first.find(|(failure, _)| failure.is_some()) {
        data.warnings.push(format!(
            "{failed} of {} {} no Cox model (for example {name:?}: {failure})",
            number_of(count, "node"),
            verb(failed, "has", "have")
        ));
    }
    let adjusted = |p: fn(&NodeSurvival) -> f64, nodes: &[NodeSurvival]| {
        benjamini_hochberg(&nodes.iter().map(p).collect::<Vec<f64>>())
    };
    let by_cox = adjusted(|node| node.p, &nodes)?;
    let by_split = adjusted(|node| node.split_p, &nodes)?;
    for (at, node) in nodes.iter_mut().enumerate() {
        (node.adjusted_p, node.split_adjusted_p) = (by_cox[at], by_split[at]);
    }
    nodes.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.z.abs().total_cmp(&a.z.abs())));
    let concordance = cross_validated(&mut data, count, options)?;
    Ok(Survival {
        subjects: data.times.len(),
        events: data.events.iter().filter(|event| **event).count(),
        nodes,
        concordance,
        adjusted_for: data.adjusted_for,
        warnings: data.warnings,
    })
}

/// Whether all subjects can be split as the options ask; what some nodes lack is another matter.
fn check_split(data: &FollowUp, options: &SurvivalOptions) -> Result<()> {
    let one = SurvivalOptions {
        permutations: options.permutations.min(1),
        ..options.clone()
    };
    let everyone: Vec<usize> = (0..data.times.len()).collect();
    splits(data, &everyone, &one, &|_| ()).map(drop)
}

fn splits(
    data: &FollowUp,
    subjects: &[usize],
    options: &SurvivalOptions,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<MaximalSplit> {
    let times: Vec<f64> = subjects.iter().map(|at| data.times[*at]).collect();
    let events: Vec<bool> = subjects.iter().map(|at| data.events[*at]).collect();
    MaximalSplit::new_aloud(
        &times,
        &events,
        options.share,
        options.permutations,
        options.seed,
        progress,
    )
}

/// One node, which the subjects `kept` have, and why it has no Cox model if it has none.
fn one(
    data: &FollowUp,
    node: usize,
    kept: &[usize],
    split: SplitKind,
    splits: Option<&MaximalSplit>,
) -> Result<(NodeSurvival, Option<Error>)> {
    let values = data.observations.values(node);
    let mut found = NodeSurvival {
        node,
        subjects: kept.len(),
        hazard_ratio: f64::NAN,
        interval: (f64::NAN, f64::NAN),
        z: f64::NAN,
        p: f64::NAN,
        adjusted_p: f64::NAN,
        threshold: f64::NAN,
        above: 0,
        split_statistic: f64::NAN,
        split_p: f64::NAN,
        split_adjusted_p: f64::NAN,
    };
    let own: Vec<f64> = kept.iter().map(|at| values[*at]).collect();
    let times: Vec<f64> = kept.iter().map(|at| data.times[*at]).collect();
    let events: Vec<bool> = kept.iter().map(|at| data.events[*at]).collect();
    if kept.is_empty() || !events.contains(&true) {
        let message = "no subject with an event has a score";
        return Ok((found, Some(Error::data(message, "Leave the node out."))));
    }
    let failure = match data.fit(kept, &[&values]) {
        Ok(fit) => {
            let cox = fit.coefficients[0];
            let sd = deviation(&own);
            let (coefficient, error) = (cox.coefficient * sd, cox.standard_error * sd);
            found.hazard_ratio = coefficient.exp();
            let reach = NORMAL_95 * error;
            found.interval = ((coefficient - reach).exp(), (coefficient + reach).exp());
            (found.z, found.p) = (cox.z, cox.p);
            None
        }
        Err(error) => Some(error),
    };
    match split {
        SplitKind::Median => {
            let median = median(&own);
            let groups: Vec<usize> = own
                .iter()
                .map(|value| usize::from(*value > median))
                .collect();
            found.threshold = median;
            found.above = groups.iter().sum();
            if found.above > 0 {
                let test = log_rank(&times, &events, &groups)?;
                (found.split_statistic, found.split_p) = (test.chi_squared, test.p);
            }
        }
        SplitKind::Optimal => {
            if let Some(splits) = splits {
                let split = splits.test(&own)?;
                if split.z.is_finite() {
                    (found.threshold, found.above) = (split.threshold, split.above);
                    (found.split_statistic, found.split_p) = (split.z, split.p);
                }
            }
        }
    }
    Ok((found, failure))
}

/// The quantile of the normal distribution at 0.975.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The SD over the subjects.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0).max(1.0)).sqrt()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[half - 1], sorted[half])
    } else {
        sorted[half]
    }
}

/// The Kaplan-Meier curves of the subjects above and not above a node's threshold, high first,
/// with log-log intervals of 95 %.
///
/// # Errors
/// As [`survive`]; [`Error::Data`] if the node has no split.
pub fn survival_curves(
    scores: &ScoreTable,
    labels: &Labels,
    options: &SurvivalOptions,
    node: &NodeSurvival,
) -> Result<[KaplanMeier; 2]> {
    let data = FollowUp::new(scores, labels, options)?;
    let values = data.observations.values(node.node);
    let curve = |high: bool| {
        let side = (0..values.len())
            .filter(|at| !values[*at].is_nan() && (values[*at] > node.threshold) == high);
        let (times, events): (Vec<f64>, Vec<bool>) =
            side.map(|at| (data.times[at], data.events[at])).unzip();
        if times.is_empty() {
            return Err(Error::data(
                format!(
                    "the node {:?} splits no subjects",
                    scores.columns()[node.node]
                ),
                "Choose another node, one whose scores vary.",
            ));
        }
        KaplanMeier::fit(&times, &events, Interval::LogLog, 0.95)
    };
    Ok([curve(true)?, curve(false)?])
}

impl FollowUp<'_> {
    /// The Cox model of some subjects with some nodes, given by their scores in all subjects,
    /// before all covariates.
    pub(super) fn fit(&self, subjects: &[usize], nodes: &[&[f64]]) -> Result<CoxFit> {
        let all: Vec<usize> = (0..self.covariates.len()).collect();
        self.fit_beside(subjects, nodes, &all)
    }

    /// The same with some of the covariates' columns.
    pub(super) fn fit_beside(
        &self,
        subjects: &[usize],
        nodes: &[&[f64]],
        covariates: &[usize],
    ) -> Result<CoxFit> {
        let times: Vec<f64> = subjects.iter().map(|at| self.times[*at]).collect();
        let events: Vec<bool> = subjects.iter().map(|at| self.events[*at]).collect();
        let mut values = Vec::with_capacity(subjects.len() * (nodes.len() + covariates.len()));
        for &at in subjects {
            values.extend(nodes.iter().map(|node| node[at]));
            values.extend(covariates.iter().map(|own| self.covariates[*own].1[at]));
        }
        let names = covariates
            .iter()
            .map(|own| self.covariates[*own].0.as_str());
        let names: Vec<&str> = nodes
            .iter()
            .map(|_| "the node's score")
            .chain(names)
            .collect();
        cox(&times, &events, &values, &names)
    }
}
