//! `gsae genesets check`: what is odd in a file, line by line.

use crate::cli::console::print;
use crate::cli::data_args::open;
use crate::error::{Error, Result};
use crate::genesets::{Lint, MembershipGraph};
use crate::identifiers::genes_as_descriptions;
use crate::wording::number_of;
use std::fmt::Write;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// List pairs of sets with at least this Jaccard index.
    #[arg(long, default_value_t = 1.0, value_name = "J")]
    jaccard: f64,
}

// In this file `let _ = writeln!` writes to a String, which cannot fail.

pub(super) fn run(args: &Args) -> Result<()> {
    let collection = open(&args.gene_sets, "rename")?;
    let graph = MembershipGraph::new(&collection);
    let mut text = String::new();
    let of_descriptions = genes_as_descriptions(&collection);
    let lints: Vec<&Lint> = of_descriptions.iter().chain(collection.lints()).collect();
    for lint in &lints {
        let _ = writeln!(text, "{lint}");
    }
    let overlaps = graph.overlaps(args.jaccard);
    for pair in &overlaps {
        let _ = writeln!(
            text,
            "{:?} and {:?} share {} (Jaccard {:.2})",
            pair.first,
            pair.second,
            number_of(pair.shared, "gene"),
            pair.jaccard
        );
    }
    let remarks = number_of(lints.len(), "remark");
    let pairs = if args.jaccard >= 1.0 {
        number_of(overlaps.len(), "pair") + " of equal sets"
    } else {
        format!(
            "{} of sets with a Jaccard index of at least {}",
            number_of(overlaps.len(), "pair"),
            args.jaccard
        )
    };
    let _ = writeln!(
        text,
        "{}, {}: {remarks}, {pairs}",
        number_of(collection.len(), "gene set"),
        number_of(graph.n_genes(), "gene"),
    );
    print(&text)?;
    if !lints.is_empty() {
        return Err(Error::data(
            format!("{remarks} on {}", args.gene_sets),
            "`gsae genesets convert` writes a clean GMT.",
        ));
    }
    Ok(())
}
