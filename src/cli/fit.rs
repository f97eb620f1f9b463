//! `gsae fit`: train on an expression matrix and gene sets, and score the samples.

use super::console::{Console, with_causes};
use super::data_args::{ExpressionArgs, MatchArgs, ModelGeneSetArgs};
use super::evidence::{self, Effort};
use super::model_args::{PrepareArgs, TrainingArgs, options};
use super::network_args::ModelArgs;
use super::outputs::{self, OutputFolder};
use super::progress::TrainingProgress;
use super::report::report_of_fit;
use crate::activity::{ScoreFormat, ScoreOutput};
use crate::error::{Error, Result};
use crate::expression::{
    Block, ExpressionMatrix, GeneFilter, Normalization, SampleTable, join, located,
};
use crate::genesets::GeneSetCollection;
use crate::identifiers::Matching;
use crate::io::{Source, refuse_structured, source};
use crate::pipeline::{
    Annotations, FitOptions, NodeTable, RunManifest, Timings, TrainedModel, fit_annotated,
};
use crate::wording::{number_of, verb};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

const EXAMPLE: &str = "Examples:\n  gsae fit --expression counts.tsv.gz --gene-sets reactome --out \
                       run\n  gsae fit -e counts.h5ad -g go_bp --samples labels.tsv --out run\n  \
                       gsae fit -e counts.tsv.gz -g my.gmt --model vega --seed 7 --out run";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE, allow_negative_numbers = true)]
pub(super) struct Args {
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    gene_sets: ModelGeneSetArgs,
    #[command(flatten)]
    covariates: CovariateArgs,
    #[command(flatten)]
    matching: MatchArgs,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    training: TrainingArgs,
    /// Also write the activity in these formats, separated by commas: long, gct, gct1.2, json,
    /// h5ad, h5ad-obsm (see `gsae activity --help`), as activity.long.tsv, activity.gct, ...
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    format: Vec<String>,
    /// The folder that gets model.safetensors, activity.tsv, latent.tsv, nodes.tsv,
    /// history.tsv, run.json and report.html.
    #[arg(long, short, value_name = "DIR")]
    out: super::paths::FitFolder,
    /// Write no report.html.
    #[arg(long)]
    no_report: bool,
    /// How much is trained again to see which nodes hold: none; quick, 2 other seeds and 5
    /// shuffled maps, at most 10 epochs on 1000 samples, about as long as the training itself;
    /// thorough, 5 seeds and 20 shuffled maps, each trained as the model is. `gsae evidence`
    /// does it later.
    #[arg(long, default_value = "quick", value_name = "NAME")]
    evidence: String,
}

/// What the decoder is told of the samples.
#[derive(clap::Args)]
#[command(next_help_heading = "Covariates")]
struct CovariateArgs {
    /// Labels of the samples: a table (TSV or CSV) whose first column names them, h5ad, GCT 1.3,
    /// loom, GCTX, or a .cls; the model sees those named by --covariates only, the report shows
    /// them all.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// Columns of the labels that the decoder is told (batches, conditions), separated by commas.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    covariates: Vec<String>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let mut options = options(&args.prepare, &args.model, &args.training, console)?;
    options.covariates = args.covariates.covariates.clone();
    let effort = evidence::effort("--evidence", &args.evidence)?;
    args.matching.check()?;
    let formats = args.format.iter().map(|name| name.parse());
    let formats: Vec<ScoreFormat> = formats.collect::<Result<_>>()?;
    let file = args.expression.file()?;
    if formats.contains(&ScoreFormat::H5adObsm) {
        refuse_structured(&file)?;
    }
    if args.model.places_covariates() && options.covariates.is_empty() {
        return Err(Error::config(
            "--covariates-in",
            "needs --covariates COLUMNS and --samples FILE",
        ));
    }
    if args.gene_sets.has_relations() && options.hierarchy.levels.is_none() {
        let message = "are used by --levels N only, which is not given";
        return Err(Error::config("--relations", message));
    }
    let uses_sets = options.model.gene_sets().is_some();
    let relations = match options.hierarchy.levels {
        Some(_) => args.gene_sets.relations()?,
        None => None,
    };
    let collection = match args.gene_sets.read(console)? {
        Some(collection) => collection,
        None if uses_sets => {
            return Err(Error::config(
                "--gene-sets",
                "is needed by a model whose nodes are gene sets: name a file, or a collection \
                 such as reactome",
            ));
        }
        None => GeneSetCollection::default(),
    };
    let mut identifiers = Vec::new();
    let mut matched = |name: Option<&String>, matrix: ExpressionMatrix| -> Result<_> {
        if collection.is_empty() {
            return Ok(matrix);
        }
        let (matrix, matching) = args.matching.apply(matrix, &collection, console)?;
        identifiers.push(Matching {
            matrix: name.cloned(),
            ..matching
        });
        Ok(matrix)
    };
    let matrix = match args.expression.blocks(console)? {
        None => matched(None, args.expression.read(console)?)?,
        Some(parts) => {
            let mut blocks = Vec::with_capacity(parts.len());
            for (name, matrix) in parts {
                let matrix = matched(Some(&name), matrix)?;
                let asked = options.preprocess.normalization;
                let normalization =
                    asked.unwrap_or_else(|| Normalization::detect(&matrix).normalization);
                console.note(format!("{name}: normalization {normalization}"));
                let block = Block {
                    name,
                    normalization,
                };
                blocks.push((block, matrix));
            }
            let joined = join(&blocks)?;
            let known = |warning: &&String| {
                let parts = blocks.iter();
                parts
                    .flat_map(|(_, matrix)| matrix.warnings())
                    .any(|other| other == *warning)
            };
            for warning in joined.warnings().iter().filter(|warning| !known(warning)) {
                console.warn(warning.clone());
            }
            options.blocks = blocks.into_iter().map(|(block, _)| block).collect();
            // They are normalised now.
            options.preprocess.normalization = Some(Normalization::None);
            joined
        }
    };
    let labels = args.covariates.samples.as_ref();
    let labels = labels.map(|path| SampleTable::read_for(path, matrix.samples()));
    let labels = labels.transpose()?;
    if let Some(labels) = &labels {
        check_labels(labels, matrix.samples(), console)?;
    }
    if matrix.n_samples() < FEW_SAMPLES {
        console.warn(format!(
            "{} {} few for a network; `gsae score --method ulm` needs no training",
            number_of(matrix.n_samples(), "sample"),
            verb(matrix.n_samples(), "is", "are")
        ));
    }
    let single = options.blocks.is_empty();
    let folder = OutputFolder::prepare(&args.out, console)?;
    let annotations = Annotations {
        relations: relations.as_ref(),
        samples: labels.as_ref(),
    };
    let labels_from = args.covariates.samples.as_deref().map(located);
    let labels_from = labels_from.transpose()?;
    let (trained, nodes) = fit_and_write(
        &matrix,
        &collection,
        annotations,
        Asked {
            options,
            effort,
            identifiers,
            labels: labels_from.as_deref().map(source).transpose()?,
        },
        &folder,
        console,
    )?;
    if !formats.is_empty() {
        let scores = trained.score(&matrix)?;
        let mut output = ScoreOutput::new(&scores.activity);
        output.sets = scores.nodes.columns()?;
        if let Some(labels) = &labels {
            output.samples = labels.columns_for(scores.activity.samples());
        }
        output.latent = Some(&scores.latent);
        output.metadata = trained.metadata()?;
        output.expression = single.then_some((&matrix, &*file));
        for format in formats {
            let name = format!("activity.{}", format.suffix());
            output.write(folder.path().join(name), format)?;
        }
    }
    let report =
        !args.no_report && report_of_fit(&args.out, &trained, labels.as_ref(), &matrix, console);
    console.tell(&(outputs::most_variable(&nodes, 10) + &outputs::verdict_of(&trained)));
    let samples = matrix.n_samples();
    console.note(outputs::summary(&args.out, &trained, samples, report));
    Ok(())
}

/// What a fit is asked for beside the data, and what its manifest keeps.
pub(super) struct Asked {
    pub options: FitOptions,
    pub effort: Effort,
    pub identifiers: Vec<Matching>,
    pub labels: Option<Source>,
}

/// Fewer samples than these are trained on with a warning.
pub(super) const FEW_SAMPLES: usize = 20;

/// Refuses labels that are of other samples, before any training; warns of those that are missing.
fn check_labels(labels: &SampleTable, samples: &[String], console: &Console) -> Result<()> {
    let known: HashSet<&String> = labels.samples().iter().collect();
    let without = samples
        .iter()
        .filter(|sample| !known.contains(sample))
        .count();
    if without == samples.len() {
        let example = |names: &[String]| names.first().cloned().unwrap_or_default();
        return Err(Error::data(
            format!(
                "the labels have none of the {} samples, which are called like {:?}; the labels' \
                 are called like {:?}",
                samples.len(),
                example(samples),
                example(labels.samples())
            ),
            "Give the labels of these samples: the names must be the same.",
        ));
    }
    if without > 0 {
        console.warn(format!(
            "{without} of {} {} no labels",
            number_of(samples.len(), "sample"),
            verb(without, "has", "have")
        ));
    }
    Ok(())
}

/// Says how many genes the model does not see.
fn left_out(matrix: &ExpressionMatrix, trained: &TrainedModel, console: &Console) {
    let all = matrix.n_genes();
    let count = all.saturating_sub(trained.genes().len());
    if count == 0 {
        return;
    }
    let unfiltered = trained.options().preprocess.filter == GeneFilter::default();
    let why = match (unfiltered, count) {
        (true, 1) => "is the same in all samples and is left out",
        (true, _) => "are the same in all samples and are left out",
        (false, _) => "left out, as they do not vary or do not pass the filter",
    };
    console.note(format!("{count} of {all} genes {why}"));
}

/// Trains, gathers evidence, scores and writes the folder.
pub(super) fn fit_and_write(
    matrix: &ExpressionMatrix,
    collection: &GeneSetCollection,
    annotations: Annotations,
    asked: Asked,
    folder: &OutputFolder<'_>,
    console: &Console,
) -> Result<(TrainedModel, NodeTable)> {
    let Asked {
        options,
        effort,
        identifiers,
        labels,
    } = asked;
    match options.preprocess.normalization {
        Some(normalization) => console.note(format!("normalization: {normalization}, as asked")),
        None => {
            let detected = Normalization::detect(matrix);
            console.note(format!(
                "normalization: {} ({})",
                detected.normalization, detected.reason
            ));
        }
    }
    let mut progress = TrainingProgress::new(console);
    let seed = options.training.seed;
    let (mut trained, report) =
        fit_annotated(matrix, collection, annotations, options, &mut progress)?;
    left_out(matrix, &trained, console);
    let began = Instant::now();
    match effort.options(seed) {
        None => {}
        Some(_) if trained.scorer().is_none() => {
            console
                .note("no evidence to gather: this model's nodes are latent units without a name");
        }
        Some(asked) => {
            let labels = annotations.samples;
            match evidence::gather_aloud(&trained, matrix, labels, &asked, console) {
                Ok(found) => trained.set_evidence(found)?,
                // The model is trained; refits that fail must not lose it.
                Err(cause) => console.warn(format!(
                    "no evidence was gathered, as a refit failed: {}",
                    with_causes(&cause)
                )),
            }
        }
    }
    let evidence_seconds = began.elapsed().as_secs_f64();
    console.detail(format!(
        "preparation {:.2} s, training {:.2} s, activity {:.2} s, evidence {evidence_seconds:.2} s",
        report.preparation_seconds, report.training_seconds, report.activity_seconds
    ));
    let nodes = outputs::write_run(
        folder.path(),
        &trained,
        matrix,
        Timings {
            fit: report,
            evidence_seconds,
        },
        |manifest| RunManifest {
            identifiers,
            labels,
            warnings: console.warnings(),
            ..manifest
        },
    )?;
    Ok((trained, nodes))
}
