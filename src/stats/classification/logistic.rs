//! Logistic regression with an L2 penalty.

use super::check;
use crate::error::{Error, Result};
use std::collections::VecDeque;

/// How a [`Logistic`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticOptions {
    /// The inverse of the penalty's strength: the larger, the freer the weights.
    pub c: f64,
    /// The most steps.
    pub iterations: usize,
    /// Done when no derivative of the objective is larger.
    pub tolerance: f64,
}

impl Default for LogisticOptions {
    fn default() -> Self {
        Self {
            c: 1.0,
            iterations: 500,
            tolerance: 1e-5,
        }
    }
}

/// A fitted logistic regression: of two classes with one row of weights, of more with one a
/// class (softmax).
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    classes: usize,
    width: usize,
    /// `[outputs, width + 1]`, the intercept last.
    weights: Vec<f64>,
    /// Steps taken.
    pub iterations: usize,
}

/// Steps that the search remembers.
const MEMORY: usize = 10;

impl Logistic {
    /// Fits the weights w by `min sum_i -log p(label_i | x_i) + |w|^2 / (2 c)`, the intercepts
    /// without penalty, by L-BFGS (Liu & Nocedal 1989, Mathematical Programming 45:503).
    ///
    /// ```
    /// use gsae::stats::classification::{Logistic, LogisticOptions};
    ///
    /// let x = [-2.0, -1.0, 1.0, 2.0];
    /// let model = Logistic::fit(&x, 1, &[0, 0, 1, 1], 2, &LogisticOptions::default())?;
    /// let p = model.probabilities(&[1.5]);
    /// assert!(p[1] > 0.8 && (p[0] + p[1] - 1.0).abs() < 1e-12);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for lists that do not fit together, values that are not finite, a class
    /// without a row, or a `c` that is not above 0.
    pub fn fit(
        values: &[f64],
        width: usize,
        labels: &[usize],
        classes: usize,
        options: &LogisticOptions,
    ) -> Result<Self> {
        check(values, width, labels, classes)?;
        if options.c.is_nan() || options.c <= 0.0 {
            return Err(Error::data(
                format!("a penalty with C = {} makes no sense", options.c),
                "Give a number above 0, for example 1.",
            ));
        }
        let outputs = if classes == 2 { 1 } else { classes };
        let problem = Problem {
            values,
            width,
            labels,
            outputs,
            penalty: 1.0 / options.c,
        };
        let (weights, iterations) = problem.minimise(options);
        Ok(Self {
            classes,
            width,
            weights,
            iterations,
        })
    }

    /// The weights `[outputs, width + 1]` with the intercept last: one output for two classes, in
    /// favour of the second; else one a class.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The probability of every class for one row.
    ///
    /// # Panics
    /// If the row has another width than the model.
    pub fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        assert_eq!(row.len(), self.width, "the width of the row");
        let mut scores: Vec<f64> = self
            .weights
            .chunks_exact(self.width + 1)
            .map(|weights| score(weights, row))
            .collect();
        if self.classes == 2 {
            scores.insert(0, 0.0);
        }
        softmax(&mut scores);
        scores
    }
}

fn score(weights: &[f64], row: &[f64]) -> f64 {
    let (intercept, weights) = (weights[row.len()], &weights[..row.len()]);
    dot(weights, row) + intercept
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a_chunks, b_chunks) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// Scores to probabilities; returns the log of the sum of their exponentials.
fn softmax(scores: &mut [f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores
        .iter_mut()
        .for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    most + sum.ln()
}

struct Problem<'a> {
    values: &'a [f64],
    width: usize,
    labels: &'a [usize],
    outputs: usize,
    penalty: f64,
}

impl Problem<'_> {
    /// The objective, and its gradient into `gradient`.
    fn evaluate(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let stride = self.width + 1;
        let mut objective = 0.0;
        for (at, (weight, slope)) in weights.iter().zip(gradient.iter_mut()).enumerate() {
            let intercept = at % stride == self.width;
            let penalty = if intercept { 0.0 } else { self.penalty };
            objective += 0.5 * penalty * weight * weight;
            *slope = penalty * weight;
        }
        let mut scores = Vec::with_capacity(self.outputs + 1);
        for (row, &label) in self.values.chunks_exact(self.width).zip(self.labels) {
            scores.clear();
            if self.outputs == 1 {
                scores.push(0.0);
            }
            scores.extend(weights.chunks_exact(stride).map(|own| score(own, row)));
            let own = scores[label];
            objective += softmax(&mut scores) - own;
            scores[label] -= 1.0;
            let first = scores.len() - self.outputs;
            for (slopes, error) in gradient.chunks_exact_mut(stride).zip(&scores[first..]) {
                for (slope, value) in slopes.iter_mut().zip(row) {
                    *slope += error * value;
                }
                slopes[self.width] += error;
            }
        }
        objective
    }

    fn minimise(&self, options: &LogisticOptions) -> (Vec<f64>, usize) {
        let size = self.outputs * (self.width + 1);
        let mut weights = vec![0.0; size];
        let mut gradient = vec![0.0; size];
        let mut objective = self.evaluate(&weights, &mut gradient);
        let mut memory: VecDeque<Pair> = VecDeque::with_capacity(MEMORY);
        let mut next_gradient = vec![0.0; size];
        for iteration in 0..options.iterations {
            let largest = gradient.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
            if largest <= options.tolerance {
                return (weights, iteration);
            }
            let direction = descent(&gradient, &memory);
            let slope = dot(&gradient, &direction);
            let mut step = if memory.is_empty() {
                (1.0 / dot(&gradient, &gradient).sqrt()).min(1.0)
            } else {
                1.0
            };
            // Armijo's rule; the objective is convex, so a step that passes it is good enough.
            let (next, value) = loop {
                let moved = weights.iter().zip(&direction).map(|(w, d)| w + step * d);
                let next: Vec<f64> = moved.collect();
                let value = self.evaluate(&next, &mut next_gradient);
                if value <= objective + 1e-4 * step * slope {
                    break (next, value);
                }
                step /= 2.0;
                if step < 1e-12 {
                    return (weights, iteration);
                }
            };
            let s: Vec<f64> = next.iter().zip(&weights).map(|(a, b)| a - b).collect();
            let change = next_gradient.iter().zip(&gradient);
            let y: Vec<f64> = change.map(|(a, b)| a - b).collect();
            let curvature = dot(&s, &y);
            if curvature > 1e-12 * dot(&y, &y) {
                if memory.len() == MEMORY {
                    memory.pop_front();
                }
                memory.push_back(Pair { s, y, curvature });
            }
            (weights, objective) = (next, value);
            std::mem::swap(&mut gradient, &mut next_gradient);
        }
        (weights, options.iterations)
    }
}

/// A step, the change of the gradient along it, and their product.
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    curvature: f64,
}

/// Minus the gradient times the inverse curvature that the last steps showed.
fn descent(gradient: &[f64], memory: &VecDeque<Pair>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let share = dot(&pair.s, &direction) / pair.curvature;
        add(&mut direction, -share, &pair.y);
        shares.push(share);
    }
    if let Some(last) = memory.back() {
        let scale = last.curvature / dot(&last.y, &last.y);
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (pair, share) in memory.iter().zip(shares.iter().rev()) {
        let back = dot(&pair.y, &direction) / pair.curvature;
        add(&mut direction, share - back, &pair.s);
    }
    direction
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}
