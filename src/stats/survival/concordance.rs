//! Harrell's c-index.

use super::check;
use crate::error::Result;
use crate::stats::check::{finite, same_length};

/// Harrell's c-index (Harrell et al. 1982, JAMA 247:2543): of all pairs of subjects of whom one
/// is known to have the event first, the share in which that one has the higher `risk`, equal
/// risks counting half. 0.5 says nothing; 1 orders all pairs.
///
/// A pair counts if the earlier time is that of an event; at equal times, if exactly one of the
/// two is an event (the censored subject survived longer). NaN if no pair counts.
///
/// ```
/// use gsae::stats::survival::concordance_index;
///
/// let c = concordance_index(&[1.0, 2.0, 3.0], &[true, false, true], &[0.9, 0.2, 0.4])?;
/// assert_eq!(c, 1.0);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) for lists of different lengths, no subject, times below 0,
/// or numbers that are not finite.
pub fn concordance_index(times: &[f64], events: &[bool], risk: &[f64]) -> Result<f64> {
    check(times, events)?;
    same_length(times.len(), risk.len(), "times and risks")?;
    finite(risk, "the list of risks")?;
    let (mut concordant, mut pairs) = (0.0, 0.0);
    for early in (0..times.len()).filter(|&at| events[at]) {
        for late in 0..times.len() {
            let later = times[late] > times[early];
            if later || (times[late] == times[early] && !events[late]) {
                pairs += 1.0;
                if risk[early] > risk[late] {
                    concordant += 1.0;
                } else if risk[early] == risk[late] {
                    concordant += 0.5;
                }
            }
        }
    }
    Ok(concordant / pairs)
}
