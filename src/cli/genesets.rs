//! `gsae genesets`: list, inspect, check, convert and draw gene sets.

use super::console::{Console, print};
use super::data_args::open;
use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection, GraphFormat, MembershipGraph};
use crate::genesets::{Relations, bundled};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// The collections that ship with gsae.
    #[command(after_help = "Example:\n  gsae genesets list")]
    List,
    /// What a collection, or one of its sets or genes, holds.
    Info(InfoArgs),
    /// List what is odd in a file, with line numbers; fails if there is anything.
    Check(CheckArgs),
    /// The membership graph as GraphML or DOT.
    Graph(GraphArgs),
    /// Write a collection as GMT.
    Convert(ConvertArgs),
}

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  gsae genesets info reactome --set Apoptosis\n  gsae genesets \
                        info my.gmt --gene TP53"
)]
pub(super) struct InfoArgs {
    /// A file, or the name of a collection that ships with gsae.
    gene_sets: String,
    /// Only this set, with its genes and relatives.
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Only this gene, with its sets.
    #[arg(long, value_name = "NAME", conflicts_with = "set")]
    gene: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  gsae genesets check my.gmt --jaccard 0.9")]
pub(super) struct CheckArgs {
    /// A file, or the name of a collection that ships with gsae.
    gene_sets: String,
    /// List pairs of sets with at least this Jaccard index.
    #[arg(long, default_value_t = 1.0, value_name = "J")]
    jaccard: f64,
}

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  gsae genesets graph reactome --set Apoptosis --out \
                        apoptosis.dot"
)]
pub(super) struct GraphArgs {
    /// A file, or the name of a collection that ships with gsae.
    gene_sets: String,
    /// The file to write.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
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

#[derive(clap::Args)]
#[command(after_help = "Example:\n  gsae genesets convert msigdb.json --out msigdb.gmt")]
pub(super) struct ConvertArgs {
    /// A file, or the name of a collection that ships with gsae.
    gene_sets: String,
    /// The GMT file to write.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
}

// In this file `let _ = writeln!` writes to a String, which cannot fail.

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    match command {
        Command::List => list(),
        Command::Info(args) => info(args),
        Command::Check(args) => check(args),
        Command::Graph(args) => graph(args, console),
        Command::Convert(args) => {
            let collection = open(&args.gene_sets, &args.duplicate_sets)?;
            collection.write_gmt(&args.out)?;
            let sets = collection.len();
            console.note(format!("wrote {} ({sets} gene sets)", args.out.display()));
            Ok(())
        }
    }
}

fn list() -> Result<()> {
    let mut text = String::from("name          sets   genes  date        licence           what\n");
    for info in &bundled::COLLECTIONS {
        let collection = info.load()?;
        let _ = writeln!(
            text,
            "{:<12} {:>5}  {:>6}  {:<10}  {:<16}  {}",
            info.name,
            collection.len(),
            collection.genes().len(),
            info.date,
            info.licence,
            info.title
        );
    }
    print(&text)
}

/// The graph of a collection with the hierarchy that ships with it or is given.
fn graph_of(
    names: &str,
    collection: &GeneSetCollection,
    relations: Option<&Path>,
) -> Result<MembershipGraph> {
    let mut graph = MembershipGraph::new(collection);
    for info in names
        .split(',')
        .filter_map(|name| bundled::find(name.trim()))
    {
        if let Some(relations) = info.relations()? {
            graph = graph.with_relations(&relations);
        }
    }
    match relations {
        Some(path) => Ok(graph.with_relations(&Relations::from_path(path)?)),
        None => Ok(graph),
    }
}

fn info(args: &InfoArgs) -> Result<()> {
    let collection = open(&args.gene_sets, "rename")?;
    let graph = graph_of(&args.gene_sets, &collection, None)?;
    print(&match (&args.set, &args.gene) {
        (Some(name), _) => {
            let set = collection.get(name).ok_or_else(|| {
                Error::config(
                    "--set",
                    format!("names {name:?}, which {} lacks", args.gene_sets),
                )
            })?;
            describe_set(set, &graph)
        }
        (None, Some(gene)) => {
            let sets = graph.sets_of_gene(gene);
            format!("{gene} is in {} sets\n{}\n", sets.len(), sets.join("\n"))
        }
        (None, None) => describe_collection(&collection, &graph),
    })
}

fn describe_set(set: &GeneSet, graph: &MembershipGraph) -> String {
    let mut text = format!(
        "{}\t{}\t{} genes\ngenes: {}\n",
        set.name,
        set.description,
        set.len(),
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
            format!("{} groups", graph.equivalent_sets().len()),
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

fn check(args: &CheckArgs) -> Result<()> {
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

fn graph(args: &GraphArgs, console: &Console) -> Result<()> {
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
