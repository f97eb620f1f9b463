//! gsae: gene superset autoencoders on truly sparse layers.
#![warn(missing_docs)]

pub mod error;
pub mod expression;
pub mod genesets;
pub mod io;

pub use error::{Error, Result};
