//! `gsae genesets`: fetch, list, inspect, check, compare, change, convert and draw gene sets.

mod check;
mod combine;
mod convert;
mod dedupe;
mod fetch;
mod filter;
mod graph;
mod info;
mod list;
mod merge;
mod overlap;

use super::console::Console;
use super::gene_lists;
use crate::error::Result;
use crate::expression::ExpressionMatrix;
use crate::genesets::{GeneSetCollection, GeneSetFormat, MembershipGraph, Relations, bundled};
use crate::io::read_text;
use crate::wording::number_of;
use std::collections::HashSet;
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// The collections that ship with gsae and those that were fetched.
    #[command(after_help = "Example:\n  gsae genesets list")]
    List(list::Args),
    /// Fetch gene sets from MSigDB, Enrichr, Reactome, WikiPathways or the Gene Ontology.
    #[command(after_help = "Example:\n  gsae genesets fetch msigdb:h")]
    Fetch(Box<fetch::Args>),
    /// What a collection, or one of its sets or genes, holds.
    #[command(after_help = "Example:\n  gsae genesets info reactome --set Apoptosis")]
    Info(info::Args),
    /// List what is odd in a file, with line numbers; fails if there is anything.
    #[command(after_help = "Example:\n  gsae genesets check my.gmt --jaccard 0.9")]
    Check(check::Args),
    /// The membership graph as GraphML or DOT.
    #[command(
        after_help = "Example:\n  gsae genesets graph reactome --set Apoptosis --out apoptosis.dot"
    )]
    Graph(graph::Args),
    /// Write a collection in another format.
    #[command(after_help = "Example:\n  gsae genesets convert msigdb.json --out msigdb.gmt")]
    Convert(convert::Args),
    /// Keep sets by size, by name, by the genes that are measured.
    #[command(
        after_help = "Example:\n  gsae genesets filter go_bp --min-size 15 --max-size 500 --out small.gmt"
    )]
    Filter(filter::Args),
    /// One collection of several.
    #[command(after_help = "Example:\n  gsae genesets merge reactome wikipathways --out both.gmt")]
    Merge(merge::Args),
    /// Drop or merge sets that are nearly the same, and say which.
    #[command(
        after_help = "Example:\n  gsae genesets dedupe go_bp --jaccard 0.9 --out distinct.gmt"
    )]
    Dedupe(dedupe::Args),
    /// A table of how sets overlap, of one collection or between two.
    #[command(
        after_help = "Example:\n  gsae genesets overlap my.gmt --with reactome --min-jaccard 0.2 --out overlap.tsv"
    )]
    Overlap(overlap::Args),
    /// One set of several: their union, intersection or difference.
    #[command(
        after_help = "Example:\n  gsae genesets combine union reactome \"Interferon*\" --name Interferon --out interferon.gmt"
    )]
    Combine(combine::Args),
}

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    match command {
        Command::List(args) => list::run(args, console),
        Command::Fetch(args) => fetch::run(args, console),
        Command::Info(args) => info::run(args),
        Command::Check(args) => check::run(args),
        Command::Graph(args) => graph::run(args, console),
        Command::Convert(args) => convert::run(args, console),
        Command::Filter(args) => filter::run(args, console),
        Command::Merge(args) => merge::run(args, console),
        Command::Dedupe(args) => dedupe::run(args, console),
        Command::Overlap(args) => overlap::run(args, console),
        Command::Combine(args) => combine::run(args, console),
    }
}

/// The genes of a list (one a line) or of an expression matrix, by the names that the sets have for
/// them.
fn universe(
    path: &Path,
    collection: &GeneSetCollection,
    console: &Console,
) -> Result<HashSet<String>> {
    let is_list = || -> Result<bool> {
        let (text, _) = read_text(path)?;
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        Ok(lines.next().is_some_and(|line| !line.contains(['\t', ','])))
    };
    let h5 = path
        .extension()
        .is_some_and(|extension| extension == "h5ad");
    let genes = if !path.is_dir() && !h5 && is_list()? {
        gene_lists::read_list(path)?
    } else {
        ExpressionMatrix::from_path(path)?.genes().to_vec()
    };
    let genes = gene_lists::matched(&genes, collection, console)?;
    Ok(genes.into_iter().collect())
}

/// Writes a collection in the format that is named, or that the path's extension says.
fn write(
    collection: &GeneSetCollection,
    path: &Path,
    format: Option<&str>,
    console: &Console,
) -> Result<()> {
    let format = match format {
        Some(name) => name.parse()?,
        None => GeneSetFormat::of_output(path)?,
    };
    collection.write(path, format)?;
    let sets = collection.len();
    let sets = number_of(sets, "gene set");
    console.note(format!("wrote {} ({sets})", path.display()));
    Ok(())
}

/// The graph of a collection with the hierarchy that comes with it or is given.
fn graph_of(
    names: &str,
    collection: &GeneSetCollection,
    relations: Option<&Path>,
) -> Result<MembershipGraph> {
    let mut graph = MembershipGraph::new(collection);
    if let Some(relations) = bundled::relations_of(names)? {
        graph = graph.with_relations(&relations);
    }
    match relations {
        Some(path) => Ok(graph.with_relations(&Relations::from_path(path)?)),
        None => Ok(graph),
    }
}
