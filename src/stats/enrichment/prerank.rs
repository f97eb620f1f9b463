//! Preranked GSEA: enrichment scores with their significance.

use super::check_sets;
use super::multilevel::{Multilevel, MultilevelP};
use super::null::NullScores;
use super::walk::Ranking;
use crate::error::{Error, Result};
use crate::stats::hypothesis::benjamini_hochberg;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The choices of [`prerank`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrerankOptions {
    /// A gene's weight is `|statistic|^exponent`.
    pub exponent: f64,
    /// Permutations of the genes.
    pub permutations: usize,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Estimate p-values too small for the permutations by multilevel splitting.
    pub multilevel: Option<Multilevel>,
}

impl Default for PrerankOptions {
    fn default() -> Self {
        Self {
            exponent: 1.0,
            permutations: 1000,
            seed: 0,
            multilevel: None,
        }
    }
}

/// What preranked GSEA says of a set. All is NaN for a set that is empty or holds all genes.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrichment {
    /// Genes of the set.
    pub size: usize,
    /// The enrichment score.
    pub es: f64,
    /// The normalised score: `es` over the mean of the permutations' scores of its sign.
    pub nes: f64,
    /// The p-value, never 0: `(b + 1) / (n + 1)`, b of the n permuted scores of the same sign
    /// being as extreme; or by multilevel splitting.
    pub p: f64,
    /// `p` adjusted for all sets (Benjamini & Hochberg).
    pub adjusted_p: f64,
    /// GSEA's false discovery rate: the share of permuted normalised scores of this sign that
    /// are as extreme over the share of observed ones, at most 1.
    pub fdr: f64,
    /// GSEA's family-wise p-value: the share of permutations in which any set is as extreme.
    pub fwer: f64,
    /// The standard error of log2 of `p`, where `p` is by multilevel splitting.
    pub log2_error: Option<f64>,
    /// The set's genes up to the peak, the most extreme first.
    pub leading_edge: Vec<u32>,
}

/// With fewer permuted scores as extreme as this, multilevel splitting is the better estimate.
const FEW: usize = 10;

/// Preranked GSEA (Subramanian et al. 2005, PNAS 102:15545) of gene sets in a ranking by
/// `statistics`, one a gene in any order.
///
/// Genes are permuted; every permutation has a stream of random numbers of its own, so the
/// result depends on the seed and not on the number of threads. All sets share a permutation,
/// walked once in time that follows the memberships. Memory: 4 bytes a set and permutation.
///
/// Where a ranking is lopsided, few permutations score on one side, and p-values on that side
/// cannot get small: `1 / (n + 1)` at best. [`PrerankOptions::multilevel`] looks further.
///
/// ```
/// use gsae::stats::enrichment::{PrerankOptions, prerank};
///
/// let statistics: Vec<f64> = (0..100).map(|gene| 5.0 - 0.1 * f64::from(gene)).collect();
/// let sets = [vec![0, 1, 2, 4, 7], vec![10, 35, 50, 70, 90]];
/// let found = prerank(&statistics, &sets, &PrerankOptions::default())?;
/// assert!((found[0].es - (1.0 - 3.0 / 95.0)).abs() < 1e-12);
/// assert!(found[0].p < 0.01 && found[1].p > 0.1);
/// assert_eq!(found[0].leading_edge, [0, 1, 2, 4, 7]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a ranking with fewer than two genes or a statistic that is not finite, an
/// exponent below 0, no permutation, or a set with a gene outside the ranking or twice.
pub fn prerank<S: AsRef<[u32]> + Sync>(
    statistics: &[f64],
    sets: &[S],
    options: &PrerankOptions,
) -> Result<Vec<Enrichment>> {
    prerank_aloud(statistics, sets, options, &|_, _| ())
}

/// [`prerank`] that tells `progress`, after the permutations, the sets that are done and how many
/// there are: with multilevel splitting they take long.
///
/// # Errors
/// As [`prerank`].
pub fn prerank_aloud<S: AsRef<[u32]> + Sync>(
    statistics: &[f64],
    sets: &[S],
    options: &PrerankOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Enrichment>> {
    let ranking = Ranking::new(statistics, options.exponent)?;
    check_sets(sets, ranking.len())?;
    if options.permutations == 0 {
        return Err(Error::data(
            "without permutations there is no p-value",
            "Ask for some, for example 1000.",
        ));
    }
    if let Some(multilevel) = &options.multilevel {
        multilevel.check()?;
    }
    let testable = |set: &S| (1..ranking.len()).contains(&set.as_ref().len());
    let tested: Vec<usize> = (0..sets.len()).filter(|&at| testable(&sets[at])).collect();
    let kept: Vec<&[u32]> = tested.iter().map(|&at| sets[at].as_ref()).collect();

    let null = NullScores::new(&ranking, &kept, options.permutations, options.seed);
    let done = AtomicUsize::new(0);
    let mut results: Vec<(Enrichment, Means)> = kept
        .par_iter()
        .enumerate()
        .map(|(at, set)| {
            let found = single(&ranking, set, at, &null, options);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, kept.len());
            found
        })
        .collect();
    adjust(&mut results, &null)?;

    let mut found: Vec<Enrichment> = sets
        .iter()
        .map(|set| Enrichment {
            size: set.as_ref().len(),
            es: f64::NAN,
            nes: f64::NAN,
            p: f64::NAN,
            adjusted_p: f64::NAN,
            fdr: f64::NAN,
            fwer: f64::NAN,
            log2_error: None,
            leading_edge: Vec::new(),
        })
        .collect();
    for (at, (result, _)) in tested.into_iter().zip(results) {
        found[at] = result;
    }
    Ok(found)
}

/// How far above the smallest p of all permutations one is that they cut off: half of them, at
/// times fewer, have scores of its sign.
const CUT_OFF: f64 = 5.0;

/// The permutations it takes for a single set to have an adjusted p of at most `level`, where no
/// set has one and so few permutations may be why: the smallest p found is about the smallest that
/// they can show, and adjusted for all sets it is above the level.
pub fn too_few_permutations(
    found: &[Enrichment],
    options: &PrerankOptions,
    level: f64,
) -> Option<usize> {
    let known = found.iter().filter(|own| own.p.is_finite());
    let (mut sets, mut smallest) = (0.0, f64::INFINITY);
    for own in known {
        if own.adjusted_p <= level {
            return None;
        }
        sets += 1.0;
        smallest = f64::min(smallest, own.p);
    }
    let floor = 1.0 / (options.permutations as f64 + 1.0);
    let short = options.multilevel.is_none() && floor * sets > level && smallest <= CUT_OFF * floor;
    // Twice, as about half of the permutations have scores of either sign.
    short.then(|| (2.0 * sets / level).ceil() as usize)
}

/// The mean size of a set's permuted scores, those from 0 and those below.
#[derive(Clone, Copy)]
struct Means {
    positive: f64,
    negative: f64,
}

impl Means {
    fn normalise(&self, score: f64) -> f64 {
        if score >= 0.0 {
            score / self.positive
        } else {
            score / self.negative
        }
    }
}

/// What a set's own permuted scores say.
fn single(
    ranking: &Ranking,
    set: &[u32],
    at: usize,
    null: &NullScores,
    options: &PrerankOptions,
) -> (Enrichment, Means) {
    let score = ranking.score(set);
    let es = score.es;
    let mut sums = [0.0, 0.0];
    let mut counts = [0usize; 2];
    let mut extreme = 0;
    let rounded = es as f32;
    for other in null.of(at) {
        let side = usize::from(other < 0.0);
        sums[side] += f64::from(other).abs();
        counts[side] += 1;
        extreme += usize::from(if es < 0.0 {
            other <= rounded
        } else {
            other >= rounded
        });
    }
    let own = usize::from(es < 0.0);
    // A side that no permutation took is as wide as the score itself: NES 1.
    let mean = |side: usize| {
        if counts[side] > 0 && sums[side] > 0.0 {
            sums[side] / counts[side] as f64
        } else {
            es.abs()
        }
    };
    let means = Means {
        positive: mean(0),
        negative: mean(1),
    };
    let mut p = (extreme + 1) as f64 / (counts[own] + 1) as f64;
    let mut log2_error = None;
    if let Some(multilevel) = options.multilevel.filter(|_| extreme < FEW && es != 0.0) {
        let one_sided: MultilevelP = multilevel.estimate(ranking, set, es, options.seed, at as u64);
        let side = (counts[own] + 1) as f64 / (options.permutations + 1) as f64;
        p = (one_sided.p / side).min(1.0);
        log2_error = Some(one_sided.log2_error);
    }
    let enrichment = Enrichment {
        size: set.len(),
        es,
        nes: if es == 0.0 { 0.0 } else { means.normalise(es) },
        p,
        adjusted_p: f64::NAN,
        fdr: f64::NAN,
        fwer: f64::NAN,
        log2_error,
        leading_edge: score.leading_edge,
    };
    (enrichment, means)
}

/// What all sets together say: the false discovery rate and the family-wise p-value.
fn adjust(results: &mut [(Enrichment, Means)], null: &NullScores) -> Result<()> {
    let p: Vec<f64> = results.iter().map(|(found, _)| found.p).collect();
    let adjusted = benjamini_hochberg(&p)?;
    let means: Vec<Means> = results.iter().map(|(_, means)| *means).collect();
    let mut observed: Vec<f64> = results.iter().map(|(found, _)| found.nes).collect();
    observed.sort_by(f64::total_cmp);
    let negative = observed.partition_point(|nes| *nes < 0.0);

    // How many permuted scores fall between neighbouring observed ones: above[i] are those that
    // reach i observed scores from below, below[i] those that i observed scores are below of.
    let count = observed.len() + 1;
    let empty = || (vec![0u64; count], vec![0u64; count], [0u64; 2]);
    let (above, below, sides) = null
        .permutations()
        .par_iter()
        .fold(empty, |(mut above, mut below, mut sides), scores| {
            for (score, means) in scores.iter().zip(&means) {
                let nes = means.normalise(f64::from(*score));
                if nes < 0.0 {
                    sides[1] += 1;
                    below[observed.partition_point(|other| *other < nes)] += 1;
                } else {
                    sides[0] += 1;
                    above[observed.partition_point(|other| *other <= nes)] += 1;
                }
            }
            (above, below, sides)
        })
        .reduce(empty, |mut a, b| {
            for (mine, other) in a.0.iter_mut().zip(&b.0) {
                *mine += other;
            }
            for (mine, other) in a.1.iter_mut().zip(&b.1) {
                *mine += other;
            }
            a.2 = [a.2[0] + b.2[0], a.2[1] + b.2[1]];
            a
        });
    let extremes: Vec<(f64, f64)> = null
        .permutations()
        .par_iter()
        .map(|scores| {
            let all = scores.iter().zip(&means);
            all.fold((0.0, 0.0), |(most, least): (f64, f64), (score, means)| {
                let nes = means.normalise(f64::from(*score));
                (most.max(nes), least.min(nes))
            })
        })
        .collect();

    for ((found, _), adjusted) in results.iter_mut().zip(adjusted) {
        let nes = found.nes;
        let (permuted, side, as_extreme, of) = if nes < 0.0 {
            let at = observed.partition_point(|other| *other < nes);
            let permuted: u64 = below[..=at].iter().sum();
            let as_extreme = observed.partition_point(|other| *other <= nes);
            (permuted, sides[1], as_extreme, negative)
        } else {
            let at = observed.partition_point(|other| *other <= nes);
            let permuted: u64 = above[at..].iter().sum();
            let as_extreme = observed.len() - observed.partition_point(|other| *other < nes);
            (permuted, sides[0], as_extreme, observed.len() - negative)
        };
        let by_chance = (permuted + 1) as f64 / (side + 1) as f64;
        found.fdr = (by_chance / (as_extreme as f64 / of as f64)).min(1.0);
        found.adjusted_p = adjusted;
        let beyond = extremes
            .iter()
            .filter(|(most, least)| {
                if nes < 0.0 {
                    *least <= nes
                } else {
                    *most >= nes
                }
            })
            .count();
        found.fwer = (beyond + 1) as f64 / (extremes.len() + 1) as f64;
    }
    Ok(())
}
