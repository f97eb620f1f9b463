//! `gsae genesets convert`: write a collection in another format.

use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::error::Result;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// The file to write.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let collection = open(&args.gene_sets, &args.duplicate_sets)?;
    collection.write_gmt(&args.out)?;
    let sets = collection.len();
    console.note(format!("wrote {} ({sets} gene sets)", args.out.display()));
    Ok(())
}
