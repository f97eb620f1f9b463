//! `gsae evidence`: what the nodes of a trained model are worth.

use super::console::Console;
use super::data_args::ExpressionArgs;
use super::fit::FEW_SAMPLES;
use super::model_args::DeviceArgs;
use super::outputs::remove;
use super::paths::{OutFile, OutTable};
use super::progress::{counted, show};
use super::report::{REPORT, report_of_fit};
use crate::activity::ScoreTable;
use crate::error::{Error, Place, Result};
use crate::evidence::{Evidence, EvidenceOptions, gather};
use crate::expression::{ExpressionMatrix, SampleTable};
use crate::io::{read_text, write_text};
use crate::pipeline::{NodeTable, TrainedModel};
use crate::wording::number_of;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

const EXAMPLE: &str = "Examples:\n  gsae evidence run --expression counts.tsv.gz --samples \
                       labels.tsv\n  gsae evidence --model run/model.safetensors \
                       --expression counts.tsv.gz --out evidence.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The folder that `gsae fit` wrote: its nodes.tsv, model.safetensors, run.json and report.html
    /// get the new evidence.
    #[arg(value_name = "DIR", required_unless_present = "model")]
    run: Option<PathBuf>,
    /// To leave the folder as it is, the model.safetensors of a `gsae fit`, or the folder it lies
    /// in; its gene sets are in it.
    #[arg(
        long,
        short,
        value_name = "FILE",
        conflicts_with = "run",
        requires = "out"
    )]
    model: Option<PathBuf>,
    /// Labels of the samples, for a model with covariates and for the report: a table (TSV or CSV)
    /// whose first column names them, h5ad, GCT 1.3, loom, GCTX, or a .cls. For a folder those of
    /// its fit, if not given.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// The table to write: the nodes with the evidence for each. A folder's nodes.tsv has it too.
    #[arg(long, short, value_name = "FILE")]
    out: Option<OutTable>,
    /// Write the options and the numbers for the model as a whole, as JSON.
    #[arg(long, value_name = "FILE")]
    summary: Option<OutFile>,
    /// Write the model with this evidence in it, for `gsae activity` to report.
    #[arg(long, value_name = "FILE")]
    model_out: Option<OutFile>,
    #[command(flatten)]
    refits: RefitArgs,
    #[command(flatten)]
    expression: ExpressionArgs,
}

/// What is trained again.
#[derive(clap::Args)]
#[command(next_help_heading = "Refits")]
struct RefitArgs {
    /// thorough: 5 seeds and 20 shuffled maps, each trained as the model was. quick: 2 seeds and
    /// 5 shuffled maps, at most 10 epochs on 1000 samples.
    #[arg(long, default_value = "thorough", value_name = "NAME")]
    effort: String,
    /// Refits with other seeds.
    #[arg(long, value_name = "N")]
    seeds: Option<usize>,
    /// Refits with shuffled maps.
    #[arg(long, value_name = "N")]
    shuffles: Option<usize>,
    /// Most epochs of a refit.
    #[arg(long, value_name = "N")]
    max_epochs: Option<usize>,
    /// Most samples of a refit, drawn at random.
    #[arg(long, value_name = "N")]
    max_samples: Option<usize>,
    /// Null values of each node's size that its p is ranked among, pooled over the nodes nearest to
    /// it in size; from 200 on the upper tenth of them is resolved by all nodes' null values. 1000,
    /// with --effort quick 500.
    #[arg(long, value_name = "N")]
    null_values: Option<usize>,
    /// The seed of refits, shuffles and samples; the model's if not given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    device: DeviceArgs,
}

impl RefitArgs {
    fn options(&self, trained: &TrainedModel) -> Result<EvidenceOptions> {
        let seed = self.seed.unwrap_or(trained.options().training.seed);
        let effort = effort("--effort", &self.effort)?;
        let Some(mut options) = effort.options(seed) else {
            return Err(Error::config("--effort", "is quick or thorough, not none"));
        };
        options.seeds = self.seeds.unwrap_or(options.seeds);
        options.shuffles = self.shuffles.unwrap_or(options.shuffles);
        options.max_epochs = self.max_epochs.or(options.max_epochs);
        options.max_samples = self.max_samples.or(options.max_samples);
        options.null_values = self.null_values.unwrap_or(options.null_values);
        options.validate()?;
        Ok(options)
    }
}

/// How much a command does for evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    None,
    Quick,
    Thorough,
}

pub(super) fn effort(option: &'static str, name: &str) -> Result<Effort> {
    match name {
        "none" => Ok(Effort::None),
        "quick" => Ok(Effort::Quick),
        "thorough" => Ok(Effort::Thorough),
        _ => Err(Error::config(
            option,
            format!("is none, quick or thorough, not {name:?}"),
        )),
    }
}

impl Effort {
    pub fn options(self, seed: u64) -> Option<EvidenceOptions> {
        match self {
            Self::None => None,
            Self::Quick => Some(EvidenceOptions::quick(seed)),
            Self::Thorough => Some(EvidenceOptions::thorough(seed)),
        }
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let folder = args.run.as_deref();
    let path = match (&args.model, folder) {
        (Some(path), _) => path.clone(),
        (None, folder) => folder.unwrap_or(Path::new("")).join("model.safetensors"),
    };
    let mut trained = TrainedModel::load(&path)?;
    trained.set_device(args.refits.device.choice(console)?);
    let options = args.refits.options(&trained)?;
    let matrix = args.expression.read_for(&trained, console)?;
    let folder = folder
        .map(|path| RunFolder::open(path, &matrix))
        .transpose()?;
    let labels = match (&args.samples, &folder) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(folder)) => folder.labels(console),
        (None, None) => None,
    };
    let samples = labels.as_ref();
    let samples = samples.map(|path| SampleTable::read_for(path, matrix.samples()));
    let samples = samples.transpose()?;
    if trained.was_trained_on(&matrix, samples.as_ref())? == Some(false) {
        console.warn(
            "these are not the data that the model was trained on; its nodes are held against \
             refits on these",
        );
    }
    if matrix.n_samples() < FEW_SAMPLES {
        console.warn(format!(
            "{} are few to tell a map from shuffled ones",
            number_of(matrix.n_samples(), "sample")
        ));
    }
    let began = Instant::now();
    let evidence = gather_aloud(&trained, &matrix, samples.as_ref(), &options, console)?;
    let seconds = began.elapsed().as_secs_f64();
    trained.set_evidence(evidence)?;
    let nodes = trained.score(&matrix)?.nodes;
    if let Some(path) = &args.out {
        nodes.write_tsv(path)?;
    }
    let mut made = false;
    if let Some(folder) = &folder {
        folder.update(&trained, &nodes, seconds)?;
        made = report_of_fit(folder.path, &trained, samples.as_ref(), &matrix, console);
    }
    let Some(evidence) = trained.evidence() else {
        return Ok(());
    };
    if let Some(path) = &args.summary {
        let text = serde_json::to_string_pretty(&evidence.summary())
            .map_err(|cause| Error::io("write", path)(cause.into()))?;
        write_text(path, &(text + "\n"))?;
    }
    if let Some(path) = &args.model_out {
        trained.save(path)?;
    }
    console.tell(&table(evidence));
    if let Some(path) = &args.out {
        let count = number_of(evidence.nodes.len(), "node");
        console.note(format!("wrote {} ({count})", path.display()));
    }
    if let Some(path) = &args.run {
        let path = path.display();
        console.note(match made {
            true => format!(
                "wrote nodes.tsv, model.safetensors, run.json and {REPORT} in {path}: open the \
                 last in a browser"
            ),
            false => format!("wrote nodes.tsv, model.safetensors and run.json in {path}"),
        });
    }
    Ok(())
}

/// The folder of a run whose evidence is gathered again.
struct RunFolder<'a> {
    path: &'a Path,
    manifest: Map<String, Value>,
}

impl<'a> RunFolder<'a> {
    /// Refuses data that are not the run's own.
    fn open(path: &'a Path, matrix: &ExpressionMatrix) -> Result<Self> {
        let scored = ScoreTable::row_names(path.join("activity.tsv"))?;
        if scored != matrix.samples() {
            return Err(Error::data(
                format!(
                    "the {} samples of the expression are not the {} of {}, in their order",
                    matrix.n_samples(),
                    scored.len(),
                    path.join("activity.tsv").display()
                ),
                "Give the data that the run was trained on; for others give --model FILE and --out \
                 FILE instead of the folder.",
            ));
        }
        let file = path.join("run.json");
        let (text, _) = read_text(&file)?;
        let manifest = serde_json::from_str(&text).map_err(|cause| {
            Error::format(
                &file,
                Place::line(cause.line()),
                format!("this is not JSON ({cause})"),
                "Run `gsae fit` again.",
            )
        })?;
        Ok(Self { path, manifest })
    }

    /// The labels that the fit was given, if they are where they were.
    fn labels(&self, console: &Console) -> Option<PathBuf> {
        let path = self.manifest.get("labels")?.get("path")?.as_str()?;
        let path = PathBuf::from(path);
        if path.exists() {
            console.note(format!("labels of the samples: {}", path.display()));
            return Some(path);
        }
        console.warn(format!(
            "the labels that the run was given, {}, are not there any more; the report goes without \
             (--samples gives others)",
            path.display()
        ));
        None
    }

    fn update(&self, trained: &TrainedModel, nodes: &NodeTable, seconds: f64) -> Result<()> {
        nodes.write_tsv(self.path.join("nodes.tsv"))?;
        trained.save(self.path.join("model.safetensors"))?;
        let file = self.path.join("run.json");
        let as_json = |cause: serde_json::Error| Error::io("write", &file)(cause.into());
        let mut manifest = self.manifest.clone();
        let summary = trained.evidence().map(Evidence::summary);
        let summary = serde_json::to_value(summary).map_err(as_json)?;
        manifest.insert("evidence".to_owned(), summary);
        if let Some(Value::Object(timings)) = manifest.get_mut("timings") {
            timings.insert("evidence_seconds".to_owned(), seconds.into());
        }
        let text = serde_json::to_string_pretty(&manifest).map_err(as_json)?;
        write_text(&file, &(text + "\n"))?;
        // One that tells of the nodes as they were; it is made anew.
        remove(self.path, [REPORT])
    }
}

/// Gathers evidence with a bar on a terminal.
pub(super) fn gather_aloud(
    trained: &TrainedModel,
    matrix: &ExpressionMatrix,
    samples: Option<&SampleTable>,
    options: &EvidenceOptions,
    console: &Console,
) -> Result<Evidence> {
    let bar = counted("evidence", "refits", true, console);
    let found = gather(trained, matrix, samples, options, &|done, count| {
        show(&bar, done, count);
    });
    bar.finish_and_clear();
    let found = found?;
    let summary = found.summary();
    if let (Some(p), None) = (found.smallest_map_p, summary.nodes_to_pass_map) {
        console.warn(format!(
            "with {} shuffled maps of {} nodes no p can be below {p:.2}, so no node can pass; \
             `gsae evidence --shuffles {}` or more can tell",
            options.shuffles,
            summary.nodes,
            (1.0 / options.criteria.map_q).ceil(),
        ));
    }
    Ok(found)
}

/// One line: how many nodes pass, and what the map is worth. It names what was tested alone.
pub(super) fn verdict(evidence: &Evidence) -> String {
    let summary = evidence.summary();
    let parts = [
        (summary.options.seeds > 0, "stable over seeds"),
        (summary.options.shuffles > 0, "better than shuffled maps"),
        (true, "true to their genes"),
        (true, "more than one gene"),
    ];
    let named = |tested: bool| {
        let own = parts.iter().filter(|part| part.0 == tested);
        own.map(|part| part.1).collect::<Vec<_>>()
    };
    let criteria = named(true).join(", ");
    let mut text = match summary.passing {
        Some(passing) => format!(
            "evidence: {passing} of {} nodes pass ({criteria})",
            summary.nodes
        ),
        None => format!(
            "evidence: no node is said to pass, as it was not tested whether they are {}; {} of {} \
             meet the rest ({criteria})",
            named(false).join(" or "),
            summary.meeting_tested,
            summary.nodes
        ),
    };
    if let Some(worth) = summary.worth {
        let than = if worth.worth < 0.0 { "higher" } else { "lower" };
        let sd = worth
            .shuffled_sd
            .map_or_else(String::new, |sd| format!(" (SD {sd:.4})"));
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "; with the map the held-out loss is {:.4} {than} than with shuffled ones{sd}",
            worth.worth.abs()
        );
    }
    text + "\n"
}

/// The numbers for the model as a whole.
fn table(evidence: &Evidence) -> String {
    let summary = evidence.summary();
    let EvidenceOptions {
        seeds,
        shuffles,
        max_epochs,
        criteria,
        ..
    } = summary.options;
    let epochs = max_epochs.map_or_else(String::new, |most| format!(", at most {most} epochs"));
    let middle = |value: Option<f64>| value.map_or("NA".to_owned(), |r| format!("{r:.3}"));
    let rows = [
        (
            format!("stability below {}", criteria.stability),
            summary.unstable,
        ),
        (
            format!("no better than shuffled maps (q above {})", criteria.map_q),
            summary.no_better_than_shuffled,
        ),
        (
            format!(
                "drifted (correlation with own genes below {})",
                criteria.own_genes
            ),
            summary.drifted,
        ),
        (
            format!(
                "one gene (correlation without it below {})",
                criteria.without_top_gene
            ),
            summary.one_gene,
        ),
    ];
    let mut text = format!(
        "{seeds} seeds, {shuffles} shuffled maps, {} samples{epochs}\n\
         median stability over seeds: activity {}, hidden value {}\n",
        summary.samples,
        middle(summary.median_stability),
        middle(summary.median_hidden_stability),
    );
    let tested = [seeds > 0, shuffles > 0, true, true];
    for ((what, count), _) in rows.iter().zip(tested).filter(|(_, tested)| *tested) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{count:>6}  {what}");
    }
    if let (Some(p), Some(q)) = (evidence.smallest_map_p, summary.smallest_map_q) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "the smallest p there can be is {p:.1e}, and q {q:.2} for a node alone; {}",
            match summary.nodes_to_pass_map {
                Some(1) => "one node can pass alone".to_owned(),
                Some(needed) => format!(
                    "{needed} nodes must reach it for q of {} or less",
                    criteria.map_q
                ),
                None => format!("no node can have q of {} or less", criteria.map_q),
            }
        );
    }
    text + &verdict(evidence)
}
