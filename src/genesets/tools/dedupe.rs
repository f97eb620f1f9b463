//! Near-duplicates: sets that share most of their genes.

use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection, MembershipGraph};
use std::collections::{HashMap, HashSet};
use std::str::FromStr;

/// Which of similar sets stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kept {
    /// The one with the most genes.
    #[default]
    Largest,
    /// The one with the fewest genes.
    Smallest,
    /// The one that comes first.
    First,
}

impl FromStr for Kept {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "largest" => Ok(Self::Largest),
            "smallest" => Ok(Self::Smallest),
            "first" => Ok(Self::First),
            _ => Err(Error::config(
                "--keep",
                format!("is largest, smallest or first, not {text:?}"),
            )),
        }
    }
}

/// What happens to the genes of a set that goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDuplicate {
    /// They go with it.
    #[default]
    Drop,
    /// They join the set that stays.
    Merge,
}

/// A set that went, and the one that stands for it.
#[derive(Debug, Clone, PartialEq)]
pub struct NearDuplicate {
    /// The set that went.
    pub removed: String,
    /// The set that stayed.
    pub kept: String,
    /// Genes in both, as the collection had them.
    pub shared: usize,
    /// Their Jaccard index, in (0, 1].
    pub jaccard: f64,
}

/// Removes near-duplicates: sets are gone through in the order in which they are worth keeping,
/// ties in the collection's order, and a set with a Jaccard index of at least `threshold` to one
/// that stays goes, on the account of the most similar one. What stays is in the collection's
/// order, and no two sets of it are that similar (before any merging).
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection, Kept, OnDuplicate, dedupe};
///
/// let sets = GeneSetCollection::new(vec![
///     GeneSet::new("a", "", ["A", "B", "C"]),
///     GeneSet::new("b", "", ["A", "B", "C", "D"]),
///     GeneSet::new("c", "", ["X"]),
/// ])?;
/// let (left, gone) = dedupe(&sets, 0.7, Kept::Largest, OnDuplicate::Drop)?;
/// assert_eq!(left.len(), 2);
/// assert_eq!((gone[0].removed.as_str(), gone[0].kept.as_str()), ("a", "b"));
/// assert_eq!(gone[0].jaccard, 0.75);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Config`] for a threshold outside of (0, 1].
pub fn dedupe(
    collection: &GeneSetCollection,
    threshold: f64,
    kept: Kept,
    then: OnDuplicate,
) -> Result<(GeneSetCollection, Vec<NearDuplicate>)> {
    if !(threshold > 0.0 && threshold <= 1.0) {
        return Err(Error::config(
            "--jaccard",
            format!("must be above 0 and at most 1, not {threshold}"),
        ));
    }
    let sets = collection.sets();
    let place: HashMap<&str, usize> = sets
        .iter()
        .enumerate()
        .map(|(at, set)| (set.name.as_str(), at))
        .collect();
    let mut similar: Vec<Vec<(usize, usize, f64)>> = vec![Vec::new(); sets.len()];
    for pair in MembershipGraph::new(collection).overlaps(threshold) {
        let (first, second) = (place[pair.first.as_str()], place[pair.second.as_str()]);
        similar[first].push((second, pair.shared, pair.jaccard));
        similar[second].push((first, pair.shared, pair.jaccard));
    }
    let mut order: Vec<usize> = (0..sets.len()).collect();
    match kept {
        Kept::Largest => order.sort_by_key(|&at| std::cmp::Reverse(sets[at].len())),
        Kept::Smallest => order.sort_by_key(|&at| sets[at].len()),
        Kept::First => {}
    }
    let mut stays = vec![false; sets.len()];
    let mut left: Vec<GeneSet> = sets.to_vec();
    let mut gone: Vec<(usize, NearDuplicate)> = Vec::new();
    for at in order {
        let best = similar[at]
            .iter()
            .filter(|(other, ..)| stays[*other])
            .max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
        let Some(&(other, shared, jaccard)) = best else {
            stays[at] = true;
            continue;
        };
        if then == OnDuplicate::Merge {
            absorb(&mut left[other], &sets[at]);
        }
        let pair = NearDuplicate {
            removed: sets[at].name.clone(),
            kept: sets[other].name.clone(),
            shared,
            jaccard,
        };
        gone.push((at, pair));
    }
    gone.sort_by_key(|(at, _)| *at);
    let mut keep = stays.iter();
    left.retain(|_| keep.next() == Some(&true));
    Ok((
        GeneSetCollection::new(left)?,
        gone.into_iter().map(|(_, pair)| pair).collect(),
    ))
}

/// Adds the genes of `other` that `set` lacks, weights kept.
fn absorb(set: &mut GeneSet, other: &GeneSet) {
    let present: HashSet<String> = set.genes.iter().cloned().collect();
    let weighted = set.weights.is_some() || other.weights.is_some();
    let mut weights = set.weights.take().unwrap_or_else(|| vec![1.0; set.len()]);
    for (at, gene) in other.genes.iter().enumerate() {
        if !present.contains(gene) {
            set.genes.push(gene.clone());
            weights.push(other.weights.as_ref().map_or(1.0, |weights| weights[at]));
        }
    }
    set.weights = weighted.then_some(weights);
}
