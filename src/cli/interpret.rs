//! `gsae interpret`: what the latent units of a trained model mean.

use super::console::Console;
use super::data_args::{ExpressionArgs, open, report_collection};
use super::enrich::SizeArgs;
use super::gene_lists::matched;
use super::outputs::OutputFolder;
use super::paths::InterpretFolder;
use crate::error::{Error, Result};
use crate::expression::Block;
use crate::genesets::SelectedSet;
use crate::interpret::{
    InterpretOptions, Interpretation, LoadingTable, Tail, interpret, model_sets,
};
use crate::pipeline::TrainedModel;
use std::fmt::Write;
use std::path::PathBuf;

const EXAMPLE: &str = "Examples:\n  gsae interpret --model run/model.safetensors \
                       --expression counts.tsv.gz --out meaning\n  gsae interpret --model \
                       run/model.safetensors --expression counts.tsv.gz --gene-sets go_bp --out \
                       meaning";
/// Latent units, and names of each side of one, on the terminal.
const SHOWN: usize = 8;
const NAMES: usize = 3;
const GENES: usize = 8;
/// The false discovery rate up to which the terminal shows enriched gene sets.
const SIGNIFICANT: f64 = 0.05;

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The model.safetensors of a `gsae fit`, or the folder it lies in.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    /// The gene sets that are tested on the latent units' genes: a file, or a collection that
    /// ships with gsae (as for `fit`); the model's own by default, whose p-values are too small, as
    /// the model's map makes their genes load together: name another collection to test.
    #[arg(long, short, value_name = "PATH_OR_NAME")]
    gene_sets: Option<String>,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
    /// Latent units that explain a smaller share of the expression's variance, chance taken off,
    /// are flagged and left out of the merged table (for bulk samples maui takes 0.02).
    #[arg(long, default_value_t = InterpretOptions::default().min_r2, value_name = "SHARE")]
    min_r2: f64,
    /// Nodes are near copies, and merged, where all of a group correlate with all by at least
    /// this, whatever the sign.
    #[arg(long, default_value_t = InterpretOptions::default().merge_above, value_name = "R")]
    merge_above: f64,
    /// The genes of a tail, for over-representation, lie this many SDs from the mean loading.
    #[arg(long, default_value_t = InterpretOptions::default().tail_z, value_name = "Z")]
    tail_z: f64,
    /// Genes and gene sets told of each tail.
    #[arg(long, default_value_t = InterpretOptions::default().top, value_name = "N")]
    top: usize,
    /// How many latent units, the most explanatory first, are tested for enrichment: a number or
    /// all.
    #[arg(long, default_value = "20", value_name = "N")]
    enrich: String,
    /// Permutations of preranked GSEA.
    #[arg(long, default_value_t = InterpretOptions::default().permutations, value_name = "N")]
    permutations: usize,
    /// The seed of the permutations.
    #[arg(long, default_value_t = InterpretOptions::default().seed, value_name = "N")]
    seed: u64,
    /// The folder to write.
    #[arg(long, short, value_name = "FOLDER")]
    out: InterpretFolder,
    // Last, as their heading holds for all options that follow.
    #[command(flatten)]
    sizes: SizeArgs,
    #[command(flatten)]
    expression: ExpressionArgs,
}

impl Args {
    fn options(&self) -> Result<InterpretOptions> {
        let enriched = match self.enrich.as_str() {
            "all" => None,
            text => Some(text.parse().map_err(|_| {
                Error::config("--enrich", format!("is a number or all, not {text:?}"))
            })?),
        };
        let options = InterpretOptions {
            min_r2: self.min_r2,
            merge_above: self.merge_above,
            tail_z: self.tail_z,
            top: self.top,
            enriched,
            permutations: self.permutations,
            seed: self.seed,
        };
        options.validate()?;
        Ok(options)
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let options = args.options()?;
    let trained = TrainedModel::load(&args.model)?;
    let sets = gene_sets(args, &trained, console)?;
    let matrix = args.expression.read_for(&trained, console)?;
    let folder = OutputFolder::prepare_interpretation(&args.out, console)?;
    let found = interpret(&trained, &matrix, &sets, &options)?;
    warn(&found, &trained, console);
    folder.write_interpretation(&found)?;
    console.tell(&summary(&found));
    console.note(format!(
        "wrote {0}: begin with supersets.tsv, a row a unit; tails.tsv has its genes and sets. In \
         the report: gsae report RUN --interpret {0}",
        args.out.display()
    ));
    Ok(())
}

/// The sets that are tested, by positions of the model's genes.
fn gene_sets(args: &Args, trained: &TrainedModel, console: &Console) -> Result<Vec<SelectedSet>> {
    let Some(names) = &args.gene_sets else {
        let own = model_sets(trained);
        if own.is_empty() {
            console.note(
                "this model has no gene sets, so none are tested; --gene-sets names a collection",
            );
        }
        return Ok(own);
    };
    let collection = open(names, &args.duplicate_sets)?;
    report_collection(names, &collection, console);
    let blocks = &trained.options().blocks;
    let bare = trained
        .genes()
        .iter()
        .map(|gene| Block::bare(blocks, gene).to_owned());
    let genes = matched(&bare.collect::<Vec<_>>(), &collection, console)?;
    args.sizes.select(&collection, &genes, console)
}

fn warn(found: &Interpretation, trained: &TrainedModel, console: &Console) {
    let missing = found.genes.values().chunks(found.units.len().max(1));
    let missing = missing
        .filter(|row| row.iter().all(|value| value.is_nan()))
        .count();
    if missing > 0 {
        console.warn(format!(
            "the data lack {missing} of the model's {} genes; they have no loading",
            trained.genes().len()
        ));
    }
    if found.tests_own_sets() {
        console.warn(
            "gene sets of the model itself were tested (`of_the_model` in enrichment.tsv): its map \
             makes their genes load together, so their p-values are too small; --gene-sets names \
             another collection, and `gsae fit --shuffle-map` trains a control",
        );
    }
    let idle = found.units.iter().filter(|unit| !unit.explains).count();
    if idle == found.units.len() {
        console.warn(format!(
            "none of the {idle} latent units explains a share of {} of the variance; --min-r2 \
             lowers the limit",
            found.options.min_r2
        ));
    }
}

/// The few most explanatory latent units in words.
fn summary(found: &Interpretation) -> String {
    let leading = found.leading();
    let idle = found.units.iter().filter(|unit| !unit.explains).count();
    let mut text = format!(
        "{} latent units: {} explain next to nothing (below {}), the others fall into {} groups \
         of near copies\n",
        found.units.len(),
        idle,
        found.options.min_r2,
        leading.len(),
    );
    if let Some(groups) = &found.set_redundancy {
        let nodes: usize = groups.members.iter().map(Vec::len).sum();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{nodes} gene-set nodes fall into {} groups of near copies",
            groups.members.len()
        );
    }
    text.push_str("\nMost explanatory latent units (share of the expression's variance");
    text.push_str(match (&found.sets, found.enrichment.is_empty()) {
        (Some(_), _) => "; r: correlation of a gene set's activity with the unit)\n",
        (None, false) => "; NES: preranked GSEA of the genes' loadings)\n",
        (None, true) => ")\n",
    });
    for &unit in leading.iter().take(SHOWN) {
        let node = &found.units[unit];
        let copies = found.redundancy.group[unit]
            .map_or(0, |group| found.redundancy.members[group].len() - 1);
        let copies = match copies {
            0 => String::new(),
            1 => ", 1 near copy".to_owned(),
            count => format!(", {count} near copies"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}  {:.1}%{copies}", node.name, 100.0 * node.r2);
        for (tail, mark) in [(Tail::Positive, '+'), (Tail::Negative, '-')] {
            for line in sets(found, unit, tail) {
                let _ = writeln!(text, "  {mark} {line}");
            }
            let genes = found.genes.tail(unit, tail, 0.0, GENES);
            let _ = writeln!(text, "  {mark} genes {}", joined(&found.genes, &genes));
        }
    }
    text
}

/// The gene sets at one end of a unit, one a line: by activity, or by enrichment for a model
/// without gene-set nodes.
fn sets(found: &Interpretation, unit: usize, tail: Tail) -> Vec<String> {
    if let Some(table) = &found.sets {
        let ranked = table.tail(unit, tail, 0.0, NAMES).into_iter();
        return ranked
            .map(|set| format!("r {:+.2}  {}", set.loading, table.names()[set.row]))
            .collect();
    }
    let enriched = found.enriched(unit, tail, SIGNIFICANT).into_iter();
    enriched
        .take(NAMES)
        .filter_map(|set| match set.test {
            crate::interpret::SetTest::Prerank { nes, .. } => {
                Some(format!("NES {nes:+.2}  {}", set.set))
            }
            crate::interpret::SetTest::OverRepresentation { .. } => None,
        })
        .collect()
}

fn joined(table: &LoadingTable, ranked: &[crate::interpret::Ranked]) -> String {
    let names = ranked.iter().map(|entry| table.names()[entry.row].as_str());
    names.collect::<Vec<_>>().join(" ")
}
