//! The refits, and what follows from them.

use super::coherence::{coherence, standing_variances};
use super::correlate::by_column;
use super::jobs::side_by_side;
use super::null::p_values;
use super::plain::{Plain, Prepared};
use crate::activity::Orientation;
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, SampleTable};
use crate::nn::random_stream;
use crate::pipeline::{
    Changes, Criteria, Evidence, EvidenceOptions, MapWorth, NodeEvidence, Refit, Refitter,
    TrainedModel,
};
use crate::stats::hypothesis::benjamini_hochberg;
use crate::training::{History, Schedule};
use rand::Rng;
use rand::seq::SliceRandom;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Gathers the evidence for a model's nodes, at best on the samples it was trained on. `samples` are the
/// labels of a model with covariates; `progress` is told the refits that are done and how many
/// there will be.
///
/// Refits run side by side; the result is the same with any number of threads. If refits are
/// shorter or smaller than the model's training, or the samples are not provably those it was
/// trained on in the same order, its map competes with shuffled ones by a refit of the same kind,
/// so that like is compared with like.
///
/// ```
/// use gsae::evidence::{EvidenceOptions, gather};
/// use gsae::genesets::ReadOptions;
/// use gsae::training::Silent;
/// use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, fit};
///
/// let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
/// let expression = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
/// let mut options = FitOptions::default().with_seed(7);
/// options.training.epochs = 3;
/// let (mut model, _) = fit(&expression, &sets, options, &mut Silent)?;
///
/// let evidence = gather(&model, &expression, None, &EvidenceOptions::quick(7), &|_, _| ())?;
/// let translation = model.nodes().iter().position(|node| node.name == "Translation");
/// let translation = evidence.nodes[translation.expect("a pathway of the collection")];
/// assert!(translation.stability.is_some_and(|r| r > 0.9));
/// assert!(translation.map_p.is_some_and(|p| p < 0.01));
/// model.set_evidence(evidence)?; // kept in the model's file and in its tables of nodes
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a model without gene-set nodes or data it cannot take; [`Error::Config`]
/// for options that make no sense, or a model with covariates without labels.
pub fn gather(
    trained: &TrainedModel,
    expression: &ExpressionMatrix,
    samples: Option<&SampleTable>,
    options: &EvidenceOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Evidence> {
    options.validate()?;
    let Some(scorer) = trained.scorer() else {
        return Err(Error::data(
            "this model has no gene-set nodes to gather evidence for",
            "Choose a model whose nodes are gene sets, such as `gsae`.",
        ));
    };
    let part = part(expression.n_samples(), options).map(|rows| expression.select_samples(&rows));
    let refitter = trained.refitter(part.as_ref().unwrap_or(expression), samples)?;
    let prepared = refitter.prepared();
    let hidden = trained.hidden_values(&refitter)?;
    let activity = scorer.score(&prepared.values, &prepared.present);
    let plain = Plain::new(
        scorer,
        &Prepared {
            model: prepared,
            normalised: &trained.normalised_values(&refitter),
        },
        &activity,
        &hidden,
    )?;

    let reduced = is_reduced(trained, &refitter, options);
    let refits = Refits {
        variances: standing_variances(&prepared.values, prepared.n_genes()),
        refitter: &refitter,
        activity: &activity,
        hidden: &hidden,
        max_epochs: options.max_epochs,
    }
    .run(options, reduced, progress)?;
    let own = match &refits.reference {
        Some(own) => own,
        None => &Contest {
            coherence: coherence(scorer, &refits.variances),
            held_out: held_out(trained.history()),
        },
    };
    let sizes: Vec<usize> = scorer.mask().rows().map(<[u32]>::len).collect();
    let shuffled: Vec<Vec<f64>> = refits
        .shuffled
        .iter()
        .map(|c| c.coherence.clone())
        .collect();
    let null = p_values(&own.coherence, &sizes, &shuffled, options.null_values);
    let (p, q) = (&null.p, benjamini_hochberg(&null.p)?);

    let uses = trained.network().node_use()?.unwrap_or_default();
    let criteria = options.criteria;
    let nodes = (0..sizes.len()).map(|node| {
        let mean = |of: fn(&Return) -> &Vec<f64>| {
            let sum: f64 = refits.returns.iter().map(|refit| of(refit)[node]).sum();
            known(sum / refits.returns.len() as f64)
        };
        let own_genes = known(plain.own_genes[node]);
        let without_top_gene = known(plain.without_top_gene[node]);
        let mut evidence = NodeEvidence {
            stability: mean(|refit| &refit.activity),
            hidden_stability: mean(|refit| &refit.hidden),
            coherence: known(own.coherence[node]),
            map_p: known(p[node]),
            map_q: known(q[node]),
            own_genes,
            // A constant hidden value follows nothing.
            drifted: Some(own_genes.is_none_or(|r| r < criteria.own_genes)),
            without_top_gene,
            one_gene: without_top_gene.map(|r| r < criteria.without_top_gene),
            mean_z: known(plain.mean_z[node]),
            ulm: known(plain.ulm[node]),
            ssgsea: known(plain.ssgsea[node]),
            passes: None,
        };
        let used = uses.get(node).is_none_or(|used| used.active);
        let oriented = scorer.summary(node).orientation != Orientation::None;
        // A verdict on all criteria takes a test of each.
        evidence.passes = options
            .tests_all()
            .then(|| used && oriented && passes(&evidence, &options.criteria));
        evidence
    });
    Ok(Evidence {
        options: *options,
        samples: prepared.n_samples(),
        reduced,
        smallest_map_p: known(null.smallest),
        nodes: nodes.collect(),
        worth: worth(own, &refits.shuffled),
    })
}

/// The samples of the refits, unless all.
fn part(n_samples: usize, options: &EvidenceOptions) -> Option<Vec<usize>> {
    let most = options.max_samples.filter(|most| *most < n_samples)?;
    let mut rows: Vec<usize> = (0..n_samples).collect();
    rows.shuffle(&mut random_stream(options.seed, "samples of refits"));
    rows.truncate(most);
    rows.sort_unstable();
    Some(rows)
}

/// Whether refits with the model's seed and map would not be the model itself.
fn is_reduced(trained: &TrainedModel, refitter: &Refitter, options: &EvidenceOptions) -> bool {
    let history = trained.history();
    let training = &trained.options().training;
    let cut = options.max_epochs.is_some_and(|most| {
        most < training.epochs
            && (history.epochs.len() > most || matches!(training.schedule, Schedule::Cosine { .. }))
    });
    cut || !refitter.has_training_samples(trained)
}

/// The loss on held-out samples, if there are any.
fn held_out(history: &History) -> Option<f64> {
    history.best().and_then(|best| best.validation_loss)
}

/// What a refit with another seed says: correlations with the model, one a node.
struct Return {
    activity: Vec<f64>,
    hidden: Vec<f64>,
}

/// What maps compete by.
struct Contest {
    coherence: Vec<f64>,
    held_out: Option<f64>,
}

enum Outcome {
    Return(Return),
    Reference(Contest),
    Shuffled(Contest),
}

/// What refits need.
struct Refits<'a> {
    refitter: &'a Refitter,
    variances: Vec<f64>,
    activity: &'a [f32],
    hidden: &'a [f32],
    max_epochs: Option<usize>,
}

/// All refits' results.
struct Outcomes {
    variances: Vec<f64>,
    returns: Vec<Return>,
    reference: Option<Contest>,
    shuffled: Vec<Contest>,
}

impl Refits<'_> {
    fn run(
        self,
        options: &EvidenceOptions,
        reduced: bool,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Outcomes> {
        let mut random = random_stream(options.seed, "seeds of refits");
        let seeds: Vec<u64> = (0..options.seeds).map(|_| random.next_u64()).collect();
        let mut random = random_stream(options.seed, "shuffles of refits");
        let shuffles: Vec<u64> = (0..options.shuffles).map(|_| random.next_u64()).collect();
        let with_reference = reduced && !shuffles.is_empty();
        let count = usize::from(with_reference) + shuffles.len() + seeds.len();
        let done = AtomicUsize::new(0);
        let most = self.refitter.most_at_once();
        let outcomes = side_by_side(count, most, |number| {
            let outcome = if let Some(seed) = seeds.get(number) {
                self.again(*seed)
            } else if let Some(seed) = shuffles.get(number - seeds.len()) {
                self.contest(Some(*seed)).map(Outcome::Shuffled)
            } else {
                self.contest(None).map(Outcome::Reference)
            };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
            outcome
        })?;
        let mut all = Outcomes {
            variances: self.variances,
            returns: Vec::new(),
            reference: None,
            shuffled: Vec::new(),
        };
        for outcome in outcomes {
            match outcome {
                Outcome::Return(again) => all.returns.push(again),
                Outcome::Reference(contest) => all.reference = Some(contest),
                Outcome::Shuffled(contest) => all.shuffled.push(contest),
            }
        }
        Ok(all)
    }

    fn refit(&self, changes: Changes) -> Result<Refit> {
        self.refitter.refit(Changes {
            max_epochs: self.max_epochs,
            ..changes
        })
    }

    /// With another seed.
    fn again(&self, seed: u64) -> Result<Outcome> {
        let refit = self.refit(Changes {
            seed: Some(seed),
            ..Changes::default()
        })?;
        let samples = self.refitter.prepared();
        let activity = refit.scorer.score(&samples.values, &samples.present);
        let nodes = refit.scorer.mask().outputs();
        let hidden = by_column(self.hidden, &refit.hidden, nodes);
        Ok(Outcome::Return(Return {
            activity: by_column(self.activity, &activity, nodes),
            hidden: hidden.into_iter().map(f64::abs).collect(),
        }))
    }

    /// With the model's seed, and so its held-out samples, on its own or a shuffled map.
    fn contest(&self, shuffled_map: Option<u64>) -> Result<Contest> {
        let refit = self.refit(Changes {
            shuffled_map,
            ..Changes::default()
        })?;
        Ok(Contest {
            coherence: coherence(&refit.scorer, &self.variances),
            held_out: held_out(&refit.history),
        })
    }
}

/// How much lower the held-out loss is with the model's own map.
fn worth(own: &Contest, shuffled: &[Contest]) -> Option<MapWorth> {
    let held_out = own.held_out?;
    let losses: Vec<f64> = shuffled
        .iter()
        .filter_map(|contest| contest.held_out)
        .collect();
    if losses.is_empty() {
        return None;
    }
    let n = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let squares: f64 = losses.iter().map(|loss| (loss - mean).powi(2)).sum();
    Some(MapWorth {
        held_out,
        shuffled: mean,
        shuffled_sd: (losses.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        worth: mean - held_out,
    })
}

/// Whether a node meets the criteria; what is unknown is not met.
fn passes(node: &NodeEvidence, criteria: &Criteria) -> bool {
    node.stability.is_some_and(|r| r >= criteria.stability)
        && node.map_q.is_some_and(|q| q <= criteria.map_q)
        && node.drifted == Some(false)
        && node.one_gene == Some(false)
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_criterion_can_fail_a_node() {
        let criteria = Criteria::default();
        let good = NodeEvidence {
            stability: Some(0.9),
            map_q: Some(0.05),
            drifted: Some(false),
            one_gene: Some(false),
            ..NodeEvidence::default()
        };
        assert!(passes(&good, &criteria));
        let spoilt: [fn(&mut NodeEvidence); 8] = [
            |node| node.stability = Some(0.899),
            |node| node.stability = None,
            |node| node.map_q = Some(0.051),
            |node| node.map_q = None,
            |node| node.drifted = Some(true),
            |node| node.drifted = None,
            |node| node.one_gene = Some(true),
            |node| node.one_gene = None,
        ];
        for (number, spoil) in spoilt.iter().enumerate() {
            let mut node = good;
            spoil(&mut node);
            assert!(!passes(&node, &criteria), "{number}");
        }
    }
}
