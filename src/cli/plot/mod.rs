//! `gsae plot`: figures that stand alone.

mod args;

use super::console::Console;
use super::gene_lists::read_ranking_for;
use crate::error::{Error, Result};
use crate::report::figures::{self, Figure};
use crate::report::{
    Embedding, GeneRanking, Run, SupersetTables, Table, find_name, point_colors, volcano_entries,
};
use args::{
    EmbeddingArgs, GroupArgs, HeatmapArgs, LoadingArgs, MembershipArgs, PlainArgs, RunningSumArgs,
    SurvivalArgs, VolcanoArgs, labels_of,
};
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// The losses of training by epoch.
    #[command(after_help = "Example:\n  gsae plot training run --out training.svg")]
    Training(PlainArgs),
    /// The most variable pathways by samples, clustered.
    #[command(
        after_help = "Example:\n  gsae plot heatmap run --samples labels.tsv --by \
                            condition --out heatmap.png"
    )]
    Heatmap(HeatmapArgs),
    /// Effects against p-values of a comparison.
    #[command(
        after_help = "Examples:\n  gsae plot volcano --compare compare.tsv --out volcano.svg\n  \
                            gsae plot volcano run --out volcano.svg"
    )]
    Volcano(VolcanoArgs),
    /// A pathway's activity by group: violins or ridges.
    #[command(
        after_help = "Example:\n  gsae plot groups run --node \"Interferon alpha/beta \
                            signaling\" \\\n      --samples labels.tsv --by condition --out ifn.svg"
    )]
    Groups(GroupArgs),
    /// The samples in two dimensions.
    #[command(
        after_help = "Examples:\n  gsae plot embedding run --samples labels.tsv --by \
                            cell_type --out cells.png\n  gsae plot embedding run --node Apoptosis \
                            --out apoptosis.png"
    )]
    Embedding(EmbeddingArgs),
    /// The gene sets, or genes, that go with a superset.
    #[command(
        after_help = "Example:\n  gsae plot loadings run --unit superset_001 --out \
                            superset.svg"
    )]
    Loadings(LoadingArgs),
    /// The running sum of GSEA of a pathway's genes.
    #[command(
        after_help = "Example:\n  gsae plot running-sum run --node Apoptosis --ranking \
                            t_statistics.rnk --out gsea.svg"
    )]
    RunningSum(RunningSumArgs),
    /// Kaplan-Meier curves above and below a pathway's median activity.
    #[command(
        after_help = "Example:\n  gsae plot survival run --node Apoptosis --samples \
                            labels.tsv --time months \\\n      --event dead --out survival.svg"
    )]
    Survival(SurvivalArgs),
    /// Stability over seeds against shuffled maps.
    #[command(after_help = "Example:\n  gsae plot evidence run --out evidence.svg")]
    Evidence(PlainArgs),
    /// A pathway, its genes, and the pathways that share them.
    #[command(
        after_help = "Example:\n  gsae plot membership run --node Apoptosis --out \
                            membership.svg"
    )]
    Membership(MembershipArgs),
}

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    let (figure, args) = match command {
        Command::Training(args) => {
            let options = args.figure.options()?;
            let curve = Run::without_samples(&args.run)?.loss_curve();
            (figures::training(&curve, &options)?, &args.figure)
        }
        Command::Heatmap(args) => {
            let options = args.figure.options()?;
            let run = variable(&args.run, args.rows)?;
            let data = run.heatmap_data(args.rows, args.by.colors(&run, console)?.as_ref());
            (figures::heatmap(&data, &options)?, &args.figure)
        }
        Command::Volcano(args) => {
            let options = args.figure.options()?;
            let table = Table::from_path(args.table()?)?;
            let table = match &args.group {
                Some(group) => table.only("group", group)?,
                None => table,
            };
            let (entries, effect) = volcano_entries(&table)?;
            let figure = figures::volcano(&entries, effect, args.level, &options)?;
            (figure, &args.figure)
        }
        Command::Groups(args) => {
            let options = args.figure.options()?;
            let style = args.style.parse()?;
            let run = one_node(&args.run, &args.node, false)?;
            let values = run.group_values(0, &args.by.need(&run, console)?)?;
            let options = options.or_titled(&run.activity.columns()[0]);
            let figure = figures::groups(&values, "Activity (SD)", style, &options)?;
            (figure, &args.figure)
        }
        Command::Embedding(args) => (embedding(args, console)?, &args.figure),
        Command::Loadings(args) => {
            let options = args.figure.options()?;
            let tables = args.interpret.as_ref();
            let tables = tables.map(SupersetTables::open).transpose()?;
            // The correlations are with all activities.
            let run = match &tables {
                Some(_) => Run::without_samples(&args.run)?,
                None => Run::open(&args.run)?,
            };
            let (name, entries) = run.unit_loadings(&args.unit, tables.as_ref(), args.genes)?;
            let value = match args.genes {
                true => format!("Loading on {name}"),
                false => format!("Correlation with {name}"),
            };
            (figures::loadings(&entries, &value, &options)?, &args.figure)
        }
        Command::RunningSum(args) => {
            let options = args.figure.options()?;
            let run = Run::without_samples(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let walk = run.running_sum(node, &ranking(&args.ranking, &run, console)?)?;
            let options = options.or_titled(&run.activity.columns()[node]);
            let name = args.ranking.file_stem().unwrap_or_default();
            let figure = figures::running_sum(&walk, &name.to_string_lossy(), &options)?;
            (figure, &args.figure)
        }
        Command::Survival(args) => {
            let options = args.figure.options()?;
            let run = one_node(&args.run, &args.node, false)?;
            let labels = labels_of(&run, &args.samples, "left out", console)?;
            let (groups, p) = run.survival_groups(0, &labels, &args.time, &args.event)?;
            let options = options.or_titled(&run.activity.columns()[0]);
            let figure = figures::survival(&groups, &args.time, Some(p), &options)?;
            (figure, &args.figure)
        }
        Command::Evidence(args) => {
            let options = args.figure.options()?;
            let points = Run::without_samples(&args.run)?.evidence_points();
            (figures::evidence(&points, &options)?, &args.figure)
        }
        Command::Membership(args) => {
            let options = args.figure.options()?;
            let run = Run::without_samples(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let sets = run.membership_around(node, args.genes, args.neighbours);
            (figures::membership(&sets, &options)?, &args.figure)
        }
    };
    args.write(&figure, console)
}

fn embedding(args: &EmbeddingArgs, console: &Console) -> Result<Figure> {
    let options = args.figure.options()?;
    let run = match &args.node {
        Some(name) => one_node(&args.run, name, true)?,
        None => Run::of_nodes(&args.run, &[], true)?,
    };
    let found = Embedding::of_latent(&run.latent)?.ok_or_else(|| {
        Error::data(
            format!(
                "{} samples in {} latent coordinates have no two dimensions",
                run.latent.samples().len(),
                run.latent.columns().len()
            ),
            "Give a run with at least 3 samples and 2 latent units.",
        )
    })?;
    let (colors, title) = match (&args.node, args.by.colors(&run, console)?) {
        (Some(_), _) => {
            let name = run.activity.columns()[0].clone();
            (figures::PointColors::Activity(run.activity_of(0)), name)
        }
        (None, Some(annotation)) => (point_colors(&annotation), annotation.name),
        (None, None) => (figures::PointColors::None, String::new()),
    };
    let axes = [found.axes[0].as_str(), found.axes[1].as_str()];
    figures::embedding(&found.points, axes, &colors, &title, &options)
}

/// The node of this name alone.
fn one_node(folder: &Path, name: &str, latent: bool) -> Result<Run> {
    let node = find_name(&Run::node_names(folder)?, name, "--node")?;
    Run::of_nodes(folder, &[node], latent)
}

/// The nodes that a heatmap of so many rows is chosen from.
fn variable(folder: &Path, rows: usize) -> Result<Run> {
    let nodes = Run::without_samples(folder)?.most_variable(rows);
    Run::of_nodes(folder, &nodes, false)
}

fn ranking(path: &Path, run: &Run, console: &Console) -> Result<GeneRanking> {
    let list = read_ranking_for(path, &run.genes, console)?;
    Ok(GeneRanking {
        title: path.display().to_string(),
        genes: list.genes,
        statistics: list.statistics,
    })
}
