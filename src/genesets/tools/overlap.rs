//! How sets overlap, pair by pair, and whether by more than chance.

use super::filter::restricted;
use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection};
use crate::io::{one_field, write_text};
use crate::stats::enrichment::over_representation;
use crate::stats::hypothesis::benjamini_hochberg;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::Path;

/// Two sets that share a gene.
#[derive(Debug, Clone, PartialEq)]
pub struct SetPair {
    /// A set's name.
    pub first: String,
    /// Another's.
    pub second: String,
    /// Their sizes, in the universe.
    pub sizes: (usize, usize),
    /// Genes in both.
    pub shared: usize,
    /// Genes in both over genes in either, in (0, 1].
    pub jaccard: f64,
    /// Genes in both over the size of the smaller, in (0, 1] (Szymkiewicz-Simpson).
    pub overlap_coefficient: f64,
    /// `P(X >= shared)`, hypergeometric, in the universe.
    pub p: f64,
    /// The same adjusted for all pairs, those that share no gene included (Benjamini & Hochberg).
    pub adjusted_p: f64,
}

/// All pairs of sets that share a gene: of one collection, or of every set of the first with every
/// set of `other`. Genes outside of `universe` do not count; without one, the universe is all genes
/// of the collections, which makes any overlap look less surprising than it is.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection, overlap_table};
///
/// let sets = GeneSetCollection::new(vec![
///     GeneSet::new("a", "", ["A", "B", "C"]),
///     GeneSet::new("b", "", ["B", "C", "D", "E"]),
///     GeneSet::new("c", "", ["F"]),
/// ])?;
/// let pairs = overlap_table(&sets, None, None)?;
/// assert_eq!(pairs.len(), 1);
/// assert_eq!((pairs[0].shared, pairs[0].jaccard), (2, 0.4));
/// // 3 of 6 genes and 4 of 6 genes share at least 2: (C(4,2) C(2,1) + C(4,3)) / C(6,3).
/// assert!((pairs[0].p - 16.0 / 20.0).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] if no gene of the sets is in the universe.
pub fn overlap_table(
    collection: &GeneSetCollection,
    other: Option<&GeneSetCollection>,
    universe: Option<&HashSet<String>>,
) -> Result<Vec<SetPair>> {
    let all: HashSet<String> = match universe {
        Some(universe) => universe.clone(),
        None => {
            let both = collection
                .sets()
                .iter()
                .chain(other.iter().flat_map(|sets| sets.sets()));
            both.flat_map(|set| set.genes.iter().cloned()).collect()
        }
    };
    let within = |sets: &GeneSetCollection| -> Vec<GeneSet> {
        let kept = sets.sets().iter().map(|set| restricted(set, &all));
        kept.filter(|set| !set.is_empty()).collect()
    };
    let first = within(collection);
    let second = other.map(within);
    let targets = second.as_deref().unwrap_or(&first);
    if first.is_empty() || targets.is_empty() {
        return Err(Error::data(
            "no gene of the gene sets is in the universe",
            "Compare the identifiers with `gsae doctor`.",
        ));
    }
    let mut sets_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, set) in targets.iter().enumerate() {
        for gene in &set.genes {
            sets_of.entry(gene).or_default().push(at);
        }
    }
    let rows: Result<Vec<Vec<SetPair>>> = first
        .par_iter()
        .enumerate()
        .map(|(at, set)| {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            for gene in &set.genes {
                for &target in sets_of.get(gene.as_str()).into_iter().flatten() {
                    if second.is_some() || target > at {
                        *shared.entry(target).or_insert(0) += 1;
                    }
                }
            }
            let mut shared: Vec<(usize, usize)> = shared.into_iter().collect();
            shared.sort_unstable();
            let pairs = shared.into_iter();
            pairs
                .map(|(target, shared)| pair(set, &targets[target], shared, all.len()))
                .collect()
        })
        .collect();
    let mut pairs: Vec<SetPair> = rows?.into_iter().flatten().collect();
    let tests = match &second {
        Some(second) => first.len() * second.len(),
        None => first.len() * (first.len() - 1) / 2,
    };
    // Pairs without a shared gene have p = 1 and come last: they only make the tests more.
    let p: Vec<f64> = pairs.iter().map(|pair| pair.p).collect();
    let more = tests as f64 / p.len().max(1) as f64;
    if !p.is_empty() {
        for (pair, adjusted) in pairs.iter_mut().zip(benjamini_hochberg(&p)?) {
            pair.adjusted_p = (adjusted * more).min(1.0);
        }
    }
    Ok(pairs)
}

fn pair(first: &GeneSet, second: &GeneSet, shared: usize, universe: usize) -> Result<SetPair> {
    let sizes = (first.len(), second.len());
    let test = over_representation(shared, sizes.0, sizes.1, universe)?;
    Ok(SetPair {
        first: first.name.clone(),
        second: second.name.clone(),
        sizes,
        shared,
        jaccard: shared as f64 / (sizes.0 + sizes.1 - shared) as f64,
        overlap_coefficient: shared as f64 / sizes.0.min(sizes.1) as f64,
        p: test.test.greater,
        adjusted_p: test.adjusted_p,
    })
}

/// Writes pairs as a tab-separated table with a header.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub fn write_overlap_table(pairs: &[SetPair], path: impl AsRef<Path>) -> Result<()> {
    let mut text = String::from(
        "first\tsecond\tsize_first\tsize_second\tshared\tjaccard\toverlap_coefficient\tp\tadjusted_p\n",
    );
    for pair in pairs {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{:.6}\t{:.6}\t{:e}\t{:e}",
            one_field(&pair.first),
            one_field(&pair.second),
            pair.sizes.0,
            pair.sizes.1,
            pair.shared,
            pair.jaccard,
            pair.overlap_coefficient,
            pair.p,
            pair.adjusted_p,
        );
    }
    write_text(path, &text)
}
