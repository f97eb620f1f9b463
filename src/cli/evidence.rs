//! `gsae evidence`: what the nodes of a trained model are worth.

use super::console::{Console, print};
use super::data_args::ExpressionArgs;
use super::model_args::DeviceArgs;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, EvidenceOptions, gather};
use crate::expression::{ExpressionMatrix, SampleTable};
use crate::io::write_text;
use crate::pipeline::TrainedModel;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;

const EXAMPLE: &str = "Example:\n  gsae evidence --model run/model.safetensors \
                       --expression counts.tsv.gz --out evidence.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The model.safetensors of a `gsae fit`; its gene sets are in it.
    #[arg(long, short, value_name = "FILE")]
    model: PathBuf,
    /// Labels of the samples, for a model with covariates: a table (TSV or CSV) whose first column
    /// names them, h5ad, GCT 1.3, loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// The table to write: the nodes with the evidence for each.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Write the options and the numbers for the model as a whole, as JSON.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write the model with this evidence in it, for `gsae activity` to report.
    #[arg(long, value_name = "FILE")]
    model_out: Option<PathBuf>,
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
    let mut trained = TrainedModel::load(&args.model)?;
    trained.set_device(args.refits.device.choice(console)?);
    let options = args.refits.options(&trained)?;
    let matrix = args.expression.read_for(&trained, console)?;
    let labels = |path| SampleTable::read_for(path, matrix.samples());
    let samples = args.samples.as_ref().map(labels).transpose()?;
    let known = |sha256: &str| trained.sources().iter().any(|own| own.sha256 == sha256);
    if !matrix.sources().iter().all(|source| known(&source.sha256)) {
        console.warn(
            "these are not the data that the model was trained on; its nodes are held against \
             refits on these",
        );
    }
    let evidence = gather_aloud(&trained, &matrix, samples.as_ref(), &options, console)?;
    trained.set_evidence(evidence)?;
    trained.score(&matrix)?.nodes.write_tsv(&args.out)?;
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
    print(&table(evidence))?;
    console.note(format!(
        "wrote {} ({} nodes)",
        args.out.display(),
        evidence.nodes.len()
    ));
    Ok(())
}

/// Gathers evidence with a bar on a terminal.
pub(super) fn gather_aloud(
    trained: &TrainedModel,
    matrix: &ExpressionMatrix,
    samples: Option<&SampleTable>,
    options: &EvidenceOptions,
    console: &Console,
) -> Result<Evidence> {
    let bar = if !console.is_quiet() && std::io::stderr().is_terminal() {
        let style =
            ProgressStyle::with_template("evidence {wide_bar} {pos}/{len} refits, {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
    } else {
        ProgressBar::hidden()
    };
    let found = gather(trained, matrix, samples, options, &|done, count| {
        bar.set_length(count as u64);
        bar.set_position(done as u64);
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
