//! Gene sets: the types, one file a format, the collections that ship with the crate, and the
//! membership graph.

mod assemble;
pub mod bundled;
mod collection;
mod export;
mod gene_set;
mod gmt;
mod gmx;
mod graph;
mod graph_sets;
mod grp;
mod msigdb_json;
mod options;
mod relations;
mod tree;

pub use bundled::BundledInfo;
pub use collection::GeneSetCollection;
pub use export::GraphFormat;
pub use gene_set::GeneSet;
pub use graph::{GraphNode, MembershipGraph, Relation};
pub use graph_sets::{Overlap, SelectedSet, SizeFilter};
pub use options::{DuplicateNames, GeneSetFormat, Lint, ReadOptions};
pub use relations::Relations;
pub use tree::depths;
