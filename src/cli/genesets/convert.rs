//! `gsae genesets convert`: write a collection in another format.

use super::write;
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutSets;
use crate::error::Result;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// The file to write, or the folder of GRP files.
    #[arg(long, short, value_name = "FILE")]
    out: OutSets,
    /// gmt, gmx, grp, json (MSigDB's) or edges (set, gene, weight); by the file's extension
    /// (.gmt, .gmx, .json, .tsv, none for GRP; each also .gz) if not given.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let collection = open(&args.gene_sets, &args.duplicate_sets)?;
    write(&collection, &args.out, args.format.as_deref(), console)
}
