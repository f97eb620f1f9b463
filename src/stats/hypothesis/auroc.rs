//! The area under the ROC curve and its interval.

use crate::error::Result;
use crate::stats::check::{at_least, confidence, finite, same_length};
use crate::stats::distribution::normal_quantile;
use crate::stats::rank::average_ranks;

/// An area under the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auroc {
    /// The chance that a positive scores above a negative, ties counting half; in [0, 1].
    pub area: f64,
    /// Its standard error by DeLong's method; NaN with a single positive or negative.
    pub standard_error: f64,
    /// The confidence interval, cut at 0 and 1; NaN with a single positive or negative.
    pub interval: (f64, f64),
}

/// The area under the ROC curve of scores for labels, with DeLong's interval at `level`
/// (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; by ranks as Sun & Xu 2014, IEEE
/// Signal Processing Letters 21:1389).
///
/// The variance is that of the placements of positives among negatives over their number, plus
/// the same the other way round. It is 0 where the two classes do not overlap at all.
///
/// ```
/// use gsae::stats::hypothesis::auroc;
///
/// let positive = [true, true, false, true, false, false];
/// let roc = auroc(&[0.9, 0.8, 0.7, 0.6, 0.4, 0.2], &positive, 0.95)?;
/// assert!((roc.area - 8.0 / 9.0).abs() < 1e-15);
/// assert!((roc.standard_error - 0.157_134_840_3).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths, no positive or no
/// negative, a score that is not finite, or a level outside (0, 1).
pub fn auroc(scores: &[f64], positive: &[bool], level: f64) -> Result<Auroc> {
    same_length(scores.len(), positive.len(), "scores and labels")?;
    confidence(level)?;
    finite(scores, "the list of scores")?;
    let of = |wanted: bool| -> Vec<f64> {
        let kept = scores
            .iter()
            .zip(positive)
            .filter(|(_, label)| **label == wanted);
        kept.map(|(score, _)| *score).collect()
    };
    let (above, below) = (of(true), of(false));
    at_least(above.len(), 1, "the positive class")?;
    at_least(below.len(), 1, "the negative class")?;
    let (m, n) = (above.len() as f64, below.len() as f64);

    let all = average_ranks(&[above.as_slice(), &below].concat());
    let (own_above, own_below) = (average_ranks(&above), average_ranks(&below));
    let placements = |all: &[f64], own: &[f64], others: f64| -> Vec<f64> {
        all.iter()
            .zip(own)
            .map(|(all, own)| (all - own) / others)
            .collect()
    };
    let of_positives = placements(&all[..above.len()], &own_above, n);
    let of_negatives = placements(&all[above.len()..], &own_below, m);
    let area = of_positives.iter().sum::<f64>() / m;
    let variance = |values: &[f64]| {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        squares / (count - 1.0) / count
    };
    let standard_error = (variance(&of_positives) + variance(&of_negatives)).sqrt();
    let reach = normal_quantile(0.5 + level / 2.0) * standard_error;
    let interval = if reach.is_nan() {
        (f64::NAN, f64::NAN)
    } else {
        ((area - reach).max(0.0), (area + reach).min(1.0))
    };
    Ok(Auroc {
        area,
        standard_error,
        interval,
    })
}
