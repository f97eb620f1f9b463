//! The levels of a label, clusters for example, and the time to an event.

use super::follow_up::FollowUp;
use super::labels::{Labels, levels};
use super::survival::SurvivalOptions;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::stats::survival::{Interval, KaplanMeier, log_rank};
use crate::wording::{number_of, verb};

/// Survival by level of a label.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSurvival {
    /// The levels.
    pub groups: Vec<SurvivalGroup>,
    /// The log-rank test of all levels together; NaN if there is nothing to compare.
    pub chi_squared: f64,
    /// Its degrees of freedom: levels minus 1.
    pub df: f64,
    /// Its p-value.
    pub p: f64,
    /// What a reader should know, in words.
    pub warnings: Vec<String>,
}

/// The subjects of one level.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalGroup {
    /// The level.
    pub name: String,
    /// How many there are.
    pub subjects: usize,
    /// Events seen.
    pub events: usize,
    /// Events expected if all levels had one hazard.
    pub expected: f64,
    /// The Kaplan-Meier curve, with log-log intervals of 95 %.
    pub curve: KaplanMeier,
}

/// Kaplan-Meier curves of the levels of a label, and the log-rank test of whether they share one
/// hazard.
///
/// `options` name time, event and donors in `labels`; the label is the column `by` of `grouping`,
/// which may be the same annotations or others, such as the clusters of
/// [`cluster`](super::cluster). Clusters that were made without a look at survival are tested
/// fairly; groups that were chosen by it are not.
///
/// # Errors
/// As [`survive`](super::survive) for the follow-up; [`Error::Config`] for an unknown column,
/// [`Error::Format`] for fewer than two levels or a donor that has several.
pub fn survive_by(
    scores: &ScoreTable,
    labels: &Labels,
    options: &SurvivalOptions,
    grouping: &Labels,
    by: &str,
) -> Result<GroupSurvival> {
    let mut data = FollowUp::new(scores, labels, options)?;
    let texts = grouping.texts(by, "--by")?;
    let mut of_row: Vec<Option<&str>> = vec![None; scores.samples().len()];
    for (text, row) in texts.iter().zip(grouping.rows()) {
        of_row[*row] = *text;
    }
    let mut known: Vec<(usize, &str)> = Vec::new();
    for (at, rows) in data.observations.rows().iter().enumerate() {
        let mut own = rows.iter().filter_map(|row| of_row[*row]);
        let Some(level) = own.next() else { continue };
        if let Some(other) = own.find(|other| *other != level) {
            return Err(grouping.refuse(
                by,
                format!("a donor has both {level:?} and {other:?}"),
                "Give all samples of a donor the donor's level, or leave out --donor.",
            ));
        }
        known.push((at, level));
    }
    let without = data.times.len() - known.len();
    if without > 0 {
        data.warnings.push(format!(
            "{} without an entry for {by:?} {} left out",
            number_of(without, "subject"),
            verb(without, "is", "are")
        ));
    }
    let names = levels(known.iter().map(|(_, level)| *level));
    if names.len() < 2 {
        return Err(grouping.refuse(
            by,
            format!(
                "{} with follow-up {} {}",
                number_of(known.len(), "subject"),
                verb(known.len(), "has", "have"),
                number_of(names.len(), "level")
            ),
            "Compare by a column with at least two different entries.",
        ));
    }
    let number = |level: &str| names.iter().position(|name| *name == level).unwrap_or(0);
    let numbers: Vec<usize> = known.iter().map(|(_, level)| number(level)).collect();
    let times: Vec<f64> = known.iter().map(|(at, _)| data.times[*at]).collect();
    let events: Vec<bool> = known.iter().map(|(at, _)| data.events[*at]).collect();
    if !events.contains(&true) {
        return Err(Error::data(
            format!("all {} subjects are censored", events.len()),
            "Curves can only be compared by events: follow up longer.",
        ));
    }
    let test = log_rank(&times, &events, &numbers)?;
    let groups: Result<Vec<SurvivalGroup>> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let own = (0..numbers.len()).filter(|at| numbers[*at] == number);
            let (times, events): (Vec<f64>, Vec<bool>) =
                own.map(|at| (times[at], events[at])).unzip();
            Ok(SurvivalGroup {
                name: (*name).to_owned(),
                subjects: times.len(),
                events: events.iter().filter(|event| **event).count(),
                expected: test.expected[number],
                curve: KaplanMeier::fit(&times, &events, Interval::LogLog, 0.95)?,
            })
        })
        .collect();
    Ok(GroupSurvival {
        groups: groups?,
        chi_squared: test.chi_squared,
        df: test.df,
        p: test.p,
        warnings: data.warnings,
    })
}
