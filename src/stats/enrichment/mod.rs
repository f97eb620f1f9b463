//! Whether the genes of a set stand out: in a list (over-representation), or in a ranking
//! (preranked GSEA).
//!
//! Genes are positions in a universe of `0..n`, sets are lists of positions.

mod multilevel;
mod null;
mod over_representation;
mod prerank;
pub(in crate::stats) mod walk;

pub use multilevel::{Multilevel, MultilevelP};
pub use over_representation::{
    FisherExact, OverRepresentation, fisher_exact, over_representation, over_representation_of_sets,
};
pub use prerank::{Enrichment, PrerankOptions, prerank, prerank_aloud, too_few_permutations};
pub use walk::{EnrichmentScore, Ranking};

use crate::error::{Error, Result};

/// Refuses positions outside the universe and genes that stand twice in a set. `seen` is as long
/// as the universe and all 0 before the first set.
fn check_set(set: &[u32], number: usize, seen: &mut [u32]) -> Result<()> {
    for &gene in set {
        match seen.get_mut(gene as usize) {
            None => {
                return Err(Error::data(
                    format!(
                        "gene set {number} has gene {gene}, and the universe ends before {}",
                        seen.len()
                    ),
                    "Leave genes outside the universe out of the sets.",
                ));
            }
            Some(last) if *last == number as u32 => {
                return Err(Error::data(
                    format!("gene set {number} has gene {gene} twice"),
                    "List every gene of a set once.",
                ));
            }
            Some(last) => *last = number as u32,
        }
    }
    Ok(())
}

/// Refuses sets that do not fit a universe of `genes` genes.
pub(in crate::stats) fn check_sets<S: AsRef<[u32]>>(sets: &[S], genes: usize) -> Result<()> {
    let mut seen = vec![0; genes];
    for (set, number) in sets.iter().zip(1..) {
        check_set(set.as_ref(), number, &mut seen)?;
    }
    Ok(())
}
