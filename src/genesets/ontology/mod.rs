//! The Gene Ontology from its own files: terms (OBO), annotations (GAF), and gene sets of both,
//! where a gene of a term is a gene of everything above it.

mod gaf;
mod obo;
mod propagate;

pub use gaf::{Annotations, SkippedAnnotations};
pub use obo::{Aspect, Ontology, Term};
pub use propagate::OntologySets;
