//! Cox regression: hazards that covariates multiply.

use super::{by_time, check, concordance_index};
use crate::error::{Error, Result};
use crate::stats::check::{finite, same_length};
use crate::stats::distribution::normal_two_sided;
use crate::stats::linalg::Cholesky;

/// What a fit says of one covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoxCoefficient {
    /// The log hazard ratio of one unit more.
    pub coefficient: f64,
    /// Its standard error, from the observed information.
    pub standard_error: f64,
    /// The coefficient over its standard error.
    pub z: f64,
    /// Wald's two-sided p-value.
    pub p: f64,
}

impl CoxCoefficient {
    /// `exp(coefficient)`: what one unit more multiplies the hazard by.
    pub fn hazard_ratio(&self) -> f64 {
        self.coefficient.exp()
    }
}

/// A fitted Cox model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxFit {
    /// One a covariate, in their order.
    pub coefficients: Vec<CoxCoefficient>,
    /// The log partial likelihood at the fit.
    pub log_likelihood: f64,
    /// The log partial likelihood without covariates.
    pub null_log_likelihood: f64,
    /// Harrell's c-index of the fitted risks on the data they were fitted to.
    pub concordance: f64,
    /// Newton steps taken.
    pub iterations: usize,
}

const MOST_ITERATIONS: usize = 50;
/// The fit is done when a step raises the log-likelihood by less than this share of it.
const TOLERANCE: f64 = 1e-13;
/// A covariate whose coefficient passes this many log hazard per SD separates the events.
const LARGEST: f64 = 20.0;

/// Fits `hazard(t | x) = hazard_0(t) exp(b' x)` by the partial likelihood (Cox 1972, JRSS B
/// 34:187) with Efron's treatment of tied events (Efron 1977, JASA 72:557), by Newton's method
/// from 0.
///
/// `covariates` `[subjects, n]`, row by row, for the `n` of `names`, which the messages use.
///
/// ```
/// use gsae::stats::survival::cox;
///
/// let times = [5.0, 6.0, 6.0, 2.0, 4.0, 4.0, 3.0, 8.0];
/// let events = [true, false, true, true, true, true, true, true];
/// let age = [0.5, 1.0, 0.2, 1.8, 1.1, 0.7, 0.4, 0.1];
/// let fit = cox(&times, &events, &age, &["age"])?;
/// assert!((fit.coefficients[0].coefficient - 1.340_853).abs() < 1e-6);
/// assert!((fit.log_likelihood + 8.978_022).abs() < 1e-6);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for lists that do not fit together, times below 0, numbers that are not
/// finite, no event at all, a covariate that is constant or depends on the others, or one that
/// separates the events so that its coefficient has no finite estimate.
pub fn cox(times: &[f64], events: &[bool], covariates: &[f64], names: &[&str]) -> Result<CoxFit> {
    check(times, events)?;
    let width = names.len();
    same_length(
        times.len() * width,
        covariates.len(),
        "subjects times covariates, and values,",
    )?;
    finite(covariates, "the table of covariates")?;
    if !events.contains(&true) {
        return Err(Error::data(
            format!("all {} subjects are censored", times.len()),
            "A hazard can only be estimated from events: follow up longer.",
        ));
    }
    let (scaled, sds) = standardise(covariates, names)?;
    let risk_sets = RiskSets {
        order: by_time(times),
        times,
        events,
        covariates: &scaled,
        width,
    };

    let mut beta = vec![0.0; width];
    let mut current = risk_sets.derivatives(&beta);
    let null_log_likelihood = current.log_likelihood;
    let mut iterations = 0;
    while width > 0 && iterations < MOST_ITERATIONS {
        let factor = factorise(&current.information, names)?;
        let mut step = current.gradient.clone();
        factor.solve(&mut step);
        iterations += 1;
        // Halve a step that overshoots.
        let mut share = 1.0;
        let (next, candidate) = loop {
            let candidate: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + share * s).collect();
            let next = risk_sets.derivatives(&candidate);
            let loss = current.log_likelihood - next.log_likelihood;
            if loss <= TOLERANCE * current.log_likelihood.abs() || share < 1e-6 {
                break (next, candidate);
            }
            share /= 2.0;
        };
        let gain = next.log_likelihood - current.log_likelihood;
        let moved = step.iter().map(|s| s.abs()).fold(0.0, f64::max);
        (beta, current) = (candidate, next);
        if let Some(at) = beta.iter().position(|b| b.abs() > LARGEST) {
            return Err(separated(names[at]));
        }
        if gain.abs() <= TOLERANCE * current.log_likelihood.abs() && moved < 1e-9 {
            break;
        }
    }
    let variances = if width > 0 {
        factorise(&current.information, names)?.inverse_diagonal()
    } else {
        Vec::new()
    };
    let coefficients = (0..width)
        .map(|at| {
            let error = variances[at].sqrt();
            CoxCoefficient {
                coefficient: beta[at] / sds[at],
                standard_error: error / sds[at],
                z: beta[at] / error,
                p: normal_two_sided(beta[at] / error),
            }
        })
        .collect();
    let risks: Vec<f64> = (0..times.len())
        .map(|at| dot(&scaled[at * width..(at + 1) * width], &beta))
        .collect();
    Ok(CoxFit {
        coefficients,
        log_likelihood: current.log_likelihood,
        null_log_likelihood,
        concordance: concordance_index(times, events, &risks)?,
        iterations,
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn separated(name: &str) -> Error {
    Error::data(
        format!("the covariate {name:?} separates the events: its coefficient grows without limit"),
        "Leave it out, or join categories so that both have early and late events.",
    )
}

/// Covariates with mean 0 and SD 1, and the SDs.
fn standardise(covariates: &[f64], names: &[&str]) -> Result<(Vec<f64>, Vec<f64>)> {
    let width = names.len();
    let mut scaled = covariates.to_vec();
    let mut sds = Vec::with_capacity(width);
    for (at, name) in names.iter().enumerate() {
        let column = || covariates.iter().skip(at).step_by(width);
        let n = column().count() as f64;
        let mean = column().sum::<f64>() / n;
        let sd = (column().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let first = covariates[at];
        if column().all(|x| *x == first) {
            return Err(Error::data(
                format!("the covariate {name:?} is {first} for every subject"),
                "Leave it out.",
            ));
        }
        for value in scaled.iter_mut().skip(at).step_by(width) {
            *value = (*value - mean) / sd;
        }
        sds.push(sd);
    }
    Ok((scaled, sds))
}

fn factorise(information: &[f64], names: &[&str]) -> Result<Cholesky> {
    Cholesky::new(information, names.len()).map_err(|at| {
        Error::data(
            format!(
                "the covariate {:?} cannot be told apart from the ones before it, or does not \
                 vary among the subjects at risk",
                names[at]
            ),
            "Leave one of the covariates that say the same out.",
        )
    })
}

struct Derivatives {
    log_likelihood: f64,
    gradient: Vec<f64>,
    information: Vec<f64>,
}

/// Weighted sums over the subjects at risk: of 1, x, and x x'.
struct Sums {
    weight: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn new(width: usize) -> Self {
        Self {
            weight: 0.0,
            first: vec![0.0; width],
            second: vec![0.0; width * width],
        }
    }

    fn add(&mut self, weight: f64, x: &[f64]) {
        self.weight += weight;
        for (row, a) in x.iter().enumerate() {
            self.first[row] += weight * a;
            for (sum, b) in self.second[row * x.len()..].iter_mut().zip(&x[..=row]) {
                *sum += weight * a * b;
            }
        }
    }
}

struct RiskSets<'a> {
    order: Vec<usize>,
    times: &'a [f64],
    events: &'a [bool],
    covariates: &'a [f64],
    width: usize,
}

impl RiskSets<'_> {
    /// The log partial likelihood, its gradient and its negative second derivatives (lower
    /// triangle), from the last time to the first.
    fn derivatives(&self, beta: &[f64]) -> Derivatives {
        let width = self.width;
        let mut out = Derivatives {
            log_likelihood: 0.0,
            gradient: vec![0.0; width],
            information: vec![0.0; width * width],
        };
        let mut risk = Sums::new(width);
        let groups: Vec<&[usize]> = self
            .order
            .chunk_by(|&a, &b| self.times[a] == self.times[b])
            .collect();
        for group in groups.into_iter().rev() {
            let mut tied = Sums::new(width);
            let mut deaths = 0;
            for &at in group {
                let x = &self.covariates[at * width..(at + 1) * width];
                let score = dot(x, beta);
                risk.add(score.exp(), x);
                if self.events[at] {
                    deaths += 1;
                    tied.add(score.exp(), x);
                    out.log_likelihood += score;
                    for (gradient, x) in out.gradient.iter_mut().zip(x) {
                        *gradient += x;
                    }
                }
            }
            for earlier in 0..deaths {
                // Efron: of the tied events, a share has already left the risk set.
                let gone = f64::from(earlier) / f64::from(deaths);
                let weight = risk.weight - gone * tied.weight;
                out.log_likelihood -= weight.ln();
                let mean: Vec<f64> = (0..width)
                    .map(|at| (risk.first[at] - gone * tied.first[at]) / weight)
                    .collect();
                for row in 0..width {
                    out.gradient[row] -= mean[row];
                    for column in 0..=row {
                        let at = row * width + column;
                        let second = (risk.second[at] - gone * tied.second[at]) / weight;
                        out.information[at] += second - mean[row] * mean[column];
                    }
                }
            }
        }
        out
    }
}
