//! The genes that carry a difference.

use crate::activity::ActivityScorer;

/// A gene behind a node's difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeadingGene {
    /// The gene: a column of the mask.
    pub gene: usize,
    /// Its difference, in units of the model's input, beyond the mean difference of all genes.
    pub difference: f64,
    /// Its share of the node's difference: its loading times its difference, over the sum of the
    /// sizes of these products.
    pub share: f64,
}

/// The member genes that contribute most to the difference of a node, in its direction, the
/// largest share first; at most `count`.
///
/// `differences`: a difference a gene of the mask, `[genes]`, as weights of a comparison make it
/// out of the model's input; `present`: which genes the data have. The activity compares a node's
/// genes with the rest of the sample, hence a gene's difference counts from the mean of all.
pub fn leading_genes(
    scorer: &ActivityScorer,
    node: usize,
    differences: &[f64],
    present: &[bool],
    count: usize,
) -> Vec<LeadingGene> {
    let known = differences
        .iter()
        .zip(present)
        .filter(|(_, present)| **present);
    let (sum, genes) = known.fold((0.0, 0.0), |(sum, n), (value, _)| (sum + value, n + 1.0));
    let mean: f64 = if genes > 0.0 { sum / genes } else { 0.0 };
    let products: Vec<(usize, f64, f64)> = scorer
        .members(node)
        .filter(|(gene, _)| present[*gene])
        .map(|(gene, loading)| {
            let difference = differences[gene] - mean;
            (gene, difference, loading * difference)
        })
        .collect();
    let total: f64 = products.iter().map(|(.., product)| product.abs()).sum();
    let way = products
        .iter()
        .map(|(.., product)| product)
        .sum::<f64>()
        .signum();
    let mut leading: Vec<LeadingGene> = products
        .into_iter()
        .filter(|(.., product)| product * way > 0.0)
        .map(|(gene, difference, product)| LeadingGene {
            gene,
            difference,
            share: product.abs() / total,
        })
        .collect();
    leading.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.gene.cmp(&b.gene)));
    leading.truncate(count);
    leading
}

/// The difference of every column of the model's input `[samples, genes]` under weights of the
/// samples.
pub fn differences(values: &[f32], genes: usize, weights: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; genes];
    for (row, weight) in values.chunks_exact(genes.max(1)).zip(weights) {
        if *weight != 0.0 {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * f64::from(*value);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Loadings;
    use crate::activity::Orientation;
    use crate::error::Result;
    use crate::mask::Mask;

    #[test]
    fn shares_by_hand() -> Result<()> {
        let mask = Mask::from_rows(5, vec![vec![0, 1, 2]])?;
        let loadings = Loadings {
            values: vec![1.0, 2.0, 0.5],
            orientation: vec![Orientation::Up],
            confidence: vec![1.0],
        };
        let scorer = ActivityScorer::from_parts(mask, loadings, vec![0.0], vec![1.0])?;
        // Two samples against one: differences 4, 3, -1, 0 and 4, whose mean is 2.
        let x = [4., 3., -1., 0., 4., 4., 3., -1., 0., 4., 0., 0., 0., 0., 0.];
        let differences = differences(&x, 5, &[0.5, 0.5, -1.0]);
        assert_eq!(differences, [4.0, 3.0, -1.0, 0.0, 4.0]);
        // Products 2, 2 and -1.5 of a total of 5.5.
        let found = leading_genes(&scorer, 0, &differences, &[true; 5], 9);
        assert_eq!(found.iter().map(|g| g.gene).collect::<Vec<_>>(), [0, 1]);
        assert!((found[0].share - 2.0 / 5.5).abs() < 1e-12);
        assert_eq!(found[1].difference, 1.0);
        // A gene that the data lack neither leads nor counts in the mean.
        let without = [false, true, true, true, true];
        let found = leading_genes(&scorer, 0, &differences, &without, 1);
        assert_eq!(
            (found.len(), found[0].gene, found[0].difference),
            (1, 1, 1.5)
        );
        Ok(())
    }
}
