//! The map and the data of the benchmark.

use std::collections::BTreeSet;

use gsae::mask::Mask;
use gsae::nn::random_stream;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, LogNormal};

pub const GENES: usize = 16_000;
pub const SETS: usize = 2_300;
pub const SUPERSETS: usize = 200;
pub const BATCH: usize = 128;
/// As in the peer's script.
const SAMPLES: usize = 4 * BATCH;

/// What is trained on.
pub struct Task {
    pub mask: Mask,
    /// Row-major `[samples, genes]`.
    pub data: Vec<f32>,
}

impl Task {
    /// Sets of log-normal sizes between 10 and 500 of genes chosen at random,
    /// and uniform data.
    pub fn new() -> Self {
        let mut random = random_stream(7, "sets");
        let sizes = LogNormal::new(4.17, 0.95).expect("a distribution");
        let rows = (0..SETS).map(|_| {
            let size = loop {
                let size: f64 = sizes.sample(&mut random);
                if (10.0..=500.0).contains(&size) {
                    break size as usize;
                }
            };
            let mut genes = BTreeSet::new();
            while genes.len() < size {
                genes.insert(random.random_range(0..GENES as u32));
            }
            genes.into_iter().collect()
        });
        let mask = Mask::from_rows(GENES, rows.collect()).expect("a valid mask");
        let mut random = random_stream(7, "data");
        let data = (0..SAMPLES * GENES).map(|_| random.random()).collect();
        Self { mask, data }
    }

    /// A batch of random rows.
    pub fn rows(&self, random: &mut impl Rng) -> Vec<usize> {
        (0..BATCH)
            .map(|_| random.random_range(0..SAMPLES))
            .collect()
    }
}
