//! `gsae plot`: figures that stand alone.

use super::console::Console;
use super::gene_lists::read_ranking;
use crate::error::{Error, Result};
use crate::expression::SampleTable;
use crate::io::{write_atomically, write_text};
use crate::report::figures::{self, Figure, FigureOptions};
use crate::report::{
    Annotation, Embedding, GeneRanking, Run, SupersetTables, Table, annotations, find_name,
    point_colors, volcano_entries,
};
use std::path::{Path, PathBuf};

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
    #[command(after_help = "Example:\n  gsae plot volcano --compare compare.tsv --out volcano.svg")]
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

/// What every figure asks.
#[derive(clap::Args)]
#[command(next_help_heading = "Figure")]
struct FigureArgs {
    /// The file to write: .svg or .png (300 dpi).
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// column (85 mm) or page (170 mm).
    #[arg(long, default_value = "page", value_name = "WIDTH")]
    width: String,
    /// A title above the figure.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

impl FigureArgs {
    fn options(&self) -> Result<FigureOptions> {
        self.png()?;
        Ok(FigureOptions {
            width: self.width.parse()?,
            title: self.title.clone(),
        })
    }

    fn png(&self) -> Result<bool> {
        let extension = self.out.extension().map(|text| text.to_ascii_lowercase());
        match extension.as_ref().and_then(|text| text.to_str()) {
            Some("png") => Ok(true),
            Some("svg") => Ok(false),
            _ => Err(Error::config(
                "--out",
                format!("has to end in .svg or .png, and is {}", self.out.display()),
            )),
        }
    }

    fn write(&self, figure: &Figure, console: &Console) -> Result<()> {
        let path = &self.out;
        if self.png()? {
            let bytes = figure.png()?;
            write_atomically(path, |file| {
                file.write_all(&bytes).map_err(Error::io("write", path))
            })?;
        } else {
            write_text(path, &figure.svg())?;
        }
        console.note(format!("wrote {}", path.display()));
        Ok(())
    }
}

#[derive(clap::Args)]
pub(super) struct PlainArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct HeatmapArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    #[command(flatten)]
    by: ByArgs,
    /// The pathways that are drawn.
    #[arg(long, default_value_t = 30, value_name = "N")]
    rows: usize,
    #[command(flatten)]
    figure: FigureArgs,
}

/// A column of the labels.
#[derive(clap::Args)]
struct ByArgs {
    /// Labels of the samples: a TSV whose first column names them, or an h5ad.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// The column of the labels; the first if not given.
    #[arg(long, value_name = "COLUMN", requires = "samples")]
    by: Option<String>,
}

impl ByArgs {
    fn read(&self, run: &Run) -> Result<Option<Annotation>> {
        let Some(path) = &self.samples else {
            return Ok(None);
        };
        let table = SampleTable::from_path(path)?;
        let (known, _) = annotations(run.activity.samples(), &table)?;
        let names: Vec<String> = known.iter().map(|own| own.name.clone()).collect();
        let at = match &self.by {
            Some(name) => find_name(&names, name, "--by")?,
            None => 0,
        };
        match known.into_iter().nth(at) {
            Some(annotation) => Ok(Some(annotation)),
            None => Err(Error::data(
                format!("{} has no column of groups or numbers", path.display()),
                "Give a table with the samples' names and at least one label.",
            )),
        }
    }

    fn need(&self, run: &Run) -> Result<Annotation> {
        self.read(run)?
            .ok_or_else(|| Error::config("--samples", "is needed for the groups"))
    }
}

#[derive(clap::Args)]
pub(super) struct VolcanoArgs {
    /// The table that `gsae compare` wrote.
    #[arg(long, value_name = "FILE")]
    compare: PathBuf,
    /// Only the rows of this group, of a table with several.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Adjusted p-values up to this are coloured.
    #[arg(long, default_value_t = 0.05, value_name = "P")]
    level: f64,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct GroupArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    node: String,
    #[command(flatten)]
    by: ByArgs,
    /// violin or ridge.
    #[arg(long, default_value = "violin", value_name = "STYLE")]
    style: String,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct EmbeddingArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    #[command(flatten)]
    by: ByArgs,
    /// Colour by the activity of this pathway.
    #[arg(long, value_name = "NAME", conflicts_with = "samples")]
    node: Option<String>,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct LoadingArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// The latent unit: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    unit: String,
    /// The folder that `gsae interpret` wrote; without it, correlations with the activities.
    #[arg(long, value_name = "DIR")]
    interpret: Option<PathBuf>,
    /// Genes instead of gene sets.
    #[arg(long, requires = "interpret")]
    genes: bool,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct RunningSumArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    node: String,
    /// Genes with the number they are ranked by: two columns.
    #[arg(long, value_name = "FILE")]
    ranking: PathBuf,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct SurvivalArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    node: String,
    /// Labels of the samples: a TSV whose first column names them, or an h5ad.
    #[arg(long, value_name = "FILE")]
    samples: PathBuf,
    /// The column with the time of follow-up.
    #[arg(long, value_name = "COLUMN")]
    time: String,
    /// The column that says whether the event was seen: 1 or 0, true or false, dead or alive.
    #[arg(long, value_name = "COLUMN")]
    event: String,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(clap::Args)]
pub(super) struct MembershipArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    node: String,
    /// Genes drawn, those of the largest loadings.
    #[arg(long, default_value_t = 24, value_name = "N")]
    genes: usize,
    /// Other pathways drawn, those that share most.
    #[arg(long, default_value_t = 5, value_name = "N")]
    neighbours: usize,
    #[command(flatten)]
    figure: FigureArgs,
}

pub(super) fn run(command: &Command, console: &Console) -> Result<()> {
    let (figure, args) = match command {
        Command::Training(args) => {
            let options = args.figure.options()?;
            let curve = Run::open(&args.run)?.loss_curve();
            (figures::training(&curve, &options)?, &args.figure)
        }
        Command::Heatmap(args) => {
            let options = args.figure.options()?;
            let run = Run::open(&args.run)?;
            let data = run.heatmap_data(args.rows, args.by.read(&run)?.as_ref());
            (figures::heatmap(&data, &options)?, &args.figure)
        }
        Command::Volcano(args) => {
            let options = args.figure.options()?;
            let table = Table::from_path(&args.compare)?;
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
            let run = Run::open(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let values = run.group_values(node, &args.by.need(&run)?)?;
            let figure = figures::groups(&values, "Activity (SD)", style, &options)?;
            (figure, &args.figure)
        }
        Command::Embedding(args) => (embedding(args)?, &args.figure),
        Command::Loadings(args) => {
            let options = args.figure.options()?;
            let run = Run::open(&args.run)?;
            let tables = args.interpret.as_ref();
            let tables = tables.map(SupersetTables::open).transpose()?;
            let (name, entries) = run.unit_loadings(&args.unit, tables.as_ref(), args.genes)?;
            let value = match args.genes {
                true => format!("Loading of the gene on {name}"),
                false => format!("Correlation of the activity with {name}"),
            };
            (figures::loadings(&entries, &value, &options)?, &args.figure)
        }
        Command::RunningSum(args) => {
            let options = args.figure.options()?;
            let run = Run::open(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let walk = run.running_sum(node, &ranking(&args.ranking)?)?;
            let name = args.ranking.file_stem().unwrap_or_default();
            let figure = figures::running_sum(&walk, &name.to_string_lossy(), &options)?;
            (figure, &args.figure)
        }
        Command::Survival(args) => {
            let options = args.figure.options()?;
            let run = Run::open(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let labels = SampleTable::from_path(&args.samples)?;
            let (groups, p) = run.survival_groups(node, &labels, &args.time, &args.event)?;
            let figure = figures::survival(&groups, &args.time, Some(p), &options)?;
            (figure, &args.figure)
        }
        Command::Evidence(args) => {
            let options = args.figure.options()?;
            let points = Run::open(&args.run)?.evidence_points();
            (figures::evidence(&points, &options)?, &args.figure)
        }
        Command::Membership(args) => {
            let options = args.figure.options()?;
            let run = Run::open(&args.run)?;
            let node = find_name(run.activity.columns(), &args.node, "--node")?;
            let sets = run.membership_around(node, args.genes, args.neighbours);
            (figures::membership(&sets, &options)?, &args.figure)
        }
    };
    args.write(&figure, console)
}

fn embedding(args: &EmbeddingArgs) -> Result<Figure> {
    let options = args.figure.options()?;
    let run = Run::open(&args.run)?;
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
    let (colors, title) = match (&args.node, args.by.read(&run)?) {
        (Some(name), _) => {
            let node = find_name(run.activity.columns(), name, "--node")?;
            let name = run.activity.columns()[node].clone();
            (figures::PointColors::Activity(run.activity_of(node)), name)
        }
        (None, Some(annotation)) => (point_colors(&annotation), annotation.name),
        (None, None) => (figures::PointColors::None, String::new()),
    };
    let axes = [found.axes[0].as_str(), found.axes[1].as_str()];
    figures::embedding(&found.points, axes, &colors, &title, &options)
}

fn ranking(path: &Path) -> Result<GeneRanking> {
    let list = read_ranking(path)?;
    Ok(GeneRanking {
        title: path.display().to_string(),
        genes: list.genes,
        statistics: list.statistics,
    })
}
