//! From a file's raw sets to a collection's: weights, duplicate genes, duplicate names.

use super::{DuplicateNames, GeneSet, Lint};
use crate::error::{Error, Place, Result};
use crate::wording::number_of;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A set as a reader found it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSet {
    pub line: Option<usize>,
    pub name: String,
    pub description: String,
    /// Genes, each perhaps with `,weight`.
    pub tokens: Vec<String>,
}

/// What reading gave: sets with unique names and genes, and remarks.
pub(super) type Assembled = (Vec<GeneSet>, Vec<Lint>);

/// Applies the common policy of all formats.
pub(super) fn assemble(
    raw: Vec<RawSet>,
    mut lints: Vec<Lint>,
    policy: DuplicateNames,
    path: &Path,
) -> Result<Assembled> {
    let mut sets: Vec<(Option<usize>, GeneSet)> = Vec::with_capacity(raw.len());
    for set in raw {
        let line = set.line;
        if set.name.is_empty() {
            lints.push(lint(line, "", "the set has no name and was skipped"));
            continue;
        }
        let set = genes_of(set, &mut lints);
        if set.is_empty() {
            lints.push(lint(
                line,
                &set.name,
                "the set has no genes and was skipped",
            ));
        } else {
            sets.push((line, set));
        }
    }
    let sets = unique_names(sets, &mut lints, policy, path)?;
    if sets.is_empty() {
        let seen = lints
            .first()
            .map_or_else(String::new, |lint| format!(" ({lint})"));
        return Err(Error::format(
            path,
            Place::file(),
            format!("there is no gene set in this file{seen}"),
            "A GMT line is a name, a description and genes, separated by tabs.",
        ));
    }
    lints.sort_by_key(|lint| lint.line);
    Ok((sets, lints))
}

fn lint(line: Option<usize>, set: &str, message: impl Into<String>) -> Lint {
    Lint {
        line,
        set: set.to_owned(),
        message: message.into(),
    }
}

/// The genes of a set, each once, with weights if any token has one.
fn genes_of(set: RawSet, lints: &mut Vec<Lint>) -> GeneSet {
    let mut seen: HashSet<String> = HashSet::with_capacity(set.tokens.len());
    let mut genes = Vec::with_capacity(set.tokens.len());
    let mut weights = Vec::with_capacity(set.tokens.len());
    let mut weighted = false;
    let mut repeated: Vec<String> = Vec::new();
    for token in set.tokens {
        let (gene, weight) = split_weight(&token);
        if gene.is_empty() {
            continue;
        }
        weighted |= weight.is_some();
        if seen.insert(gene.to_owned()) {
            genes.push(gene.to_owned());
            weights.push(weight.unwrap_or(1.0));
        } else {
            repeated.push(gene.to_owned());
        }
    }
    if !repeated.is_empty() {
        let count = repeated.len();
        repeated.truncate(5);
        lints.push(lint(
            set.line,
            &set.name,
            format!(
                "{} removed ({}{})",
                number_of(count, "repeated gene"),
                repeated.join(", "),
                if count > 5 { ", ..." } else { "" }
            ),
        ));
    }
    GeneSet {
        name: set.name,
        description: set.description,
        genes,
        weights: weighted.then_some(weights),
    }
}

/// `GENE,0.5` is a gene with a weight; a comma before anything but a finite number belongs to
/// the name, as in metabolites.
fn split_weight(token: &str) -> (&str, Option<f32>) {
    let token = token.trim();
    if let Some((gene, suffix)) = token.rsplit_once(',')
        && let Ok(weight) = suffix.trim().parse::<f32>()
        && weight.is_finite()
        && suffix
            .trim()
            .starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
    {
        return (gene.trim(), Some(weight));
    }
    (token, None)
}

pub(super) fn unique_names(
    sets: Vec<(Option<usize>, GeneSet)>,
    lints: &mut Vec<Lint>,
    policy: DuplicateNames,
    path: &Path,
) -> Result<Vec<GeneSet>> {
    let mut taken: HashSet<String> = sets.iter().map(|(_, set)| set.name.clone()).collect();
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut first_line: HashMap<String, Option<usize>> = HashMap::new();
    let mut dropped: HashSet<String> = HashSet::new();
    let mut kept: Vec<GeneSet> = Vec::with_capacity(sets.len());
    for (line, mut set) in sets {
        let Some(&at) = place.get(&set.name) else {
            place.insert(set.name.clone(), kept.len());
            first_line.insert(set.name.clone(), line);
            kept.push(set);
            continue;
        };
        let earlier = match first_line.get(&set.name).copied().flatten() {
            Some(line) => format!("the set of line {line}"),
            None => "an earlier set".to_owned(),
        };
        let mut remark = |done: &str| {
            lints.push(lint(
                line,
                &set.name,
                format!("has the name of {earlier}; {done}"),
            ));
        };
        match policy {
            DuplicateNames::Error => {
                return Err(Error::format(
                    path,
                    Place { line, field: None },
                    format!("the set {:?} has the name of {earlier}", set.name),
                    "Rename one of them, or choose what to do with --duplicate-sets.",
                ));
            }
            DuplicateNames::Rename => {
                let new = (2..)
                    .map(|number| format!("{} ({number})", set.name))
                    .find(|name| !taken.contains(name))
                    .unwrap_or_default();
                remark(&format!("renamed to {new:?}"));
                taken.insert(new.clone());
                set.name = new;
                kept.push(set);
            }
            DuplicateNames::First => remark("only the first is kept"),
            DuplicateNames::Last => {
                remark("only the last is kept");
                kept[at] = set;
            }
            DuplicateNames::Smallest => {
                remark("only the smallest is kept");
                if set.len() < kept[at].len() {
                    kept[at] = set;
                }
            }
            DuplicateNames::Largest => {
                remark("only the largest is kept");
                if set.len() > kept[at].len() {
                    kept[at] = set;
                }
            }
            DuplicateNames::Union => {
                remark("their genes were united");
                kept[at] = union(&kept[at], &set);
            }
            DuplicateNames::Drop => {
                remark("none of them is kept");
                dropped.insert(set.name);
            }
        }
    }
    kept.retain(|set| !dropped.contains(&set.name));
    Ok(kept)
}

/// The first set with the genes of the second that it lacks.
fn union(first: &GeneSet, second: &GeneSet) -> GeneSet {
    let mut both = first.clone();
    let weighted = first.weights.is_some() || second.weights.is_some();
    let mut weights = first
        .weights
        .clone()
        .unwrap_or_else(|| vec![1.0; first.len()]);
    let present: HashSet<&String> = first.genes.iter().collect();
    for (position, gene) in second.genes.iter().enumerate() {
        if !present.contains(gene) {
            both.genes.push(gene.clone());
            weights.push(
                second
                    .weights
                    .as_ref()
                    .map_or(1.0, |weights| weights[position]),
            );
        }
    }
    both.weights = weighted.then_some(weights);
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_after_the_comma_is_a_weight() {
        assert_eq!(split_weight("TP53,1.0"), ("TP53", Some(1.0)));
        assert_eq!(split_weight("TP53,-2e-1"), ("TP53", Some(-0.2)));
        assert_eq!(split_weight("2,3-DPG"), ("2,3-DPG", None));
        assert_eq!(split_weight("A,nan"), ("A,nan", None));
        assert_eq!(split_weight("A,inf"), ("A,inf", None));
        assert_eq!(split_weight("A,"), ("A,", None));
    }
}
