//! The Kaplan-Meier estimate of a survival curve.

use super::{by_time, check};
use crate::error::Result;
use crate::stats::check::confidence;
use crate::stats::distribution::normal_quantile;

/// How the interval around a survival curve is made; `v` is Greenwood's sum `sum d / (n (n - d))`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interval {
    /// `S^exp(+-z sqrt(v) / ln S)`: on the log-log scale, always within [0, 1] (Kalbfleisch &
    /// Prentice 1980).
    #[default]
    LogLog,
    /// `S +- z S sqrt(v)`, cut at 0 and 1 (Greenwood 1926).
    Greenwood,
}

/// A step of a survival curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalPoint {
    /// The time of the step.
    pub time: f64,
    /// Subjects under observation just before it.
    pub at_risk: usize,
    /// Events at it.
    pub events: usize,
    /// Subjects censored at it.
    pub censored: usize,
    /// The chance to survive beyond it.
    pub survival: f64,
    /// Lower end of the interval; NaN once the curve has reached 0.
    pub lower: f64,
    /// Upper end of the interval; NaN once the curve has reached 0.
    pub upper: f64,
}

/// A Kaplan-Meier curve: a point at time 0 and one at every time of an event or a censoring.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    points: Vec<SurvivalPoint>,
}

impl KaplanMeier {
    /// Estimates the curve (Kaplan & Meier 1958, JASA 53:457): `S(t) = prod (1 - d / n)` over
    /// the times up to t, d events among n subjects at risk. Who is censored at the time of an
    /// event was at risk then.
    ///
    /// ```
    /// use gsae::stats::survival::{Interval, KaplanMeier};
    ///
    /// let events = [true, false, true, true];
    /// let curve = KaplanMeier::fit(&[2.0, 3.0, 4.0, 7.0], &events, Interval::LogLog, 0.95)?;
    /// assert_eq!(curve.at(5.0), 0.375);
    /// assert_eq!(curve.median(), Some(4.0));
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) for lists of different lengths or no subject, times
    /// below 0 or not finite, or a level outside (0, 1).
    pub fn fit(times: &[f64], events: &[bool], interval: Interval, level: f64) -> Result<Self> {
        check(times, events)?;
        confidence(level)?;
        let z = normal_quantile(0.5 + level / 2.0);
        let order = by_time(times);
        let mut at_risk = times.len();
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let mut points = Vec::new();
        if times[order[0]] > 0.0 {
            points.push(SurvivalPoint {
                time: 0.0,
                at_risk,
                events: 0,
                censored: 0,
                survival: 1.0,
                lower: 1.0,
                upper: 1.0,
            });
        }
        for group in order.chunk_by(|&a, &b| times[a] == times[b]) {
            let died = group.iter().filter(|&&at| events[at]).count();
            let (d, n) = (died as f64, at_risk as f64);
            if died > 0 {
                survival *= 1.0 - d / n;
                greenwood += d / (n * (n - d));
            }
            let (lower, upper) = bounds(survival, greenwood, z, interval);
            points.push(SurvivalPoint {
                time: times[group[0]],
                at_risk,
                events: died,
                censored: group.len() - died,
                survival,
                lower,
                upper,
            });
            at_risk -= group.len();
        }
        Ok(Self { points })
    }

    /// The steps, by ascending time.
    pub fn points(&self) -> &[SurvivalPoint] {
        &self.points
    }

    /// The chance to survive beyond `time`.
    pub fn at(&self, time: f64) -> f64 {
        let past = self.points.partition_point(|point| point.time <= time);
        past.checked_sub(1)
            .map_or(1.0, |last| self.points[last].survival)
    }

    /// The first time at which the curve is at or below one half; `None` if it stays above.
    pub fn median(&self) -> Option<f64> {
        let half = self.points.iter().find(|point| point.survival <= 0.5);
        half.map(|point| point.time)
    }
}

fn bounds(survival: f64, greenwood: f64, z: f64, interval: Interval) -> (f64, f64) {
    if survival == 1.0 {
        return (1.0, 1.0);
    }
    if survival <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let error = z * greenwood.sqrt();
    match interval {
        Interval::LogLog => {
            let reach = error / survival.ln();
            (survival.powf((-reach).exp()), survival.powf(reach.exp()))
        }
        Interval::Greenwood => (
            (survival - survival * error).max(0.0),
            (survival + survival * error).min(1.0),
        ),
    }
}
