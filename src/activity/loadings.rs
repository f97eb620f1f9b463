//! Loadings: how strongly each member gene moves with its node.

use super::orientation::{Orientation, orient};
use crate::mask::Mask;
use crate::stats::ColumnMoments;
use rayon::prelude::*;

/// Samples that are summed at once.
const BLOCK: usize = 256;

/// Non-negative loadings of the member genes on every node, with the node's orientation.
#[derive(Debug, Clone, PartialEq)]
pub struct Loadings {
    /// One value an entry of the mask, in its order: `[entries]`.
    pub values: Vec<f32>,
    /// One a node: `[sets]`.
    pub orientation: Vec<Orientation>,
    /// One a node, in [0, 1]: `[sets]`.
    pub confidence: Vec<f64>,
}

impl Loadings {
    /// The loading of gene g on node s is `max(0, o c)`, with `c = cov(x_g, h_s) / sd(h_s)` over
    /// the samples, `o` the sign that makes the sum over the node's genes positive, and c drawn
    /// towards the node's mean as far as few samples make it uncertain (James & Stein 1961: by
    /// the ratio of its sampling variance, `(var(x_g) - c^2) / n`, to its variance among the
    /// node's genes).
    ///
    /// A node that is constant, or whose genes all have the wrong sign, gets equal loadings, so
    /// that its activity falls back to the plain regression on the set's members.
    ///
    /// `x`: `[n, inputs of the mask]`, `nodes`: `[n, outputs of the mask]`, both row by row.
    pub fn fit(mask: &Mask, x: &[f32], nodes: &[f32]) -> Self {
        let mut moments = JointMoments::new(mask);
        moments.add(x, nodes);
        Self::from_moments(&moments)
    }

    /// [`fit`](Self::fit) to samples that were counted block by block.
    pub fn from_moments(moments: &JointMoments) -> Self {
        let mask = moments.mask;
        let covariances = moments.covariances();
        let variances = moments.variances();
        let samples = moments.samples;
        let mut values = vec![0f32; mask.entries()];
        let mut orientation = Vec::with_capacity(mask.outputs());
        let mut confidence = Vec::with_capacity(mask.outputs());
        for set in 0..mask.outputs() {
            let entries = mask.row_entries(set);
            let own = &covariances[entries.clone()];
            let (direction, agreement) = orient(own);
            let sign = if own.iter().sum::<f64>() < 0.0 {
                -1.0
            } else {
                1.0
            };
            let genes = mask.row(set).iter().map(|gene| variances[*gene as usize]);
            let shrunken = shrink(own, genes, samples);
            let oriented = shrunken.iter().map(|value| (sign * value).max(0.0) as f32);
            let loadings = &mut values[entries];
            loadings
                .iter_mut()
                .zip(oriented)
                .for_each(|(to, from)| *to = from);
            if loadings.iter().all(|value| *value <= 0.0) {
                loadings.fill(1.0);
            }
            orientation.push(direction);
            confidence.push(agreement);
        }
        Self {
            values,
            orientation,
            confidence,
        }
    }

    /// The position within the node's genes of the one with the largest loading, and its share
    /// of their sum; `None` for a node without genes.
    pub fn strongest(&self, mask: &Mask, set: usize) -> Option<(usize, f64)> {
        let own = &self.values[mask.row_entries(set)];
        let total: f64 = own.iter().map(|value| f64::from(*value)).sum();
        let (position, largest) = own.iter().enumerate().fold(
            None,
            |best: Option<(usize, f32)>, (position, value)| match best {
                Some((_, largest)) if largest >= *value => best,
                _ => Some((position, *value)),
            },
        )?;
        Some((position, f64::from(largest) / total))
    }
}

/// Draws values towards their mean, by the share of their variance that is sampling error.
fn shrink(values: &[f64], variances: impl Iterator<Item = f64>, samples: usize) -> Vec<f64> {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    let error = values
        .iter()
        .zip(variances)
        .map(|(value, variance)| (variance - value * value).max(0.0) / samples.max(1) as f64)
        .sum::<f64>()
        / n;
    let kept = if spread > error {
        1.0 - error / spread
    } else {
        0.0
    };
    values
        .iter()
        .map(|value| mean + kept * (value - mean))
        .collect()
}

/// How genes and nodes vary together over samples that come in blocks: within a block around
/// its means, between blocks by the update of Chan, Golub & LeVeque 1983 (eq. 2.1). The same
/// blocks give the same bits, whatever the threads.
#[derive(Debug, Clone)]
pub struct JointMoments<'a> {
    mask: &'a Mask,
    samples: usize,
    gene_means: Vec<f64>,
    node_means: Vec<f64>,
    /// Sums of products of deviations for every entry (s, g) of the mask, in its order.
    products: Vec<f64>,
    gene_squares: Vec<f64>,
    node_squares: Vec<f64>,
}

impl<'a> JointMoments<'a> {
    /// No samples yet.
    pub fn new(mask: &'a Mask) -> Self {
        Self {
            mask,
            samples: 0,
            gene_means: vec![0.0; mask.inputs()],
            node_means: vec![0.0; mask.outputs()],
            products: vec![0.0; mask.entries()],
            gene_squares: vec![0.0; mask.inputs()],
            node_squares: vec![0.0; mask.outputs()],
        }
    }

    /// Adds samples. `x`: `[n, inputs of the mask]`, `nodes`: `[n, outputs of the mask]`, both
    /// row by row.
    pub fn add(&mut self, x: &[f32], nodes: &[f32]) {
        let (n_genes, n_sets) = (self.mask.inputs().max(1), self.mask.outputs().max(1));
        let nodes = nodes.chunks(BLOCK * n_sets);
        for (x, nodes) in x.chunks(BLOCK * n_genes).zip(nodes) {
            self.add_block(x, nodes);
        }
    }

    fn add_block(&mut self, x: &[f32], nodes: &[f32]) {
        let (mask, n_genes, n_sets) = (self.mask, self.mask.inputs(), self.mask.outputs());
        let n = x.len() / n_genes.max(1);
        let (own, total) = (n as f64, (self.samples + n) as f64);
        // What is added for the distance between the block's means and those so far.
        let between = self.samples as f64 * own / total;
        let gene_shifts = shifts(&column_means(x, n_genes), &self.gene_means);
        let node_shifts = shifts(&column_means(nodes, n_sets), &self.node_means);
        let mut gene_major = vec![0f32; n_genes * n];
        let (gene_means, node_means) = (&self.gene_means, &self.node_means);
        // Members of a node are gathered from all over the genes: keep a gene's samples together.
        gene_major
            .par_chunks_mut(n)
            .zip(&mut self.gene_squares)
            .enumerate()
            .for_each(|(gene, (values, squares))| {
                let mean = gene_means[gene] + gene_shifts[gene];
                for (row, value) in values.iter_mut().enumerate() {
                    *value = (f64::from(x[row * n_genes + gene]) - mean) as f32;
                }
                *squares += dot(values, values) + between * gene_shifts[gene].powi(2);
            });
        let mut slices = Vec::with_capacity(n_sets);
        let mut rest = self.products.as_mut_slice();
        for set in 0..n_sets {
            let (own, others) = rest.split_at_mut(mask.row(set).len());
            slices.push(own);
            rest = others;
        }
        slices
            .into_par_iter()
            .zip(&mut self.node_squares)
            .enumerate()
            .for_each(|(set, (products, squares))| {
                let mean = node_means[set] + node_shifts[set];
                let hidden: Vec<f32> = (0..n)
                    .map(|row| (f64::from(nodes[row * n_sets + set]) - mean) as f32)
                    .collect();
                *squares += dot(&hidden, &hidden) + between * node_shifts[set].powi(2);
                for (product, gene) in products.iter_mut().zip(mask.row(set)) {
                    let gene = *gene as usize;
                    let together = dot(&hidden, &gene_major[gene * n..(gene + 1) * n]);
                    *product += together + between * gene_shifts[gene] * node_shifts[set];
                }
            });
        let move_to = |means: &mut [f64], shifts: &[f64]| {
            for (mean, shift) in means.iter_mut().zip(shifts) {
                *mean += shift * (own / total);
            }
        };
        move_to(&mut self.gene_means, &gene_shifts);
        move_to(&mut self.node_means, &node_shifts);
        self.samples += n;
    }

    /// `cov(x_g, h_s) / sd(h_s)` for every entry (s, g) of the mask, in its order; 0 where the
    /// node is constant.
    fn covariances(&self) -> Vec<f64> {
        let mut covariances = self.products.clone();
        for set in 0..self.mask.outputs() {
            let scale = (self.samples as f64).sqrt() * self.node_squares[set].sqrt();
            for sum in &mut covariances[self.mask.row_entries(set)] {
                *sum = if scale > 1e-12 { *sum / scale } else { 0.0 };
            }
        }
        covariances
    }

    /// The variance of every gene.
    fn variances(&self) -> Vec<f64> {
        let n = self.samples.max(1) as f64;
        self.gene_squares.iter().map(|sum| sum / n).collect()
    }
}

/// How far means lie above others.
fn shifts(means: &[f64], others: &[f64]) -> Vec<f64> {
    means.iter().zip(others).map(|(a, b)| a - b).collect()
}

/// The mean of every column of a row-by-row matrix, summed in row order.
fn column_means(values: &[f32], columns: usize) -> Vec<f64> {
    let mut moments = ColumnMoments::new(columns);
    moments.add(values);
    (0..columns).map(|column| moments.mean(column)).collect()
}

/// A dot product in eight fixed lanes: quick, and the same bits everywhere.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0f64; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += f64::from(a[lane]) * f64::from(b[lane]);
        }
    }
    lanes.iter().sum::<f64>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_sets() -> Mask {
        Mask::from_rows(4, vec![vec![0, 1], vec![2, 3]]).expect("a valid mask")
    }

    /// Four samples of four genes; the first node follows genes 0 and 1, the second runs
    /// against gene 2 and ignores gene 3.
    const X: [f32; 16] = [
        1., 2., 3., 1., //
        2., 4., 2., -1., //
        3., 6., 1., -1., //
        4., 8., 0., 1.,
    ];
    const NODES: [f32; 8] = [10., 0., 20., 1., 30., 2., 40., 3.];

    #[test]
    fn loadings_are_covariances_with_the_standardised_node() {
        let loadings = Loadings::fit(&two_sets(), &X, &NODES);
        // sd of 1..4 is sqrt(1.25); cov(x, h) / sd(h) = slope * sd.
        let sd = 1.25f32.sqrt();
        // Exact covariances have no sampling error, so nothing is shrunken.
        assert!((loadings.values[0] - sd).abs() < 1e-6);
        assert!((loadings.values[1] - 2.0 * sd).abs() < 1e-6);
        assert_eq!(
            loadings.orientation,
            [Orientation::Up, Orientation::Flipped]
        );
        // Gene 2 has covariance -sd and no error; gene 3 has 0, its variance is 1, so its error is
        // 1/4 with four samples: the mean -sd/2 takes the share (1/8) / (1.25/4) of the spread.
        let kept = 1.0 - 0.125 / 0.3125;
        assert!((loadings.values[2] - sd / 2.0 * (1.0 + kept)).abs() < 1e-6);
        assert!((loadings.values[3] - sd / 2.0 * (1.0 - kept)).abs() < 1e-6);
        let (gene, share) = loadings.strongest(&two_sets(), 0).expect("a gene");
        assert_eq!(gene, 1);
        assert!((share - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn a_constant_node_falls_back_to_equal_loadings() {
        let loadings = Loadings::fit(&two_sets(), &X, &[1.0; 8]);
        assert_eq!(loadings.values, [1.0; 4]);
        assert_eq!(loadings.orientation, [Orientation::None; 2]);
        assert_eq!(loadings.confidence, [0.0; 2]);
    }

    #[test]
    fn blocks_do_not_change_the_result() {
        let n = 3 * BLOCK + 17;
        let x: Vec<f32> = (0..n * 4).map(|i| ((i * 37) % 101) as f32 / 10.0).collect();
        let nodes: Vec<f32> = (0..n * 2).map(|i| ((i * 53) % 97) as f32 / 7.0).collect();
        let sets = two_sets();
        let mut moments = JointMoments::new(&sets);
        moments.add(&x[..2 * BLOCK * 4], &nodes[..2 * BLOCK * 2]);
        moments.add(&x[2 * BLOCK * 4..], &nodes[2 * BLOCK * 2..]);
        let covariance = moments.covariances()[3];
        let column = |values: &[f32], width: usize, at: usize| -> Vec<f64> {
            values.chunks(width).map(|row| f64::from(row[at])).collect()
        };
        let (gene, node) = (column(&x, 4, 3), column(&nodes, 2, 1));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (gene_mean, node_mean) = (mean(&gene), mean(&node));
        let moment = |power: fn(f64, f64) -> f64| -> f64 {
            gene.iter()
                .zip(&node)
                .map(|(g, h)| power(g - gene_mean, h - node_mean))
                .sum::<f64>()
                / n as f64
        };
        let expected = moment(|g, h| g * h) / moment(|_, h| h * h).sqrt();
        assert!(
            (covariance - expected).abs() < 1e-5,
            "{covariance} {expected}"
        );
    }
}
