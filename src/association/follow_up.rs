//! Times, events and covariates of subjects, read off the annotations.

use super::covariates::Covariate;
use super::labels::Labels;
use super::pseudobulk::Observations;
use super::survival::SurvivalOptions;
use crate::activity::ScoreTable;
use crate::error::Result;
use crate::wording::{number_of, verb};

/// Subjects with their follow-up.
pub(super) struct FollowUp<'a> {
    pub observations: Observations<'a>,
    pub times: Vec<f64>,
    pub events: Vec<bool>,
    /// Columns to adjust for, by name.
    pub covariates: Vec<(String, Vec<f64>)>,
    /// How the columns to adjust for were read.
    pub adjusted_for: Vec<String>,
    pub warnings: Vec<String>,
}

/// What says that the event was seen, in lower case.
const SEEN: [&str; 10] = [
    "1",
    "1.0",
    "true",
    "yes",
    "event",
    "dead",
    "deceased",
    "died",
    "1:deceased",
    "relapsed",
];
/// What says that it was not.
const CENSORED: [&str; 9] = [
    "0", "0.0", "false", "no", "censored", "alive", "living", "0:living", "no event",
];

impl<'a> FollowUp<'a> {
    pub fn new(scores: &'a ScoreTable, labels: &Labels, options: &SurvivalOptions) -> Result<Self> {
        let times = labels.numbers(&options.time, "--time")?;
        let events = events(labels, &options.event)?;
        let donors = options.donor.as_ref();
        let donors = donors
            .map(|column| labels.texts(column, "--donor"))
            .transpose()?;
        let covariates = Covariate::read(labels, &options.covariates, &options.factors)?;
        let mut entry_of = vec![usize::MAX; scores.samples().len()];
        let mut kept: Vec<(usize, &str, usize)> = Vec::new();
        let mut left_out = 0;
        for (entry, &row) in labels.rows().iter().enumerate() {
            entry_of[row] = entry;
            let donor = donors.as_ref().map_or(Some(""), |donors| donors[entry]);
            let known = times[entry].is_some()
                && events[entry].is_some()
                && covariates.iter().all(|covariate| covariate.is_known(entry));
            match donor.filter(|_| known) {
                Some(donor) => kept.push((row, donor, 0)),
                None => left_out += 1,
            }
            if let Some(time) = times[entry].filter(|time| *time < 0.0) {
                let remedy = "Give times of follow-up, counted from 0.";
                return Err(labels.refuse(
                    &options.time,
                    format!("there is a time {time}"),
                    remedy,
                ));
            }
        }
        let mut warnings: Vec<String> = covariates.iter().filter_map(Covariate::doubt).collect();
        if left_out > 0 {
            warnings.push(format!(
                "{} without time, event, donor or covariate {} left out",
                number_of(left_out, "sample"),
                verb(left_out, "is", "are")
            ));
        }
        let observations = match donors {
            Some(_) => Observations::donors(scores, &kept).0,
            None => {
                let rows: Vec<usize> = kept.iter().map(|(row, ..)| *row).collect();
                Observations::samples(scores, &rows)
            }
        };
        let same = |column: &str, of: &dyn Fn(usize) -> f64| -> Result<Vec<f64>> {
            for rows in observations.rows() {
                if let Some(other) = rows.iter().find(|row| of(**row) != of(rows[0])) {
                    let message = format!("a donor has both {} and {}", of(rows[0]), of(*other));
                    let remedy = "Give all samples of a donor the donor's follow-up.";
                    return Err(labels.refuse(column, message, remedy));
                }
            }
            Ok(observations.rows().iter().map(|rows| of(rows[0])).collect())
        };
        let time = |row: usize| times[entry_of[row]].unwrap_or(f64::NAN);
        let event = |row: usize| f64::from(u8::from(events[entry_of[row]] == Some(true)));
        let times = same(&options.time, &time)?;
        let events = same(&options.event, &event)?
            .iter()
            .map(|event| *event > 0.5)
            .collect();
        let mut columns = Vec::new();
        for covariate in &covariates {
            columns.extend(covariate.columns(labels, &observations, &entry_of)?);
        }
        Ok(Self {
            observations,
            times,
            events,
            covariates: columns,
            adjusted_for: covariates.iter().map(Covariate::reading).collect(),
            warnings,
        })
    }
}

fn events(labels: &Labels, column: &str) -> Result<Vec<Option<bool>>> {
    let texts = labels.texts(column, "--event")?;
    let read = |text: Option<&str>| {
        let Some(text) = text else { return Ok(None) };
        let lower = text.to_lowercase();
        if SEEN.contains(&lower.as_str()) {
            Ok(Some(true))
        } else if CENSORED.contains(&lower.as_str()) {
            Ok(Some(false))
        } else {
            Err(labels.refuse(
                column,
                format!("{text:?} says neither that the event was seen nor that it was not"),
                "Write 1 for an event and 0 for a subject that was censored.",
            ))
        }
    };
    texts.into_iter().map(read).collect()
}
