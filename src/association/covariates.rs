//! Covariates as the columns of a linear model.

use super::labels::{Labels, levels};
use super::pseudobulk::Observations;
use crate::error::Result;

/// A column of the annotations, by entry of the labels.
pub(super) enum Covariate<'a> {
    Number(&'a str, Vec<Option<f64>>),
    Groups(&'a str, Vec<Option<&'a str>>),
}

/// A number with at most this many different entries, all whole, may be the code of a group.
const FEW_LEVELS: usize = 10;

impl<'a> Covariate<'a> {
    /// A column whose entries are all numbers is a number, any other is groups, and so is any of
    /// `factors`, which are read after the others.
    pub fn read(
        labels: &'a Labels,
        columns: &'a [String],
        factors: &'a [String],
    ) -> Result<Vec<Self>> {
        let numbers = columns.iter().filter(|column| !factors.contains(column));
        let numbers = numbers.map(|column| {
            Ok(if labels.is_numeric(column, "--covariates")? {
                Self::Number(column, labels.numbers(column, "--covariates")?)
            } else {
                Self::Groups(column, labels.texts(column, "--covariates")?)
            })
        });
        let factors = factors
            .iter()
            .map(|column| Ok(Self::Groups(column, labels.texts(column, "--factors")?)));
        numbers.chain(factors).collect()
    }

    /// How the column was read, in words.
    pub fn reading(&self) -> String {
        match self {
            Self::Number(name, _) => format!("{name} (a number)"),
            Self::Groups(name, values) => {
                let count = levels(values.iter().copied().flatten()).len();
                format!("{name} ({count} groups)")
            }
        }
    }

    /// What to say of a number that may be a code.
    pub fn doubt(&self) -> Option<String> {
        let Self::Number(name, values) = self else {
            return None;
        };
        let mut known: Vec<f64> = values.iter().copied().flatten().collect();
        let count = known.len();
        known.sort_by(f64::total_cmp);
        known.dedup();
        let whole = known.iter().all(|value| value.fract() == 0.0);
        let few = (3..=FEW_LEVELS).contains(&known.len()) && 2 * known.len() <= count;
        (whole && few).then(|| {
            format!(
                "the covariate {name:?} has {} different numbers and is taken as a number, each step \
                 of the same effect; if they stand for groups, name it with --factors",
                known.len()
            )
        })
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
