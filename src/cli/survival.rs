//! `gsae survival`: nodes, or groups, and the time to an event.

use super::association::{
    LabelArgs, adjusted, fixed, join, node_columns, read_scores, short, significant,
};
use super::console::Console;
use super::paths::OutTable;
use super::progress::{counted, show};
use crate::activity::ScoreTable;
use crate::association::{
    Extra, NodeSurvival, SplitKind, Survival, SurvivalOptions, curves_tsv, survival_curves,
    survive_aloud, survive_by,
};
use crate::error::{Error, Result};
use crate::io::write_text;
use crate::wording::{did_you_mean, number_of};
use std::fmt::Write;
use std::path::PathBuf;

const EXAMPLE: &str = "Example:\n  gsae survival --activity run/activity.tsv --samples labels.tsv \
                       --time months --event dead \\\n      --covariates age,stage --curves \
                       curves.tsv --out survival.tsv\n  gsae survival --activity run/latent.tsv \
                       --samples labels.tsv --time months --event dead \\\n      --by cluster \
                       --by-from clusters.tsv --curves curves.tsv --out clusters_survival.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Scores: samples x nodes, as `fit`, `activity` and `score` write them.
    #[arg(long, visible_aliases = ["latent", "scores"], value_name = "FILE")]
    activity: PathBuf,
    #[command(flatten)]
    labels: LabelArgs,
    /// The column with the time of follow-up, in any unit.
    #[arg(long, value_name = "COLUMN")]
    time: String,
    /// The column that says whether the event was seen: 1 or 0, true or false, dead or alive.
    #[arg(long, value_name = "COLUMN")]
    event: String,
    /// The column that names the donors, if they have several samples, which are then averaged.
    #[arg(long, value_name = "COLUMN")]
    donor: Option<String>,
    /// Columns that the Cox models adjust for, numbers or groups: COLUMN,COLUMN.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    covariates: Vec<String>,
    /// Columns to adjust for as groups, though their entries may be numbers (stages 1, 2, 3).
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    factors: Vec<String>,
    /// Compare the levels of this column instead of nodes: Kaplan-Meier curves and the log-rank test.
    #[arg(
        long,
        value_name = "COLUMN",
        conflicts_with_all = [
            "covariates", "factors", "split", "split_share", "permutations", "folds", "select",
            "seed", "nodes", "node"
        ]
    )]
    by: Option<String>,
    /// The table that has the column of --by, such as what `cluster` writes; --samples if not given.
    #[arg(long, value_name = "FILE", requires = "by")]
    by_from: Option<PathBuf>,
    /// Where the log-rank test splits the samples: median, or optimal (the best of all splits, its
    /// p-value corrected for the search by permutation).
    #[arg(long, default_value = "median", value_name = "KIND")]
    split: String,
    /// The least share of the samples on either side of an optimal split; 0.1 if not given.
    #[arg(long, value_name = "SHARE")]
    split_share: Option<f64>,
    /// Permutations behind the optimal split's p-value; 99999 if not given.
    #[arg(long, value_name = "N")]
    permutations: Option<usize>,
    /// Folds that cross-validate Harrell's c, nodes being selected inside each; 0 for none.
    #[arg(long, default_value_t = 5, value_name = "N")]
    folds: usize,
    /// Nodes that are selected in each fold.
    #[arg(long, default_value_t = 5, value_name = "N")]
    select: usize,
    /// The seed of all random numbers.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// What is known of the nodes, joined to the table by name; nodes.tsv beside the scores if not
    /// given.
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// The table to write: a row a node, by ascending p; with --by a row a level.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
    /// Write Kaplan-Meier curves above and below the split, or with --by of every level.
    #[arg(long, value_name = "FILE")]
    curves: Option<OutTable>,
    /// A node for --curves; several times for several. The node with the smallest p if not given.
    #[arg(long, value_name = "NAME", requires = "curves")]
    node: Vec<String>,
}

impl Args {
    fn options(&self) -> Result<SurvivalOptions> {
        if self.folds == 1 {
            return Err(Error::config(
                "--folds",
                "is 0 for none or at least 2, not 1",
            ));
        }
        let usual = SurvivalOptions::new(&self.time, &self.event);
        let searches = self.split_share.is_some() || self.permutations.is_some();
        if searches && self.split == "median" {
            return Err(Error::config(
                "--split-share and --permutations",
                "are for --split optimal, and the split is at the median",
            ));
        }
        Ok(SurvivalOptions {
            donor: self.donor.clone(),
            covariates: self.covariates.clone(),
            factors: self.factors.clone(),
            split: match self.split.as_str() {
                "median" => SplitKind::Median,
                "optimal" => SplitKind::Optimal,
                name => {
                    let message = format!("is median or optimal, not {name:?}");
                    return Err(Error::config("--split", message));
                }
            },
            share: self.split_share.unwrap_or(usual.share),
            permutations: self.permutations.unwrap_or(usual.permutations),
            folds: self.folds,
            select: self.select,
            seed: self.seed,
            ..usual
        })
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let options = args.options()?;
    let scores = read_scores(
        &args.activity,
        console,
        Some("a node is fitted without them"),
    )?;
    let names = scores.columns();
    if let Some(name) = args.node.iter().find(|name| !names.contains(name)) {
        let hint = did_you_mean(name, names.iter().map(String::as_str));
        let message = format!(
            "names {name:?}, which {} lacks{hint}",
            args.activity.display()
        );
        return Err(Error::config("--node", message));
    }
    if let Some(by) = &args.by {
        return run_by(args, by, &scores, console);
    }
    let columns = node_columns(args.nodes.as_deref(), &args.activity, &scores, console)?;
    let labels = args.labels.join(&scores, console)?;
    let searches = options.split == SplitKind::Optimal;
    let bar = counted("optimal split", "permutations", searches, console);
    let found = survive_aloud(&scores, &labels, &options, &|done, count| {
        show(&bar, done, count);
    });
    bar.finish_and_clear();
    let found = found?;
    found
        .warnings
        .iter()
        .for_each(|warning| console.warn(warning));
    adjusted(&found.adjusted_for, console);
    let extra = Extra {
        columns: columns.as_ref(),
        genes: None,
    };
    write_text(&args.out, &found.to_tsv(names, options.split, extra))?;
    console.note(format!(
        "wrote {0} ({1}); in the report: gsae report RUN --samples LABELS --survival {0}",
        args.out.display(),
        number_of(names.len(), "node")
    ));
    if let Some(path) = &args.curves {
        let chosen: Vec<&NodeSurvival> = if args.node.is_empty() {
            found.nodes.iter().take(1).collect()
        } else {
            let of = |name| {
                found
                    .nodes
                    .iter()
                    .find(move |node| &names[node.node] == name)
            };
            args.node.iter().filter_map(of).collect()
        };
        let mut curves = Vec::with_capacity(chosen.len());
        for node in chosen {
            let sides = survival_curves(&scores, &labels, &options, node)?;
            curves.push((names[node.node].clone(), sides));
        }
        write_text(path, &curves_tsv(&curves))?;
        console.note(format!("wrote {}", path.display()));
    }
    console.tell(&summary(&found, names));
    Ok(())
}

/// Groups instead of nodes.
fn run_by(args: &Args, by: &str, scores: &ScoreTable, console: &Console) -> Result<()> {
    let labels = args.labels.join(scores, console)?;
    let grouping = match &args.by_from {
        Some(path) => join(path, scores, console)?,
        None => labels.clone(),
    };
    let found = survive_by(scores, &labels, &args.options()?, &grouping, by)?;
    found
        .warnings
        .iter()
        .for_each(|warning| console.warn(warning));
    write_text(&args.out, &found.to_tsv())?;
    console.note(format!("wrote {}", args.out.display()));
    if let Some(path) = &args.curves {
        write_text(path, &found.curves_tsv(by))?;
        console.note(format!("wrote {}", path.display()));
    }
    let mut text = format!(
        "{} groups of {by}, log-rank test: chi-squared {} on {} df, p {}\n{:>8} {:>6} {:>8} {:>8}  \
         group\n",
        found.groups.len(),
        fixed(found.chi_squared, 0, 2),
        found.df,
        short(found.p),
        "subjects",
        "events",
        "expected",
        "median",
    );
    for group in &found.groups {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>8} {:>6} {} {}  {}",
            group.subjects,
            group.events,
            fixed(group.expected, 8, 1),
            fixed(group.curve.median().unwrap_or(f64::NAN), 8, 1),
            group.name,
        );
    }
    console.tell(&text);
    Ok(())
}

fn summary(found: &Survival, names: &[String]) -> String {
    let mut text = format!(
        "{}, {}, Cox models: {}\n{:>9} {:>9} {:>6} {:>15} {:>9}  node (hazard ratio \
         HR of one SD more)\n",
        number_of(found.subjects, "subject"),
        number_of(found.events, "event"),
        significant(found.nodes.iter().map(|node| node.adjusted_p)),
        "p",
        "adjusted",
        "HR",
        "95 %",
        "split p",
    );
    for node in found.nodes.iter().take(10) {
        let (lower, upper) = node.interval;
        let interval = format!("{} to {}", fixed(lower, 0, 2), fixed(upper, 0, 2));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>9} {:>9} {} {interval:>15} {:>9}  {}",
            short(node.p),
            short(node.adjusted_p),
            fixed(node.hazard_ratio, 6, 2),
            short(node.split_p),
            names[node.node],
        );
    }
    if let Some(c) = &found.concordance {
        let folds: Vec<String> = c.folds.iter().map(|c| format!("{c:.3}")).collect();
        let _ = writeln!(
            text,
            "c-index on held-out subjects, nodes selected without them: {:.3} (folds: {}){}",
            c.mean,
            folds.join(", "),
            c.covariates
                .map_or(String::new(), |own| format!("; covariates alone: {own:.3}")),
        );
    }
    text
}
