//! `gsae genesets filter`: sets by size, name and measured genes.

use super::{universe, write};
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutSets;
use crate::error::{Error, Result};
use crate::genesets::{NamePattern, SetFilter, SizeFilter, filter};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// The file to write; its extension says the format (see `gsae genesets convert`).
    #[arg(long, short, value_name = "FILE")]
    out: OutSets,
    /// Fewest genes, counted in the universe if there is one.
    #[arg(long, default_value_t = 1, value_name = "N")]
    min_size: usize,
    /// Most genes, counted in the universe if there is one.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true, value_name = "N")]
    max_size: usize,
    /// Only sets with such names: * any characters, ? any one; can be given several times.
    #[arg(long, value_name = "PATTERN")]
    names: Vec<String>,
    /// No sets with such names; can be given several times.
    #[arg(long, value_name = "PATTERN")]
    not_names: Vec<String>,
    /// The genes that can be measured, one a line, or an expression matrix: others leave the sets.
    #[arg(long, value_name = "FILE")]
    universe: Option<PathBuf>,
    /// Keep genes outside of the universe in the sets; they do not count for the size.
    #[arg(long, requires = "universe")]
    keep_genes: bool,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    if args.min_size > args.max_size {
        return Err(Error::config(
            "--min-size",
            format!("is {}, above --max-size {}", args.min_size, args.max_size),
        ));
    }
    let patterns = |texts: &[String]| -> Result<Vec<NamePattern>> {
        texts.iter().map(|text| text.parse()).collect()
    };
    let collection = open(&args.gene_sets, "rename")?;
    let genes = args.universe.as_deref();
    let genes = genes.map(|path| universe(path, &collection, console));
    let chosen = SetFilter {
        sizes: SizeFilter::new(args.min_size, args.max_size),
        keep: patterns(&args.names)?,
        drop: patterns(&args.not_names)?,
        universe: genes.transpose()?,
        keep_genes: args.keep_genes,
    };
    let left = filter(&collection, &chosen)?;
    if left.is_empty() {
        return Err(Error::data(
            format!("none of the {} gene sets passes", collection.len()),
            "Widen the sizes or the names, or compare identifiers with `gsae doctor`.",
        ));
    }
    console.note(format!(
        "{} of {} gene sets pass",
        left.len(),
        collection.len()
    ));
    write(&left, &args.out, None, console)
}
