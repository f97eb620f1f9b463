//! `gsae doctor`: compare the gene identifiers of a matrix and of gene sets.

use super::console::{Console, print};
use super::data_args::{ExpressionArgs, GeneSetArgs, MIN_MATCH};
use super::paths::OutTable;
use crate::error::Result;
use crate::expression::Normalization;
use crate::identifiers::{Diagnosis, IdFate, MappedGene, write_mapped_genes};

const EXAMPLE: &str = "Example:\n  gsae doctor --expression counts.tsv.gz --gene-sets reactome";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
    /// Write a table of all genes of the data: the name that would be used, what renamed it, and
    /// the number of gene sets that have it.
    #[arg(long, short, value_name = "FILE")]
    out: Option<OutTable>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let collection = args.gene_sets.read(console)?;
    let reading = &args.expression.reading;
    let matrix = reading.read_unnamed(&args.expression.expression, console)?;
    let original = matrix.genes().to_vec();
    let matrix = reading.renamed(matrix, console)?;
    let counts = collection.gene_counts();
    let mut diagnosis = Diagnosis::new(matrix.genes(), &counts)?;
    let best = diagnosis.best();
    // What is lacking, and what would stop a fit, under the names that it would use.
    let mapped = Diagnosis::apply(best, matrix.genes(), &counts)?;
    let used = Diagnosis::new(&mapped.names, &counts)?;
    let verdict = match diagnosis.finding(&used).check(MIN_MATCH) {
        Ok(()) => "would go on".to_owned(),
        Err(cause) => format!("would stop: {cause}"),
    };
    diagnosis.unmatched_set_genes = used.unmatched_set_genes.clone();
    diagnosis.unmatched_data_genes = used.unmatched_data_genes.clone();
    if let Some(path) = &args.out {
        let (names, fates) = match reading.id_table()? {
            Some(table) => table.apply(&original)?,
            None => (original.clone(), vec![IdFate::Absent; original.len()]),
        };
        let used = Diagnosis::apply(best, &names, &counts)?.names;
        let rows = (0..original.len()).map(|at| {
            let table = match fates[at] {
                IdFate::Mapped => Some("id-table".to_owned()),
                IdFate::Ambiguous(names) => Some(format!("id-table (first of {names})")),
                IdFate::Absent => None,
            };
            let shipped = (used[at] != names[at]).then(|| best.to_string());
            let by: Vec<String> = table.into_iter().chain(shipped).collect();
            MappedGene {
                gene: original[at].clone(),
                used_as: used[at].clone(),
                by: if by.is_empty() {
                    "-".to_owned()
                } else {
                    by.join(", ")
                },
                sets: counts.get(used[at].as_str()).copied().unwrap_or(0),
            }
        });
        write_mapped_genes(&rows.collect::<Vec<_>>(), path)?;
        console.note(format!("wrote {}", path.display()));
    }
    let detected = Normalization::detect(&matrix);
    print(&format!(
        "{diagnosis}values     {}: `gsae fit` would normalise by {}\nverdict    `gsae fit` {verdict}\n",
        detected.reason, detected.normalization
    ))
}
