//! Tests in a linear model: a difference or a slope beside other variables.

use super::t_test::moments;
use crate::error::{Error, Result};
use crate::stats::check::{at_least, finite, same_length};
use crate::stats::distribution::{f_upper, t_two_sided};

/// A variable that leaves less than this share of its variance once the ones before it are
/// known says nothing of its own.
const DEPENDENT: f64 = 1e-10;
/// Residuals below this share of y's squares are rounding: the model tells y without any error.
const EXACT: f64 = 1e-20;

/// A linear model `y = a + nuisance b + tested c + error`, prepared once for many y: least squares
/// by Frisch and Waugh's theorem, the tested variables and y both cleared of the nuisance
/// (Frisch & Waugh 1933, Econometrica 1:387).
///
/// Nuisance variables that depend on others are left out; they change no test.
#[derive(Debug, Clone)]
pub struct LinearModel {
    observations: usize,
    /// Orthonormal: the intercept and the nuisance variables.
    nuisance: Vec<Vec<f64>>,
    /// Orthonormal, and to the nuisance too.
    tested: Vec<Vec<f64>>,
    /// The length of the first tested variable without the nuisance.
    length: f64,
}

/// The test of the tested variables in a [`LinearModel`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearTest {
    /// The coefficient of the tested variable, in units of y over its own; NaN if several are
    /// tested.
    pub coefficient: f64,
    /// Student's t of the coefficient; NaN if several are tested, or where F is.
    pub t: f64,
    /// The F statistic of all tested variables together; NaN if y does not vary, or not but for
    /// what the model tells, so that there is no error to hold an effect against.
    pub f: f64,
    /// Degrees of freedom: of the tested variables and of the residuals.
    pub df: (f64, f64),
    /// The p-value, two-sided for a single variable; NaN where F is.
    pub p: f64,
}

impl LinearModel {
    /// Prepares the model for `observations` values of y; each variable has as many.
    ///
    /// ```
    /// use gsae::stats::hypothesis::{LinearModel, student_t};
    ///
    /// let y = [2.1, 3.4, 1.9, 5.0, 6.2, 5.8, 7.1, 4.9];
    /// let group = vec![1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    /// let test = LinearModel::new(8, &[], &[group])?.test(&y)?;
    /// let plain = student_t(&y[..4], &y[4..])?;
    /// assert!((test.t - plain.t).abs() < 1e-12 && (test.p - plain.p).abs() < 1e-12);
    /// assert!((test.coefficient - plain.difference).abs() < 1e-12);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for variables of another length or with values that are not finite, no
    /// tested variable, a tested variable that the nuisance or the tested ones before it already
    /// tell, or no observation left for the residuals.
    pub fn new(observations: usize, nuisance: &[Vec<f64>], tested: &[Vec<f64>]) -> Result<Self> {
        for variable in nuisance.iter().chain(tested) {
            same_length(observations, variable.len(), "the model and a variable")?;
            finite(variable, "a variable of the linear model")?;
        }
        at_least(observations, 1, "the linear model")?;
        let mut basis = vec![vec![1.0 / (observations as f64).sqrt(); observations]];
        for variable in nuisance {
            if let Some((direction, _)) = cleared(variable, &[&basis]) {
                basis.push(direction);
            }
        }
        let mut own: Vec<Vec<f64>> = Vec::new();
        let mut length = f64::NAN;
        for (at, variable) in tested.iter().enumerate() {
            let Some((direction, left)) = cleared(variable, &[&basis, &own]) else {
                return Err(Error::data(
                    format!(
                        "variable {} of the comparison cannot be told apart from the others",
                        at + 1
                    ),
                    "Leave out the covariates that say the same as it.",
                ));
            };
            if at == 0 {
                length = left;
            }
            own.push(direction);
        }
        if own.is_empty() || observations <= basis.len() + own.len() {
            return Err(Error::data(
                format!(
                    "a linear model of {} variables and an intercept needs more than {observations} \
                     observations",
                    basis.len() + own.len() - 1
                ),
                "Adjust for fewer covariates or add observations.",
            ));
        }
        Ok(Self {
            observations,
            nuisance: basis,
            tested: own,
            length,
        })
    }

    /// The weights that make the coefficient of a single tested variable out of y:
    /// `coefficient = sum(weight y)`. Empty if several are tested.
    pub fn weights(&self) -> Vec<f64> {
        match self.tested.as_slice() {
            [only] => only.iter().map(|value| value / self.length).collect(),
            _ => Vec::new(),
        }
    }

    /// Tests the tested variables for one y.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of values than the model has, or one that is not finite.
    pub fn test(&self, y: &[f64]) -> Result<LinearTest> {
        same_length(self.observations, y.len(), "the linear model and y")?;
        finite(y, "y")?;
        let (_, squares) = moments(y);
        let mut left = y.to_vec();
        for direction in &self.nuisance {
            subtract(&mut left, direction);
        }
        // Once more for the digits that large means cost.
        for direction in &self.nuisance {
            subtract(&mut left, direction);
        }
        let explained: Vec<f64> = self
            .tested
            .iter()
            .map(|direction| subtract(&mut left, direction))
            .collect();
        let residual: f64 = left.iter().map(|value| value * value).sum();
        let df = (
            self.tested.len() as f64,
            (self.observations - self.nuisance.len() - self.tested.len()) as f64,
        );
        let sum: f64 = explained.iter().map(|value| value * value).sum();
        let varies = squares > 0.0 && sum + residual > DEPENDENT * squares;
        let f = if varies && residual > EXACT * squares {
            (sum / df.0) / (residual / df.1)
        } else {
            f64::NAN
        };
        let single = self.tested.len() == 1;
        let t = if single {
            f.sqrt().copysign(explained[0])
        } else {
            f64::NAN
        };
        Ok(LinearTest {
            coefficient: if single {
                explained[0] / self.length
            } else {
                f64::NAN
            },
            t,
            f,
            df,
            p: if single {
                t_two_sided(t, df.1)
            } else {
                f_upper(f, df.0, df.1)
            },
        })
    }
}

/// Takes the part along a direction of length 1 out, and returns how much it was.
fn subtract(values: &mut [f64], direction: &[f64]) -> f64 {
    let along: f64 = values.iter().zip(direction).map(|(v, d)| v * d).sum();
    for (value, d) in values.iter_mut().zip(direction) {
        *value -= along * d;
    }
    along
}

/// A variable without what the bases tell of it, scaled to length 1, and its length before;
/// `None` if nothing is left. The first direction of the first basis is the intercept.
fn cleared(variable: &[f64], bases: &[&[Vec<f64>]]) -> Option<(Vec<f64>, f64)> {
    let (mean, squares) = moments(variable);
    let mut left: Vec<f64> = variable.iter().map(|value| value - mean).collect();
    for _ in 0..2 {
        for direction in bases.iter().copied().flatten() {
            subtract(&mut left, direction);
        }
    }
    let remaining: f64 = left.iter().map(|value| value * value).sum();
    if squares <= 0.0 || remaining <= DEPENDENT * squares {
        return None;
    }
    let length = remaining.sqrt();
    left.iter_mut().for_each(|value| *value /= length);
    Some((left, length))
}
