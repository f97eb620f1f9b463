//! `gsae genesets merge`: one collection of several.

use super::write;
use crate::cli::console::Console;
use crate::cli::data_args::open;
use crate::cli::paths::OutSets;
use crate::error::Result;
use crate::genesets::{DuplicateNames, GeneSetCollection, merge_prefixed};
use std::path::Path;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// Files, or names of collections that ship with gsae or were fetched.
    #[arg(required = true, num_args = 1..)]
    gene_sets: Vec<String>,
    /// The file to write; its extension says the format (see `gsae genesets convert`).
    #[arg(long, short, value_name = "FILE")]
    out: OutSets,
    /// Sets of one name in several collections: prefix (COLLECTION:NAME in each), or error,
    /// first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "prefix", value_name = "POLICY")]
    on_collision: String,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let mut parts = Vec::new();
    for name in &args.gene_sets {
        parts.push((label(name), open(name, "rename")?));
    }
    let merged = if args.on_collision == "prefix" {
        merge_prefixed(&parts)?
    } else {
        let policy: DuplicateNames = args.on_collision.parse()?;
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        GeneSetCollection::merge(parts, policy)?
    };
    write(&merged, &args.out, None, console)
}

/// A collection's name, or a file's without its folder and extension.
fn label(name: &str) -> String {
    if !Path::new(name).exists() {
        return name.to_owned();
    }
    let file = Path::new(name).file_name().unwrap_or_default();
    let file = file.to_string_lossy();
    let file = file.strip_suffix(".gz").unwrap_or(&file);
    let stem = Path::new(file).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
