//! `gsae compare`: nodes against a column of the annotations.

use super::activity::read_for;
use super::association::{
    LabelArgs, adjusted, fixed, node_columns, read_scores, short, significant,
};
use super::console::Console;
use super::data_args::ReadingArgs;
use super::paths::OutTable;
use crate::activity::{ActivityScorer, ScoreTable};
use crate::association::{
    CompareOptions, Comparison, EachGroup, Extra, Findings, Kind, NodeColumns, NodeGroups,
    NodeTrend, Test, compare, differences, leading_genes,
};
use crate::error::{Error, Result};
use crate::expression::Preprocessed;
use crate::io::write_text;
use crate::pipeline::TrainedModel;
use crate::wording::number_of;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "Cells of one donor are not independent: where samples are cells of several \
donors, name the\ncolumn with --donor, so that donors are compared. Without it gsae cannot know, and \
p-values come\nout far too small.\n\nExample:\n  gsae compare --activity run/activity.tsv \
--samples labels.tsv --by condition \\\n      --reference control --donor patient --out compare.tsv";

/// Leading genes where nothing else is said.
const LEADING: usize = 5;

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Scores to compare: samples x nodes, as `fit`, `activity` and `score` write them.
    #[arg(
        long,
        visible_aliases = ["latent", "scores"],
        value_name = "FILE",
        required_unless_present = "model",
        conflicts_with_all = ["model", "expression"]
    )]
    activity: Option<PathBuf>,
    /// A trained model (or its folder) that scores --expression instead; adds the genes that lead a difference.
    #[arg(long, short, value_name = "FILE", requires = "expression")]
    model: Option<PathBuf>,
    /// With --model: the expression to score; TSV or CSV (gzip or not), h5ad, or a 10x MTX folder.
    #[arg(long, short, value_name = "PATH", requires = "model")]
    expression: Option<PathBuf>,
    #[command(flatten)]
    labels: LabelArgs,
    /// The column of the annotations to compare by.
    #[arg(long, value_name = "COLUMN")]
    by: String,
    /// How the column is read: auto (numbers with more than two different entries are a number),
    /// groups, number.
    #[arg(long = "as", default_value = "auto", value_name = "KIND")]
    kind: String,
    /// The group of interest; of several groups it is held against the rest (of a donor, the mean
    /// of its means in all other levels).
    #[arg(long, value_name = "LEVEL")]
    group: Option<String>,
    /// What groups are held against; of two groups the one called control, normal, healthy, wt or
    /// such if not given, else the first.
    #[arg(long, value_name = "LEVEL")]
    reference: Option<String>,
    /// The column that names the donors: a donor's samples of a level are averaged and count once;
    /// paired if most donors have both groups.
    #[arg(long, value_name = "COLUMN")]
    donor: Option<String>,
    /// Columns to adjust for in a linear model, numbers or groups: COLUMN,COLUMN.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    covariates: Vec<String>,
    /// Columns to adjust for as groups, though their entries may be numbers (batches 1, 2, 3).
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    factors: Vec<String>,
    /// The test: welch, student, mann-whitney; of several groups anova (of two it is student),
    /// kruskal-wallis; along a number spearman, pearson; linear (with covariates).
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    /// What is known of the nodes, joined to the table by name; nodes.tsv beside the scores if not
    /// given.
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// With --model: how many leading genes are written for a node; 5 if not given.
    #[arg(long, value_name = "N")]
    genes: Option<usize>,
    /// The table to write: a row a node, by ascending p.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
    /// Of several groups: the table of each against the rest (or --reference).
    #[arg(long, value_name = "FILE")]
    each: Option<OutTable>,
    #[command(flatten)]
    reading: ReadingArgs,
}

impl Args {
    fn options(&self) -> Result<CompareOptions> {
        Ok(CompareOptions {
            by: self.by.clone(),
            kind: match self.kind.as_str() {
                "auto" => None,
                name => Some(name.parse::<Kind>()?),
            },
            group: self.group.clone(),
            reference: self.reference.clone(),
            donor: self.donor.clone(),
            covariates: self.covariates.clone(),
            factors: self.factors.clone(),
            test: self.test.as_deref().map(str::parse::<Test>).transpose()?,
        })
    }
}

/// Scores, and what is known beside them.
struct Input {
    scores: ScoreTable,
    columns: Option<NodeColumns>,
    model: Option<Scored>,
}

/// A model with the samples that it scored.
struct Scored {
    trained: TrainedModel,
    prepared: Preprocessed,
}

impl Scored {
    /// A writer of leading genes, by contrast and node.
    fn genes<'a>(
        &'a self,
        scorer: &'a ActivityScorer,
        weights: &[&[f64]],
        count: usize,
    ) -> impl Fn(usize, usize) -> String + use<'a> {
        let prepared = &self.prepared;
        let of = |weights: &&[f64]| differences(&prepared.values, prepared.n_genes(), weights);
        let by_contrast: Vec<Vec<f64>> = weights.iter().map(of).collect();
        move |contrast, node| {
            let differences = &by_contrast[contrast];
            let leading = leading_genes(scorer, node, differences, &prepared.present, count);
            let genes: Vec<String> = leading
                .iter()
                .map(|gene| {
                    let arrow = if gene.difference > 0.0 { '+' } else { '-' };
                    let name = &self.trained.genes()[gene.gene];
                    format!("{name}:{arrow}{:.2}", gene.share)
                })
                .collect();
            genes.join(";")
        }
    }
}

fn read(args: &Args, console: &Console) -> Result<Input> {
    let nodes = args.nodes.as_deref();
    if let Some(path) = &args.activity {
        if args.reading.is_given() {
            return Err(Error::config(
                "--activity",
                "needs no reading: options such as --layer are for --expression",
            ));
        }
        if args.genes.is_some() {
            return Err(Error::config(
                "--genes",
                "are of a model's loadings: give --model and --expression instead of --activity",
            ));
        }
        let scores = read_scores(path, console, Some("a node is tested without them"))?;
        return Ok(Input {
            columns: node_columns(nodes, path, &scores, console)?,
            scores,
            model: None,
        });
    }
    let (Some(path), Some(expression)) = (&args.model, &args.expression) else {
        let message = "and --expression, or --activity, say what is compared";
        return Err(Error::config("--model", message));
    };
    let trained = TrainedModel::load(path)?;
    let matrix = read_for(&trained, expression, &args.reading, console)?;
    let found = trained.score(&matrix)?;
    let columns = match node_columns(nodes, path, &found.activity, console)? {
        Some(columns) => columns,
        None => NodeColumns::parse(&found.nodes.to_tsv()?, Path::new("nodes.tsv"))?,
    };
    let prepared = trained.prepare(&matrix)?;
    Ok(Input {
        scores: found.activity,
        columns: Some(columns),
        model: Some(Scored { trained, prepared }),
    })
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let options = args.options()?;
    let input = read(args, console)?;
    let labels = args.labels.join(&input.scores, console)?;
    let found = compare(&input.scores, &labels, &options)?;
    found
        .warnings
        .iter()
        .for_each(|warning| console.warn(warning));
    adjusted(&found.adjusted_for, console);
    if args.each.is_some() && !matches!(found.findings, Findings::Groups { .. }) {
        let message = format!("is for several groups, and {:?} has not", args.by);
        return Err(Error::config("--each", message));
    }

    let names = input.scores.columns();
    let weights: Vec<&[f64]> = match &found.findings {
        Findings::Two(own) => vec![&own.weights],
        Findings::Groups { each, .. } => each.iter().map(|own| own.weights.as_slice()).collect(),
        Findings::Trend { weights, .. } => vec![weights],
    };
    let scored = input.model.as_ref();
    let genes = scored.and_then(|scored| {
        let scorer = scored.trained.scorer()?;
        Some(scored.genes(scorer, &weights, args.genes.unwrap_or(LEADING)))
    });
    let extra = Extra {
        columns: input.columns.as_ref(),
        genes: genes
            .as_ref()
            .map(|genes| genes as &dyn Fn(usize, usize) -> String),
    };
    write_text(&args.out, &found.to_tsv(names, &args.by, extra))?;
    if let (Some(path), Some(table)) = (&args.each, found.each_tsv(names, extra)) {
        write_text(path, &table)?;
        console.note(format!("wrote {}", path.display()));
    }
    console.note(format!(
        "wrote {0} ({1}); in the report: gsae report RUN --samples LABELS --compare {0}",
        args.out.display(),
        number_of(names.len(), "node")
    ));
    console.tell(&summary(&found, names, &args.by));
    Ok(())
}

fn summary(found: &Comparison, names: &[String], by: &str) -> String {
    let unit = if found.donors { "donor" } else { "sample" };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match &found.findings {
        Findings::Two(own) => two(&mut text, found, own, names, unit),
        Findings::Groups { nodes, each } => groups(&mut text, found, (nodes, each), names, unit),
        Findings::Trend { nodes, .. } => trend(&mut text, found, nodes, names, (unit, by)),
    };
    text
}

fn two(
    text: &mut String,
    found: &Comparison,
    own: &EachGroup,
    names: &[String],
    unit: &str,
) -> std::fmt::Result {
    let (n_group, n_reference) = own.sizes;
    let test = match (own.paired, found.test) {
        (true, Test::MannWhitney) => "Wilcoxon's signed rank test".to_owned(),
        (true, Test::Welch | Test::Student) => "paired t test".to_owned(),
        (true, test) => format!("{test} with donors"),
        (false, test) => test.to_string(),
    };
    writeln!(
        text,
        "{} ({}) against {} ({}), {test}: {}",
        own.group,
        number_of(n_group, unit),
        own.reference,
        number_of(n_reference, unit),
        significant(own.nodes.iter().map(|node| node.adjusted_p)),
    )?;
    writeln!(
        text,
        "{:>9} {:>9} {:>6} {:>6}  direction and node",
        "p", "adjusted", "g", "AUROC"
    )?;
    for node in own.nodes.iter().take(10) {
        writeln!(
            text,
            "{:>9} {:>9} {} {}  {}: {}",
            short(node.p),
            short(node.adjusted_p),
            fixed(node.hedges_g, 6, 2),
            fixed(node.auroc, 6, 3),
            node.direction(&own.group),
            names[node.node],
        )?;
    }
    Ok(())
}

fn groups(
    text: &mut String,
    found: &Comparison,
    (nodes, each): (&[NodeGroups], &[EachGroup]),
    names: &[String],
    unit: &str,
) -> std::fmt::Result {
    let sizes = found.sizes.iter();
    let sizes: Vec<String> = sizes
        .map(|(name, size)| format!("{name} ({size})"))
        .collect();
    writeln!(
        text,
        "{} groups of {unit}s, {}: {}\nsizes: {}",
        sizes.len(),
        match found.test {
            Test::MannWhitney => "Kruskal-Wallis test".to_owned(),
            Test::Linear => found.test.to_string(),
            _ => "analysis of variance".to_owned(),
        },
        significant(nodes.iter().map(|node| node.adjusted_p)),
        sizes.join(", "),
    )?;
    writeln!(
        text,
        "{:>9} {:>9} {:>9}  highest and node",
        "p", "adjusted", "explained"
    )?;
    for node in nodes.iter().take(10) {
        writeln!(
            text,
            "{:>9} {:>9} {}%  {}: {}",
            short(node.p),
            short(node.adjusted_p),
            fixed(100.0 * node.explained, 8, 0),
            node.extremes.0,
            names[node.node],
        )?;
    }
    for own in each {
        let Some(up) = own
            .nodes
            .iter()
            .find(|node| node.sign > 0 && node.adjusted_p < 0.05)
        else {
            continue;
        };
        writeln!(
            text,
            "first up in {} against {}: {} (adjusted p {})",
            own.group,
            own.reference,
            names[up.node],
            short(up.adjusted_p),
        )?;
    }
    Ok(())
}

fn trend(
    text: &mut String,
    found: &Comparison,
    nodes: &[NodeTrend],
    names: &[String],
    (unit, by): (&str, &str),
) -> std::fmt::Result {
    let size = found.sizes.first().map_or(0, |(_, size)| *size);
    writeln!(
        text,
        "{by} over {}, {}: {}",
        number_of(size, unit),
        found.test,
        significant(nodes.iter().map(|node| node.adjusted_p)),
    )?;
    writeln!(
        text,
        "{:>9} {:>9} {:>6}  direction and node",
        "p", "adjusted", "r"
    )?;
    for node in nodes.iter().take(10) {
        writeln!(
            text,
            "{:>9} {:>9} {}  {}: {}",
            short(node.p),
            short(node.adjusted_p),
            fixed(node.r, 6, 2),
            node.direction(by),
            names[node.node],
        )?;
    }
    Ok(())
}
