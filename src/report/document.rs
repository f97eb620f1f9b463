//! What a report holds, ready to be written as JSON.

use super::columns::{Column, Findings, columns};
use super::contrasts::{Contrasts, contrasts};
use super::genes::{GeneMeans, Ranked, Standardised};
use super::heatmap::Heatmap;
use super::inputs::{ReportInputs, ReportOptions};
use super::pack::{Quantised, base64, integers, rounded, shorts};
use super::supersets::{self, PackedSupersets};
use super::{Annotation, Embedding, Labels, Run, annotations, source_link};
use crate::error::Result;
use crate::nn::random_stream;
use rand::seq::index::sample;
use serde::Serialize;
use serde_json::Value;

/// The content of a report.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: &'a str,
    manifest: &'a Value,
    /// What the reader should know of the report itself.
    remarks: Vec<String>,
    /// What must not be overlooked.
    notices: &'a [String],
    samples: Samples,
    nodes: Nodes,
    members: Option<Members>,
    activity: Activity,
    annotations: Vec<Shown>,
    contrasts: Vec<Contrasts>,
    embedding: Option<Shape>,
    heatmap: Heatmap,
    history: Course,
    supersets: PackedSupersets,
    compare: Option<Findings>,
    survival: Option<Findings>,
    curves: Vec<Column>,
    gene_means: Vec<GeneMeans>,
    ranking: Option<Ranked>,
}

#[derive(Serialize)]
struct Samples {
    names: Vec<String>,
    total: usize,
}

#[derive(Serialize)]
struct Nodes {
    columns: Vec<Column>,
    links: Vec<Option<String>>,
    gene_sets: bool,
}

/// The genes of all nodes, one node after the other.
#[derive(Serialize)]
struct Members {
    genes: Vec<String>,
    /// Where each node begins, and the end: 32-bit integers.
    starts: String,
    /// Positions in `genes`: integers of 16 bits, of 32 where there are more than 65,536 genes.
    gene: String,
    /// The share of the node's largest loading, in steps of 1/254.
    loading: String,
}

/// Activities, node by node.
#[derive(Serialize)]
struct Activity {
    /// The nodes that have them here; `null` for all.
    nodes: Option<Vec<usize>>,
    low: Vec<f64>,
    high: Vec<f64>,
    codes: String,
}

/// An annotation of the samples shown.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shown {
    Groups {
        name: String,
        levels: Vec<String>,
        codes: String,
    },
    Numbers {
        name: String,
        values: Vec<f64>,
    },
}

#[derive(Serialize)]
struct Shape {
    axes: [String; 2],
    x: Vec<f64>,
    y: Vec<f64>,
}

#[derive(Serialize)]
struct Course {
    epochs: Vec<usize>,
    train: Vec<f64>,
    validation: Vec<Option<f64>>,
    best: usize,
    n_train: usize,
    n_validation: usize,
}

impl<'a> Document<'a> {
    pub fn new(run: &'a Run, inputs: &ReportInputs, options: &ReportOptions) -> Result<Self> {
        run.check()?;
        let mut remarks = Vec::new();
        let total = run.activity.samples().len();
        let whole = total == run.total_samples;
        let known = match &inputs.samples {
            Some(table) => {
                let (known, remarked) = annotations(run.activity.samples(), table)?;
                remarks.extend(remarked);
                known
            }
            None => Vec::new(),
        };
        let shown = shown_samples(total, options);
        if shown.len() < total {
            remarks.push(format!(
                "{} of {total} samples, drawn at random, are shown; what is said of groups is \
                 from all{}.",
                shown.len(),
                if whole { "" } else { " that were read" }
            ));
        }
        let (nodes, table_order) = Nodes::new(run);
        let compare = inputs
            .compare
            .as_ref()
            .map(|(file, table)| Findings::new(file, table, &run.nodes));
        let survival = inputs
            .survival
            .as_ref()
            .map(|(file, table)| Findings::new(file, table, &run.nodes));
        let contrasts = contrasts(&run.activity, &known);

        // Nodes by how much there is to say of them.
        let found = [&compare, &survival];
        let found = found.into_iter().flatten();
        let found = found.flat_map(|found| found.sets.iter().flatten().copied().take(500));
        let told = contrasts.iter().flat_map(|found| &found.groups);
        let told = told.flat_map(|group| group.top.iter().map(|node| node.set));
        let mut seen = vec![false; run.nodes.len()];
        let first = found.chain(told).chain(table_order.iter().copied());
        let ranked: Vec<usize> = first
            .filter(|&node| !std::mem::replace(&mut seen[node], true))
            .collect();
        let room = options.max_values / shown.len().max(1);
        let activity = Activity::new(run, &shown, &ranked, room);
        if let Some(nodes) = &activity.nodes {
            remarks.push(format!(
                "{} of the {} pathways, those with findings and the most variable, come with \
                 their activity in every sample; activity.tsv has all.",
                nodes.len(),
                run.nodes.len()
            ));
        }
        remarks.push(
            "Activities in figures are kept in 255 steps between the lowest and the highest of a \
             pathway, so they are off by at most 0.2 % of that range; activity.tsv has them in \
             full. Tables and effect sizes are computed from the full values."
                .to_owned(),
        );
        let (gene_means, ranking) = genes(run, inputs, &known, options.seed, &mut remarks)?;
        let embedding = Embedding::of_latent(&run.latent)?.map(|all| Shape {
            x: shown
                .iter()
                .map(|&at| rounded(all.points[at].0, 4))
                .collect(),
            y: shown
                .iter()
                .map(|&at| rounded(all.points[at].1, 4))
                .collect(),
            axes: all.axes,
        });
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            manifest: &run.manifest,
            heatmap: Heatmap::new(run, &shown, &contrasts, &table_order, options),
            samples: Samples {
                names: shown
                    .iter()
                    .map(|&at| run.activity.samples()[at].clone())
                    .collect(),
                total: run.total_samples,
            },
            members: Members::new(run),
            annotations: known
                .iter()
                .map(|known| Shown::new(known, &shown))
                .collect(),
            history: Course::new(run),
            supersets: inputs
                .interpretation
                .as_ref()
                .map_or_else(|| supersets::correlated(run), supersets::interpreted)
                .packed(),
            curves: inputs
                .curves
                .as_ref()
                .map_or_else(Vec::new, |table| columns(table, &[])),
            remarks,
            notices: &run.remarks,
            nodes,
            activity,
            contrasts,
            embedding,
            compare,
            survival,
            gene_means,
            ranking,
        })
    }
}

fn genes(
    run: &Run,
    inputs: &ReportInputs,
    annotations: &[Annotation],
    seed: u64,
    remarks: &mut Vec<String>,
) -> Result<(Vec<GeneMeans>, Option<Ranked>)> {
    let expression = inputs.expression.as_ref();
    let scaled = expression.map(|matrix| Standardised::new(run, matrix, seed));
    let scaled = scaled.transpose()?;
    remarks.extend(scaled.as_ref().and_then(Standardised::remark));
    let ranking = match (&inputs.ranking, &scaled) {
        (Some(given), _) => Some(Ranked::new(given, &run.genes)),
        (None, Some(scaled)) => {
            let derived = scaled.ranking(run, annotations)?;
            derived.map(|ranking| Ranked::new(&ranking, &run.genes))
        }
        (None, None) => None,
    };
    let means = scaled.map_or_else(Vec::new, |scaled| {
        scaled.means(run.genes.len(), annotations)
    });
    Ok((means, ranking))
}

/// The samples that are shown, in the run's order.
fn shown_samples(total: usize, options: &ReportOptions) -> Vec<usize> {
    if total <= options.max_samples {
        return (0..total).collect();
    }
    let random = &mut random_stream(options.seed, "samples of a report");
    let mut drawn = sample(random, total, options.max_samples).into_vec();
    drawn.sort_unstable();
    drawn
}

impl Nodes {
    /// The table, and its rows by how much they vary.
    fn new(run: &Run) -> (Self, Vec<usize>) {
        let field = |name: &str| run.nodes.column(name);
        let names = run.activity.columns();
        let descriptions = field("description");
        let link = |at: usize| {
            let description = descriptions.as_ref().map_or("", |fields| fields[at]);
            source_link(&names[at], description)
        };
        let spread = run.nodes.numbers("spread").unwrap_or_default();
        let orientation = field("orientation").unwrap_or_default();
        let mut order: Vec<usize> = (0..names.len()).collect();
        let key = |at: usize| {
            let unknown = orientation.get(at) == Some(&"none");
            let spread = spread.get(at).copied().unwrap_or(0.0);
            (unknown, if spread.is_nan() { -1.0 } else { spread })
        };
        order.sort_by(|&a, &b| {
            let (first, second) = (key(a), key(b));
            first
                .0
                .cmp(&second.0)
                .then(second.1.total_cmp(&first.1))
                .then(a.cmp(&b))
        });
        let nodes = Self {
            columns: columns(&run.nodes, &[]),
            links: (0..names.len()).map(link).collect(),
            gene_sets: !run.members.is_empty(),
        };
        (nodes, order)
    }
}

impl Members {
    fn new(run: &Run) -> Option<Self> {
        if run.members.is_empty() {
            return None;
        }
        let counts = run.members.iter().scan(0, |end, members| {
            *end += members.len() as u32;
            Some(*end)
        });
        let loading: Vec<u8> = run
            .members
            .iter()
            .flat_map(|members| {
                let largest = members
                    .iter()
                    .fold(0.0, |most: f64, own| most.max(own.loading));
                members.iter().map(move |own| match largest > 0.0 {
                    true => (254.0 * own.loading / largest).round().clamp(0.0, 254.0) as u8,
                    false => 254,
                })
            })
            .collect();
        Some(Self {
            genes: run.genes.clone(),
            starts: integers(std::iter::once(0).chain(counts)),
            gene: match run.genes.len() > 1 << 16 {
                true => integers(run.members.iter().flatten().map(|member| member.gene)),
                false => shorts(run.members.iter().flatten().map(|member| member.gene)),
            },
            loading: base64(&loading),
        })
    }
}

impl Activity {
    fn new(run: &Run, shown: &[usize], ranked: &[usize], room: usize) -> Self {
        let width = run.activity.columns().len();
        let nodes = (room < width).then(|| {
            let mut nodes = ranked[..room.min(ranked.len())].to_vec();
            nodes.sort_unstable();
            nodes
        });
        let all: Vec<usize> = nodes.clone().unwrap_or_else(|| (0..width).collect());
        let (mut low, mut high, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        for &node in &all {
            let value = |&row: &usize| f64::from(run.activity.values()[row * width + node]);
            let packed = Quantised::new(shown.iter().map(value));
            low.push(rounded(packed.low, 5));
            high.push(rounded(packed.high, 5));
            codes.extend(packed.codes);
        }
        Self {
            nodes,
            low,
            high,
            codes: base64(&codes),
        }
    }
}

impl Shown {
    fn new(annotation: &Annotation, shown: &[usize]) -> Self {
        let name = annotation.name.clone();
        match &annotation.labels {
            Labels::Groups { levels, codes } => {
                let code = |&at: &usize| codes[at].unwrap_or(super::pack::MISSING);
                let codes: Vec<u8> = shown.iter().map(code).collect();
                Self::Groups {
                    name,
                    levels: levels.clone(),
                    codes: base64(&codes),
                }
            }
            Labels::Numbers(values) => Self::Numbers {
                name,
                values: shown.iter().map(|&at| rounded(values[at], 5)).collect(),
            },
        }
    }
}

impl Course {
    fn new(run: &Run) -> Self {
        let epochs = &run.history.epochs;
        let digits = |value: f64| rounded(value, 5);
        Self {
            epochs: epochs.iter().map(|record| record.epoch).collect(),
            train: epochs
                .iter()
                .map(|record| digits(record.train_loss))
                .collect(),
            validation: epochs
                .iter()
                .map(|record| record.validation_loss.map(digits))
                .collect(),
            best: run.history.best_epoch,
            n_train: run.history.n_train,
            n_validation: run.history.n_validation,
        }
    }
}
