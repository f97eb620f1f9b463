//! `gsae reconstruct`, `gsae generate` and `gsae embed`: what a trained model makes of samples.

use super::console::Console;
use super::data_args::{ExpressionArgs, ReadingArgs};
use super::paths::OutTable;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, SampleTable};
use crate::pipeline::{Told, TrainedModel};
use crate::wording::number_of;
use std::path::{Path, PathBuf};

/// Samples that are drawn from a prior where nothing else is said.
const PRIOR_SAMPLES: usize = 100;

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  gsae reconstruct --model run/model.safetensors \
                        --expression counts.tsv.gz --out denoised.tsv"
)]
pub(super) struct ReconstructArgs {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    told: ToldArgs,
    /// The table to write: samples x genes, normalised values.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
}

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  gsae generate --model run/model.safetensors --count 100 \
                        --out generated.tsv\n  gsae generate --model run/model.safetensors \
                        --expression counts.tsv.gz --samples labels.tsv --set \
                        condition=stimulated --out counterfactual.tsv"
)]
pub(super) struct GenerateArgs {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    /// Draw around these samples, one for each, instead of from a variational model's prior.
    #[arg(long, short, value_name = "PATH")]
    expression: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    told: ToldArgs,
    /// How far around the samples: 0 is their latent coordinates themselves, 1 one SD. By
    /// default 0 with --set, 1 otherwise.
    #[arg(long, value_name = "X")]
    spread: Option<f64>,
    /// Samples from the prior: 100 if nothing else is said.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// The seed of every random number.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The table to write: samples x genes, normalised values.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
}

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  gsae embed --model run/model.safetensors --expression \
                        counts.tsv.gz --dimensions 2 --out embedding.tsv"
)]
pub(super) struct EmbedArgs {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    expression: ExpressionArgs,
    /// all: every latent coordinate; 2: two dimensions, the first two principal components of
    /// the latent coordinates where there are more.
    #[arg(long, default_value = "all", value_name = "N")]
    dimensions: String,
    /// The table to write: samples x coordinates.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
}

/// What a decoder with covariates is told.
#[derive(clap::Args)]
struct ToldArgs {
    /// Labels of the samples, for a model with covariates: a table (TSV or CSV) whose first column
    /// names them, h5ad, GCT 1.3, loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// Give a covariate this value in all samples: a counterfactual.
    #[arg(long, value_name = "COLUMN=VALUE")]
    set: Vec<String>,
}

impl ToldArgs {
    /// The labels of the samples of a matrix.
    fn table(&self, matrix: &ExpressionMatrix) -> Result<Option<SampleTable>> {
        let table = |path| SampleTable::read_for(path, matrix.samples());
        self.samples.as_ref().map(table).transpose()
    }

    fn instead(&self) -> Result<Vec<(String, String)>> {
        self.set
            .iter()
            .map(|text| match text.split_once('=') {
                Some((column, value)) => Ok((column.to_owned(), value.to_owned())),
                None => Err(Error::config(
                    "--set",
                    format!("is COLUMN=VALUE, not {text:?}"),
                )),
            })
            .collect()
    }
}

pub(super) fn reconstruct(args: &ReconstructArgs, console: &Console) -> Result<()> {
    let trained = TrainedModel::load(&args.model)?;
    let instead = args.told.instead()?;
    let matrix = args.expression.read_for(&trained, console)?;
    let table = args.told.table(&matrix)?;
    let told = Told {
        samples: table.as_ref(),
        instead: &instead,
    };
    let rebuilt = trained.reconstruct(&matrix, told)?;
    write(&rebuilt, &args.out, console)
}

pub(super) fn generate(args: &GenerateArgs, console: &Console) -> Result<()> {
    let trained = TrainedModel::load(&args.model)?;
    let instead = args.told.instead()?;
    let Some(path) = &args.expression else {
        let asked = [
            ("--set", !instead.is_empty()),
            ("--samples", args.told.samples.is_some()),
            ("--spread", args.spread.is_some()),
        ];
        if let Some((option, _)) = asked.into_iter().find(|(_, given)| *given) {
            return Err(Error::config(
                option,
                "needs samples to draw around: add --expression",
            ));
        }
        let drawn = trained.generate(args.count.unwrap_or(PRIOR_SAMPLES), args.seed)?;
        return write(&drawn, &args.out, console);
    };
    if args.count.is_some() {
        return Err(Error::config(
            "--count",
            "does not go with --expression, which gives one for every sample",
        ));
    }
    let spread = args
        .spread
        .unwrap_or(if instead.is_empty() { 1.0 } else { 0.0 });
    if !(spread.is_finite() && spread >= 0.0) {
        return Err(Error::config(
            "--spread",
            format!("must be a number from 0, not {spread}"),
        ));
    }
    let matrix = super::activity::read_for(&trained, path, &args.reading, console)?;
    let table = args.told.table(&matrix)?;
    let told = Told {
        samples: table.as_ref(),
        instead: &instead,
    };
    let drawn = trained.generate_around(&matrix, told, spread, args.seed)?;
    write(&drawn, &args.out, console)
}

pub(super) fn embed(args: &EmbedArgs, console: &Console) -> Result<()> {
    let trained = TrainedModel::load(&args.model)?;
    let matrix = args.expression.read_for(&trained, console)?;
    let table = match args.dimensions.as_str() {
        "all" => trained.score(&matrix)?.latent,
        "2" => trained.embed_2d(&matrix)?,
        other => {
            return Err(Error::config(
                "--dimensions",
                format!("is all or 2, not {other:?}"),
            ));
        }
    };
    write(&table, &args.out, console)
}

fn write(table: &ScoreTable, out: &Path, console: &Console) -> Result<()> {
    table.write_tsv(out)?;
    console.note(format!(
        "wrote {} ({} x {})",
        out.display(),
        number_of(table.samples().len(), "sample"),
        number_of(table.columns().len(), "column")
    ));
    Ok(())
}
