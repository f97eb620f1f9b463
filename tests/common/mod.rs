//! What several test files need: simulated cohorts and small statistics.
#![allow(dead_code)]

pub mod bench;
pub mod large;

use gsae::nn::random_stream;
use gsae::{ExpressionMatrix, GeneSet, GeneSetCollection, Result};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};

/// A cohort whose pathway activities are known.
pub struct Planted {
    pub expression: ExpressionMatrix,
    pub sets: GeneSetCollection,
    /// `[samples, sets]`, row by row: the activity each set was given.
    pub activity: Vec<f64>,
}

/// How a cohort is simulated.
#[derive(Clone, Copy)]
pub struct Design {
    pub samples: usize,
    pub genes: usize,
    pub sets: usize,
    /// SD of a shift that all genes of a sample share.
    pub shift: f64,
    /// Whether genes differ in their noise (log-normal, SD of the log 0.5) rather than all
    /// having SD 1.
    pub uneven_noise: bool,
    pub seed: u64,
}

/// Sets of 15 to 100 random genes, so that sets overlap; standard normal activities; loadings
/// uniform in [0.5, 1.5]; noise, a level of its own for every gene and a shift for every sample.
pub fn planted(design: Design) -> Result<Planted> {
    let Design {
        samples,
        genes,
        sets,
        ..
    } = design;
    let random = &mut random_stream(design.seed, "planted cohort");
    let normal = |random: &mut _| -> f64 { StandardNormal.sample(random) };
    let uniform = |random: &mut rand_chacha::ChaCha8Rng, low: f64, high: f64| {
        low + (high - low) * random.random::<f64>()
    };
    let mut members: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut pool: Vec<usize> = (0..genes).collect();
    for _ in 0..sets {
        pool.shuffle(random);
        let size = random.random_range(15..=100);
        members.push(
            pool[..size]
                .iter()
                .map(|gene| (*gene, uniform(random, 0.5, 1.5)))
                .collect(),
        );
    }
    let level: Vec<f64> = (0..genes).map(|_| uniform(random, 4.0, 10.0)).collect();
    let noise: Vec<f64> = (0..genes)
        .map(|_| {
            if design.uneven_noise {
                (0.5 * normal(random)).exp()
            } else {
                1.0
            }
        })
        .collect();
    let mut activity = Vec::with_capacity(samples * sets);
    let mut values = Vec::with_capacity(samples * genes);
    for _ in 0..samples {
        let shift = design.shift * normal(random);
        let mut row: Vec<f64> = (0..genes)
            .map(|gene| level[gene] + noise[gene] * normal(random) + shift)
            .collect();
        for set in &members {
            let strength = normal(random);
            activity.push(strength);
            for (gene, loading) in set {
                row[*gene] += strength * loading;
            }
        }
        values.extend(row.into_iter().map(|value| value as f32));
    }
    let gene = |index: usize| format!("GENE{index:05}");
    let sets = members
        .iter()
        .enumerate()
        .map(|(index, set)| {
            GeneSet::new(
                format!("set {index}"),
                "",
                set.iter().map(|(at, _)| gene(*at)),
            )
        })
        .collect();
    Ok(Planted {
        expression: ExpressionMatrix::new(
            (0..samples)
                .map(|index| format!("sample {index}"))
                .collect(),
            (0..genes).map(gene).collect(),
            values,
        )?,
        sets: GeneSetCollection::new(sets)?,
        activity,
    })
}

/// The same sets with the genes' names dealt out anew: a shuffled map.
pub fn shuffled(
    sets: &GeneSetCollection,
    genes: &[String],
    seed: u64,
) -> Result<GeneSetCollection> {
    let mut names = genes.to_vec();
    names.shuffle(&mut random_stream(seed, "shuffled map"));
    let place = |gene: &String| {
        genes
            .iter()
            .position(|name| name == gene)
            .expect("a known gene")
    };
    let shuffled = sets
        .sets()
        .iter()
        .map(|set| {
            GeneSet::new(
                &set.name,
                "",
                set.genes.iter().map(|gene| names[place(gene)].clone()),
            )
        })
        .collect();
    GeneSetCollection::new(shuffled)
}

/// The folder of data that are not part of the project, if it is there.
pub fn shared() -> Option<std::path::PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
    let folder = std::env::var("GSAE_SHARED").unwrap_or_else(|_| beside.to_owned());
    let folder = std::path::PathBuf::from(folder);
    if folder.join("data").is_dir() {
        return Some(folder);
    }
    println!("skipped: the shared data are not here");
    None
}

/// Pearson's correlation.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let product: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    let square = |values: &[f64], mean: f64| values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    product / (square(a, ma) * square(b, mb)).sqrt()
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The chance that a positive scores above a negative (ties count half).
pub fn auroc(scores: &[f32], positive: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let mut rank_sum = 0.0;
    let mut start = 0;
    while start < order.len() {
        let mut end = start;
        while end < order.len() && scores[order[end]] == scores[order[start]] {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        rank_sum += rank * order[start..end].iter().filter(|&&at| positive[at]).count() as f64;
        start = end;
    }
    let positives = positive.iter().filter(|label| **label).count() as f64;
    let negatives = positive.len() as f64 - positives;
    (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}
