//! Sparsity patterns: which input may reach which output of a layer.

mod compressed;
mod pattern;

pub(crate) use compressed::Compressed;
pub use pattern::Mask;
