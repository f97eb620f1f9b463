//! Genes of a sample in descending order, and what becomes of ties.

/// What genes of one value in a sample count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// What they count on average over all orders: the score does not depend on the order of the
    /// genes in the file, nor on a seed.
    #[default]
    Expected,
    /// The gene that comes first in the data ranks highest, as in decoupler's AUCell.
    First,
    /// The gene that comes last in the data ranks highest, as in GSEApy's ssGSEA.
    Last,
}

/// Positions from the highest value to the lowest, those of one value in the order of the genes.
pub(super) fn descending(values: impl Iterator<Item = f64>) -> Vec<(f64, u32)> {
    let mut order: Vec<(f64, u32)> = values.zip(0..).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order
}

/// For every gene, `what` at its position in the descending order (from 0); with
/// [`Ties::Expected`] the mean of `what` over the positions that its value holds.
pub(super) fn by_gene(order: &[(f64, u32)], ties: Ties, what: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut out = vec![0.0; order.len()];
    let mut start = 0;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let last = start + group.len() - 1;
        let mean = || (start..=last).map(&what).sum::<f64>() / group.len() as f64;
        let shared = (ties == Ties::Expected).then(mean);
        for ((_, gene), index) in group.iter().zip(0..) {
            out[*gene as usize] = match (shared, ties) {
                (Some(mean), _) => mean,
                (None, Ties::Last) => what(last - index),
                (None, _) => what(start + index),
            };
        }
        start += group.len();
    }
    out
}
