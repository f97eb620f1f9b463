//! What is compared: samples, or the means of donors over their samples.

use crate::activity::ScoreTable;
use std::collections::BTreeMap;

/// Observations of a score table: groups of its rows, of which each counts once, with the mean of
/// its rows' scores.
///
/// Cells of one donor are not independent, and tests that take them so find differences where
/// there are none (Squair et al. 2021, Nature Communications 12:5692): with a donor column, an
/// observation is a donor in a group, not a cell.
#[derive(Debug, Clone)]
pub struct Observations<'a> {
    scores: &'a ScoreTable,
    rows: Vec<Vec<usize>>,
    /// The donor of every observation, if there are donors.
    donors: Option<Vec<usize>>,
}

impl<'a> Observations<'a> {
    /// Every row for itself.
    pub fn samples(scores: &'a ScoreTable, rows: &[usize]) -> Self {
        Self {
            scores,
            rows: rows.iter().map(|row| vec![*row]).collect(),
            donors: None,
        }
    }

    /// One observation for every pair of a donor and a group that occurs, in the order of donors
    /// by name and groups by number; also the group of every observation.
    ///
    /// `entries`: row, donor and group.
    pub fn donors(scores: &'a ScoreTable, entries: &[(usize, &str, usize)]) -> (Self, Vec<usize>) {
        let mut units: BTreeMap<(&str, usize), Vec<usize>> = BTreeMap::new();
        for (row, donor, group) in entries {
            units.entry((donor, *group)).or_default().push(*row);
        }
        let mut names: Vec<&str> = units.keys().map(|(donor, _)| *donor).collect();
        names.dedup();
        let number = |donor: &str| names.partition_point(|name| *name < donor);
        let donors = units.keys().map(|(donor, _)| number(donor)).collect();
        let groups = units.keys().map(|(_, group)| *group).collect();
        let observations = Self {
            scores,
            rows: units.into_values().collect(),
            donors: Some(donors),
        };
        (observations, groups)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows of the scores behind every observation.
    pub fn rows(&self) -> &[Vec<usize>] {
        &self.rows
    }

    /// The donor of every observation, numbered from 0; `None` if they are samples.
    pub fn donor_numbers(&self) -> Option<&[usize]> {
        self.donors.as_deref()
    }

    /// The score of a node in every observation: the mean over its rows that have one; NaN if
    /// none has.
    pub fn values(&self, node: usize) -> Vec<f64> {
        let width = self.scores.columns().len();
        let all = self.scores.values();
        let mean = |rows: &Vec<usize>| {
            let known = rows.iter().map(|row| f64::from(all[row * width + node]));
            let (sum, count) = known
                .filter(|value| !value.is_nan())
                .fold((0.0, 0usize), |(sum, count), value| {
                    (sum + value, count + 1)
                });
            sum / count as f64
        };
        self.rows.iter().map(mean).collect()
    }

    /// Weights of observations as weights of all rows of the scores.
    pub(super) fn spread(&self, weights: &[f64]) -> Vec<f64> {
        let mut spread = vec![0.0; self.scores.samples().len()];
        for (rows, weight) in self.rows.iter().zip(weights) {
            for row in rows {
                spread[*row] += weight / rows.len() as f64;
            }
        }
        spread
    }

    /// A number of every row, as the mean of every observation. `of` is by row of the scores.
    pub(super) fn mean_of(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        let mean =
            |rows: &Vec<usize>| rows.iter().map(|row| of(*row)).sum::<f64>() / rows.len() as f64;
        self.rows.iter().map(mean).collect()
    }
}
