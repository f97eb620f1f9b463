//! `gsae genesets dedupe`: a collection without near-duplicates.

use super::write;
use crate::cli::console::{Console, print};
use crate::cli::data_args::open;
use crate::cli::paths::OutSets;
use crate::error::Result;
use crate::genesets::{Kept, OnDuplicate, dedupe};
use crate::io::one_field;
use std::fmt::Write;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A file, or the name of a collection that ships with gsae or was fetched.
    gene_sets: String,
    /// The file to write; its extension says the format (see `gsae genesets convert`).
    #[arg(long, short, value_name = "FILE")]
    out: OutSets,
    /// Sets with at least this Jaccard index are near-duplicates.
    #[arg(long, default_value_t = 0.8, value_name = "J")]
    jaccard: f64,
    /// Which of them stays: largest, smallest, first.
    #[arg(long, default_value = "largest", value_name = "WHICH")]
    keep: String,
    /// Give the genes of those that go to the one that stays.
    #[arg(long)]
    merge: bool,
}

/// Prints which sets went, and for which: a tab-separated table.
pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let kept: Kept = args.keep.parse()?;
    let then = if args.merge {
        OnDuplicate::Merge
    } else {
        OnDuplicate::Drop
    };
    let collection = open(&args.gene_sets, "rename")?;
    let (left, gone) = dedupe(&collection, args.jaccard, kept, then)?;
    write(&left, &args.out, None, console)?;
    let mut text = String::from("removed\tkept\tshared\tjaccard\n");
    for pair in gone {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{:.4}",
            one_field(&pair.removed),
            one_field(&pair.kept),
            pair.shared,
            pair.jaccard
        );
    }
    print(&text)
}
