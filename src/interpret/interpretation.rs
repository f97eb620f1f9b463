//! The latent units of a model, read from samples.

use super::columns::Columns;
use super::enrichment::{SetEnrichment, SetTest, enrichment};
use super::loadings::{LoadingTable, Tail};
use super::{InterpretOptions, Redundancy};
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::expression::ExpressionMatrix;
use crate::genesets::SelectedSet;
use crate::pipeline::TrainedModel;

/// What the latent units of a model mean, by [`interpret`].
#[derive(Debug, Clone, PartialEq)]
pub struct Interpretation {
    /// The latent units in the model's order, in a GSAE the supersets.
    pub units: Vec<LatentNode>,
    /// `cov(x_g, z) / sd(z)` in the model's scale: `[genes, units]`; NaN for genes that the data
    /// lack.
    pub genes: LoadingTable,
    /// The correlations of the gene sets' activity with the units, `[gene sets, units]`; `None`
    /// for a model without gene-set nodes. NaN for a gene set whose activity does not vary.
    pub sets: Option<LoadingTable>,
    /// The weights of the one layer after the latent one, `[genes or gene sets, units]`, and
    /// whether it leads to gene sets; `None` where more than one layer takes the units there.
    pub weights: Option<(bool, LoadingTable)>,
    /// Near copies among the latent units; those that explain nothing are left out.
    pub redundancy: Redundancy,
    /// Near copies among the gene-set nodes; those that do not vary are left out.
    pub set_redundancy: Option<Redundancy>,
    /// The latent units with near copies merged and without those that explain nothing:
    /// `[samples, groups]`.
    pub merged_latent: ScoreTable,
    /// The activities with near copies merged: `[samples, groups]`.
    pub merged_activity: Option<ScoreTable>,
    /// Gene sets tested on the most explanatory units, unit by unit and test by test.
    pub enrichment: Vec<SetEnrichment>,
    /// The units that were tested, the most explanatory first.
    pub tested: Vec<usize>,
    /// What was chosen.
    pub options: InterpretOptions,
}

/// A latent unit and how much of the expression it explains.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentNode {
    /// The name.
    pub name: String,
    /// The share of the variance of all genes, in the model's scale, that regressions of every
    /// gene on this unit alone explain: `sum_g cov(x_g, z)^2 / var(z) / sum_g var(x_g)`. For a
    /// principal component, over the samples it was fitted to, it is the share of variance in the
    /// usual sense.
    pub r2: f64,
    /// The mean over the genes of their R2 in the same regressions: every gene counts alike, as
    /// in maui.
    pub mean_gene_r2: f64,
    /// `r2` less what any unit explains by chance in so few samples:
    /// `1 - (1 - r2) (n - 1) / (n - 2)`.
    pub adjusted_r2: f64,
    /// Whether `adjusted_r2` reaches [`InterpretOptions::min_r2`].
    pub explains: bool,
}

/// The gene sets of a model itself, by the positions of its genes; empty for a model without.
/// Several nodes of a set count once.
pub fn model_sets(trained: &TrainedModel) -> Vec<SelectedSet> {
    let Some(scorer) = trained.scorer() else {
        return Vec::new();
    };
    let gene_sets = trained.options().model.gene_sets();
    let copies = gene_sets.map_or(1, |sets| sets.nodes_per_set);
    let nodes = trained.nodes().iter().zip(scorer.mask().rows());
    nodes
        .step_by(copies)
        .map(|(node, genes)| SelectedSet {
            name: match copies {
                1 => node.name.clone(),
                _ => node.name.trim_end_matches(" /1").to_owned(),
            },
            description: node.description.clone(),
            size: node.size,
            found: node.found,
            genes: genes.to_vec(),
            weights: vec![1.0; genes.len()],
        })
        .collect()
}

/// Reads the latent units of a model from samples, at best those it was trained on.
///
/// `sets` are tested on the units' gene loadings; their positions are those of
/// [`TrainedModel::genes`] (see [`MembershipGraph::memberships`]); [`model_sets`] are a model's
/// own. Without sets nothing is tested. The p-values of a model's own sets are too small, as its
/// map makes their genes load together: ask another collection, or a model with a shuffled map.
///
/// ```
/// use gsae::interpret::{InterpretOptions, interpret, model_sets};
/// use gsae::training::Silent;
/// use gsae::genesets::ReadOptions;
/// use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, fit};
///
/// let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
/// let expression = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
/// let options = FitOptions::named("pca")?;
/// let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
///
/// let meaning = interpret(&model, &expression, &[], &InterpretOptions::default())?;
/// let first = meaning.leading()[0];
/// assert!(meaning.units[first].r2 > 0.02 && meaning.units[first].explains);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// [`MembershipGraph::memberships`]: crate::genesets::MembershipGraph::memberships
///
/// # Errors
/// [`Error::Config`] for options that make no sense; [`Error::Data`] for fewer than three samples
/// and for what [`TrainedModel::score`] refuses.
pub fn interpret(
    trained: &TrainedModel,
    expression: &ExpressionMatrix,
    sets: &[SelectedSet],
    options: &InterpretOptions,
) -> Result<Interpretation> {
    options.validate()?;
    if expression.n_samples() < 3 {
        return Err(Error::data(
            format!(
                "{} samples do not show what varies together",
                expression.n_samples()
            ),
            "Give the samples that the model was trained on.",
        ));
    }
    let seen = trained.preprocessed(expression)?;
    let scores = trained.score(expression)?;
    let n_genes = seen.n_genes();
    let values = Columns::new(&seen.values, n_genes);
    let latent = Columns::new(scores.latent.values(), scores.latent.columns().len());
    let names = scores.latent.columns().to_vec();

    let mut loadings = values.correlations(&latent);
    let units = explained(&loadings, &values, &names, options.min_r2);
    for (gene, row) in loadings.chunks_mut(names.len().max(1)).enumerate() {
        let factor = match seen.present[gene] {
            true => values.deviations()[gene],
            false => f64::NAN,
        };
        row.iter_mut()
            .for_each(|value| *value = (f64::from(*value) * factor) as f32);
    }
    let genes = LoadingTable::new(trained.genes().to_vec(), names.clone(), loadings);

    let r2: Vec<f64> = units.iter().map(|unit| unit.r2).collect();
    let kept: Vec<usize> = (0..units.len()).filter(|&at| units[at].explains).collect();
    let redundancy = Redundancy::new(&latent, &kept, options.merge_above, &r2)?;
    let merged_latent = redundancy.merge(&latent, &scores.latent)?;

    let (mut set_loadings, mut set_redundancy, mut merged_activity) = (None, None, None);
    if trained.scorer().is_some() {
        let set_names = scores.activity.columns();
        let activity = Columns::new(scores.activity.values(), set_names.len());
        let mut values = activity.correlations(&latent);
        for (row, sd) in values
            .chunks_mut(names.len().max(1))
            .zip(activity.deviations())
        {
            if *sd == 0.0 {
                row.fill(f32::NAN);
            }
        }
        set_loadings = Some(LoadingTable::new(set_names.to_vec(), names.clone(), values));
        let spread: Vec<f64> = scores.nodes.rows().iter().map(|row| row.spread()).collect();
        let varying = activity.deviations().iter().enumerate();
        let varying: Vec<usize> = varying
            .filter(|(_, sd)| **sd > 0.0)
            .map(|(at, _)| at)
            .collect();
        let groups = Redundancy::new(&activity, &varying, options.merge_above, &spread)?;
        merged_activity = Some(groups.merge(&activity, &scores.activity)?);
        set_redundancy = Some(groups);
    }
    let weights = trained.latent_weights()?.map(|weights| {
        let table = LoadingTable::new(weights.names, names, weights.values);
        (weights.to_sets, table)
    });

    let mut interpretation = Interpretation {
        units,
        genes,
        sets: set_loadings,
        weights,
        redundancy,
        set_redundancy,
        merged_latent,
        merged_activity,
        enrichment: Vec::new(),
        tested: Vec::new(),
        options: *options,
    };
    if !sets.is_empty() {
        interpretation.tested = match options.enriched {
            Some(count) => interpretation.leading().into_iter().take(count).collect(),
            None => {
                let all = interpretation.by_r2().into_iter();
                all.filter(|&unit| r2[unit] > 0.0).collect()
            }
        };
        interpretation.enrichment = enrichment(
            &interpretation.genes,
            sets,
            &model_sets(trained),
            &interpretation.tested,
            options,
        )?;
    }
    Ok(interpretation)
}

/// How much every unit explains, from `correlations`: `[genes, units]`.
fn explained(
    correlations: &[f32],
    genes: &Columns,
    names: &[String],
    least: f64,
) -> Vec<LatentNode> {
    let variances: Vec<f64> = genes.deviations().iter().map(|sd| sd * sd).collect();
    let total: f64 = variances.iter().sum();
    let varying = variances.iter().filter(|variance| **variance > 0.0).count();
    let unit = |at: usize| {
        let squares = correlations.iter().skip(at).step_by(names.len());
        squares.map(|r| f64::from(*r).powi(2))
    };
    names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let explained: f64 = unit(at).zip(&variances).map(|(r2, own)| r2 * own).sum();
            let r2 = if total > 0.0 { explained / total } else { 0.0 };
            let n = genes.samples() as f64;
            let adjusted_r2 = 1.0 - (1.0 - r2) * (n - 1.0) / (n - 2.0);
            LatentNode {
                name: name.clone(),
                r2,
                mean_gene_r2: unit(at).sum::<f64>() / varying.max(1) as f64,
                adjusted_r2,
                // A unit that is constant explains nothing, whatever the limit.
                explains: r2 > 0.0 && adjusted_r2 >= least,
            }
        })
        .collect()
}

impl Interpretation {
    /// Whether sets of the model itself were tested, whose p-values are too small.
    pub fn tests_own_sets(&self) -> bool {
        self.enrichment.iter().any(|found| found.of_the_model)
    }

    /// The units by what they explain, the most explanatory first.
    pub fn by_r2(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.units.len()).collect();
        order.sort_by(|&a, &b| {
            self.units[b]
                .r2
                .total_cmp(&self.units[a].r2)
                .then(a.cmp(&b))
        });
        order
    }

    /// The units that explain something, one of every group of near copies, the most explanatory
    /// first.
    pub fn leading(&self) -> Vec<usize> {
        let order = self.by_r2().into_iter();
        order
            .filter(|&unit| self.redundancy.representative(unit) == Some(unit))
            .collect()
    }

    /// The gene sets that preranked GSEA finds on one side of a unit with a false discovery rate of
    /// at most `fdr`, the largest normalised score first. For
    /// [sets of the model](SetEnrichment::of_the_model), whose rate on a unit is too small, the
    /// p-value adjusted over all units has to be as small instead; that is a filter, no proof.
    pub fn enriched(&self, unit: usize, side: Tail, fdr: f64) -> Vec<&SetEnrichment> {
        let own = self.enrichment.iter().filter(|found| found.unit == unit);
        let mut found: Vec<(&SetEnrichment, f64)> = own
            .filter_map(|found| match found.test {
                SetTest::Prerank { nes, fdr: own, .. } if found.side() == side => {
                    let rate = if found.of_the_model {
                        found.adjusted_p
                    } else {
                        own
                    };
                    (rate <= fdr).then(|| (found, nes.abs()))
                }
                _ => None,
            })
            .collect();
        found.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        found.into_iter().map(|(found, _)| found).collect()
    }
}
