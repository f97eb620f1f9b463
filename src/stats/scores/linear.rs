//! Scores that compare the genes of a set with all genes of the sample.

use super::samples::{Estimates, Members, Samples, Value, check};
use crate::error::Result;
use crate::stats::distribution::{normal_two_sided, t_two_sided};

/// A sample's values without their mean.
struct Centered {
    values: Vec<f64>,
    mean: f64,
    /// The sum of their squares.
    squares: f64,
}

impl Centered {
    fn new<V: Value>(samples: &Samples<V>, sample: usize) -> Self {
        let row = samples.row(sample);
        let mean = row.clone().sum::<f64>() / samples.n_genes() as f64;
        let values: Vec<f64> = row.map(|value| value - mean).collect();
        let squares = values.iter().map(|value| value * value).sum();
        Self {
            values,
            mean,
            squares,
        }
    }

    /// Pearson's correlation with a set's weights (0 outside the set); NaN if either side is
    /// constant.
    fn correlation(&self, set: &Members) -> f64 {
        let genes = self.values.len() as f64;
        let sum: f64 = set.weights().iter().sum();
        let squares: f64 = set.weights().iter().map(|weight| weight * weight).sum();
        let own = squares - sum * sum / genes;
        if self.squares <= 0.0 || own <= 1e-12 * squares {
            return f64::NAN;
        }
        (set.dot(&self.values) / (self.squares * own).sqrt()).clamp(-1.0, 1.0)
    }
}

/// Univariate linear model (Badia-i-Mompel et al. 2022, Bioinformatics Advances 2:vbac016): the t
/// statistic of the slope when all genes of a sample are regressed on the set's weights, 0
/// outside the set.
///
/// `t = r sqrt((n - 2) / (1 - r^2))`, r Pearson's correlation over n genes; p from Student's t
/// with `n - 2` degrees of freedom. NaN where the sample is constant or the weights are.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, ulm};
///
/// let samples = Samples::new(&[2.0f32, 1.0, 4.0, 3.0, 7.0], 5)?;
/// let found = ulm(&samples, &[Members::weighted(vec![2, 3, 4], vec![1.0, 0.5, 2.0])?])?;
/// assert!((found.scores[0] - 10.406_728_6).abs() < 1e-6);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for a gene outside the data or twice in a set, or fewer
/// than three genes.
pub fn ulm<V: Value>(samples: &Samples<V>, sets: &[Members]) -> Result<Estimates> {
    check(samples, sets)?;
    crate::stats::check::at_least(samples.n_genes(), 3, "a sample's regression on genes")?;
    let df = samples.n_genes() as f64 - 2.0;
    Ok(Estimates::new(samples.table(sets.len(), |sample, out| {
        let sample = Centered::new(samples, sample);
        for (out, set) in out.iter_mut().zip(sets) {
            let r = sample.correlation(set);
            let t = r * (df / ((1.0 - r) * (1.0 + r))).sqrt();
            *out = (t, t_two_sided(t, df));
        }
    })))
}

/// The weighted mean of a set's genes, in standard deviations of the same mean over all
/// permutations of the sample's genes: what permutation-based weighted means (decoupler's
/// `waggr`) estimate, without permutations.
///
/// Over permutations a weighted sum has mean `sum w sum x / n` and variance
/// `sum (w - mean w)^2 sum (x - mean x)^2 / (n - 1)`, so the score is `r sqrt(n - 1)`, r
/// Pearson's correlation as in [`ulm`]; p from the normal distribution.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, permutation_z};
///
/// let samples = Samples::new(&[0.0f32, 0.0, 3.0, 3.0, 0.0], 5)?;
/// let found = permutation_z(&samples, &[Members::new(vec![2, 3])])?;
/// assert!((found.scores[0] - 2.0).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`ulm`].
pub fn permutation_z<V: Value>(samples: &Samples<V>, sets: &[Members]) -> Result<Estimates> {
    check(samples, sets)?;
    crate::stats::check::at_least(samples.n_genes(), 3, "a permutation of genes")?;
    let scale = (samples.n_genes() as f64 - 1.0).sqrt();
    Ok(Estimates::new(samples.table(sets.len(), |sample, out| {
        let sample = Centered::new(samples, sample);
        for (out, set) in out.iter_mut().zip(sets) {
            let z = sample.correlation(set) * scale;
            *out = (z, normal_two_sided(z));
        }
    })))
}

/// What a z-score measures the set's mean from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ZScoreCenter {
    /// The mean of all genes of the sample (KSEA: Casado et al. 2013, Science Signaling 6:rs6).
    /// This is what decoupler 2.2 computes by default, there called RoKAI.
    #[default]
    SampleMean,
    /// Zero, for values that are differences already (RoKAI: Yilmaz et al. 2021, Nature
    /// Communications 12:1177). decoupler 2.2 computes it under the name KSEA.
    Zero,
}

/// z-score: the weighted mean of a set's genes against all genes of the sample.
///
/// `z = (sum w x / sum |w| - c) sqrt(m) / s`: m the genes of weight other than 0, c by `center`,
/// s the SD of all genes; p from the normal distribution. NaN where the sample is constant.
///
/// ```
/// use gsae::stats::scores::{Members, Samples, ZScoreCenter, z_score};
///
/// let samples = Samples::new(&[0.0f32, 0.0, 3.0, 3.0, 0.0], 5)?;
/// let found = z_score(&samples, &[Members::new(vec![2, 3])], ZScoreCenter::SampleMean)?;
/// assert!((found.scores[0] - 1.8 * (2.0f64 / 2.7).sqrt()).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// As [`ulm`].
pub fn z_score<V: Value>(
    samples: &Samples<V>,
    sets: &[Members],
    center: ZScoreCenter,
) -> Result<Estimates> {
    check(samples, sets)?;
    crate::stats::check::at_least(samples.n_genes(), 3, "a sample's standard deviation")?;
    Ok(Estimates::new(samples.table(sets.len(), |sample, out| {
        let sample = Centered::new(samples, sample);
        let sd = (sample.squares / (sample.values.len() as f64 - 1.0)).sqrt();
        for (out, set) in out.iter_mut().zip(sets) {
            let size: f64 = set.weights().iter().map(|weight| weight.abs()).sum();
            let sum: f64 = set.weights().iter().sum();
            let count = set
                .weights()
                .iter()
                .filter(|weight| **weight != 0.0)
                .count();
            // The mean of the values without their mean, plus what the mean then lacks.
            let mean = (set.dot(&sample.values) + sum * sample.mean) / size;
            let from = match center {
                ZScoreCenter::SampleMean => sample.mean,
                ZScoreCenter::Zero => 0.0,
            };
            let z = if sd > 0.0 {
                (mean - from) * (count as f64).sqrt() / sd
            } else {
                f64::NAN
            };
            *out = (z, normal_two_sided(z));
        }
    })))
}
