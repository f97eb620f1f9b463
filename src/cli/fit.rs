//! `gsae fit`: train on an expression matrix and gene sets, and score the samples.

use super::console::{Console, print};
use super::data_args::{ExpressionArgs, GeneSetArgs, MatchArgs};
use super::model_args::{ModelArgs, PrepareArgs, TrainingArgs, options};
use super::outputs::{self, OutputFolder};
use super::progress::TrainingProgress;
use crate::error::Result;
use crate::expression::{ExpressionMatrix, Normalization};
use crate::genesets::GeneSetCollection;
use crate::pipeline::{FitOptions, Scores, TrainedModel, fit};
use std::path::PathBuf;

const EXAMPLE: &str =
    "Example:\n  gsae fit --expression counts.tsv.gz --gene-sets reactome --out run";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE, allow_negative_numbers = true)]
pub(super) struct Args {
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
    #[command(flatten)]
    matching: MatchArgs,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    training: TrainingArgs,
    /// The folder that gets model.safetensors, activity.tsv, supersets.tsv, nodes.tsv,
    /// history.tsv and run.json.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let options = options(&args.prepare, &args.model, &args.training)?;
    args.matching.check()?;
    let collection = args.gene_sets.read(console)?;
    let matrix = args.expression.read(console)?;
    let matrix = args.matching.apply(matrix, &collection, console)?;
    let folder = OutputFolder::prepare(&args.out)?;
    let (trained, scores) = fit_and_write(&matrix, &collection, options, &folder, console)?;
    print(&outputs::most_variable(&scores.nodes, 10))?;
    console.note(format!(
        "wrote {} ({} samples x {} gene sets): activity.tsv has the activity, nodes.tsv what to \
         know of each set",
        args.out.display(),
        scores.activity.samples().len(),
        trained.nodes().len(),
    ));
    Ok(())
}

/// Trains, scores and writes the folder.
pub(super) fn fit_and_write(
    matrix: &ExpressionMatrix,
    collection: &GeneSetCollection,
    options: FitOptions,
    folder: &OutputFolder<'_>,
    console: &Console,
) -> Result<(TrainedModel, Scores)> {
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
    let mut progress = TrainingProgress::new(console.is_quiet());
    let (trained, report) = fit(matrix, collection, options, &mut progress)?;
    let scores = trained.score(matrix)?;
    outputs::write_run(folder.path(), &trained, &scores, report, console.warnings())?;
    Ok((trained, scores))
}
