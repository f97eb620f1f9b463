//! How good a classifier's answers are.

use crate::error::{Error, Result};
use crate::stats::check::{at_least, same_length};

/// How often every class was taken for every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// `[true class, answered class]`.
    counts: Vec<usize>,
}

/// What a confusion matrix says of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassMeasures {
    /// Rows that are of the class.
    pub support: usize,
    /// Of the rows that were given the class, the share that is of it; 0 if none was given it.
    pub precision: f64,
    /// Of the rows of the class, the share that was given it; 0 if there is none.
    pub recall: f64,
    /// `2 precision recall / (precision + recall)`; 0 where both are.
    pub f1: f64,
}

impl Confusion {
    /// Counts true classes and answers, both below `classes`.
    ///
    /// ```
    /// use gsae::stats::classification::Confusion;
    ///
    /// let found = Confusion::new(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0], 2)?;
    /// assert_eq!(found.accuracy(), 0.6);
    /// assert_eq!(found.count(0, 1), 1);
    /// // F1 is 1/2 for the first class and 2/3 for the second.
    /// assert!((found.macro_f1() - 7.0 / 12.0).abs() < 1e-15);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for lists of different lengths, no row, or a class of `classes` or above.
    pub fn new(truth: &[usize], answers: &[usize], classes: usize) -> Result<Self> {
        same_length(truth.len(), answers.len(), "classes and answers")?;
        at_least(truth.len(), 1, "the list of classes")?;
        let mut counts = vec![0; classes * classes];
        for (&own, &answer) in truth.iter().zip(answers) {
            if own.max(answer) >= classes {
                return Err(Error::data(
                    format!(
                        "there is a class {}, and there are {classes}",
                        own.max(answer)
                    ),
                    "Number the classes from 0.",
                ));
            }
            counts[own * classes + answer] += 1;
        }
        Ok(Self { classes, counts })
    }

    /// Rows of the class `truth` that were given the class `answer`.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn count(&self, truth: usize, answer: usize) -> usize {
        assert!(answer < self.classes, "the answered class");
        self.counts[truth * self.classes + answer]
    }

    /// The share of right answers.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.classes)
            .map(|class| self.count(class, class))
            .sum();
        right as f64 / self.counts.iter().sum::<usize>() as f64
    }

    /// The measures of one class.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn class(&self, class: usize) -> ClassMeasures {
        let right = self.count(class, class);
        let support: usize = (0..self.classes)
            .map(|other| self.count(class, other))
            .sum();
        let given: usize = (0..self.classes)
            .map(|other| self.count(other, class))
            .sum();
        let share = |of: usize| {
            if of > 0 {
                right as f64 / of as f64
            } else {
                0.0
            }
        };
        ClassMeasures {
            support,
            precision: share(given),
            recall: share(support),
            f1: if support + given > 0 {
                2.0 * right as f64 / (support + given) as f64
            } else {
                0.0
            },
        }
    }

    /// The mean F1 of the classes, each with the same weight.
    pub fn macro_f1(&self) -> f64 {
        let sum: f64 = (0..self.classes).map(|class| self.class(class).f1).sum();
        sum / self.classes as f64
    }
}
