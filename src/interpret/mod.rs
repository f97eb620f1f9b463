//! What the latent units of a trained model mean: the genes and gene sets that make them, the
//! gene sets that stand out among those genes, which of them are near copies of each other, and
//! how much of the expression each explains.
//!
//! Everything here is read from the samples and not from a network's weights, so one definition
//! serves every architecture: the *loading* of gene g on latent unit z is `cov(x_g, z) / sd(z)`,
//! the covariance of the gene as the model sees it with the standardised unit. (A principal
//! component's is its entry times the component's SD, the loading of Jolliffe 2002, section 2.3;
//! in factor analysis it is the structure coefficient.) A gene set's loading is the correlation
//! of its activity with the unit. The sign of a latent unit is arbitrary, so both tails are told.

mod columns;
mod enrichment;
mod interpretation;
mod loadings;
mod options;
mod redundancy;
mod tables;

pub use enrichment::{SetEnrichment, SetTest};
pub use interpretation::{Interpretation, LatentNode, interpret, model_sets};
pub use loadings::{LoadingTable, Ranked, Tail};
pub use options::InterpretOptions;
pub use redundancy::Redundancy;
