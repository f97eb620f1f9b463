//! One collection of several, and one set of several.

use super::NamePattern;
use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection};
use crate::wording::did_you_mean;
use std::collections::{HashMap, HashSet};
use std::str::FromStr;

/// All sets of several collections, in order. A name that several collections have gets the
/// collection's label put before it in each of them: `LABEL:NAME`.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection, merge_prefixed};
///
/// let one = GeneSetCollection::new(vec![GeneSet::new("Apoptosis", "", ["BAX"])])?;
/// let two = GeneSetCollection::new(vec![
///     GeneSet::new("Apoptosis", "", ["CASP3"]),
///     GeneSet::new("Repair", "", ["MLH1"]),
/// ])?;
/// let both = merge_prefixed(&[("x".into(), one), ("y".into(), two)])?;
/// let names: Vec<&str> = both.sets().iter().map(|set| set.name.as_str()).collect();
/// assert_eq!(names, ["x:Apoptosis", "y:Apoptosis", "Repair"]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] if two sets have one name even so, as collections of one label can cause.
pub fn merge_prefixed(parts: &[(String, GeneSetCollection)]) -> Result<GeneSetCollection> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for set in parts.iter().flat_map(|(_, part)| part.sets()) {
        *count.entry(&set.name).or_insert(0) += 1;
    }
    let mut sets = Vec::new();
    for (label, part) in parts {
        for set in part.sets() {
            let mut set = set.clone();
            if count.get(set.name.as_str()).is_some_and(|count| *count > 1) {
                set.name = format!("{label}:{}", set.name);
            }
            sets.push(set);
        }
    }
    GeneSetCollection::new(sets)
}

/// How the genes of several sets become one set's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperation {
    /// The genes of any of them.
    Union,
    /// The genes that all of them have.
    Intersect,
    /// The genes of any set that the first pattern names, without those of any set that the other
    /// patterns name.
    Difference,
}

impl FromStr for SetOperation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "union" => Ok(Self::Union),
            "intersect" => Ok(Self::Intersect),
            "difference" => Ok(Self::Difference),
            _ => Err(Error::config(
                "OPERATION",
                format!("is union, intersect or difference, not {text:?}"),
            )),
        }
    }
}

/// A set made of those that the patterns name, called `name`; genes in the order in which they
/// come first. Its description says what it was made of.
///
/// # Errors
/// [`Error::Config`] for a pattern that names no set, or a difference without a second pattern;
/// [`Error::Data`] if no gene is left.
pub fn combine(
    collection: &GeneSetCollection,
    operation: SetOperation,
    patterns: &[NamePattern],
    name: &str,
) -> Result<GeneSet> {
    let mut groups: Vec<Vec<&GeneSet>> = Vec::new();
    for pattern in patterns {
        let named = |set: &&GeneSet| pattern.matches(&set.name);
        let group: Vec<&GeneSet> = collection.sets().iter().filter(named).collect();
        if group.is_empty() {
            let names = collection.sets().iter().map(|set| set.name.as_str());
            let hint = did_you_mean(pattern.as_str(), names);
            return Err(Error::config(
                "NAMES",
                format!("{:?} names none of the gene sets{hint}", pattern.as_str()),
            ));
        }
        groups.push(group);
    }
    let Some((first, rest)) = groups.split_first() else {
        return Err(Error::config("NAMES", "are needed: which sets to combine"));
    };
    if operation == SetOperation::Difference && rest.is_empty() {
        return Err(Error::config(
            "NAMES",
            "needs a second pattern: the sets whose genes are taken away",
        ));
    }
    let everything = || groups.iter().flatten().copied();
    let genes_of = |set: &GeneSet| -> HashSet<String> { set.genes.iter().cloned().collect() };
    let (word, mut made) = match operation {
        SetOperation::Union => ("union", united(everything())),
        SetOperation::Intersect => {
            let mut made = united(everything());
            for set in everything() {
                made = super::filter::restricted(&made, &genes_of(set));
            }
            ("intersection", made)
        }
        SetOperation::Difference => {
            let made = united(first.iter().copied());
            let away: HashSet<String> = rest
                .iter()
                .flatten()
                .flat_map(|set| genes_of(set))
                .collect();
            let left = genes_of(&made).difference(&away).cloned().collect();
            ("difference", super::filter::restricted(&made, &left))
        }
    };
    if made.is_empty() {
        return Err(Error::data(
            format!("the {word} of these sets has no gene"),
            "Name other sets.",
        ));
    }
    name.clone_into(&mut made.name);
    let patterns: Vec<&str> = patterns.iter().map(NamePattern::as_str).collect();
    made.description = format!("{word} of {}", patterns.join(", "));
    Ok(made)
}

fn united<'a>(sets: impl Iterator<Item = &'a GeneSet>) -> GeneSet {
    let mut made = GeneSet::new("", "", Vec::<String>::new());
    let mut seen: HashSet<&str> = HashSet::new();
    let mut weights = Vec::new();
    let mut weighted = false;
    for set in sets {
        weighted |= set.weights.is_some();
        for (at, gene) in set.genes.iter().enumerate() {
            if seen.insert(gene) {
                made.genes.push(gene.clone());
                weights.push(set.weights.as_ref().map_or(1.0, |weights| weights[at]));
            }
        }
    }
    made.weights = weighted.then_some(weights);
    made
}
