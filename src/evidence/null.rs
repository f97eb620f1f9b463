//! Empirical p-values against the nodes of shuffled maps.

/// The share of a neighbourhood's null values whose excesses make up the pooled tail.
const TAIL: f64 = 0.1;
/// With fewer excesses a neighbourhood's tail has no scale, and its own ranks have to do.
const LEAST_EXCESSES: usize = 20;

/// What comes of [`p_values`].
pub(super) struct PValues {
    /// A p-value a node; NaN for a statistic that is no positive number.
    pub p: Vec<f64>,
    /// The smallest p-value that any node could have.
    pub smallest: f64,
}

/// Empirical p-values of nodes against the same nodes in fits with shuffled maps.
///
/// After a shuffle a node stands for random genes, so its statistic depends on how many they
/// are and not on its name: a node's null is pooled over the nodes nearest to it in size, as many
/// as make up `null_values`, every shuffle of each. Within such a neighbourhood the statistic's
/// trend with size is taken out: the logarithm is regressed on the logarithm of the size over
/// the neighbourhood's null values, and each null value moved along the line to the node's own
/// size. `p = (b + 1) / (n + 1)`, b of the n null values at least as large.
///
/// A neighbourhood alone would bound p by `1 / (n + 1)`, far too coarse for a thousand nodes. Its
/// upper tenth is therefore resolved by the null values of all nodes. Those above the tenth's
/// threshold are excesses, in units of the mean of their neighbourhood's other excesses; all
/// neighbourhoods' excesses are pooled, and a node above its threshold has
/// `p = (k + 1) / (n + 1) * (c + 1) / (m + 1)`: k the excesses of its neighbourhood, c of the m
/// pooled ones at least as large as its own. Location, scale and threshold thus stay those of the
/// node's size, and the shape of the tail alone is shared (as peaks over a threshold, but with
/// the empirical distribution of excesses in place of the generalised Pareto one of Knijnenburg
/// et al. 2009, Bioinformatics 25:i161): p is never below about one over all null values.
///
/// `statistics`: `[nodes]`; `sizes`: `[nodes]`; `shuffled`: one `[nodes]` a shuffle.
pub(super) fn p_values(
    statistics: &[f64],
    sizes: &[usize],
    shuffled: &[Vec<f64>],
    null_values: usize,
) -> PValues {
    let nodes = statistics.len();
    let mut p = vec![f64::NAN; nodes];
    if nodes == 0 || shuffled.is_empty() {
        return PValues {
            p,
            smallest: f64::NAN,
        };
    }
    let mut by_size: Vec<usize> = (0..nodes).collect();
    by_size.sort_by_key(|&node| (sizes[node], node));
    let width = null_values.div_ceil(shuffled.len()).clamp(1, nodes);
    let around: Vec<Neighbourhood> = by_size
        .iter()
        .enumerate()
        .map(|(rank, &node)| {
            let start = rank.saturating_sub(width / 2).min(nodes - width);
            Neighbourhood::new(node, &by_size[start..start + width], sizes, shuffled)
        })
        .collect();
    // With all nodes in every neighbourhood there is nothing more to pool.
    let pooled = if width < nodes {
        let own = by_size.iter().zip(&around);
        let mut pooled: Vec<f64> = own
            .flat_map(|(&node, around)| {
                let values = shuffled.iter().map(move |values| values[node].ln());
                values.filter_map(|value| around.own_excess(value))
            })
            .collect();
        pooled.sort_by(f64::total_cmp);
        pooled
    } else {
        Vec::new()
    };
    let mut smallest = f64::INFINITY;
    for (&node, around) in by_size.iter().zip(&around) {
        let own = statistics[node].ln();
        if own.is_finite() {
            p[node] = around.p(own, &pooled);
            smallest = smallest.min(around.p(f64::INFINITY, &pooled));
        }
    }
    PValues {
        p,
        smallest: if smallest.is_finite() {
            smallest
        } else {
            f64::NAN
        },
    }
}

/// The null values of the nodes nearest to one in size, at this one's size.
struct Neighbourhood {
    /// Ascending.
    null: Vec<f64>,
    /// The upper tail, unless it is too short: its threshold, the number of excesses, their sum.
    tail: Option<(f64, usize, f64)>,
}

impl Neighbourhood {
    fn new(node: usize, near: &[usize], sizes: &[usize], shuffled: &[Vec<f64>]) -> Self {
        let log_size = |node: usize| (sizes[node].max(1) as f64).ln();
        let points: Vec<(f64, f64)> = near
            .iter()
            .flat_map(|&other| {
                shuffled
                    .iter()
                    .map(move |values| (other, values[other].ln()))
            })
            .filter(|(_, value)| value.is_finite())
            .map(|(other, value)| (log_size(other) - log_size(node), value))
            .collect();
        let slope = slope(&points);
        let moved = points.iter().map(|(distance, y)| y - slope * distance);
        let mut null: Vec<f64> = moved.collect();
        null.sort_by(f64::total_cmp);
        let beyond = (null.len() as f64 * TAIL) as usize;
        let tail = (beyond >= LEAST_EXCESSES).then(|| {
            let threshold = null[null.len() - beyond - 1];
            let above = &null[null.partition_point(|value| *value <= threshold)..];
            let sum = above.iter().map(|value| value - threshold).sum();
            (threshold, above.len(), sum)
        });
        Self {
            null,
            tail: tail.filter(|(_, count, sum)| *count >= LEAST_EXCESSES && *sum > 0.0),
        }
    }

    /// The excess of one of the neighbourhood's own null values, in units of the others' mean.
    fn own_excess(&self, value: f64) -> Option<f64> {
        let (threshold, count, sum) = self.tail?;
        let excess = value - threshold;
        // Not NaN either.
        (excess > 0.0).then(|| excess * (count - 1) as f64 / (sum - excess))
    }

    fn p(&self, own: f64, pooled: &[f64]) -> f64 {
        let share = |above: usize| (above + 1) as f64 / (self.null.len() + 1) as f64;
        match self.tail {
            Some((threshold, count, sum)) if own > threshold && !pooled.is_empty() => {
                let excess = (own - threshold) * count as f64 / sum;
                let above = pooled.len() - pooled.partition_point(|value| *value < excess);
                share(count) * (above + 1) as f64 / (pooled.len() + 1) as f64
            }
            _ => share(self.null.len() - self.null.partition_point(|value| *value < own)),
        }
    }
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
    use crate::stats::hypothesis::benjamini_hochberg;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_node_alone_has_the_textbook_p() {
        let shuffled: Vec<Vec<f64>> = (1..=9).map(|value| vec![f64::from(value)]).collect();
        let p = |own: f64| p_values(&[own], &[20], &shuffled, 1).p[0];
        assert_eq!([p(7.5), p(9.0), p(99.0), p(0.5)], [0.3, 0.2, 0.1, 1.0]);
        assert_eq!(p_values(&[7.5], &[20], &shuffled, 1).smallest, 0.1);
        assert!(p(f64::NAN).is_nan());
        let none = p_values(&[1.0], &[20], &[], 1);
        assert!(none.p[0].is_nan() && none.smallest.is_nan());
    }

    /// Statistics whose logarithm grows with the size, and the spread and the skew of which
    /// shrink with it, as those of nodes do: without the regression or with one scale for all
    /// the smallest and largest nodes would be off.
    fn draw(sizes: &[usize], random: &mut rand_chacha::ChaCha8Rng) -> Vec<f64> {
        let mut one = |size: usize| {
            let noise: f64 = StandardNormal.sample(random);
            let more: f64 = StandardNormal.sample(random);
            let log = (size as f64).ln();
            (0.5 * log + 0.8 / log * (noise + 0.3 * more * more)).exp()
        };
        sizes.iter().map(|size| one(*size)).collect()
    }

    fn sizes(nodes: usize) -> Vec<usize> {
        (0..nodes)
            .map(|at| 15 + 500 * at * at / nodes / nodes)
            .collect()
    }

    #[test]
    fn pooled_p_values_are_uniform_at_every_size() {
        let random = &mut random_stream(8, "sizes");
        let sizes = sizes(2000);
        let mut small = [0usize; 2];
        let rounds = 20;
        for round in 0..rounds {
            let real = draw(&sizes, random);
            let shuffled: Vec<Vec<f64>> = (0..5).map(|_| draw(&sizes, random)).collect();
            let found = p_values(&real, &sizes, &shuffled, 500);
            let p = found.p;
            assert!(p.iter().all(|p| *p >= found.smallest && *p <= 1.0));
            assert!(found.smallest > 0.0 && found.smallest < 1.1 / 10_000.0);
            for (count, level) in small.iter_mut().zip([0.01, 0.001]) {
                *count += p.iter().filter(|p| **p <= level).count();
            }
            if round > 0 {
                continue;
            }
            for part in [&p[..], &p[..100], &p[1900..]] {
                let below = |level: f64| {
                    part.iter().filter(|p| **p <= level).count() as f64 / part.len() as f64
                };
                let slack = 3.0 * (0.25 / part.len() as f64).sqrt();
                for level in [0.02, 0.1, 0.25, 0.5, 0.75, 0.9] {
                    assert!(
                        (below(level) - level).abs() < slack,
                        "{level}: {}",
                        below(level)
                    );
                }
            }
        }
        let share = small.map(|count| count as f64 / (2000 * rounds) as f64);
        println!("p <= 0.01: {:.5}, p <= 0.001: {:.5}", share[0], share[1]);
        assert!((share[0] - 0.01).abs() < 0.002, "{share:?}");
        assert!((share[1] - 0.001).abs() < 0.0005, "{share:?}");
    }

    /// Ten nodes that stand out among a thousand pass after five shuffles.
    #[test]
    fn few_nodes_that_stand_out_pass() -> crate::Result<()> {
        let random = &mut random_stream(9, "few");
        let sizes = sizes(1000);
        let shuffled: Vec<Vec<f64>> = (0..5).map(|_| draw(&sizes, random)).collect();
        let mut real = draw(&sizes, random);
        let few: Vec<usize> = (50..1000).step_by(100).collect();
        few.iter().for_each(|&node| real[node] *= 8.0);
        let q = benjamini_hochberg(&p_values(&real, &sizes, &shuffled, 500).p)?;
        assert!(few.iter().all(|&node| q[node] <= 0.05));
        let others = (0..1000).filter(|node| !few.contains(node) && q[*node] <= 0.05);
        assert!(others.count() <= 1);
        Ok(())
    }
}
