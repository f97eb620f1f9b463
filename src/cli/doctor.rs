//! `gsae doctor`: compare the gene identifiers of a matrix and of gene sets.

use super::console::{Console, print};
use super::data_args::{ExpressionArgs, GeneSetArgs};
use crate::error::Result;
use crate::expression::Normalization;
use crate::identifiers::Diagnosis;

const EXAMPLE: &str = "Example:\n  gsae doctor --expression counts.tsv.gz --gene-sets reactome";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let collection = args.gene_sets.read(console)?;
    let matrix = args.expression.read(console)?;
    let diagnosis = Diagnosis::new(matrix.genes(), &collection.gene_counts())?;
    let detected = Normalization::detect(&matrix);
    print(&format!(
        "{diagnosis}values     {}: `gsae fit` would normalise by {}\n",
        detected.reason, detected.normalization
    ))
}
