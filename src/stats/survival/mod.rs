//! Survival: curves, their comparison, and proportional hazards.
//!
//! Everywhere `times` are times of follow-up from 0 and `events` say whether the event was seen
//! at that time (`true`) or the subject was censored then (`false`).

mod concordance;
mod cox;
mod kaplan_meier;
mod log_rank;
mod optimal_split;

pub use concordance::concordance_index;
pub use cox::{CoxCoefficient, CoxFit, cox};
pub use kaplan_meier::{Interval, KaplanMeier, SurvivalPoint};
pub use log_rank::{LogRank, log_rank};
pub use optimal_split::{MaximalSplit, OptimalSplit};

use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite, same_length};

fn check(times: &[f64], events: &[bool]) -> Result<()> {
    same_length(times.len(), events.len(), "times and events")?;
    at_least(times.len(), 1, "the list of times")?;
    finite(times, "the list of times")?;
    match times.iter().position(|time| *time < 0.0) {
        Some(at) => Err(Error::data(
            format!("the time at position {} is {}", at + 1, times[at]),
            "Give times of follow-up, counted from 0.",
        )),
        None => Ok(()),
    }
}

/// The subjects by ascending time.
fn by_time(times: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
    order
}
