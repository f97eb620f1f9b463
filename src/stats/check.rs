//! The checks of input that all statistics share.

use crate::error::{Error, Result};

/// Refuses NaN and infinite values; `what` names the values.
pub(super) fn finite(values: &[f64], what: &str) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(Error::data(
            format!("{what} has {} at position {}", values[at], at + 1),
            "Remove the observation or fill it in before the test.",
        )),
        None => Ok(()),
    }
}

/// Refuses fewer than `least` observations.
pub(super) fn at_least(count: usize, least: usize, what: &str) -> Result<()> {
    if count < least {
        return Err(Error::data(
            format!("{what} has {count} observations, and {least} are needed"),
            "Add observations or leave this comparison out.",
        ));
    }
    Ok(())
}

/// Refuses two lists that should run in parallel and do not.
pub(super) fn same_length(first: usize, second: usize, what: &str) -> Result<()> {
    if first != second {
        return Err(Error::data(
            format!("{what} have {first} and {second} entries"),
            "Give one entry an observation in both.",
        ));
    }
    Ok(())
}

/// Refuses a number that is not strictly between 0 and 1.
pub(super) fn confidence(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::data(
        format!("a confidence level of {level} makes no sense"),
        "Give a number between 0 and 1, for example 0.95.",
    ))
}
