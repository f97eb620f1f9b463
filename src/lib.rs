//! gsae: gene superset autoencoders on truly sparse layers.
#![warn(missing_docs)]

pub mod error;
pub mod expression;
pub mod genesets;
pub mod io;
pub mod mask;
pub mod nn;

pub use error::{Error, Result};
pub use mask::Mask;
