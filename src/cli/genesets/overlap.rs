//! `gsae genesets overlap`: how sets overlap, pair by pair.

use super::universe;
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutTable;
use crate::error::{Error, Result};
use crate::genesets::{DuplicateNames, GeneSetCollection, overlap_table, write_overlap_table};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// A second collection: every set of the first with every set of it.
    #[arg(long, value_name = "PATH_OR_NAME")]
    with: Option<String>,
    /// The table to write: sizes, shared genes, Jaccard, overlap coefficient, hypergeometric p,
    /// adjusted p (Benjamini-Hochberg, over all pairs).
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
    /// The genes that can be measured, one a line, or an expression matrix; all genes of the sets
    /// if not given.
    #[arg(long, value_name = "FILE")]
    universe: Option<PathBuf>,
    /// Only pairs with at least this Jaccard index.
    #[arg(long, default_value_t = 0.0, value_name = "J")]
    min_jaccard: f64,
    /// Only pairs with at most this adjusted p.
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    max_p: f64,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    for (option, value) in [("--min-jaccard", args.min_jaccard), ("--max-p", args.max_p)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(Error::config(
                option,
                format!("must be in [0, 1], not {value}"),
            ));
        }
    }
    let collection = open(&args.gene_sets, "rename")?;
    let other = args.with.as_deref().map(|name| open(name, "rename"));
    let other = other.transpose()?;
    let named = |path: &PathBuf| match &other {
        // Genes that only the other collection has are renamed to its names as well.
        Some(other) => {
            let parts = vec![collection.clone(), other.clone()];
            let both = GeneSetCollection::merge(parts, DuplicateNames::Rename)?;
            universe(path, &both, console)
        }
        None => universe(path, &collection, console),
    };
    let genes = args.universe.as_ref().map(named).transpose()?;
    let mut pairs = overlap_table(&collection, other.as_ref(), genes.as_ref())?;
    let all = pairs.len();
    pairs.retain(|pair| pair.jaccard >= args.min_jaccard && pair.adjusted_p <= args.max_p);
    write_overlap_table(&pairs, &args.out)?;
    console.note(format!(
        "wrote {} ({} of {all} pairs that share a gene)",
        args.out.display(),
        pairs.len()
    ));
    Ok(())
}
