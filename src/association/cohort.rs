//! The observations of a comparison, with their groups and what they are adjusted for.

use super::compare::CompareOptions;
use super::contrast::{Design, Unit};
use super::covariates::Covariate;
use super::labels::{Labels, levels};
use super::pseudobulk::Observations;
use super::question::Question;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::wording::{number_of, verb};
use std::collections::BTreeMap;

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
    /// How the columns to adjust for were read.
    pub adjusted_for: Vec<String>,
    pub warnings: Vec<String>,
}

/// `1 donor has`, `3 donors have`.
pub(super) fn donors_have(count: usize) -> String {
    format!(
        "{} {}",
        number_of(count, "donor"),
        verb(count, "has", "have")
    )
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
        for (option, columns) in [
            ("--covariates", &options.covariates),
            ("--factors", &options.factors),
        ] {
            let taken = |column: &&String| {
                **column == options.by || Some(*column) == options.donor.as_ref()
            };
            if let Some(column) = columns.iter().find(taken) {
                let message = format!("names {column:?}, which --by or --donor names too");
                return Err(Error::config(option, message));
            }
        }
        let covariates = Covariate::read(labels, &options.covariates, &options.factors)?;
        // Donors are observed level by level, whatever the levels are compared with.
        let all = match question {
            Question::Number => Vec::new(),
            _ => levels(by.iter().copied().flatten()),
        };

        let mut warnings: Vec<String> = covariates.iter().filter_map(Covariate::doubt).collect();
        let mut entry_of = vec![usize::MAX; scores.samples().len()];
        let mut kept: Vec<(usize, &str, usize)> = Vec::new();
        let mut without = vec![0usize; 2 + covariates.len()];
        for (entry, &row) in labels.rows().iter().enumerate() {
            entry_of[row] = entry;
            let Some(level) = by[entry] else {
                without[0] += 1;
                continue;
            };
            if question.place(level).is_none() {
                continue;
            }
            let number = all.iter().position(|own| *own == level).unwrap_or(0);
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
                None => kept.push((row, donor, number)),
            }
        }
        let donor_column = options.donor.as_deref().unwrap_or_default();
        let names = [options.by.as_str(), donor_column].into_iter();
        let names = names.chain(covariates.iter().map(Covariate::name));
        for (column, count) in names.zip(&without).filter(|(_, count)| **count > 0) {
            warnings.push(format!(
                "{} without an entry for {column:?} {} left out",
                number_of(*count, "sample"),
                verb(*count, "is", "are")
            ));
        }
        let (observations, of_level) = match donors {
            Some(_) => Observations::donors(scores, &kept),
            None => {
                let rows: Vec<usize> = kept.iter().map(|(row, ..)| *row).collect();
                let of_level = kept.iter().map(|(.., number)| *number).collect();
                (Observations::samples(scores, &rows), of_level)
            }
        };
        let place = |number: usize| all.get(number).and_then(|level| question.place(level));
        let groups = of_level
            .into_iter()
            .map(|number| place(number).unwrap_or(0))
            .collect();
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
            adjusted_for: covariates.iter().map(Covariate::reading).collect(),
            warnings,
        })
    }

    pub fn unit(&self) -> &'static str {
        match self.observations.donor_numbers() {
            Some(_) => "donor",
            None => "sample",
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
                "{what:?} has {}, and {least} are needed",
                number_of(found, self.unit())
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

    /// A group against others, with what a reader should know.
    ///
    /// Samples count one by one. A donor counts once on a side: the mean over its observations
    /// there. Donors with both sides are pairs if there are three and at least as many as donors
    /// with one side; else each of them counts on the side that has fewer donors so far, since
    /// pairs alone would waste most donors.
    pub fn design(
        &self,
        (group, name): (usize, &str),
        others: impl Fn(usize) -> bool,
        reference: &str,
    ) -> Result<(Design, Option<String>)> {
        let all = 0..self.groups.len();
        let Some(donors) = self.observations.donor_numbers() else {
            let side = |of: &dyn Fn(usize) -> bool| -> Vec<Unit> {
                let own = all.clone().filter(|at| of(self.groups[*at]));
                own.map(|at| vec![at]).collect()
            };
            let (first, second) = (side(&|own| own == group), side(&others));
            return self
                .apart((first, name), (second, reference))
                .map(|d| (d, None));
        };
        let mut of_donor: BTreeMap<usize, (Unit, Unit)> = BTreeMap::new();
        for at in all {
            if self.groups[at] == group {
                of_donor.entry(donors[at]).or_default().0.push(at);
            } else if others(self.groups[at]) {
                of_donor.entry(donors[at]).or_default().1.push(at);
            }
        }
        let both = |(own, others): &(Unit, Unit)| !own.is_empty() && !others.is_empty();
        let (pairs, single): (Vec<_>, Vec<_>) = of_donor.into_values().partition(both);
        let (shared, alone) = (pairs.len(), single.len());
        let enough = shared >= FEWEST_DONORS;
        if enough && shared >= alone {
            let warning = (alone > 0).then(|| {
                format!(
                    "{} only one of {name:?} and {reference:?} and {} left out: the test is \
                     paired, over {}",
                    donors_have(alone),
                    verb(alone, "is", "are"),
                    number_of(shared, "donor")
                )
            });
            return Ok((paired(pairs), warning));
        }
        let (mut first, mut second): (Vec<Unit>, Vec<Unit>) = single.into_iter().unzip();
        first.retain(|unit| !unit.is_empty());
        second.retain(|unit| !unit.is_empty());
        for (own, others) in pairs.clone() {
            if first.len() <= second.len() {
                first.push(own);
            } else {
                second.push(others);
            }
        }
        if shared == 0 || first.len().min(second.len()) >= self.least() {
            let warning = (shared > 0).then(|| {
                format!(
                    "{} both {name:?} and {reference:?}, {alone} only one of them: \
                     the test is not paired, and each of the {shared} counts on one side, where \
                     donors are fewer",
                    donors_have(shared)
                )
            });
            return Ok((self.apart((first, name), (second, reference))?, warning));
        }
        if enough {
            let warning = format!(
                "{} only one of {name:?} and {reference:?} and {} left out: the test is paired, \
                 over {}",
                donors_have(alone),
                verb(alone, "is", "are"),
                number_of(shared, "donor")
            );
            return Ok((paired(pairs), Some(warning)));
        }
        Err(Error::data(
            format!(
                "{} both {name:?} and {reference:?}, and {alone} {} one of the two: \
                 {FEWEST_DONORS} with both, or on either side, are needed",
                donors_have(shared),
                verb(alone, "has", "have")
            ),
            "Give more donors, or leave out the samples of those that have both.",
        ))
    }

    fn apart(&self, first: (Vec<Unit>, &str), second: (Vec<Unit>, &str)) -> Result<Design> {
        for (side, name) in [&first, &second] {
            if side.len() < self.least() {
                return Err(self.too_few(side.len(), self.least(), name));
            }
        }
        Ok(Design {
            first: first.0,
            second: second.0,
            paired: false,
        })
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

fn paired(pairs: Vec<(Unit, Unit)>) -> Design {
    let (first, second) = pairs.into_iter().unzip();
    Design {
        first,
        second,
        paired: true,
    }
}
