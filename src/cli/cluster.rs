//! `gsae cluster`: groups of samples that are alike in their nodes.

use super::association::{join, node_columns, read_scores};
use super::console::Console;
use super::paths::OutTable;
use crate::association::{Agreement, ClusterOptions, Clustering, Extra, cluster};
use crate::error::{Error, Result};
use crate::io::write_text;
use std::fmt::Write;
use std::path::PathBuf;

const EXAMPLE: &str = "Example:\n  gsae cluster --latent run/latent.tsv --k auto --samples \
                       labels.tsv --by cell_type --out clusters.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Scores: samples x columns, as `fit`, `activity`, `embed` and `score` write them.
    #[arg(long, visible_aliases = ["latent", "scores"], value_name = "FILE")]
    activity: PathBuf,
    /// The number of clusters, or auto: the one with the largest mean silhouette.
    #[arg(long, default_value = "auto", value_name = "N")]
    k: String,
    /// The most clusters that auto tries; 10 if not given.
    #[arg(long, value_name = "N")]
    max_k: Option<usize>,
    /// Leave the columns on their own scale; else each has SD 1.
    #[arg(long)]
    unscaled: bool,
    /// Annotations of the samples, to hold the clusters against.
    #[arg(long, value_name = "FILE", requires = "by")]
    samples: Option<PathBuf>,
    /// The column of the annotations to hold the clusters against.
    #[arg(long, value_name = "COLUMN", requires = "samples")]
    by: Option<String>,
    /// The seed of all random numbers.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The table to write: the cluster and silhouette of every sample.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
    /// Write the nodes that set each cluster apart.
    #[arg(long, value_name = "FILE")]
    top: Option<OutTable>,
    /// How many nodes a cluster.
    #[arg(long, default_value_t = 10, value_name = "N", requires = "top")]
    top_nodes: usize,
    /// What is known of the nodes, joined to --top by name; nodes.tsv beside the scores if not
    /// given.
    #[arg(long, value_name = "FILE", requires = "top")]
    nodes: Option<PathBuf>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let usual = ClusterOptions::default();
    if args.k != "auto" && args.max_k.is_some() {
        return Err(Error::config("--max-k", "is for --k auto"));
    }
    let options = ClusterOptions {
        k: match args.k.as_str() {
            "auto" => None,
            number => Some(number.parse().map_err(|_| {
                Error::config("--k", format!("is auto or a number, not {number:?}"))
            })?),
        },
        most: args.max_k.unwrap_or(usual.most),
        scale: !args.unscaled,
        top: args.top_nodes,
        seed: args.seed,
        ..usual
    };
    let scores = read_scores(&args.activity, console, None)?;
    let columns = node_columns(args.nodes.as_deref(), &args.activity, &scores, console)?;
    let labels = args.samples.as_deref();
    let labels = labels
        .map(|path| join(path, &scores, console))
        .transpose()?;
    let found = cluster(&scores, &options)?;
    found
        .warnings
        .iter()
        .for_each(|warning| console.warn(warning));
    let agreement = match (&labels, &args.by) {
        (Some(labels), Some(column)) => Some(found.beside(labels, column)?),
        _ => None,
    };
    write_text(&args.out, &found.to_tsv(scores.samples()))?;
    console.note(format!("wrote {}", args.out.display()));
    if let Some(path) = &args.top {
        let extra = Extra {
            columns: columns.as_ref(),
            genes: None,
        };
        write_text(path, &found.top_tsv(scores.columns(), extra))?;
        console.note(format!("wrote {}", path.display()));
    }
    console.tell(&summary(
        &found,
        agreement.as_ref(),
        args.by.as_deref(),
        scores.columns(),
    ));
    Ok(())
}

fn summary(
    found: &Clustering,
    agreement: Option<&Agreement>,
    by: Option<&str>,
    names: &[String],
) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    if !found.tried.is_empty() {
        let tried = found.tried.iter();
        let tried: Vec<String> = tried.map(|(k, mean)| format!("{k}: {mean:.3}")).collect();
        let _ = writeln!(
            text,
            "mean silhouette by number of clusters: {}",
            tried.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "{} clusters, mean silhouette {:.3}",
        found.sizes.len(),
        found.mean_silhouette()
    );
    if let (Some(own), Some(by)) = (agreement, by) {
        let _ = writeln!(
            text,
            "adjusted Rand index with {by}: {:.3}",
            own.adjusted_rand_index
        );
    }
    for (cluster, size) in found.sizes.iter().enumerate() {
        let plural = if *size == 1 { "" } else { "s" };
        let _ = writeln!(text, "cluster {} ({size} sample{plural})", cluster + 1);
        if let Some(own) = agreement {
            let mut counts: Vec<(usize, &str)> = own.counts[cluster]
                .iter()
                .zip(&own.levels)
                .filter(|(count, _)| **count > 0)
                .map(|(count, level)| (*count, level.as_str()))
                .collect();
            counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
            let counts = counts
                .iter()
                .map(|(count, level)| format!("{level} {count}"));
            let _ = writeln!(text, "  {}", counts.collect::<Vec<_>>().join(", "));
        }
        for node in found.top[cluster].iter().take(3) {
            let _ = writeln!(text, "  {:+.2} SD  {}", node.difference, names[node.node]);
        }
    }
    text
}
