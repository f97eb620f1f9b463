//! How well the best nodes rank subjects that took no part in choosing them.

use super::follow_up::FollowUp;
use super::pseudobulk::Observations;
use super::survival::SurvivalOptions;
use crate::error::Result;
use crate::stats::classification::stratified_folds;
use crate::stats::survival::concordance_index;
use crate::wording::{number_of, verb};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Harrell's c-index on held-out subjects: nodes are selected and the model is fitted on the
/// other folds (as Ronen et al. 2019, Life Science Alliance 2:e201900517, select factors). The
/// scores themselves are taken as they are: a model that was trained on these samples has seen their
/// expression, though not their follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Concordance {
    /// The c-index of every fold in which subjects can be compared.
    pub folds: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The same with the covariates alone, if there are any.
    pub covariates: Option<f64>,
    /// The nodes that were selected, with the number of folds that did; most first, then by
    /// their ranks there.
    pub selected: Vec<(usize, usize)>,
}

/// The cross-validated c-index; `None`, with a warning, where there are too few events or scores.
pub(super) fn cross_validated(
    data: &mut FollowUp,
    nodes: usize,
    options: &SurvivalOptions,
) -> Result<Option<Concordance>> {
    if options.folds == 0 || options.select == 0 {
        return Ok(None);
    }
    let eligible = Eligible::new(&data.observations, nodes);
    data.warnings.extend(eligible.warnings());
    if eligible.nodes.is_empty() {
        return Ok(None);
    }
    let subjects = &eligible.subjects;
    let events = subjects.iter().filter(|at| data.events[**at]).count();
    if events < 2 * options.folds || options.folds < 2 {
        data.warnings.push(format!(
            "no cross-validated c-index: {events} events are too few for {} folds",
            options.folds
        ));
        return Ok(None);
    }
    let labels: Vec<usize> = subjects
        .iter()
        .map(|at| usize::from(data.events[*at]))
        .collect();
    let fold_of = stratified_folds(&labels, None, options.folds, options.seed)?;
    let (mut own, mut baseline) = (Vec::new(), Vec::new());
    // How many folds selected a node, and the sum of its ranks there.
    let mut times_selected = vec![(0usize, 0usize); nodes];
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for fold in 0..options.folds {
        let side = |inside: bool| -> Vec<usize> {
            let of = (0..fold_of.len()).filter(|at| (fold_of[*at] == fold) == inside);
            of.map(|at| subjects[at]).collect()
        };
        let (held_out, training) = (side(true), side(false));
        let (covariates, dropped) = estimable(data, &training);
        for at in dropped {
            *left_out.entry(data.covariates[at].0.clone()).or_default() += 1;
        }
        let held = HeldOut {
            data,
            training: &training,
            held_out: &held_out,
            covariates: &covariates,
        };
        let mut ranked: Vec<(f64, usize)> = eligible
            .nodes
            .par_iter()
            .filter_map(|node| {
                // A node without a Cox model in this fold is not selected.
                let fit = data
                    .fit_beside(&training, &[&held.filled(*node)], &covariates)
                    .ok()?;
                Some((fit.coefficients[0].p, *node))
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.truncate(options.select);
        let selected: Vec<usize> = ranked.iter().map(|(_, node)| *node).collect();
        let (c, used) = held.c(selected)?;
        for (rank, node) in used.into_iter().enumerate() {
            times_selected[node].0 += 1;
            times_selected[node].1 += rank;
        }
        own.push(c);
        if !data.covariates.is_empty() {
            baseline.push(held.c(Vec::new())?.0);
        }
    }
    for (covariate, folds) in left_out {
        data.warnings.push(format!(
            "c-index: {covariate} cannot be estimated without the held-out subjects in {folds} of {} \
             folds and is left out of the model there",
            options.folds
        ));
    }
    for values in [&mut own, &mut baseline] {
        values.retain(|c| !c.is_nan());
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut selected: Vec<usize> = (0..nodes)
        .filter(|node| times_selected[*node].0 > 0)
        .collect();
    selected.sort_by_key(|node| {
        let (count, ranks) = times_selected[*node];
        (std::cmp::Reverse(count), ranks, *node)
    });
    Ok(Some(Concordance {
        mean: mean(&own),
        folds: own,
        covariates: (!baseline.is_empty()).then(|| mean(&baseline)),
        selected: selected
            .into_iter()
            .map(|node| (node, times_selected[node].0))
            .collect(),
    }))
}

/// The least share of subjects that have a score of a node which takes part.
const KNOWN: f64 = 0.8;

/// What takes part in the cross-validation.
struct Eligible {
    /// Subjects with a score of any node.
    subjects: Vec<usize>,
    /// Nodes that most of them have.
    nodes: Vec<usize>,
    /// All nodes and subjects.
    of: (usize, usize),
    /// Missing scores of these subjects and nodes.
    missing: usize,
}

impl Eligible {
    fn new(observations: &Observations, nodes: usize) -> Self {
        let n = observations.len();
        let mut known_nodes = vec![0usize; n];
        let known: Vec<Vec<bool>> = (0..nodes)
            .map(|node| {
                let values = observations.values(node);
                values.iter().map(|value| !value.is_nan()).collect()
            })
            .collect();
        for node in &known {
            for (count, known) in known_nodes.iter_mut().zip(node) {
                *count += usize::from(*known);
            }
        }
        let subjects: Vec<usize> = (0..n).filter(|at| known_nodes[*at] > 0).collect();
        let count = |node: &usize| subjects.iter().filter(|at| known[*node][**at]).count();
        let least = KNOWN * subjects.len() as f64;
        let kept: Vec<usize> = (0..nodes)
            .filter(|node| count(node) as f64 >= least)
            .collect();
        let missing = kept.iter().map(|node| subjects.len() - count(node)).sum();
        Self {
            subjects,
            nodes: kept,
            of: (nodes, n),
            missing,
        }
    }

    fn warnings(&self) -> Vec<String> {
        let (nodes, subjects) = self.of;
        let mut warnings = Vec::new();
        if self.subjects.len() < subjects {
            warnings.push(format!(
                "c-index: {} without any score {} left out",
                number_of(subjects - self.subjects.len(), "subject"),
                verb(subjects - self.subjects.len(), "is", "are")
            ));
        }
        let share = 100.0 * KNOWN;
        if self.nodes.is_empty() {
            warnings.push(format!(
                "no cross-validated c-index: no node has a score in {share:.0} % of the subjects"
            ));
            return warnings;
        }
        if self.nodes.len() < nodes {
            warnings.push(format!(
                "c-index: {} with a score in less than {share:.0} % of the subjects {} no part",
                number_of(nodes - self.nodes.len(), "node"),
                verb(nodes - self.nodes.len(), "takes", "take")
            ));
        }
        if self.missing > 0 {
            warnings.push(format!(
                "c-index: {} missing scores are taken as the mean of the training subjects",
                self.missing
            ));
        }
        warnings
    }
}

/// The columns of the covariates that a Cox model of these subjects can have, each beside the ones
/// before it, and those that it cannot: a level that is rare may have no event left.
fn estimable(data: &FollowUp, training: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let all: Vec<usize> = (0..data.covariates.len()).collect();
    if data.fit(training, &[]).is_ok() {
        return (all, Vec::new());
    }
    let mut kept: Vec<usize> = Vec::new();
    let mut dropped = Vec::new();
    for at in all {
        kept.push(at);
        if data.fit_beside(training, &[], &kept).is_err() {
            kept.pop();
            dropped.push(at);
        }
    }
    (kept, dropped)
}

/// One fold.
struct HeldOut<'a> {
    data: &'a FollowUp<'a>,
    training: &'a [usize],
    held_out: &'a [usize],
    /// Columns of the covariates in the model.
    covariates: &'a [usize],
}

impl HeldOut<'_> {
    /// The scores of a node in all subjects, a missing one as the mean of the training subjects.
    fn filled(&self, node: usize) -> Vec<f64> {
        let mut values = self.data.observations.values(node);
        let known = self.training.iter().map(|at| values[*at]);
        let known: Vec<f64> = known.filter(|value| !value.is_nan()).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        for value in values.iter_mut().filter(|value| value.is_nan()) {
            *value = mean;
        }
        values
    }

    /// The c-index of held-out subjects, and the nodes that the model kept: the weakest goes until
    /// the model can be fitted.
    fn c(&self, mut selected: Vec<usize>) -> Result<(f64, Vec<usize>)> {
        let data = self.data;
        let (values, fit) = loop {
            let values: Vec<Vec<f64>> = selected.iter().map(|node| self.filled(*node)).collect();
            let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
            match data.fit_beside(self.training, &slices, self.covariates) {
                Ok(fit) => break (values, fit),
                Err(error) if selected.is_empty() => return Err(error),
                Err(_) => selected.pop(),
            };
        };
        let risk = |at: &usize| {
            let covariates = self
                .covariates
                .iter()
                .map(|own| data.covariates[*own].1[*at]);
            let all = values.iter().map(|node| node[*at]).chain(covariates);
            let products = all.zip(&fit.coefficients).map(|(x, b)| x * b.coefficient);
            products.sum::<f64>()
        };
        let times: Vec<f64> = self.held_out.iter().map(|at| data.times[*at]).collect();
        let events: Vec<bool> = self.held_out.iter().map(|at| data.events[*at]).collect();
        let risks: Vec<f64> = self.held_out.iter().map(risk).collect();
        Ok((concordance_index(&times, &events, &risks)?, selected))
    }
}
