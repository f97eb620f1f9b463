//! `gsae report`: one HTML file that tells of a run.

use super::activity::read_for;
use super::console::{Console, with_causes};
use super::data_args::ReadingArgs;
use super::gene_lists::read_ranking_for;
use super::paths::OutFile;
use crate::activity::ScoreTable;
use crate::association::mismatches;
use crate::error::Result;
use crate::expression::{ExpressionMatrix, SampleTable};
use crate::pipeline::TrainedModel;
use crate::report::{
    Annotation, GeneRanking, ReportInputs, ReportOptions, Run, SupersetTables, Table, TableKind,
    annotations, write_report,
};
use crate::wording::{number_of, verb};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The name of a report in the folder of its run.
pub(super) const REPORT: &str = "report.html";

const EXAMPLE: &str = "Examples:\n  gsae report run --samples labels.tsv\n  gsae report run \
                       --samples labels.tsv --compare compare.tsv \\\n      --expression \
                       counts.tsv.gz --interpret meaning --out report.html";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// Labels of the samples: a table (TSV or CSV) whose first column names them, h5ad, GCT 1.3,
    /// loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    #[command(flatten)]
    findings: FindingArgs,
    /// Expression of the same samples: adds the genes' means by group, and running sums of the
    /// first two groups' difference where no ranking is given.
    #[arg(long, short, value_name = "PATH")]
    expression: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// The seed of the draw of samples, where there are too many to show.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The file to write; report.html in the run's folder if not given.
    #[arg(long, short, value_name = "FILE")]
    out: Option<OutFile>,
}

/// The tables of other commands.
#[derive(clap::Args)]
#[command(next_help_heading = "Findings")]
pub(super) struct FindingArgs {
    /// The table that `gsae compare` wrote.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// The table that `gsae survival` wrote.
    #[arg(long, value_name = "FILE")]
    survival: Option<PathBuf>,
    /// The Kaplan-Meier curves that `gsae survival --curves` wrote.
    #[arg(long, value_name = "FILE")]
    curves: Option<PathBuf>,
    /// The folder that `gsae interpret` wrote.
    #[arg(long, value_name = "DIR")]
    interpret: Option<PathBuf>,
    /// Genes with the number they are ranked by, for running sums: two columns.
    #[arg(long, value_name = "FILE")]
    ranking: Option<PathBuf>,
}

impl FindingArgs {
    fn read(&self, trained: &TrainedModel, run: &Path, console: &Console) -> Result<ReportInputs> {
        let nodes = Run::node_names(run)?;
        let read = |path: &PathBuf, kind: TableKind| -> Result<Table> {
            let (table, strange) = kind.read_of(path, &nodes)?;
            if strange > 0 {
                console.warn(format!(
                    "{strange} of {} in {} {} of no node of the run",
                    number_of(table.len(), "row"),
                    path.display(),
                    verb(strange, "is", "are"),
                ));
            }
            Ok(table)
        };
        let named = |path: Option<&PathBuf>, kind: TableKind| -> Result<Option<(String, Table)>> {
            path.map(|path| Ok((file_name(path), read(path, kind)?)))
                .transpose()
        };
        let ranking = self.ranking.as_ref();
        Ok(ReportInputs {
            compare: named(self.compare.as_ref(), TableKind::Comparison)?,
            survival: named(self.survival.as_ref(), TableKind::Survival)?,
            curves: self
                .curves
                .as_ref()
                .map(|path| read(path, TableKind::Curves))
                .transpose()?,
            interpretation: self
                .interpret
                .as_ref()
                .map(SupersetTables::open)
                .transpose()?,
            ranking: ranking
                .map(|path| gene_ranking(path, trained, console))
                .transpose()?,
            ..ReportInputs::default()
        })
    }
}

/// A ranking; says so where few of its genes are the model's.
pub(super) fn gene_ranking(
    path: &Path,
    trained: &TrainedModel,
    console: &Console,
) -> Result<GeneRanking> {
    let list = read_ranking_for(path, trained.genes(), console)?;
    let known = trained
        .genes()
        .iter()
        .collect::<std::collections::HashSet<_>>();
    let shared = list
        .genes
        .iter()
        .filter(|gene| known.contains(gene))
        .count();
    if shared * 2 < known.len() {
        console.warn(format!(
            "{}: {shared} of its {} genes are among the model's {}; running sums leave the others \
             out of the pathways",
            path.display(),
            list.genes.len(),
            known.len()
        ));
    }
    Ok(GeneRanking {
        title: format!("Ranking of {}", file_name(path)),
        genes: list.genes,
        statistics: list.statistics,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let trained = TrainedModel::load(args.run.join("model.safetensors"))?;
    // Labels and expression are held against every sample of the run, though fewer may be read
    // below.
    let samples = match args.samples.is_some() || args.expression.is_some() {
        true => ScoreTable::row_names(args.run.join("activity.tsv"))?,
        false => Vec::new(),
    };
    let labels = |path| -> Result<SampleTable> {
        let table = SampleTable::read_for(path, &samples)?;
        let unmatched = mismatches(&samples, table.samples(), path, "shown as not labelled")?;
        unmatched.iter().for_each(|warning| console.warn(warning));
        Ok(table)
    };
    let expression = |path| -> Result<ExpressionMatrix> {
        let matrix = read_for(&trained, path, &args.reading, console)?;
        let unmatched = mismatches(&samples, matrix.samples(), path, NO_EXPRESSION)?;
        unmatched.iter().for_each(|warning| console.warn(warning));
        Ok(matrix)
    };
    let inputs = ReportInputs {
        samples: args.samples.as_deref().map(labels).transpose()?,
        expression: args.expression.as_deref().map(expression).transpose()?,
        ..args.findings.read(&trained, &args.run, console)?
    };
    let run = Run::sampled(&trained, &args.run, MOST_VALUES, args.seed)?;
    tell(&run, console);
    tell_colors(&run, inputs.samples.as_ref(), console)?;
    let out = match &args.out {
        Some(path) => path.to_path_buf(),
        None => args.run.join(REPORT),
    };
    let options = ReportOptions {
        seed: args.seed,
        ..ReportOptions::default()
    };
    write_report(&out, &run, &inputs, &options)?;
    console.note(format!("wrote {}: open it in a browser", out.display()));
    Ok(())
}

/// What becomes of samples of the run that a matrix lacks.
const NO_EXPRESSION: &str = "left out of the genes' means";

/// Of a run with more activities than this the report reads samples drawn at random.
const MOST_VALUES: usize = 30_000_000;

/// Says what a report lacks.
fn tell(run: &Run, console: &Console) {
    for remark in &run.remarks {
        console.note(format!("the report: {remark}"));
    }
}

/// Warns of groups that share colours.
fn tell_colors(run: &Run, samples: Option<&SampleTable>, console: &Console) -> Result<()> {
    if let Some(table) = samples {
        let (known, _) = annotations(run.activity.samples(), table)?;
        let repeated = known.iter().filter_map(Annotation::repeated_colors);
        repeated.for_each(|warning| console.warn(warning));
    }
    Ok(())
}

/// Writes the report of a run just written into `folder`; whether it did. Where that fails, says
/// why: the run itself is complete, and a script that goes on with it may.
pub(super) fn report_of_fit(
    folder: &Path,
    trained: &TrainedModel,
    samples: Option<&SampleTable>,
    expression: &ExpressionMatrix,
    console: &Console,
) -> bool {
    let made = make_report_of_fit(folder, trained, samples, expression, console);
    if let Err(cause) = &made {
        console.fail(format!(
            "{} is complete but for its report ({}); `gsae report` makes one without training again",
            folder.display(),
            with_causes(cause)
        ));
    }
    made.is_ok()
}

fn make_report_of_fit(
    folder: &Path,
    trained: &TrainedModel,
    samples: Option<&SampleTable>,
    expression: &ExpressionMatrix,
    console: &Console,
) -> Result<()> {
    let began = Instant::now();
    let options = ReportOptions::default();
    let run = Run::sampled(trained, folder, MOST_VALUES, options.seed)?;
    tell(&run, console);
    tell_colors(&run, samples, console)?;
    let inputs = ReportInputs {
        samples: samples.cloned(),
        // Genes are only shown by the groups of samples.
        expression: samples.map(|_| expression.clone()),
        ..ReportInputs::default()
    };
    write_report(folder.join(REPORT), &run, &inputs, &options)?;
    console.detail(format!(
        "the report took {:.2} s",
        began.elapsed().as_secs_f64()
    ));
    Ok(())
}
