//! `gsae enrich`: gene sets in a gene list or in a ranking.

use super::console::{Console, print};
use super::data_args::GeneSetArgs;
use super::gene_lists::{matched, matched_within, read_list, read_list_alone, read_ranking};
use super::paths::OutTable;
use super::progress::{counted, show};
use crate::error::{Error, Result};
use crate::genesets::{GeneSetCollection, MembershipGraph, SelectedSet, SizeFilter};
use crate::io::{one_field, write_text};
use crate::stats::enrichment::{
    Multilevel, PrerankOptions, over_representation_of_sets, prerank_aloud, too_few_permutations,
};
use crate::wording::{number_of, verb};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const ORA_EXAMPLE: &str = "Example:\n  gsae enrich ora --genes up.txt --background measured.txt \
                           --gene-sets reactome --out ora.tsv";
const PRERANK_EXAMPLE: &str = "Example:\n  gsae enrich prerank --ranking t_statistics.rnk \
                               --gene-sets reactome --out gsea.tsv";

/// The adjusted p-value that is called significant.
const LEVEL: f64 = 0.05;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Over-representation: which gene sets share more genes with a list than chance.
    Ora(OraArgs),
    /// Preranked GSEA: which gene sets lie at the top or bottom of a ranking.
    Prerank(PrerankArgs),
}

#[derive(clap::Args)]
#[command(after_help = ORA_EXAMPLE)]
pub(super) struct OraArgs {
    /// The gene list: one gene a line.
    #[arg(long, value_name = "FILE")]
    genes: PathBuf,
    /// The genes that could have been in the list, usually all that were measured: one gene a
    /// line; or `sets` for all genes of the gene sets.
    #[arg(long, value_name = "FILE")]
    background: String,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
    #[command(flatten)]
    sizes: SizeArgs,
    /// The table to write; standard output if not given.
    #[arg(long, short, value_name = "FILE")]
    out: Option<OutTable>,
}

#[derive(clap::Args)]
#[command(after_help = PRERANK_EXAMPLE)]
pub(super) struct PrerankArgs {
    /// The ranking: gene and number in two columns, any order; header and # comments allowed.
    #[arg(long, value_name = "FILE")]
    ranking: PathBuf,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
    #[command(flatten)]
    sizes: SizeArgs,
    /// Permutations of the genes.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    permutations: usize,
    /// A gene's weight is its number's size to this power.
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    exponent: f64,
    /// Follow p-values down to this by multilevel splitting (for example 1e-20), where
    /// permutations show no more.
    #[arg(long, value_name = "P")]
    smallest_p: Option<f64>,
    /// The seed of all random numbers.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The table to write; standard output if not given.
    #[arg(long, short, value_name = "FILE")]
    out: Option<OutTable>,
}

/// Which gene sets are used.
#[derive(clap::Args)]
pub(super) struct SizeArgs {
    /// Leave out sets with fewer genes found.
    #[arg(long, default_value_t = 15, value_name = "N")]
    min_size: usize,
    /// Leave out sets with more genes found.
    #[arg(long, default_value_t = 500, value_name = "N")]
    max_size: usize,
}

impl SizeArgs {
    /// The sets that pass, as positions in `genes`.
    pub fn select(
        &self,
        collection: &GeneSetCollection,
        genes: &[String],
        console: &Console,
    ) -> Result<Vec<SelectedSet>> {
        if self.min_size > self.max_size {
            return Err(Error::config(
                "--min-size",
                format!("{} is above --max-size {}", self.min_size, self.max_size),
            ));
        }
        let sizes = SizeFilter::new(self.min_size, self.max_size);
        let sets = MembershipGraph::new(collection).memberships(genes, sizes);
        console.note(format!(
            "{} of {} gene sets have {} to {} of these genes",
            sets.len(),
            collection.len(),
            self.min_size,
            self.max_size
        ));
        if sets.is_empty() {
            return Err(Error::data(
                format!(
                    "no gene set has {} to {} genes here",
                    self.min_size, self.max_size
                ),
                "Lower --min-size or raise --max-size.",
            ));
        }
        Ok(sets)
    }
}

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    match command {
        Command::Ora(args) => ora(args, console),
        Command::Prerank(args) => preranked(args, console),
    }
}

fn ora(args: &OraArgs, console: &Console) -> Result<()> {
    let collection = args.gene_sets.read(console)?;
    let listed = read_list_alone(&args.genes)?;
    let (names, mut background) = match args.background.as_str() {
        "sets" => {
            let all = collection.genes().into_iter().map(str::to_owned);
            (matched(&listed, &collection, console)?, all.collect())
        }
        path => {
            let measured = read_list(Path::new(path))?;
            matched_within(&listed, &measured, &collection, console)?
        }
    };
    let mut seen = HashSet::new();
    background.retain(|gene| seen.insert(gene.clone()));

    let position: HashMap<&str, u32> = background.iter().map(String::as_str).zip(0..).collect();
    let mut list: Vec<u32> = names
        .iter()
        .filter_map(|gene| position.get(gene.as_str()).copied())
        .collect();
    list.sort_unstable();
    list.dedup();
    let outside = names
        .iter()
        .filter(|gene| !position.contains_key(gene.as_str()));
    let outside: Vec<&str> = outside.map(String::as_str).collect();
    if list.is_empty() {
        return Err(Error::data(
            format!(
                "none of the list's {} is in the background of {}",
                number_of(names.len(), "gene"),
                number_of(background.len(), "gene")
            ),
            "Give both files the same kind of gene names, and the list's genes to the background.",
        ));
    }
    if !outside.is_empty() {
        let verb = verb(outside.len(), "is", "are");
        console.warn(format!(
            "{} of the list {verb} not in the background and {verb} left out ({}{})",
            number_of(outside.len(), "gene"),
            outside[..outside.len().min(5)].join(", "),
            if outside.len() > 5 { ", ..." } else { "" },
        ));
    }
    console.note(format!(
        "{} of the list in a background of {}",
        number_of(list.len(), "gene"),
        number_of(background.len(), "gene")
    ));
    if list.len() == background.len() {
        console.warn(
            "the background is the list itself, so that no set can be enriched in it: --background \
             names all genes that could have been in the list, usually all that were measured",
        );
    }
    let sets = args.sizes.select(&collection, &background, console)?;
    let members: Vec<&[u32]> = sets.iter().map(|set| set.genes.as_slice()).collect();
    let found = over_representation_of_sets(&list, &members, background.len())?;

    let listed: HashSet<u32> = list.iter().copied().collect();
    let mut text = String::from(
        "set\toverlap\tset_size\tlist_size\tbackground\texpected\todds_ratio\tp\tadjusted_p\tgenes\n",
    );
    for at in by(&found, |found| (found.test.greater, found.test.odds_ratio)) {
        let (set, found) = (&sets[at], &found[at]);
        let shared = set.genes.iter().filter(|gene| listed.contains(gene));
        let shared: Vec<&str> = shared
            .map(|gene| background[*gene as usize].as_str())
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{:.4}\t{:.4}\t{:.6e}\t{:.6e}\t{}",
            one_field(&set.name),
            found.overlap,
            found.set_size,
            list.len(),
            background.len(),
            found.expected,
            found.test.odds_ratio,
            found.test.greater,
            found.adjusted_p,
            shared.join(";"),
        );
    }
    deliver(&text, args.out.as_deref(), console)
}

fn preranked(args: &PrerankArgs, console: &Console) -> Result<()> {
    let collection = args.gene_sets.read(console)?;
    let list = read_ranking(&args.ranking)?;
    let names = matched(&list.genes, &collection, console)?;
    let list = list.renamed(names, console);
    list.report_ties(console);
    let sets = args.sizes.select(&collection, &list.genes, console)?;
    if args.permutations == 0 {
        return Err(Error::config("--permutations", "must be at least 1, not 0"));
    }
    let options = PrerankOptions {
        exponent: args.exponent,
        permutations: args.permutations,
        seed: args.seed,
        multilevel: args.smallest_p.map(|smallest| Multilevel {
            smallest,
            ..Multilevel::default()
        }),
    };
    let members: Vec<&[u32]> = sets.iter().map(|set| set.genes.as_slice()).collect();
    let bar = counted("enrichment", "sets", options.multilevel.is_some(), console);
    let found = prerank_aloud(&list.statistics, &members, &options, &|done, count| {
        show(&bar, done, count);
    });
    bar.finish_and_clear();
    let found = found?;
    if let Some(needed) = too_few_permutations(&found, &options, LEVEL) {
        console.warn(format!(
            "{} are too few for {}: the smallest p that they can show is above {LEVEL} once it is \
             adjusted for all of them; give --smallest-p 1e-10, or --permutations {needed} or more",
            number_of(args.permutations, "permutation"),
            number_of(found.len(), "gene set"),
        ));
    }

    let mut text = String::from(
        "set\tsize\tes\tnes\tp\tadjusted_p\tfdr\tfwer\tleading_edge_size\tleading_edge\n",
    );
    for at in by(&found, |found| (found.p, found.nes.abs())) {
        let (set, found) = (&sets[at], &found[at]);
        let edge: Vec<&str> = found
            .leading_edge
            .iter()
            .map(|gene| list.genes[*gene as usize].as_str())
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{:.6}\t{:.6}\t{:.6e}\t{:.6e}\t{:.6e}\t{:.6e}\t{}\t{}",
            one_field(&set.name),
            found.size,
            found.es,
            found.nes,
            found.p,
            found.adjusted_p,
            found.fdr,
            found.fwer,
            edge.len(),
            edge.join(";"),
        );
    }
    deliver(&text, args.out.as_deref(), console)
}

/// Positions by p-value, the lowest first, and of one p-value by effect (0 or above), the largest
/// first, NaN last; equal ones in the collection's order.
fn by<T>(found: &[T], keys: impl Fn(&T) -> (f64, f64)) -> Vec<usize> {
    let keys: Vec<(f64, f64)> = found.iter().map(keys).collect();
    let effect = |at: usize| {
        if keys[at].1.is_nan() {
            -1.0
        } else {
            keys[at].1
        }
    };
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| {
        let p = keys[a].0.total_cmp(&keys[b].0);
        p.then(effect(b).total_cmp(&effect(a)))
    });
    order
}

fn deliver(text: &str, out: Option<&Path>, console: &Console) -> Result<()> {
    let Some(path) = out else {
        return print(text);
    };
    write_text(path, text)?;
    let sets = text.lines().count() - 1;
    let sets = number_of(sets, "gene set");
    console.note(format!("wrote {} ({sets})", path.display()));
    Ok(())
}
