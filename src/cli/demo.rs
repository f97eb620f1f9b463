//! `gsae demo`: the main job on data that ship inside the binary.

use super::console::Console;
use super::data_args::{self, MatchArgs};
use super::evidence::Effort;
use super::fit::{Asked, fit_and_write};
use super::outputs::{self, OutputFolder};
use super::paths::FitFolder;
use super::report::report_of_fit;
use crate::error::Result;
use crate::expression::{ExpressionMatrix, ReadOptions, SampleTable};
use crate::io::decompress;
use crate::pipeline::{Annotations, FitOptions, Scores};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const EXPRESSION: &[u8] = include_bytes!("../../examples/pbmc3k/expression.tsv.gz");
const LABELS: &str = include_str!("../../examples/pbmc3k/labels.tsv");

const EXAMPLE: &str = "Example:\n  gsae demo --out gsae-demo";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The folder that gets the results.
    #[arg(long, short, default_value = "gsae-demo", value_name = "DIR")]
    out: FitFolder,
    /// The seed of every random number.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Write no report.html.
    #[arg(long)]
    no_report: bool,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    console.note(
        "The demo: 160 blood cells of 8 types (10x Genomics PBMC 3k, CC BY 4.0) and the Reactome \
         pathways. No label is shown to the model.",
    );
    let path = Path::new("pbmc3k");
    let bytes = decompress(EXPRESSION.to_vec(), path)?;
    let matrix = ExpressionMatrix::parse_table(&bytes, path, &ReadOptions::default())?;
    data_args::report_matrix(path, &matrix, console);
    let collection = data_args::open("reactome", "rename")?;
    data_args::report_collection("reactome", &collection, console);
    let (matrix, matching) = MatchArgs::default().apply(matrix, &collection, console)?;
    let folder = OutputFolder::prepare(&args.out, console)?;
    let options = FitOptions::default().with_seed(args.seed);
    let (trained, _) = fit_and_write(
        &matrix,
        &collection,
        Annotations::default(),
        Asked {
            options,
            effort: Effort::Quick,
            identifiers: vec![matching],
            labels: None,
        },
        &folder,
        console,
    )?;
    let scores = trained.score(&matrix)?;
    let labels = SampleTable::parse(LABELS, path)?;
    let report =
        !args.no_report && report_of_fit(&args.out, &trained, Some(&labels), &matrix, console);
    let variable = outputs::most_variable(&scores.nodes, 10);
    let verdict = outputs::verdict_of(&trained);
    console.tell(&(variable + &verdict + &by_cell_type(&scores, &labels)));
    console.note(outputs::summary(
        &args.out,
        &trained,
        matrix.n_samples(),
        report,
    ));
    console.note(
        "with your own data: gsae fit --expression counts.tsv.gz --gene-sets reactome --out run",
    );
    Ok(())
}

/// For every cell type the pathways whose mean activity is highest.
fn by_cell_type(scores: &Scores, labels: &SampleTable) -> String {
    let mut text = String::from("\nHighest mean activity by cell type (0: all cells, 1: one SD)\n");
    let Some(types) = labels.column("cell_type") else {
        return text;
    };
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let rows = scores.activity.samples();
    for (sample, kind) in labels.samples().iter().zip(types) {
        if let Some(row) = rows.iter().position(|name| name == sample) {
            members.entry(kind).or_default().push(row);
        }
    }
    for (kind, rows) in members {
        let mut means: Vec<(f64, &String)> = scores
            .activity
            .columns()
            .iter()
            .enumerate()
            .map(|(column, name)| {
                let values = rows
                    .iter()
                    .map(|row| f64::from(scores.activity.row(*row)[column]));
                (values.sum::<f64>() / rows.len() as f64, name)
            })
            .filter(|(mean, _)| mean.is_finite())
            .collect();
        means.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        for (mean, name) in means.into_iter().take(2) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{kind:<18} {mean:>5.2}  {name}");
        }
    }
    text
}
