//! `gsae weights`: the learned weights of the genes in every gene set.

use super::console::Console;
use super::paths::OutFile;
use crate::error::{Error, Result};
use crate::pipeline::TrainedModel;
use crate::wording::number_of;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:\n  gsae weights --model run/model.safetensors --out weights.gmt\n  \
                        gsae weights --model run/model.safetensors --out edges.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    /// The file to write: .gmt with GENE,weight, or .tsv with a row a gene and set.
    #[arg(long, short, value_name = "FILE")]
    out: OutFile,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let extension = args.out.extension().map(|text| text.to_ascii_lowercase());
    let gmt = match extension.as_ref().and_then(|text| text.to_str()) {
        Some("gmt") => true,
        Some("tsv" | "txt") => false,
        _ => {
            let message = format!("ends in .gmt or .tsv, not as {}", args.out.display());
            return Err(Error::config("--out", message));
        }
    };
    let sets = TrainedModel::load(&args.model)?.weighted_sets()?;
    match gmt {
        true => sets.write_gmt(&args.out)?,
        false => sets.write_edges(&args.out)?,
    }
    console.note(format!(
        "wrote {} ({}, {})",
        args.out.display(),
        number_of(sets.len(), "gene set"),
        number_of(sets.memberships(), "weight")
    ));
    Ok(())
}
