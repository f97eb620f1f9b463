//! From data and gene sets to a trained model.

use super::input::{ModelInput, latent_values, node_values};
use super::map::map;
use super::{FitOptions, TrainedModel};
use crate::activity::{ActivityScorer, JointMoments, Loadings};
use crate::device::describe;
use crate::error::{Error, Result};
use crate::expression::{
    BLOCK, Covariates, ExpressionMatrix, Normalization, Preprocessor, SampleTable,
};
use crate::genesets::{GeneSetCollection, Relations};
use crate::io::available_memory;
use crate::mask::SetMap;
use crate::models::{Autoencoder, BatchSource};
use crate::stats::ColumnMoments;
use crate::training::{MemoryEstimate, OptimizerConfig, Progress, Shuffle, Split, Trainer};
use std::time::Instant;

/// Neighbouring samples that are read together from disk.
const STREAMED_BLOCK: usize = 256;
/// A batch as it was read, as a tensor, its reconstruction, their difference and its gradient.
const BATCH_COPIES: u64 = 5;

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
    let mut options = options;
    if let Some(streamed) = expression.streamed()
        && options.training.shuffle == Shuffle::Samples
    {
        options.training.shuffle = Shuffle::Blocks {
            block: STREAMED_BLOCK,
            window: streamed.load_rows(BLOCK),
        };
    }
    let trainer = Trainer::new(options.training.clone())?;
    let covariates = covariates(expression, annotations.samples, &options)?;
    let mut preprocess = options.preprocess;
    if !options.blocks.is_empty() {
        // Joined matrices are normalised one by one, before they are joined.
        preprocess.normalization = Some(Normalization::None);
    }
    let (preprocessor, scale) = Preprocessor::learn(expression, &preprocess, &options.blocks)?;
    let (map, nodes) = if options.model.gene_sets().is_some() {
        let genes = preprocessor.genes();
        let (map, nodes) = map(collection, annotations.relations, genes, &options)?;
        (Some(map), nodes)
    } else {
        (None, Vec::new())
    };
    let likelihood = options.model.likelihood();
    let mut input = ModelInput::learned(&preprocessor, expression, scale, likelihood)?;
    if !covariates.is_empty()
        && let Some(table) = annotations.samples
    {
        input.set_covariates(
            covariates.encode(table, expression.samples(), &[])?,
            covariates.width(),
        );
    }
    let device = options.training.device.open()?;
    let mut model = options.model.build_on(
        &device,
        preprocessor.genes().len(),
        map.as_ref(),
        covariates.width(),
    )?;
    let prepared = input.make();
    progress.memory(&MemoryEstimate {
        prepared,
        ..memory(&input, model.as_ref(), &options)
    });
    let preparation_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let history = trainer.fit(model.as_mut(), &input, progress)?;
    let trained_where = describe(model.parameters().device());
    if !model.parameters().device().is_cpu() {
        // From here on the CPU reads the model, as it does when the model is loaded from a file:
        // the activity of these samples is then the same, bit by bit.
        let genes = preprocessor.genes().len();
        let copy = options
            .model
            .build(genes, map.as_ref(), covariates.width())?;
        let trained = model.parameters();
        let of = |name: &str| {
            trained
                .get(name)
                .map(|own| own.variable.as_detached_tensor())
        };
        copy.parameters().load(of)?;
        model = copy;
    }
    let training_seconds = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let Learned {
        scorer,
        latent_scale,
    } = learn_activity(model.as_ref(), map.as_ref(), &input)?;
    let library = input.median_library();
    let trained_on = map.is_some().then(|| input.fingerprint()).transpose()?;
    let trained = TrainedModel {
        trained_on,
        trained_where: Some(trained_where),
        preprocessor,
        covariates,
        nodes,
        map,
        model,
        scorer,
        latent_scale,
        library,
        options,
        history,
        evidence: None,
        sources: [expression.sources(), collection.sources()].concat(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let report = FitReport {
        preparation_seconds,
        training_seconds,
        activity_seconds: began.elapsed().as_secs_f64(),
    };
    Ok((trained, report))
}

/// What the training samples say of the nodes of a trained network.
struct Learned {
    scorer: Option<ActivityScorer>,
    /// Mean and SD of every latent coordinate.
    latent_scale: Vec<(f64, f64)>,
}

/// How the nodes are read as activity, in two passes over the samples.
fn learn_activity(
    model: &dyn Autoencoder,
    map: Option<&SetMap>,
    input: &ModelInput,
) -> Result<Learned> {
    let mut latent = ColumnMoments::new(model.latent_width());
    let mut nodes = map.map(|map| JointMoments::new(map.members()));
    input.each_block(&mut |block| {
        let batch = block.batch()?;
        latent.add(&latent_values(model, &batch)?);
        if let Some(nodes) = &mut nodes {
            nodes.add(block.values, &node_values(model, &batch)?);
        }
        Ok(())
    })?;
    let scorer = match (map, nodes) {
        (Some(map), Some(nodes)) => {
            let loadings = Loadings::from_moments(&nodes);
            let scorer = ActivityScorer::fit_blocks(map.members(), loadings, |add| {
                input.each_block(&mut |block| {
                    add(block.values);
                    Ok(())
                })
            })?;
            Some(scorer)
        }
        _ => None,
    };
    let latent_scale = (0..model.latent_width())
        .map(|at| (latent.mean(at), latent.variance(at).sqrt()))
        .collect();
    Ok(Learned {
        scorer,
        latent_scale,
    })
}

/// What the fit will hold; without the input that is made at once.
fn memory(input: &ModelInput, model: &dyn Autoencoder, options: &FitOptions) -> MemoryEstimate {
    let trainable = model.parameters().trainable();
    let weights: u64 = trainable
        .iter()
        .map(|variable| (variable.elem_count() * variable.dtype().size_in_bytes()) as u64)
        .sum();
    let moments = match options.training.optimizer {
        OptimizerConfig::Adam { .. } => 2,
        OptimizerConfig::Sgd { .. } => 1,
    };
    let expression = input.prepared.matrix();
    let samples = input.samples();
    let batch = options.training.batch_size.min(samples);
    let block = BLOCK.min(samples) as u64;
    let training = &options.training;
    let held_out = (training.validation_fraction * samples as f64) as usize;
    let nodes = model.latent_width() + input.features();
    MemoryEstimate {
        data: expression.resident_bytes() + input.kept_bytes(held_out),
        streamed: expression.is_streamed(),
        prepared: 0,
        weights: 2 * weights,
        optimizer: (1 + moments) * weights,
        batch: BATCH_COPIES * input.bytes(batch),
        // The input twice, row by row and as a tensor, and what the layers make of it.
        activity: 2 * input.bytes(block as usize) + 8 * block * nodes as u64,
        available: available_memory().unwrap_or(0),
    }
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
