//! `gsae genesets graph`: the membership graph for other programs.

use super::graph_of;
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutGraph;
use crate::error::Result;
use crate::genesets::GraphFormat;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// The file to write.
    #[arg(long, short, value_name = "FILE")]
    out: OutGraph,
    /// graphml or dot; by the file's extension if not given.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Only the part around this set; can be given several times.
    #[arg(long, value_name = "NAME")]
    set: Vec<String>,
    /// Parent-child relations: a table of two columns.
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let dot = args
        .out
        .extension()
        .is_some_and(|extension| extension == "dot");
    let format = match &args.format {
        Some(name) => name.parse()?,
        None if dot => GraphFormat::Dot,
        None => GraphFormat::GraphMl,
    };
    let collection = open(&args.gene_sets, "rename")?;
    let graph = graph_of(&args.gene_sets, &collection, args.relations.as_deref())?;
    let around = (!args.set.is_empty()).then_some(args.set.as_slice());
    graph.write(&args.out, format, around)?;
    console.note(format!("wrote {}", args.out.display()));
    Ok(())
}
