//! The univariate linear model of one sample on one node's loadings.

/// What a sample contributes to every node's regression: taken once a sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct SampleMoments {
    /// Genes in the regression.
    pub genes: f64,
    /// Their mean.
    pub mean: f64,
    /// The sum of squared deviations from it.
    pub squares: f64,
}

impl SampleMoments {
    /// Over the genes for which `present` is true.
    pub fn new(values: &[f32], present: &[bool]) -> Self {
        let kept = || {
            values
                .iter()
                .zip(present)
                .filter(|(_, present)| **present)
                .map(|(value, _)| f64::from(*value))
        };
        let genes = kept().count() as f64;
        let mean = kept().sum::<f64>() / genes.max(1.0);
        let squares = kept().map(|value| (value - mean).powi(2)).sum();
        Self {
            genes,
            mean,
            squares,
        }
    }
}

/// What a node's loadings contribute: sums over the genes that are present.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LoadingMoments {
    /// Sum of the loadings.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

/// The t statistic of the slope in the regression of a sample's genes on a node's loadings
/// (0 for every gene outside the set), with an intercept:
/// `t = r sqrt((G - 2) / (1 - r^2))`, `r` Pearson's correlation over the G genes.
///
/// `products`: the sum over the node's genes of loading times value. NaN if either side is
/// constant or there are fewer than three genes.
pub(super) fn t_statistic(sample: SampleMoments, node: LoadingMoments, products: f64) -> f64 {
    let SampleMoments {
        genes,
        mean,
        squares,
    } = sample;
    let node_squares = node.squares - node.sum * node.sum / genes;
    if genes < 3.0 || squares <= 0.0 || node_squares <= 0.0 {
        return f64::NAN;
    }
    let r = (products - node.sum * mean) / (squares * node_squares).sqrt();
    let unexplained = (1.0 - r * r).max(1e-12);
    r * ((genes - 2.0) / unexplained).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_ordinary_least_squares() {
        let values = [2.0f32, 1.0, 4.0, 3.0, 7.0];
        let loadings: [f64; 5] = [0.0, 0.0, 1.0, 0.5, 2.0];
        let sample = SampleMoments::new(&values, &[true; 5]);
        let node = LoadingMoments {
            sum: loadings.iter().sum(),
            squares: loadings.iter().map(|l| l * l).sum(),
        };
        let products: f64 = values
            .iter()
            .zip(loadings)
            .map(|(value, loading)| f64::from(*value) * loading)
            .sum();
        // Slope 2.546875, its standard error from the residuals of the fitted line.
        let slope: f64 = (products - 5.0 * 3.4 * 0.7) / (node.squares - 5.0 * 0.49);
        let residuals: f64 = values
            .iter()
            .zip(loadings)
            .map(|(value, loading)| (f64::from(*value) - 3.4 - slope * (loading - 0.7)).powi(2))
            .sum();
        let error = (residuals / 3.0 / (node.squares - 5.0 * 0.49)).sqrt();
        assert!((t_statistic(sample, node, products) - slope / error).abs() < 1e-10);
    }

    #[test]
    fn a_common_shift_changes_nothing() {
        let node = LoadingMoments {
            sum: 2.0,
            squares: 2.0,
        };
        let values = [1.0f32, 5.0, 2.0, 0.0];
        let shifted = values.map(|value| value + 100.0);
        let t = |values: &[f32; 4]| {
            let products = f64::from(values[0]) + f64::from(values[1]);
            t_statistic(SampleMoments::new(values, &[true; 4]), node, products)
        };
        assert!((t(&values) - t(&shifted)).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_regress_on_is_not_a_number() {
        let sample = SampleMoments::new(&[1.0, 1.0, 1.0], &[true; 3]);
        let node = LoadingMoments {
            sum: 1.0,
            squares: 1.0,
        };
        assert!(t_statistic(sample, node, 1.0).is_nan());
        let sample = SampleMoments::new(&[1.0, 2.0, 3.0], &[true; 3]);
        assert!(t_statistic(sample, LoadingMoments::default(), 0.0).is_nan());
    }
}
