//! Scores of gene sets in every sample, without any training: what a model's activity is held
//! against.
//!
//! All take [`Samples`] `[samples, genes]` and [`Members`] (positions and weights) and return
//! scores `[samples, sets]`, row by row. A set without a gene in the data has NaN. No score but
//! [`mean_z`] and [`gsva`] depends on which other samples there are.

mod aucell;
mod gsva;
mod kernel;
mod linear;
mod mean_z;
mod mlm;
mod ranks;
mod samples;
mod ssgsea;

pub use aucell::{AucellOptions, aucell};
pub use gsva::{GsvaOptions, gsva};
pub use kernel::Kernel;
pub use linear::{ZScoreCenter, permutation_z, ulm, z_score};
pub use mean_z::{MeanZ, mean_z};
pub use mlm::{Mlm, dependent_sets, mlm};
pub use ranks::Ties;
pub use samples::{Estimates, Members, Samples, Value};
pub use ssgsea::{SsgseaOptions, ssgsea};
