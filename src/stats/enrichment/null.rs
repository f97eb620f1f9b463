//! Enrichment scores under permuted genes.

use super::walk::Ranking;
use crate::stats::random::{Streams, draw};
use rayon::prelude::*;

/// The scores of all sets in every permutation of the genes.
///
/// One permutation serves all sets, whatever their sizes, and keeps how they overlap. It is
/// walked once, gene by gene from the best, and every gene moves the running sums of its own
/// sets only: time follows the memberships, and nothing is sorted.
pub(super) struct NullScores {
    /// `[permutations][sets]`; single precision keeps the order, which is all that is compared.
    scores: Vec<Vec<f32>>,
}

/// A set's running sum during a walk.
#[derive(Clone, Copy)]
struct Running {
    sum: f64,
    hits: f64,
    per_weight: f64,
    per_hit: f64,
    per_miss: f64,
    most: f64,
    least: f64,
}

/// The sets of every gene, gene by gene.
struct SetsOfGenes {
    starts: Vec<u32>,
    sets: Vec<u32>,
}

impl SetsOfGenes {
    fn new<S: AsRef<[u32]>>(sets: &[S], genes: usize) -> Self {
        let mut starts = vec![0u32; genes + 1];
        for set in sets {
            for &gene in set.as_ref() {
                starts[gene as usize + 1] += 1;
            }
        }
        for gene in 0..genes {
            starts[gene + 1] += starts[gene];
        }
        let mut next = starts.clone();
        let mut list = vec![0; starts[genes] as usize];
        for (set, number) in sets.iter().zip(0..) {
            for &gene in set.as_ref() {
                let at = &mut next[gene as usize];
                list[*at as usize] = number;
                *at += 1;
            }
        }
        Self { starts, sets: list }
    }

    fn of(&self, gene: u32) -> &[u32] {
        let gene = gene as usize;
        &self.sets[self.starts[gene] as usize..self.starts[gene + 1] as usize]
    }
}

impl NullScores {
    pub fn new<S: AsRef<[u32]>>(
        ranking: &Ranking,
        sets: &[S],
        permutations: usize,
        seed: u64,
    ) -> Self {
        let genes = ranking.len();
        let memberships = SetsOfGenes::new(sets, genes);
        let start: Vec<Running> = sets
            .iter()
            .map(|set| Running {
                sum: 0.0,
                hits: 0.0,
                per_weight: 0.0,
                per_hit: 1.0 / set.as_ref().len() as f64,
                per_miss: 1.0 / (genes - set.as_ref().len()) as f64,
                most: f64::NEG_INFINITY,
                least: f64::INFINITY,
            })
            .collect();
        let streams = Streams::new(seed, "preranked GSEA");
        let scores = (0..permutations as u64)
            .into_par_iter()
            .map_init(
                || (vec![0; genes], start.clone()),
                |(order, running), permutation| {
                    for (slot, gene) in order.iter_mut().zip(0..) {
                        *slot = gene;
                    }
                    running.copy_from_slice(&start);
                    let order = draw(order, genes, &mut streams.stream(permutation));
                    walk_all(&ranking.weights, order, &memberships, running)
                },
            )
            .collect();
        Self { scores }
    }

    /// The scores of one set.
    pub fn of(&self, set: usize) -> impl Iterator<Item = f32> {
        self.scores.iter().map(move |scores| scores[set])
    }

    /// The scores of all sets, one permutation after the other.
    pub fn permutations(&self) -> &[Vec<f32>] {
        &self.scores
    }
}

fn walk_all(
    weights: &[f64],
    order: &[u32],
    memberships: &SetsOfGenes,
    running: &mut [Running],
) -> Vec<f32> {
    for (&gene, weight) in order.iter().zip(weights) {
        for &set in memberships.of(gene) {
            running[set as usize].per_weight += weight;
        }
    }
    for set in running.iter_mut() {
        // So far the total weight; where it is 0 all hits count alike.
        if set.per_weight > 0.0 {
            set.per_weight = 1.0 / set.per_weight;
            set.per_hit = 0.0;
        }
    }
    for ((&gene, weight), rank) in order.iter().zip(weights).zip(0..) {
        for &set in memberships.of(gene) {
            let set = &mut running[set as usize];
            let misses = (f64::from(rank) - set.hits) * set.per_miss;
            let before = set.sum * set.per_weight + set.hits * set.per_hit - misses;
            set.least = set.least.min(before);
            set.sum += weight;
            set.hits += 1.0;
            let after = set.sum * set.per_weight + set.hits * set.per_hit - misses;
            set.most = set.most.max(after);
        }
    }
    running
        .iter()
        .map(|set| {
            let score = if set.most >= -set.least {
                set.most
            } else {
                set.least
            };
            score as f32
        })
        .collect()
}
