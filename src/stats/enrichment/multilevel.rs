//! p-values far below what permutations can show: adaptive multilevel splitting.

use super::walk::{Ranking, walk};
use crate::error::{Error, Result};
use crate::stats::random::{Streams, draw};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use statrs::function::gamma::digamma;

/// The choices of multilevel splitting (Korotkevich et al. 2021, bioRxiv 060012).
///
/// A sample of random sets is kept. Its median score is the next level: the lower half becomes
/// copies of the upper half, and all are shuffled by exchanging single genes as long as they stay
/// above the level. Every level halves the chance; the last one counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Multilevel {
    /// Random sets in the sample; an odd number.
    pub sample: usize,
    /// Chances are followed down to this; smaller ones are given as this.
    pub smallest: f64,
}

impl Default for Multilevel {
    fn default() -> Self {
        Self {
            sample: 101,
            smallest: 1e-50,
        }
    }
}

/// An estimated chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MultilevelP {
    /// The chance that a random set scores as far on the same side.
    pub p: f64,
    /// The standard error of its log2; NaN where the estimate ended at the smallest chance.
    pub log2_error: f64,
}

/// At most this many rounds of exchanges a level.
const MOST_ROUNDS: usize = 40;

impl Multilevel {
    pub(super) fn check(&self) -> Result<()> {
        if self.sample < 11 || self.sample.is_multiple_of(2) {
            return Err(Error::data(
                format!("a sample of {} sets cannot be split", self.sample),
                "Give an odd number from 11, for example 101.",
            ));
        }
        if !(self.smallest > 0.0 && self.smallest < 1.0) {
            return Err(Error::data(
                format!("{} is no smallest p-value", self.smallest),
                "Give a number between 0 and 1, for example 1e-50.",
            ));
        }
        Ok(())
    }

    /// The chance that a random set of the same size scores at least `es` (at most, if that is
    /// below 0), both signs counted in the whole.
    pub(super) fn estimate(
        &self,
        ranking: &Ranking,
        set: &[u32],
        es: f64,
        seed: u64,
        task: u64,
    ) -> MultilevelP {
        // A negative score is a positive one of the ranking turned round.
        let mut weights = ranking.weights.clone();
        // Turned round, the same score may come out a rounding below itself.
        let target = es.abs() * (1.0 - 1e-12);
        if es < 0.0 {
            weights.reverse();
        }
        let random = &mut Streams::new(seed, "multilevel splitting").stream(task);
        let mut pool: Vec<u32> = (0..weights.len() as u32).collect();
        let mut chains: Vec<Chain> = (0..self.sample)
            .map(|_| Chain::new(draw(&mut pool, set.len(), random), &weights))
            .collect();
        let n = self.sample as f64;
        let (mut log_p, mut variance) = (0.0, 0.0);
        // The chance of what `count` of the sample reached, by its logarithm's expectation.
        let mut multiply = |count: f64| {
            log_p += digamma(count) - digamma(n + 1.0);
            variance += trigamma(count) - trigamma(n + 1.0);
            log_p
        };
        loop {
            chains.sort_by(|a, b| a.score.total_cmp(&b.score));
            let level = chains[self.sample / 2].score;
            // Where scores are tied, fewer than half are above the median.
            let first = chains.partition_point(|chain| chain.score <= level);
            if level >= target || first == self.sample {
                let reached = chains.iter().filter(|chain| chain.score >= target);
                multiply((reached.count() as f64).max(1.0));
                break;
            }
            if multiply((self.sample - first + 1) as f64) < self.smallest.ln() {
                return MultilevelP {
                    p: self.smallest,
                    log2_error: f64::NAN,
                };
            }
            for at in 0..first {
                let source = random.random_range(first..self.sample);
                chains[at] = chains[source].clone();
            }
            shuffle(&mut chains, level, &weights, random);
        }
        MultilevelP {
            p: log_p.exp().clamp(self.smallest, 1.0),
            log2_error: variance.max(0.0).sqrt() / std::f64::consts::LN_2,
        }
    }
}

/// Exchanges genes until, on average, half of every set's genes have been accepted.
fn shuffle(chains: &mut [Chain], level: f64, weights: &[f64], random: &mut ChaCha8Rng) {
    let size = chains.first().map_or(0, |chain| chain.ranks.len());
    let wanted = chains.len() * size.div_ceil(2);
    let mut accepted = 0;
    for _ in 0..MOST_ROUNDS {
        for chain in chains.iter_mut() {
            for _ in 0..size.div_ceil(2) {
                accepted += usize::from(chain.exchange(level, weights, random));
            }
        }
        if accepted >= wanted {
            break;
        }
    }
}

/// A random set: its ascending ranks and its score.
#[derive(Clone)]
struct Chain {
    ranks: Vec<u32>,
    score: f64,
}

impl Chain {
    fn new(ranks: &[u32], weights: &[f64]) -> Self {
        let mut ranks = ranks.to_vec();
        ranks.sort_unstable();
        Self {
            score: walk(weights, &ranks).score(),
            ranks,
        }
    }

    /// Puts a random other gene in a random gene's place if the score stays above the level.
    fn exchange(&mut self, level: f64, weights: &[f64], random: &mut ChaCha8Rng) -> bool {
        let from = random.random_range(0..self.ranks.len());
        let rank = random.random_range(0..weights.len() as u32);
        let Err(to) = self.ranks.binary_search(&rank) else {
            return false;
        };
        let old = self.ranks[from];
        let to = if to > from { to - 1 } else { to };
        self.move_rank(from, to, rank);
        let score = walk(weights, &self.ranks).score();
        if score > level {
            self.score = score;
            true
        } else {
            self.move_rank(to, from, old);
            false
        }
    }

    /// Takes the rank at `from` out and puts another at `to`.
    fn move_rank(&mut self, from: usize, to: usize, rank: u32) {
        if from <= to {
            self.ranks[from..=to].rotate_left(1);
        } else {
            self.ranks[to..=from].rotate_right(1);
        }
        self.ranks[to] = rank;
    }
}

/// The derivative of the digamma function, for numbers from 1.
fn trigamma(x: f64) -> f64 {
    let mut x = x;
    let mut sum = 0.0;
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    sum + 1.0 / x + r / 2.0 + r / x * (1.0 / 6.0 - r * (1.0 / 30.0 - r / 42.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigamma_of_one_and_of_a_half_hundred() {
        let pi = std::f64::consts::PI;
        assert!((trigamma(1.0) - pi * pi / 6.0).abs() < 1e-9);
        assert!((trigamma(50.0) - (trigamma(51.0) + 1.0 / 2500.0)).abs() < 1e-12);
    }

    #[test]
    fn an_exchange_keeps_ranks_in_order_and_undoes_itself() {
        let mut chain = Chain {
            ranks: vec![2, 5, 9],
            score: 0.0,
        };
        chain.move_rank(0, 1, 7);
        assert_eq!(chain.ranks, [5, 7, 9]);
        chain.move_rank(1, 0, 2);
        assert_eq!(chain.ranks, [2, 5, 9]);
    }
}
