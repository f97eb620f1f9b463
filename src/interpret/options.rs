//! What can be chosen.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Options of [`interpret`](super::interpret()).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InterpretOptions {
    /// Latent units that explain less of the expression's variance than this (by
    /// [`LatentNode::adjusted_r2`](super::LatentNode::adjusted_r2)) explain nothing, and are left
    /// out of the merged table. maui drops factors below 0.02, for bulk samples; in single cells
    /// most of the variance is noise, and few units reach that.
    pub min_r2: f64,
    /// Nodes are near copies where the size of their correlation is at least this, all of a group
    /// with all. maui's default, a correlation distance of 0.17.
    pub merge_above: f64,
    /// The genes of a tail are those whose loading is this many SDs from the unit's mean; 2.5 as
    /// in Way & Greene 2018.
    pub tail_z: f64,
    /// The genes and gene sets that are told of each tail.
    pub top: usize,
    /// The latent units, the most explanatory first and no near copies, whose gene loadings are
    /// tested for enrichment; `None` for all units.
    pub enriched: Option<usize>,
    /// Permutations of preranked GSEA.
    pub permutations: usize,
    /// The seed of the permutations.
    pub seed: u64,
}

impl Default for InterpretOptions {
    fn default() -> Self {
        Self {
            min_r2: 0.001,
            merge_above: 0.83,
            tail_z: 2.5,
            top: 20,
            enriched: Some(20),
            permutations: 1000,
            seed: 0,
        }
    }
}

impl InterpretOptions {
    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option.
    pub fn validate(&self) -> Result<()> {
        let refuse = |option, message: String| Err(Error::config(option, message));
        if !(0.0..1.0).contains(&self.min_r2) {
            return refuse(
                "--min-r2",
                format!("must be in [0, 1), not {}", self.min_r2),
            );
        }
        if !(self.merge_above > 0.0 && self.merge_above <= 1.0) {
            return refuse(
                "--merge-above",
                format!("must be in (0, 1], not {}", self.merge_above),
            );
        }
        if !(self.tail_z.is_finite() && self.tail_z > 0.0) {
            return refuse(
                "--tail-z",
                format!("must be a number above 0, not {}", self.tail_z),
            );
        }
        if self.top == 0 {
            return refuse("--top", "must be at least 1, not 0".into());
        }
        if self.permutations == 0 {
            return refuse("--permutations", "must be at least 1, not 0".into());
        }
        Ok(())
    }
}
