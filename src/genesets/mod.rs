//! Gene sets: the types, one file a format, the collections that ship with the crate, the cache of
//! fetched ones, the Gene Ontology's own files, and the membership graph.

mod assemble;
pub mod bundled;
mod collection;
mod edge_list;
mod export;
mod fetched;
mod gene_set;
mod gmt;
mod gmx;
mod graph;
mod graph_sets;
mod grp;
mod look_alike;
mod msigdb_json;
mod ontology;
mod options;
mod relations;
mod tools;
mod tree;
mod write;

pub use bundled::BundledInfo;
pub use collection::{CollectionPart, GeneSetCollection};
pub use export::GraphFormat;
pub use fetched::{
    CachedCollection, CachedFile, CollectionName, DownloadRecord, GeneSetCache, Provenance,
    RemoteSource,
};
pub(crate) use fetched::{name_to_fetch, version_key};
pub use gene_set::GeneSet;
pub use graph::{GraphNode, MembershipGraph, Relation};
pub use graph_sets::{Overlap, SelectedSet, SizeFilter};
pub use ontology::{Annotations, Aspect, Ontology, OntologySets, SkippedAnnotations, Term};
pub use options::{DuplicateNames, GeneSetFormat, Lint, ReadOptions};
pub use relations::Relations;
pub use tools::{
    Kept, NamePattern, NearDuplicate, OnDuplicate, SetFilter, SetOperation, SetPair, combine,
    dedupe, filter, merge_prefixed, overlap_table, write_overlap_table,
};
pub use tree::depths;
