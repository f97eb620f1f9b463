//! Gene sets: the types, one file a format, the collections that ship with the crate, and the
//! membership graph.

mod collection;
mod gene_set;

pub use collection::GeneSetCollection;
pub use gene_set::GeneSet;
