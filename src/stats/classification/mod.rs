//! Classifiers of samples, and how good their answers are: logistic regression, nearest
//! neighbours, folds for cross-validation, and measures.
//!
//! Tables are `[rows, width]`, row by row; classes are numbers from 0.

mod folds;
mod logistic;
mod measures;
mod neighbors;

pub use folds::stratified_folds;
pub use logistic::{Logistic, LogisticOptions};
pub use measures::{ClassMeasures, Confusion};
pub use neighbors::NearestNeighbors;

use crate::error::{Error, Result};
use crate::stats::check::{finite, same_length};

/// The number of rows, each with a class below `classes`.
fn check(values: &[f64], width: usize, labels: &[usize], classes: usize) -> Result<usize> {
    same_length(
        values.len(),
        labels.len() * width,
        "values and labels x width",
    )?;
    finite(values, "the table")?;
    if let Some(label) = labels.iter().find(|label| **label >= classes) {
        return Err(Error::data(
            format!(
                "there is a label {label}, and the classes are 0 to {}",
                classes.max(1) - 1
            ),
            "Number the classes from 0.",
        ));
    }
    if classes < 2 || (0..classes).any(|class| !labels.contains(&class)) {
        return Err(Error::data(
            "a classifier needs two classes or more, and a row of each",
            "Number the classes 0, 1, ... without a gap.",
        ));
    }
    Ok(labels.len())
}
