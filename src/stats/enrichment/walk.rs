//! The running sum of GSEA.

use crate::error::{Error, Result};

/// Genes by descending statistic, with the weight each has in the running sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The genes, best first: positions in the list of statistics.
    pub(super) genes: Vec<u32>,
    /// The rank of every gene, from 0.
    pub(super) ranks: Vec<u32>,
    /// `|statistic|^exponent`, by rank.
    pub(super) weights: Vec<f64>,
}

/// An enrichment score.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrichmentScore {
    /// The running sum where it is farthest from 0, in [-1, 1]; NaN for a set that is empty or
    /// holds all genes.
    pub es: f64,
    /// The set's genes up to there (from there on, where the score is negative), the most
    /// extreme first.
    pub leading_edge: Vec<u32>,
}

/// The largest and the smallest value of a running sum and the hits at which it has them.
#[derive(Debug, Clone, Copy)]
pub(in crate::stats) struct Extremes {
    pub most: f64,
    pub most_at: usize,
    pub least: f64,
    pub least_at: usize,
}

impl Extremes {
    /// Whichever is farther from 0.
    pub fn score(&self) -> f64 {
        if self.most >= -self.least {
            self.most
        } else {
            self.least
        }
    }
}

/// Walks along a ranking of `weights.len()` genes, of which the set's have the ascending `ranks`;
/// there must be some, and others.
pub(in crate::stats) fn walk(weights: &[f64], ranks: &[u32]) -> Extremes {
    let k = ranks.len() as f64;
    let total: f64 = ranks.iter().map(|&rank| weights[rank as usize]).sum();
    // Weights that are all 0 count alike.
    let (per_weight, per_hit) = if total > 0.0 {
        (1.0 / total, 0.0)
    } else {
        (0.0, 1.0 / k)
    };
    let per_miss = 1.0 / (weights.len() as f64 - k);
    let mut extremes = Extremes {
        most: f64::NEG_INFINITY,
        most_at: 0,
        least: f64::INFINITY,
        least_at: 0,
    };
    let mut sum = 0.0;
    for (hit, &rank) in ranks.iter().enumerate() {
        let misses = (rank as usize - hit) as f64 * per_miss;
        let before = sum * per_weight + hit as f64 * per_hit - misses;
        if before < extremes.least {
            (extremes.least, extremes.least_at) = (before, hit);
        }
        sum += weights[rank as usize];
        let after = sum * per_weight + (hit + 1) as f64 * per_hit - misses;
        if after > extremes.most {
            (extremes.most, extremes.most_at) = (after, hit);
        }
    }
    extremes
}

impl Ranking {
    /// Ranks genes by descending statistic; genes of one statistic stay in their order. The
    /// weight of a gene is `|statistic|^exponent`: exponent 1 is GSEA's default, 0 counts all
    /// hits alike (Kolmogorov-Smirnov).
    ///
    /// # Errors
    /// [`Error::Data`] for no gene, a statistic that is not finite, or an exponent below 0.
    pub fn new(statistics: &[f64], exponent: f64) -> Result<Self> {
        crate::stats::check::at_least(statistics.len(), 2, "the ranking")?;
        crate::stats::check::finite(statistics, "the ranking")?;
        if !(exponent >= 0.0 && exponent.is_finite()) {
            return Err(Error::data(
                format!("{exponent} is no exponent for weights of genes"),
                "Give a number from 0, for example 1.",
            ));
        }
        let mut genes: Vec<u32> = (0..statistics.len() as u32).collect();
        let value = |gene: u32| statistics[gene as usize];
        genes.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
        let mut ranks = vec![0; genes.len()];
        for (&gene, rank) in genes.iter().zip(0..) {
            ranks[gene as usize] = rank;
        }
        let weights = genes
            .iter()
            .map(|&gene| value(gene).abs().powf(exponent))
            .collect();
        Ok(Self {
            genes,
            ranks,
            weights,
        })
    }

    /// The number of genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Whether there is no gene; never true.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }

    /// Ascending ranks of a set's genes.
    pub(super) fn ranks_of(&self, set: &[u32]) -> Vec<u32> {
        let mut ranks: Vec<u32> = set.iter().map(|&gene| self.ranks[gene as usize]).collect();
        ranks.sort_unstable();
        ranks
    }

    /// The enrichment score of a set (Subramanian et al. 2005, PNAS 102:15545): walking down the
    /// ranking, a gene of the set adds its share of the set's weights, any other gene takes off
    /// `1 / (n - k)`; the score is the sum where it is farthest from 0. Time follows the set's
    /// size, not the ranking's.
    ///
    /// ```
    /// use gsae::stats::enrichment::Ranking;
    ///
    /// let ranking = Ranking::new(&[3.0, 2.0, 1.0, -1.0, -2.0], 1.0)?;
    /// let score = ranking.enrichment_score(&[0, 2])?;
    /// // 3/4 at the first gene, 3/4 - 1/3 + 1/4 at the third.
    /// assert_eq!(score.es, 0.75);
    /// assert_eq!(score.leading_edge, [0]);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for a gene outside the ranking or twice in the set.
    pub fn enrichment_score(&self, set: &[u32]) -> Result<EnrichmentScore> {
        super::check_set(set, 1, &mut vec![0; self.len()])?;
        Ok(self.score(set))
    }

    /// As [`enrichment_score`](Self::enrichment_score), for a set that was checked.
    pub(super) fn score(&self, set: &[u32]) -> EnrichmentScore {
        if set.is_empty() || set.len() >= self.len() {
            return EnrichmentScore {
                es: f64::NAN,
                leading_edge: Vec::new(),
            };
        }
        let ranks = self.ranks_of(set);
        let extremes = walk(&self.weights, &ranks);
        let gene = |rank: &u32| self.genes[*rank as usize];
        let es = extremes.score();
        let leading_edge = if es >= 0.0 {
            ranks[..=extremes.most_at].iter().map(gene).collect()
        } else {
            ranks[extremes.least_at..].iter().rev().map(gene).collect()
        };
        EnrichmentScore { es, leading_edge }
    }
}
