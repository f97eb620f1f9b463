//! Covariates as the columns of a linear model.

use super::labels::{Labels, levels};
use super::pseudobulk::Observations;
use crate::error::Result;

/// A column of the annotations, by entry of the labels.
pub(super) enum Covariate<'a> {
    Number(&'a str, Vec<Option<f64>>),
    Groups(&'a str, Vec<Option<&'a str>>),
}

impl<'a> Covariate<'a> {
    /// A column whose entries are all numbers is a number, any other is groups.
    pub fn read(labels: &'a Labels, columns: &'a [String]) -> Result<Vec<Self>> {
        columns
            .iter()
            .map(|column| {
                Ok(if labels.is_numeric(column, "--covariates")? {
                    Self::Number(column, labels.numbers(column, "--covariates")?)
                } else {
                    Self::Groups(column, labels.texts(column, "--covariates")?)
                })
            })
            .collect()
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Number(name, _) | Self::Groups(name, _) => name,
        }
    }

    pub fn is_known(&self, entry: usize) -> bool {
        match self {
            Self::Number(_, values) => values[entry].is_some(),
            Self::Groups(_, values) => values[entry].is_some(),
        }
    }

    /// The numbers that stand for the covariate in every observation, with names: itself, or 0
    /// and 1 for every level but the first. `entry_of` finds the entry of the labels by row of the
    /// scores.
    pub fn columns(
        &self,
        labels: &Labels,
        observations: &Observations,
        entry_of: &[usize],
    ) -> Result<Vec<(String, Vec<f64>)>> {
        match self {
            Self::Number(name, values) => {
                let known = |row: usize| values[entry_of[row]].unwrap_or(f64::NAN);
                Ok(vec![((*name).to_owned(), observations.mean_of(known))])
            }
            Self::Groups(name, values) => {
                let of = |row: &usize| values[entry_of[*row]].unwrap_or_default();
                let mut own = Vec::with_capacity(observations.len());
                for rows in observations.rows() {
                    let first = rows.first().map(&of).unwrap_or_default();
                    if let Some(other) = rows.iter().map(&of).find(|other| *other != first) {
                        return Err(labels.refuse(
                            name,
                            format!(
                                "a donor has both {first:?} and {other:?} within one group, so its \
                                 mean has no level"
                            ),
                            "Adjust for what is the same for all samples of a donor, or compare \
                             without --donor.",
                        ));
                    }
                    own.push(first);
                }
                let found = levels(own.iter().copied());
                Ok(found
                    .iter()
                    .skip(1)
                    .map(|level| {
                        let is = |other: &&str| f64::from(u8::from(other == level));
                        (format!("{name}={level}"), own.iter().map(is).collect())
                    })
                    .collect())
            }
        }
    }
}
