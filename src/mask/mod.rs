//! Sparsity patterns: which input may reach which output of a layer.

mod compressed;
mod pattern;
mod set_map;

pub(crate) use compressed::Compressed;
pub use pattern::Mask;
pub use set_map::{Level, SetMap, SetTree};
