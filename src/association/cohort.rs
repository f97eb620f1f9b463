//! The observations of a comparison, with their groups and what they are adjusted for.

use super::compare::CompareOptions;
use super::covariates::Covariate;
use super::labels::Labels;
use super::pseudobulk::Observations;
use super::question::Question;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};

/// Fewest donors in a group, or with both groups, that are tested.
pub(super) const FEWEST_DONORS: usize = 3;
/// Fewest samples in a group.
pub(super) const FEWEST_SAMPLES: usize = 2;

/// The observations of a comparison.
pub(super) struct Cohort<'a> {
    pub observations: Observations<'a>,
    /// The group of every observation.
    pub groups: Vec<usize>,
    /// Variables to adjust for, by observation.
    pub nuisance: Vec<Vec<f64>>,
    /// The entry of the labels, by row of the scores.
    pub entry_of: Vec<usize>,
    pub warnings: Vec<String>,
}

impl<'a> Cohort<'a> {
    pub fn new(
        scores: &'a ScoreTable,
        labels: &Labels,
        options: &CompareOptions,
        question: &Question,
    ) -> Result<Self> {
        let by = labels.texts(&options.by, "--by")?;
        let donors = options.donor.as_ref();
        let donors = donors
            .map(|column| labels.texts(column, "--donor"))
            .transpose()?;
        for column in &options.covariates {
            if *column == options.by || Some(column) == options.donor.as_ref() {
                let message = format!("names {column:?}, which --by or --donor names too");
                return Err(Error::config("--covariates", message));
            }
        }
        let covariates = Covariate::read(labels, &options.covariates)?;

        let mut warnings = Vec::new();
        let mut entry_of = vec![usize::MAX; scores.samples().len()];
        let mut kept: Vec<(usize, &str, usize)> = Vec::new();
        let mut without = vec![0usize; 2 + covariates.len()];
        for (entry, &row) in labels.rows().iter().enumerate() {
            entry_of[row] = entry;
            let Some(level) = by[entry] else {
                without[0] += 1;
                continue;
            };
            let Some(group) = question.place(level) else {
                continue;
            };
            let donor = donors.as_ref().map_or(Some(""), |donors| donors[entry]);
            let Some(donor) = donor else {
                without[1] += 1;
                continue;
            };
            match covariates
                .iter()
                .position(|covariate| !covariate.is_known(entry))
            {
                Some(at) => without[2 + at] += 1,
                None => kept.push((row, donor, group)),
            }
        }
        let donor_column = options.donor.as_deref().unwrap_or_default();
        let names = [options.by.as_str(), donor_column].into_iter();
        let names = names.chain(covariates.iter().map(Covariate::name));
        for (column, count) in names.zip(&without).filter(|(_, count)| **count > 0) {
            warnings.push(format!(
                "{count} samples without an entry for {column:?} are left out"
            ));
        }
        let (observations, groups) = match donors {
            Some(_) => Observations::donors(scores, &kept),
            None => {
                let rows: Vec<usize> = kept.iter().map(|(row, ..)| *row).collect();
                let groups = kept.iter().map(|(.., group)| *group).collect();
                (Observations::samples(scores, &rows), groups)
            }
        };
        let mut nuisance = Vec::new();
        for covariate in &covariates {
            let columns = covariate.columns(labels, &observations, &entry_of)?;
            nuisance.extend(columns.into_iter().map(|(_, values)| values));
        }
        Ok(Self {
            observations,
            groups,
            nuisance,
            entry_of,
            warnings,
        })
    }

    pub fn unit(&self) -> &'static str {
        match self.observations.donor_numbers() {
            Some(_) => "donors",
            None => "samples",
        }
    }

    pub fn least(&self) -> usize {
        match self.observations.donor_numbers() {
            Some(_) => FEWEST_DONORS,
            None => FEWEST_SAMPLES,
        }
    }

    pub fn of_group(&self, group: usize) -> Vec<usize> {
        (0..self.groups.len())
            .filter(|at| self.groups[*at] == group)
            .collect()
    }

    pub fn too_few(&self, found: usize, least: usize, what: &str) -> Error {
        Error::data(
            format!(
                "{what:?} has {found} {}, and {least} are needed",
                self.unit()
            ),
            match self.observations.donor_numbers() {
                Some(_) => {
                    "Compare other groups or add donors: of fewer no test can tell a difference of \
                     the groups from the donors' own."
                }
                None => "Compare other groups or add samples.",
            },
        )
    }

    /// Both observations of donors that have two groups, by donor.
    pub fn pairs(&self, group: usize, others: impl Fn(usize) -> bool) -> Vec<(usize, Vec<usize>)> {
        let Some(donors) = self.observations.donor_numbers() else {
            return Vec::new();
        };
        let own = self.of_group(group).into_iter();
        own.map(|at| {
            let same = |other: &usize| donors[*other] == donors[at] && others(self.groups[*other]);
            (at, (0..donors.len()).filter(same).collect::<Vec<_>>())
        })
        .filter(|(_, others)| !others.is_empty())
        .collect()
    }

    /// The variables of the linear model: covariates, and donors as a factor if they repeat.
    pub fn with_donors(&self, repeated: bool) -> Vec<Vec<f64>> {
        let mut nuisance = self.nuisance.clone();
        if let Some(donors) = self.observations.donor_numbers().filter(|_| repeated) {
            let count = donors.iter().max().map_or(0, |last| last + 1);
            let is = |number| move |donor: &usize| f64::from(u8::from(*donor == number));
            nuisance.extend((1..count).map(|number| donors.iter().map(is(number)).collect()));
        }
        nuisance
    }
}
