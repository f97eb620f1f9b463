//! `gsae activity`: score samples with a trained model.

use super::console::Console;
use super::data_args::{ExpressionArgs, ReadingArgs};
use super::format_args::FormatArgs;
use super::outputs;
use super::paths::{OutScores, OutTable};
use crate::activity::{ScoreFormat, ScoreOutput, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::{Block, DuplicateGenes, ExpressionMatrix, Normalization, join};
use crate::identifiers::Diagnosis;
use crate::pipeline::{Coverage, TrainedModel};
use crate::wording::number_of;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "Example:\n  gsae activity --model run/model.safetensors \
                       --expression new.tsv --out new_activity.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    expression: ExpressionArgs,
    /// The file to write: samples x gene sets.
    #[arg(long, short, value_name = "FILE")]
    out: OutScores,
    #[command(flatten)]
    format: FormatArgs,
    /// Write the nodes with their coverage in these samples.
    #[arg(long, value_name = "FILE")]
    nodes: Option<OutTable>,
    /// Write the latent coordinates, in a GSAE the supersets: samples x latent units.
    #[arg(long, visible_alias = "supersets", value_name = "FILE")]
    latent: Option<OutTable>,
    /// Write the nodes' hidden values, without orientation or scale: samples x gene sets.
    #[arg(long, value_name = "FILE")]
    raw: Option<OutTable>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let format = args.format.for_path(&args.out, &args.expression.file()?)?;
    let trained = TrainedModel::load(&args.model)?;
    let matrix = args.expression.read_for(&trained, console)?;
    let coverage = if format == ScoreFormat::Tsv {
        outputs::write_scores(&trained, &matrix, &args.out, args.latent.as_deref())?
    } else {
        write_as(&trained, &matrix, args, format)?
    };
    if !coverage.missing_genes.is_empty() {
        let missing = &coverage.missing_genes;
        console.warn(format!(
            "the data lack {} of the model's {} genes ({}{}); they are left out of the activity \
             and lower the coverage",
            missing.len(),
            trained.genes().len(),
            missing[..missing.len().min(5)].join(", "),
            if missing.len() > 5 { ", ..." } else { "" },
        ));
    }
    if let Some(path) = &args.nodes {
        coverage.nodes.write_tsv(path)?;
    }
    if let Some(path) = &args.raw {
        ScoreTable::write_blocks(path, |write| trained.raw_node_blocks(&matrix, write))?;
    }
    console.note(format!(
        "wrote {} ({} x {})",
        args.out.display(),
        number_of(matrix.n_samples(), "sample"),
        number_of(trained.activity_names().len(), "node")
    ));
    Ok(())
}

/// The share of genes, of the data's or of the model's, below which they are strangers.
const LEAST_SHARED: f64 = 0.05;

/// Warns where values that look like counts or intensities meet a model of log values, which takes
/// them as they are.
fn warn_of_scale(trained: &TrainedModel, matrix: &ExpressionMatrix, console: &Console) {
    let looks = Normalization::detect(matrix);
    if trained.normalization() == Normalization::None && looks.normalization != Normalization::None
    {
        console.warn(format!(
            "the model takes values as they are, on the log scale of the values it was trained on, \
             and of these {}. Unless the training data were such, normalise these as those were",
            looks.reason
        ));
    }
}

/// The matrix with its genes renamed to the model's where that matches more.
fn matched(
    trained: &TrainedModel,
    matrix: ExpressionMatrix,
    console: &Console,
) -> Result<ExpressionMatrix> {
    renamed(trained.genes().iter().map(String::as_str), matrix, console)
}

/// The matrix with its genes renamed to the wanted ones where that matches more.
fn renamed<'a>(
    wanted: impl Iterator<Item = &'a str>,
    matrix: ExpressionMatrix,
    console: &Console,
) -> Result<ExpressionMatrix> {
    // The model's genes take the gene sets' place here: each is wanted once.
    let wanted: HashMap<&str, usize> = wanted.map(|gene| (gene, 1)).collect();
    let best = Diagnosis::new(matrix.genes(), &wanted)?.best();
    let mapped = Diagnosis::apply(best, matrix.genes(), &wanted)?;
    let mut matrix = matrix;
    if !mapped.changed.is_empty() {
        let renamed = number_of(mapped.changed.len(), "gene");
        console.note(format!("{renamed} renamed ({best})"));
        matrix = matrix.renamed(&mapped.names, DuplicateGenes::Auto)?;
    }
    let found = Diagnosis::new(matrix.genes(), &wanted)?;
    if found.rate() < LEAST_SHARED {
        let (data, model) = (&found.data.types, &found.sets.types);
        return Err(Error::data(
            format!(
                "only {} of the data's {} genes are among the model's {}: the data have {} ({}), \
                 the model {} ({})",
                found.data.matched,
                found.data.genes,
                found.sets.genes,
                data.main,
                data.species,
                model.main,
                model.species
            ),
            "Give data with the identifiers and the species that the model was trained on, or a \
             table of both with --id-table.",
        ));
    }
    Ok(matrix)
}

/// Scores samples and writes them in a format that holds all of them at once.
fn write_as(
    trained: &TrainedModel,
    matrix: &ExpressionMatrix,
    args: &Args,
    format: ScoreFormat,
) -> Result<Coverage> {
    let scores = trained.score(matrix)?;
    let mut output = ScoreOutput::new(&scores.activity);
    output.sets = scores.nodes.columns()?;
    output.samples = args.format.labels(&scores.activity)?;
    output.latent = Some(&scores.latent);
    output.metadata = trained.metadata()?;
    let file = args.expression.file()?;
    if trained.options().blocks.is_empty() {
        output.expression = Some((matrix, &*file));
    }
    output.write(&args.out, format)?;
    if let Some(path) = &args.latent {
        scores.latent.write_tsv(path)?;
    }
    Ok(Coverage {
        nodes: scores.nodes,
        missing_genes: scores.missing_genes,
    })
}

impl ExpressionArgs {
    /// The samples for a trained model: one matrix, or the several it was trained on.
    pub fn read_for(&self, trained: &TrainedModel, console: &Console) -> Result<ExpressionMatrix> {
        read_for(trained, &self.expression, &self.reading, console)
    }
}

/// [`ExpressionArgs::read_for`] for a path that need not be given.
pub(super) fn read_for(
    trained: &TrainedModel,
    path: &Path,
    reading: &ReadingArgs,
    console: &Console,
) -> Result<ExpressionMatrix> {
    let blocks = &trained.options().blocks;
    if blocks.is_empty() {
        let matrix = reading.read(path, console)?;
        warn_of_scale(trained, &matrix, console);
        return matched(trained, matrix, console);
    }
    let wanted = || blocks.iter().map(|block| format!("{}=PATH", block.name));
    let Some(parts) = reading.blocks(path, console)? else {
        let message = format!(
            "must name the matrices that the model was trained on: {}",
            wanted().collect::<Vec<_>>().join(",")
        );
        return Err(Error::config("--expression", message));
    };
    let mut known = Vec::with_capacity(parts.len());
    for (name, matrix) in parts {
        let Some(block) = blocks.iter().find(|block| block.name == name) else {
            let message = format!(
                "names {name:?}, and the model was trained on {}",
                wanted().collect::<Vec<_>>().join(",")
            );
            return Err(Error::config("--expression", message));
        };
        let at = blocks.iter().position(|other| other == block);
        let own = trained
            .genes()
            .iter()
            .filter(|gene| Block::position(blocks, gene) == at);
        let own = own.map(|gene| Block::bare(blocks, gene));
        known.push((block.clone(), renamed(own, matrix, console)?));
    }
    join(&known)
}
