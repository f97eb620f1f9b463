//! How well the best nodes rank subjects that took no part in choosing them.

use super::follow_up::FollowUp;
use super::survival::SurvivalOptions;
use crate::error::Result;
use crate::stats::classification::stratified_folds;
use crate::stats::survival::concordance_index;
use rayon::prelude::*;

/// Harrell's c-index on held-out subjects: nodes are selected and the model is fitted on the
/// other folds (as Ronen et al. 2019, Life Science Alliance 2:e201900517, select factors).
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

/// The cross-validated c-index; `None`, with a warning, where there are too few events.
pub(super) fn cross_validated(
    data: &mut FollowUp,
    nodes: usize,
    options: &SurvivalOptions,
) -> Result<Option<Concordance>> {
    let events = data.events.iter().filter(|event| **event).count();
    if options.folds == 0 || options.select == 0 {
        return Ok(None);
    }
    if events < 2 * options.folds || options.folds < 2 {
        data.warnings.push(format!(
            "no cross-validated c-index: {events} events are too few for {} folds",
            options.folds
        ));
        return Ok(None);
    }
    let labels: Vec<usize> = data
        .events
        .iter()
        .map(|event| usize::from(*event))
        .collect();
    let fold_of = stratified_folds(&labels, None, options.folds, options.seed)?;
    let complete: Vec<usize> = (0..nodes)
        .filter(|node| {
            data.observations
                .values(*node)
                .iter()
                .all(|value| !value.is_nan())
        })
        .collect();
    let (mut own, mut baseline) = (Vec::new(), Vec::new());
    // How many folds selected a node, and the sum of its ranks there.
    let mut times_selected = vec![(0usize, 0usize); nodes];
    for fold in 0..options.folds {
        let side = |inside: bool| -> Vec<usize> {
            let of = (0..fold_of.len()).filter(|at| (fold_of[*at] == fold) == inside);
            of.collect()
        };
        let (held_out, training) = (side(true), side(false));
        let mut ranked: Vec<(f64, usize)> = complete
            .par_iter()
            .filter_map(|node| {
                // A node without a Cox model in this fold is not selected.
                let fit = data
                    .fit(&training, &[&data.observations.values(*node)])
                    .ok()?;
                Some((fit.coefficients[0].p, *node))
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.truncate(options.select);
        let selected: Vec<usize> = ranked.iter().map(|(_, node)| *node).collect();
        let (c, used) = held_out_c(data, &training, &held_out, selected)?;
        for (rank, node) in used.into_iter().enumerate() {
            times_selected[node].0 += 1;
            times_selected[node].1 += rank;
        }
        own.push(c);
        if !data.covariates.is_empty() {
            baseline.push(held_out_c(data, &training, &held_out, Vec::new())?.0);
        }
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

/// The c-index of held-out subjects, and the nodes that the model kept: the weakest goes until
/// the model can be fitted.
fn held_out_c(
    data: &FollowUp,
    training: &[usize],
    held_out: &[usize],
    mut selected: Vec<usize>,
) -> Result<(f64, Vec<usize>)> {
    let (values, fit) = loop {
        let values: Vec<Vec<f64>> = selected
            .iter()
            .map(|node| data.observations.values(*node))
            .collect();
        let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
        match data.fit(training, &slices) {
            Ok(fit) => break (values, fit),
            Err(error) if selected.is_empty() => return Err(error),
            Err(_) => selected.pop(),
        };
    };
    let risk = |at: &usize| {
        let covariates = data.covariates.iter().map(|(_, covariate)| covariate[*at]);
        let all = values.iter().map(|node| node[*at]).chain(covariates);
        let products = all.zip(&fit.coefficients).map(|(x, b)| x * b.coefficient);
        products.sum::<f64>()
    };
    let times: Vec<f64> = held_out.iter().map(|at| data.times[*at]).collect();
    let events: Vec<bool> = held_out.iter().map(|at| data.events[*at]).collect();
    let risks: Vec<f64> = held_out.iter().map(risk).collect();
    Ok((concordance_index(&times, &events, &risks)?, selected))
}
