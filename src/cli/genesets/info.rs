//! `gsae genesets info`: what a collection, or one of its sets or genes, holds.

use super::graph_of;
use crate::cli::console::print;
use crate::cli::data_args::open;
use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection, MembershipGraph};
use crate::wording::{did_you_mean, number_of};
use std::fmt::Write;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// Only this set, with its genes and relatives.
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Only this gene, with its sets.
    #[arg(long, value_name = "NAME", conflicts_with = "set")]
    gene: Option<String>,
}

// In this file `let _ = writeln!` writes to a String, which cannot fail.

pub(super) fn run(args: &Args) -> Result<()> {
    let collection = open(&args.gene_sets, "rename")?;
    let graph = graph_of(&args.gene_sets, &collection, None)?;
    print(&match (&args.set, &args.gene) {
        (Some(name), _) => {
            let set = collection.get(name).ok_or_else(|| {
                let names = collection.sets().iter().map(|set| set.name.as_str());
                let hint = did_you_mean(name, names);
                let message = format!("names {name:?}, which {} lacks{hint}", args.gene_sets);
                Error::config("--set", message)
            })?;
            describe_set(set, &graph)
        }
        (None, Some(gene)) => {
            let sets = graph.sets_of_gene(gene);
            if sets.is_empty() {
                let hint = did_you_mean(gene, collection.genes());
                let message = format!("names {gene:?}, which is in no set of {}", args.gene_sets);
                return Err(Error::config("--gene", message + &hint));
            }
            let count = number_of(sets.len(), "set");
            format!("{gene} is in {count}\n{}\n", sets.join("\n"))
        }
        (None, None) => describe_collection(&collection, &graph),
    })
}

fn describe_set(set: &GeneSet, graph: &MembershipGraph) -> String {
    let mut text = format!(
        "{}\t{}\t{}\ngenes: {}\n",
        set.name,
        set.description,
        number_of(set.len(), "gene"),
        set.genes.join(", ")
    );
    for (what, sets) in [
        ("parents", graph.parents(&set.name)),
        ("children", graph.children(&set.name)),
        ("ancestors", graph.ancestors(&set.name)),
    ] {
        if !sets.is_empty() {
            let _ = writeln!(text, "{what}: {}", sets.join("; "));
        }
    }
    text
}

fn describe_collection(collection: &GeneSetCollection, graph: &MembershipGraph) -> String {
    let mut sizes: Vec<usize> = collection.sets().iter().map(GeneSet::len).collect();
    sizes.sort_unstable();
    let quantile = |share: f64| {
        let at = (sizes.len().saturating_sub(1) as f64 * share).round() as usize;
        sizes.get(at).copied().unwrap_or(0)
    };
    let mut text = String::new();
    for (what, value) in [
        ("gene sets", collection.len().to_string()),
        ("genes", graph.n_genes().to_string()),
        ("memberships", graph.n_memberships().to_string()),
        ("relations", graph.n_relations().to_string()),
        (
            "genes a set",
            format!(
                "{} to {}, median {}",
                quantile(0.0),
                quantile(1.0),
                quantile(0.5)
            ),
        ),
        ("connected parts", graph.connected_sets().len().to_string()),
        (
            "identical sets",
            number_of(graph.equivalent_sets().len(), "group"),
        ),
        ("remarks", collection.lints().len().to_string()),
    ] {
        let _ = writeln!(text, "{what:<16} {value}");
    }
    for source in collection.sources() {
        let (path, sum) = (source.path.display(), &source.sha256);
        let _ = writeln!(text, "source           {path}, sha256 {sum}");
    }
    text
}
