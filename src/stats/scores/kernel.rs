//! Smooth estimates of a gene's distribution over the samples.

use crate::error::{Error, Result};
use crate::stats::distribution::normal_two_sided;
use statrs::function::gamma::checked_gamma_ur;
use std::sync::LazyLock;

/// How GSVA estimates a gene's distribution over the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kernel {
    /// Normal kernels of a quarter of the gene's SD, for log values. The normal distribution is
    /// interpolated in a table, to 5e-8.
    #[default]
    Gaussian,
    /// As `Gaussian`, by the nearest lower entry of a table in steps of 0.001, as the package
    /// GSVA (and GSEApy) compute it. Genes closer than that may swap places.
    GaussianTable,
    /// Poisson kernels with mean `x + 0.5`, for counts.
    Poisson,
    /// The share of samples at or below: no smoothing.
    Empirical,
}

/// Beyond this many SD the normal distribution is 0 or 1.
const REACH: f64 = 10.0;
const STEPS: f64 = 1000.0;

/// The upper half of the normal distribution in steps of 0.001.
static NORMAL: LazyLock<Vec<f64>> = LazyLock::new(|| {
    (0..=(REACH * STEPS) as usize + 1)
        .map(|step| 1.0 - 0.5 * normal_two_sided(step as f64 / STEPS))
        .collect()
});

fn normal(z: f64, interpolate: bool) -> f64 {
    let size = z.abs();
    let upper = if size > REACH {
        1.0
    } else {
        let place = size * STEPS;
        let step = place as usize;
        let below = NORMAL[step];
        if interpolate {
            below + (place - step as f64) * (NORMAL[step + 1] - below)
        } else {
            below
        }
    };
    if z < 0.0 { 1.0 - upper } else { upper }
}

/// The estimated distribution of a gene at each of its values, in the order of the samples; NaN
/// for a gene that never varies.
pub(super) fn distribution(kernel: Kernel, column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_unstable_by(|&a, &b| column[a].total_cmp(&column[b]));
    // Values that occur several times, as zeros do in single cells, are computed once.
    let groups: Vec<&[usize]> = order.chunk_by(|&a, &b| column[a] == column[b]).collect();
    let mut out = vec![f64::NAN; column.len()];
    if groups.len() < 2 {
        return out;
    }
    let distinct: Vec<(f64, f64)> = groups
        .iter()
        .map(|group| (column[group[0]], group.len() as f64))
        .collect();
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let squares: f64 = column.iter().map(|value| (value - mean).powi(2)).sum();
    let width = (squares / (n - 1.0)).sqrt() / 4.0;
    let mut passed = 0.0;
    for (group, (at, count)) in groups.iter().zip(&distinct) {
        passed += count;
        let smooth = |chance: &dyn Fn(f64) -> f64| -> f64 {
            let terms = distinct.iter().map(|(value, count)| count * chance(*value));
            terms.sum::<f64>() / n
        };
        let value = match kernel {
            Kernel::Gaussian => smooth(&|value| normal((at - value) / width, true)),
            Kernel::GaussianTable => smooth(&|value| normal((at - value) / width, false)),
            Kernel::Poisson => {
                smooth(&|value| checked_gamma_ur(at + 1.0, value + 0.5).unwrap_or(f64::NAN))
            }
            Kernel::Empirical => passed / n,
        };
        for &sample in *group {
            out[sample] = value;
        }
    }
    out
}

/// Refuses values that are no counts.
pub(super) fn check_count(value: f64, sample: usize, gene: usize) -> Result<()> {
    if value >= 0.0 && value.fract() == 0.0 {
        return Ok(());
    }
    Err(Error::data(
        format!(
            "gene {} of sample {} is {value}, and Poisson kernels need counts",
            gene + 1,
            sample + 1
        ),
        "Use the Gaussian kernel for values that are not counts.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(values: &[f64], expected: &[f64], tolerance: f64) {
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < tolerance, "{value} {expected}");
        }
    }

    #[test]
    fn means_of_distributions_around_the_samples() {
        // scipy 1.17.1: means of poisson.cdf(x, samples + 0.5), norm.cdf((x - samples) / h).
        let counts = distribution(Kernel::Poisson, &[0.0, 3.0, 1.0, 3.0]);
        let expected = [0.222_513_896_676, 0.751_467_814_717, 0.434_849_460_185];
        close(&counts, &expected, 1e-11);
        assert_eq!(counts[1], counts[3]);
        let logs = [0.2, 3.1, 1.7];
        let expected = [0.166_672_528_427, 0.833_314_536_075, 0.500_012_935_498];
        close(&distribution(Kernel::Gaussian, &logs), &expected, 5e-8);
        close(&distribution(Kernel::GaussianTable, &logs), &expected, 1e-3);
        let shares = [1.0 / 3.0, 1.0, 2.0 / 3.0];
        close(&distribution(Kernel::Empirical, &logs), &shares, 1e-15);
        assert!(distribution(Kernel::Empirical, &[2.0; 3])[0].is_nan());
    }
}
