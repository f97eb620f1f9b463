//! `gsae genesets`: fetch, list, inspect, check, compare, change, convert and draw gene sets.

mod check;
mod convert;
mod fetch;
mod graph;
mod info;
mod list;

use super::console::Console;
use crate::error::Result;
use crate::genesets::{GeneSetCollection, MembershipGraph, Relations, bundled};
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// The collections that ship with gsae and those that were fetched.
    List(list::Args),
    /// Fetch gene sets from MSigDB, Enrichr, Reactome, WikiPathways or the Gene Ontology.
    Fetch(Box<fetch::Args>),
    /// What a collection, or one of its sets or genes, holds.
    Info(info::Args),
    /// List what is odd in a file, with line numbers; fails if there is anything.
    Check(check::Args),
    /// The membership graph as GraphML or DOT.
    Graph(graph::Args),
    /// Write a collection in another format.
    Convert(convert::Args),
}

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    match command {
        Command::List(args) => list::run(args, console),
        Command::Fetch(args) => fetch::run(args, console),
        Command::Info(args) => info::run(args),
        Command::Check(args) => check::run(args),
        Command::Graph(args) => graph::run(args, console),
        Command::Convert(args) => convert::run(args, console),
    }
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
