//! `gsae genesets check`: what is odd in a file, line by line.

use crate::cli::console::print;
use crate::cli::data_args::open;
use crate::error::{Error, Result};
use crate::genesets::MembershipGraph;
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
    for lint in collection.lints() {
        let _ = writeln!(text, "{lint}");
    }
    let overlaps = graph.overlaps(args.jaccard);
    for pair in &overlaps {
        let _ = writeln!(
            text,
            "{:?} and {:?} share {} genes (Jaccard {:.2})",
            pair.first, pair.second, pair.shared, pair.jaccard
        );
    }
    let lints = collection.lints().len();
    let _ = writeln!(
        text,
        "{} gene sets, {} genes: {lints} remarks, {} pairs of sets with a Jaccard index of at \
         least {}",
        collection.len(),
        graph.n_genes(),
        overlaps.len(),
        args.jaccard
    );
    print(&text)?;
    if lints > 0 {
        return Err(Error::data(
            format!("{lints} remarks on {}", args.gene_sets),
            "`gsae genesets convert` writes a clean GMT.",
        ));
    }
    Ok(())
}
