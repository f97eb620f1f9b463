//! `gsae genesets combine`: one set of several.

use super::write;
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutSets;
use crate::error::Result;
use crate::genesets::{GeneSetCollection, NamePattern, SetOperation, combine};
use crate::wording::number_of;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// union, intersect, or difference (the first pattern's genes without the others').
    operation: String,
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// Names of sets, or patterns of names: * any characters, ? any one.
    #[arg(required = true, value_name = "NAMES")]
    names: Vec<String>,
    /// The new set's name.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The file to write; its extension says the format (see `gsae genesets convert`).
    #[arg(long, short, value_name = "FILE")]
    out: OutSets,
    /// Write the collection's own sets as well.
    #[arg(long)]
    add: bool,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let operation: SetOperation = args.operation.parse()?;
    let patterns: Result<Vec<NamePattern>> = args.names.iter().map(|text| text.parse()).collect();
    let collection = open(&args.gene_sets, "rename")?;
    let made = combine(&collection, operation, &patterns?, &args.name)?;
    console.note(format!(
        "{}: {}, {}",
        made.name,
        number_of(made.len(), "gene"),
        made.description
    ));
    let mut sets = Vec::new();
    if args.add {
        sets.extend_from_slice(collection.sets());
    }
    sets.push(made);
    write(&GeneSetCollection::new(sets)?, &args.out, None, console)
}
