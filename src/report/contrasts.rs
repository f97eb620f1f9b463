//! Which pathways tell a group of samples from the rest: effect sizes, without a test.

use super::{Annotation, Labels};
use crate::activity::ScoreTable;
use crate::stats::rank::average_ranks;
use rayon::prelude::*;
use serde::Serialize;

/// The nodes kept for every group.
const KEPT: usize = 12;

/// The groups of an annotation with what is highest (and lowest) in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrasts {
    /// The annotation's position.
    pub annotation: usize,
    /// The groups with at least two samples, each against all other samples; of two groups only
    /// the second.
    pub groups: Vec<Contrast>,
}

/// A group against the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrast {
    /// The group's name.
    pub name: String,
    /// What it is held against: the other group, or the rest.
    pub against: String,
    /// Its samples.
    pub samples: usize,
    /// The samples it is held against.
    pub others: usize,
    /// The nodes that tell it apart best, the best first.
    pub top: Vec<Difference>,
}

/// How a node differs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The node's position.
    pub set: usize,
    /// The difference of the mean activities, in SDs of the training samples.
    pub difference: f64,
    /// The chance that a sample of the group has the higher activity, ties counting half.
    pub auroc: f64,
}

/// Effect sizes for every annotation that has groups, from all samples.
pub(super) fn contrasts(activity: &ScoreTable, annotations: &[Annotation]) -> Vec<Contrasts> {
    let groups = annotations.iter().enumerate();
    let groups = groups.filter_map(|(at, annotation)| match &annotation.labels {
        Labels::Groups { levels, codes } => Some(Contrasts {
            annotation: at,
            groups: by_group(activity, levels, codes),
        }),
        Labels::Numbers(_) => None,
    });
    groups.filter(|found| !found.groups.is_empty()).collect()
}

fn by_group(activity: &ScoreTable, levels: &[String], codes: &[Option<u8>]) -> Vec<Contrast> {
    let rows: Vec<(usize, usize)> = codes
        .iter()
        .enumerate()
        .filter_map(|(row, code)| Some((row, usize::from((*code)?))))
        .collect();
    let size = |level| rows.iter().filter(|(_, own)| *own == level).count();
    let compared: Vec<usize> = match levels.len() {
        0 | 1 => Vec::new(),
        2 => vec![1],
        count => (0..count).collect(),
    };
    let compared: Vec<usize> = compared
        .into_iter()
        .filter(|&level| size(level) > 1 && rows.len() - size(level) > 1)
        .collect();
    let width = activity.columns().len();
    let found: Vec<Vec<Difference>> = (0..width)
        .into_par_iter()
        .map(|set| {
            let value = |row: usize| f64::from(activity.values()[row * width + set]);
            let known: Vec<(f64, usize)> = rows
                .iter()
                .map(|&(row, level)| (value(row), level))
                .filter(|(value, _)| value.is_finite())
                .collect();
            let values: Vec<f64> = known.iter().map(|(value, _)| *value).collect();
            let ranks = average_ranks(&values);
            let difference = |&level: &usize| {
                let mut sums = [(0.0, 0.0); 2];
                let mut rank_sum = 0.0;
                for ((value, own), rank) in known.iter().zip(&ranks) {
                    let inside = usize::from(*own == level);
                    sums[inside].0 += value;
                    sums[inside].1 += 1.0;
                    rank_sum += inside as f64 * rank;
                }
                let [(rest, n_rest), (own, n)] = sums;
                Difference {
                    set,
                    difference: own / n - rest / n_rest,
                    auroc: (rank_sum - n * (n + 1.0) / 2.0) / (n * n_rest),
                }
            };
            compared.iter().map(difference).collect()
        })
        .collect();
    let two = levels.len() == 2;
    compared
        .iter()
        .enumerate()
        .map(|(at, &level)| {
            let own = found.iter().map(|node| node[at]);
            let mut top: Vec<Difference> = own.filter(|node| node.auroc.is_finite()).collect();
            // Of two groups both directions tell; of several what is high in each.
            let strength = |node: &Difference| match two {
                true => (node.auroc - 0.5).abs(),
                false => node.auroc - 0.5,
            };
            top.sort_by(|a, b| {
                strength(b)
                    .total_cmp(&strength(a))
                    .then(b.difference.abs().total_cmp(&a.difference.abs()))
            });
            top.truncate(KEPT);
            Contrast {
                name: levels[level].clone(),
                against: if two {
                    levels[0].clone()
                } else {
                    "the rest".to_owned()
                },
                samples: size(level),
                others: rows.len() - size(level),
                top,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    #[test]
    fn a_group_is_held_against_the_rest() -> Result<()> {
        let names = |count: usize| (0..count).map(|at| at.to_string()).collect::<Vec<_>>();
        let values = vec![0.0, 5.0, 1.0, 4.0, 2.0, 3.0, 3.0, f32::NAN, 9.0, 0.0];
        let activity = ScoreTable::new(names(5), names(2), values)?;
        let codes = vec![Some(0), Some(0), Some(1), Some(1), None];
        let annotation = Annotation {
            name: "kind".to_owned(),
            labels: Labels::Groups {
                levels: vec!["control".to_owned(), "case".to_owned()],
                codes,
            },
        };
        let found = contrasts(&activity, &[annotation]);
        let contrast = &found[0].groups[0];
        assert_eq!((contrast.name.as_str(), contrast.samples), ("case", 2));
        assert_eq!(contrast.top[0].set, 0);
        assert_eq!(contrast.top[0].auroc, 1.0);
        assert_eq!(contrast.top[0].difference, 2.0);
        assert_eq!(contrast.top[1].auroc, 0.0);
        assert_eq!(contrast.top[1].difference, -1.5);
        Ok(())
    }
}
