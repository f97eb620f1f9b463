//! From data and gene sets to a trained model.

use super::trained::{model_input, node_values};
use super::{FitOptions, Node, TrainedModel};
use crate::activity::ActivityScorer;
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Preprocessor};
use crate::genesets::{GeneSetCollection, MembershipGraph};
use crate::mask::Mask;
use crate::models::Gsae;
use crate::training::{Progress, Trainer};
use std::time::Instant;

/// Seconds spent in the parts of a fit, for the run manifest.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct FitReport {
    /// Normalisation, filters, standardisation, the map.
    pub preparation_seconds: f64,
    /// Training.
    pub training_seconds: f64,
    /// Loadings, orientation and scale of the nodes.
    pub activity_seconds: f64,
}

/// Trains a GSAE on `expression` (normalised as the options say) with the sets of `collection`
/// as nodes, and learns how its nodes are read as activity.
///
/// The genes enter in the order of their names, so the order of the input's genes changes
/// nothing, and every random number comes from the options' seeds.
///
/// # Errors
/// [`Error::Data`] if no set has enough genes in the data or the data cannot be normalised;
/// [`Error::Config`] for an option that makes no sense.
pub fn fit(
    expression: &ExpressionMatrix,
    collection: &GeneSetCollection,
    options: FitOptions,
    progress: &mut dyn Progress,
) -> Result<(TrainedModel, FitReport)> {
    let began = Instant::now();
    let trainer = Trainer::new(options.training.clone())?;
    options.model.validate()?;
    let preprocessor = Preprocessor::fit(expression, &options.preprocess)?;
    let (mask, nodes) = map(collection, preprocessor.genes(), &options)?;
    let input = model_input(&preprocessor, expression)?;
    let mut model = Gsae::new(&mask, options.model.clone())?;
    let preparation_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let history = trainer.fit(&mut model, &input.values, input.n_genes(), progress)?;
    let training_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let scorer = ActivityScorer::fit(&mask, &input.values, &node_values(&model, &input)?)?;
    let report = FitReport {
        preparation_seconds,
        training_seconds,
        activity_seconds: began.elapsed().as_secs_f64(),
    };
    let sources = [expression.sources(), collection.sources()].concat();
    let trained = TrainedModel {
        preprocessor,
        nodes,
        model,
        scorer,
        options,
        history,
        sources,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok((trained, report))
}

/// The map from the model's genes to the gene sets that have enough of them.
fn map(
    collection: &GeneSetCollection,
    genes: &[String],
    options: &FitOptions,
) -> Result<(Mask, Vec<Node>)> {
    let selected = MembershipGraph::new(collection).memberships(genes, options.sizes);
    if selected.is_empty() {
        return Err(Error::data(
            format!(
                "none of the {} gene sets has {} to {} of the {} genes",
                collection.len(),
                options.sizes.min,
                options.sizes.max,
                genes.len()
            ),
            "Compare the identifiers with `gsae doctor`, or widen --min-size and --max-size.",
        ));
    }
    let mut rows = Vec::with_capacity(selected.len());
    let mut nodes = Vec::with_capacity(selected.len());
    for set in selected {
        nodes.push(Node {
            name: set.name,
            description: set.description,
            size: set.size,
            found: set.genes.len(),
        });
        rows.push(set.genes);
    }
    Ok((Mask::from_rows(genes.len(), rows)?, nodes))
}
