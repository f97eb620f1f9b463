//! Groups of samples that are alike in their nodes.

use super::labels::{Labels, levels};
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::nn::random_stream;
use crate::stats::clustering::{
    adjusted_rand_index, kmeans, mean_silhouette, silhouette, silhouette_against,
};
use crate::stats::hypothesis::auroc;
use crate::wording::verb;
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Samples on which numbers of clusters are compared; more are drawn from at random.
const COMPARED: usize = 1000;

/// How samples are clustered.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterOptions {
    /// The number of clusters; the one with the largest mean silhouette if `None`.
    pub k: Option<usize>,
    /// The most clusters that are tried.
    pub most: usize,
    /// Whether columns are scaled to mean 0 and SD 1 first.
    pub scale: bool,
    /// Starts of k-means, of which the best counts.
    pub starts: usize,
    /// Nodes that are reported for every cluster.
    pub top: usize,
    /// The seed of all random numbers.
    pub seed: u64,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            k: None,
            most: 10,
            scale: true,
            starts: 10,
            top: 10,
            seed: 0,
        }
    }
}

/// A node that sets a cluster apart. There is no p-value: the clusters were made so that nodes
/// differ between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopNode {
    /// The column of the scores.
    pub node: usize,
    /// Its mean in the cluster minus its mean in all other samples, in SD over all samples.
    pub difference: f64,
    /// The chance that a sample of the cluster scores above one of the others.
    pub auroc: f64,
}

/// A clustering of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// The cluster of every sample, from 0, by descending size.
    pub clusters: Vec<usize>,
    /// The silhouette of every sample; of more than 1,000 samples by the distances to as many.
    pub silhouettes: Vec<f64>,
    /// The sizes of the clusters.
    pub sizes: Vec<usize>,
    /// Numbers of clusters that were tried, with their mean silhouette; empty if the number was
    /// given.
    pub tried: Vec<(usize, f64)>,
    /// By cluster: the nodes with the largest differences to the others, up or down.
    pub top: Vec<Vec<TopNode>>,
    /// What a reader should know, in words.
    pub warnings: Vec<String>,
}

impl Clustering {
    /// The mean silhouette.
    pub fn mean_silhouette(&self) -> f64 {
        self.silhouettes.iter().sum::<f64>() / self.silhouettes.len() as f64
    }

    /// The clusters beside a column of the annotations, over the samples that have an entry.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown column; [`Error::Data`] for fewer than two samples.
    pub fn beside(&self, labels: &Labels, column: &str) -> Result<Agreement> {
        let texts = labels.texts(column, "--by")?;
        let names = levels(texts.iter().copied().flatten());
        let known = texts.iter().zip(labels.rows());
        let (own, theirs): (Vec<usize>, Vec<usize>) = known
            .filter_map(|(text, row)| {
                let level = names.iter().position(|name| Some(*name) == *text)?;
                Some((self.clusters[*row], level))
            })
            .unzip();
        let mut counts = vec![vec![0; names.len()]; self.sizes.len()];
        own.iter()
            .zip(&theirs)
            .for_each(|(own, level)| counts[*own][*level] += 1);
        Ok(Agreement {
            adjusted_rand_index: adjusted_rand_index(&own, &theirs)?,
            levels: names.into_iter().map(str::to_owned).collect(),
            counts,
        })
    }
}

/// Clusters beside known labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// 1 for the same division, 0 on average for a random one.
    pub adjusted_rand_index: f64,
    /// The labels.
    pub levels: Vec<String>,
    /// Samples by cluster and label.
    pub counts: Vec<Vec<usize>>,
}

/// Clusters the samples by k-means on all columns of `scores`. A missing score is taken as the
/// mean of its column.
///
/// # Errors
/// [`Error::Config`] for a number of clusters that cannot be had; [`Error::Data`] for scores that
/// do not vary.
pub fn cluster(scores: &ScoreTable, options: &ClusterOptions) -> Result<Clustering> {
    let n = scores.samples().len();
    if n < 3
        || options.k.is_some_and(|k| k < 2 || k >= n)
        || (options.k.is_none() && options.most < 2)
    {
        let k = options
            .k
            .map_or_else(|| "auto".to_owned(), |k| k.to_string());
        return Err(Error::config(
            "--k",
            format!(
                "is {k}, and {n} samples can be divided into 2 to {}",
                n.saturating_sub(1)
            ),
        ));
    }
    let mut warnings = Vec::new();
    let columns = columns(scores, options.scale, &mut warnings);
    let width = columns.len();
    if width == 0 {
        return Err(Error::data(
            "no column of the scores varies over the samples",
            "Give scores of samples that differ.",
        ));
    }
    let row = |at: usize| columns.iter().map(move |column| column.centred[at]);
    let values: Vec<f64> = (0..n).flat_map(row).collect();
    let divide = |k: usize| kmeans(&values, width, k, options.starts, options.seed);

    let mut tried = Vec::new();
    let found = match options.k {
        Some(k) => divide(k)?,
        None => {
            let compared = compared(n, options.seed);
            if compared.len() < n {
                warnings.push(format!(
                    "numbers of clusters are compared on {} of the {n} samples, drawn at random",
                    compared.len()
                ));
            }
            let part: Vec<f64> = compared.iter().flat_map(|at| row(*at)).collect();
            let mut best: Option<(f64, _)> = None;
            let most = options.most.min(n - 1).min(different(&values, width));
            for k in 2..=most {
                let found = divide(k)?;
                let own: Vec<usize> = compared.iter().map(|at| found.clusters[*at]).collect();
                if own.iter().all(|cluster| *cluster == own[0]) {
                    continue;
                }
                let mean = mean_silhouette(&part, width, &own)?;
                tried.push((k, mean));
                if best.as_ref().is_none_or(|(known, _)| mean > *known) {
                    best = Some((mean, found));
                }
            }
            match best {
                Some((_, found)) => found,
                None => divide(2)?,
            }
        }
    };
    let clusters = by_size(&found.clusters);
    let count = clusters.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0; count];
    clusters.iter().for_each(|cluster| sizes[*cluster] += 1);
    let top: Result<Vec<Vec<TopNode>>> = (0..count)
        .map(|cluster| top_nodes(&columns, &clusters, cluster, options.top))
        .collect();
    let silhouettes = if n > COMPARED {
        let chosen = against(&clusters, count, options.seed);
        warnings.push(format!(
            "silhouettes are measured by the distances to {} of the {n} samples, drawn at random",
            chosen.len()
        ));
        silhouette_against(&values, width, &clusters, &chosen)?
    } else {
        silhouette(&values, width, &clusters)?
    };
    Ok(Clustering {
        silhouettes,
        clusters,
        sizes,
        tried,
        top: top?,
        warnings,
    })
}

/// A column that varies: centred, and scaled if asked for.
struct Column {
    node: usize,
    centred: Vec<f64>,
    /// The SD of `centred`.
    sd: f64,
}

fn columns(scores: &ScoreTable, scale: bool, warnings: &mut Vec<String>) -> Vec<Column> {
    let width = scores.columns().len();
    let mut missing = 0;
    let mut columns = Vec::with_capacity(width);
    for node in 0..width {
        let own = scores.values().iter().skip(node).step_by(width);
        let own: Vec<f64> = own.map(|value| f64::from(*value)).collect();
        let known: Vec<f64> = own
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .collect();
        let n = known.len() as f64;
        let mean = known.iter().sum::<f64>() / n;
        let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (squares / n).sqrt();
        if sd.is_nan() || sd <= 0.0 {
            continue;
        }
        missing += own.len() - known.len();
        let by = if scale { sd } else { 1.0 };
        let centred = own.iter().map(|value| (value - mean) / by);
        columns.push(Column {
            node,
            centred: centred
                .map(|value| if value.is_nan() { 0.0 } else { value })
                .collect(),
            sd: sd / by,
        });
    }
    if columns.len() < width {
        let constant = width - columns.len();
        warnings.push(format!(
            "{} no score or the same in all samples, and {} left out",
            match constant {
                1 => "1 column has".to_owned(),
                _ => format!("{constant} columns have"),
            },
            verb(constant, "is", "are")
        ));
    }
    if missing > 0 {
        warnings.push(format!(
            "{missing} missing scores are taken as the mean of their column"
        ));
    }
    columns
}

/// The number of different rows.
fn different(values: &[f64], width: usize) -> usize {
    let mut rows: Vec<&[f64]> = values.chunks_exact(width).collect();
    rows.sort_by(|a, b| {
        let pairs = a.iter().zip(*b).map(|(a, b)| a.total_cmp(b));
        pairs.fold(std::cmp::Ordering::Equal, |sofar, next| sofar.then(next))
    });
    rows.dedup();
    rows.len()
}

/// Rows that silhouettes are measured against: of every cluster its share, drawn at random.
fn against(clusters: &[usize], count: usize, seed: u64) -> Vec<usize> {
    let random = &mut random_stream(seed, "silhouettes");
    let most = (COMPARED / count).max(2);
    let mut chosen = Vec::with_capacity(COMPARED);
    for cluster in 0..count {
        let own = (0..clusters.len()).filter(|at| clusters[*at] == cluster);
        let mut own: Vec<usize> = own.collect();
        own.shuffle(random);
        own.truncate(most);
        chosen.extend(own);
    }
    chosen.sort_unstable();
    chosen
}

/// The samples on which numbers of clusters are compared.
fn compared(n: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    if n > COMPARED {
        all.shuffle(&mut random_stream(seed, "compared samples"));
        all.truncate(COMPARED);
        all.sort_unstable();
    }
    all
}

/// Clusters numbered by descending size, equal ones by their first sample.
fn by_size(clusters: &[usize]) -> Vec<usize> {
    let count = clusters.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0usize; count];
    clusters.iter().for_each(|cluster| sizes[*cluster] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|cluster| std::cmp::Reverse(sizes[*cluster]));
    let mut number = vec![0; count];
    order
        .iter()
        .enumerate()
        .for_each(|(new, old)| number[*old] = new);
    clusters.iter().map(|cluster| number[*cluster]).collect()
}

fn top_nodes(
    columns: &[Column],
    clusters: &[usize],
    cluster: usize,
    count: usize,
) -> Result<Vec<TopNode>> {
    let inside: Vec<bool> = clusters.iter().map(|own| *own == cluster).collect();
    let size = inside.iter().filter(|inside| **inside).count() as f64;
    let others = inside.len() as f64 - size;
    let mut differences: Vec<(usize, f64)> = columns
        .par_iter()
        .enumerate()
        .map(|(at, column)| {
            let own = column.centred.iter().zip(&inside);
            let sum: f64 = own
                .filter(|(_, inside)| **inside)
                .map(|(value, _)| value)
                .sum();
            let all: f64 = column.centred.iter().sum();
            (at, (sum / size - (all - sum) / others) / column.sd)
        })
        .collect();
    differences.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    differences
        .into_iter()
        .take(count)
        .map(|(at, difference)| {
            Ok(TopNode {
                node: columns[at].node,
                difference,
                auroc: auroc(&columns[at].centred, &inside, 0.95)?.area,
            })
        })
        .collect()
}
