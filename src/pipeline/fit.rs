//! From data and gene sets to a trained model.

use super::map::map;
use super::trained::{ModelInput, node_values};
use super::{FitOptions, TrainedModel};
use crate::activity::ActivityScorer;
use crate::error::{Error, Result};
use crate::expression::{Covariates, ExpressionMatrix, Normalization, Preprocessor, SampleTable};
use crate::genesets::{GeneSetCollection, Relations};
use crate::training::{Progress, Split, Trainer};
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

/// What a model may be trained with beside expression and gene sets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Annotations<'a> {
    /// Which set is part of which, for a hierarchy.
    pub relations: Option<&'a Relations>,
    /// Labels of the samples, for covariates.
    pub samples: Option<&'a SampleTable>,
}

/// Trains a model on `expression` (normalised as the options say) with the sets of `collection`
/// as nodes, and learns how its nodes are read as activity. A model without gene-set nodes
/// leaves the collection aside, which may then be empty.
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
    fit_annotated(
        expression,
        collection,
        Annotations::default(),
        options,
        progress,
    )
}

/// [`fit`] with relations between the sets and labels of the samples.
///
/// # Errors
/// As [`fit`]; also if a covariate's level has no training sample.
pub fn fit_annotated(
    expression: &ExpressionMatrix,
    collection: &GeneSetCollection,
    annotations: Annotations,
    options: FitOptions,
    progress: &mut dyn Progress,
) -> Result<(TrainedModel, FitReport)> {
    let began = Instant::now();
    options.validate()?;
    let trainer = Trainer::new(options.training.clone())?;
    let covariates = covariates(expression, annotations.samples, &options)?;
    let mut preprocess = options.preprocess;
    if !options.blocks.is_empty() {
        // Joined matrices are normalised one by one, before they are joined.
        preprocess.normalization = Some(Normalization::None);
    }
    let preprocessor = Preprocessor::fit_blocks(expression, &preprocess, &options.blocks)?;
    let (map, nodes) = if options.model.gene_sets().is_some() {
        let genes = preprocessor.genes();
        let (map, nodes) = map(collection, annotations.relations, genes, &options)?;
        (Some(map), nodes)
    } else {
        (None, Vec::new())
    };
    let likelihood = options.model.likelihood();
    let mut input = ModelInput::new(&preprocessor, expression, likelihood)?;
    if !covariates.is_empty()
        && let Some(table) = annotations.samples
    {
        input.set_covariates(
            covariates.encode(table, expression.samples(), &[])?,
            covariates.width(),
        );
    }
    let mut model =
        options
            .model
            .build(preprocessor.genes().len(), map.as_ref(), covariates.width())?;
    let preparation_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let history = trainer.fit(model.as_mut(), &input.dataset(), progress)?;
    let training_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let scorer = match &map {
        Some(map) => {
            let hidden = node_values(model.as_ref(), &input)?;
            Some(ActivityScorer::fit(
                map.members(),
                &input.prepared.values,
                &hidden,
            )?)
        }
        None => None,
    };
    let sources = [expression.sources(), collection.sources()].concat();
    let mut trained = TrainedModel {
        trained_on: Some(input.fingerprint()),
        preprocessor,
        covariates,
        nodes,
        map,
        model,
        scorer,
        latent_scale: Vec::new(),
        library: input.median_library(),
        options,
        history,
        evidence: None,
        sources,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    trained.latent_scale = trained.learn_latent_scale(&input)?;
    let report = FitReport {
        preparation_seconds,
        training_seconds,
        activity_seconds: began.elapsed().as_secs_f64(),
    };
    Ok((trained, report))
}

/// The covariates that the options name, learned from the samples that will train.
fn covariates(
    expression: &ExpressionMatrix,
    table: Option<&SampleTable>,
    options: &FitOptions,
) -> Result<Covariates> {
    if options.covariates.is_empty() {
        return Ok(Covariates::default());
    }
    if options.model.network().is_none() {
        return Err(Error::config(
            "--covariates",
            "do not go with PCA, which has no place for them",
        ));
    }
    let Some(table) = table else {
        return Err(Error::config(
            "--covariates",
            "need the samples' labels: add --samples FILE",
        ));
    };
    let training = &options.training;
    let split = Split::new(
        expression.n_samples(),
        training.validation_fraction,
        training.seed,
    );
    let train: Vec<String> = split
        .train
        .iter()
        .map(|&row| expression.samples()[row].clone())
        .collect();
    let covariates = Covariates::fit(table, &options.covariates, &train)?;
    // A level that only held-out samples have is refused here, before any training.
    covariates.encode(table, expression.samples(), &[])?;
    Ok(covariates)
}
