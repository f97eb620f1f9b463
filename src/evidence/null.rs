//! Empirical p-values against the nodes of shuffled maps.

/// Empirical p-values of nodes against the same nodes in fits with shuffled maps.
///
/// After a shuffle a node stands for random genes, so its statistic depends on how many they
/// are and not on its name: a node's null is pooled over the nodes nearest to it in size, as many
/// as make up `null_values`, every shuffle of each. Within such a neighbourhood the statistic's
/// trend with size is taken out: the logarithm is regressed on the logarithm of the size over
/// the neighbourhood's null values, and each null value moved along the line to the node's own
/// size. `p = (b + 1) / (n + 1)`, b of the n null values at least as large; NaN for a statistic
/// that is no positive number.
///
/// `statistics`: `[nodes]`; `sizes`: `[nodes]`; `shuffled`: one `[nodes]` a shuffle.
pub(super) fn p_values(
    statistics: &[f64],
    sizes: &[usize],
    shuffled: &[Vec<f64>],
    null_values: usize,
) -> Vec<f64> {
    let nodes = statistics.len();
    if nodes == 0 || shuffled.is_empty() {
        return vec![f64::NAN; nodes];
    }
    let mut by_size: Vec<usize> = (0..nodes).collect();
    by_size.sort_by_key(|&node| (sizes[node], node));
    let width = null_values.div_ceil(shuffled.len()).clamp(1, nodes);
    let log_size = |node: usize| (sizes[node].max(1) as f64).ln();
    let mut p = vec![f64::NAN; nodes];
    for (rank, &node) in by_size.iter().enumerate() {
        let own = statistics[node].ln();
        if !own.is_finite() {
            continue;
        }
        let start = rank.saturating_sub(width / 2).min(nodes - width);
        let null: Vec<(f64, f64)> = by_size[start..start + width]
            .iter()
            .flat_map(|&other| {
                shuffled
                    .iter()
                    .map(move |values| (other, values[other].ln()))
            })
            .filter(|(_, value)| value.is_finite())
            .map(|(other, value)| (log_size(other) - log_size(node), value))
            .collect();
        let slope = slope(&null);
        let above = null
            .iter()
            .filter(|(distance, value)| value - slope * distance >= own)
            .count();
        p[node] = (above + 1) as f64 / (null.len() + 1) as f64;
    }
    p
}

/// The slope of the least squares line; 0 where all x are the same.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let xx: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let xy: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    if xx > 1e-12 { xy / xx } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::random_stream;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_node_alone_has_the_textbook_p() {
        let shuffled: Vec<Vec<f64>> = (1..=9).map(|value| vec![f64::from(value)]).collect();
        assert_eq!(p_values(&[7.5], &[20], &shuffled, 1), [0.3]);
        assert_eq!(p_values(&[9.0], &[20], &shuffled, 1), [0.2]);
        assert_eq!(p_values(&[99.0], &[20], &shuffled, 1), [0.1]);
        assert_eq!(p_values(&[0.5], &[20], &shuffled, 1), [1.0]);
        assert!(p_values(&[f64::NAN], &[20], &shuffled, 1)[0].is_nan());
        assert!(p_values(&[1.0], &[20], &[], 1)[0].is_nan());
    }

    /// Statistics that grow with the size, as those of nodes do: without the regression the
    /// largest and smallest nodes would be off.
    #[test]
    fn pooled_p_values_are_uniform_at_every_size() {
        let random = &mut random_stream(8, "sizes");
        let nodes = 2000;
        let sizes: Vec<usize> = (0..nodes).map(|node| 15 + node * node / 8000).collect();
        let mut draw = || -> Vec<f64> {
            sizes
                .iter()
                .map(|size| {
                    let noise: f64 = StandardNormal.sample(random);
                    (0.5 * (*size as f64).ln() + 0.2 * noise).exp()
                })
                .collect()
        };
        let real = draw();
        let shuffled: Vec<Vec<f64>> = (0..3).map(|_| draw()).collect();
        let p = p_values(&real, &sizes, &shuffled, 600);
        for part in [&p[..], &p[..100], &p[1900..]] {
            let below = |level: f64| {
                part.iter().filter(|p| **p <= level).count() as f64 / part.len() as f64
            };
            let slack = 3.0 * (0.25 / part.len() as f64).sqrt();
            for level in [0.1, 0.25, 0.5, 0.75, 0.9] {
                assert!(
                    (below(level) - level).abs() < slack,
                    "{level}: {}",
                    below(level)
                );
            }
        }
        assert!(p.iter().all(|p| *p > 0.0 && *p <= 1.0));
    }
}
