//! Gene identifiers: which kind they are, how they map to each other, and whether expression
//! and gene sets speak of the same genes.

mod descriptions;
mod doctor;
mod gene_table;
mod id_table;
mod id_type;
mod mapping;
mod matching;
mod text_index;

pub use descriptions::genes_as_descriptions;
pub use doctor::{Diagnosis, MappingTrial, SideReport};
pub use gene_table::{GeneTable, looks_like_gene};
pub use id_table::{IdFate, IdTable, MappedGene, write_mapped_genes};
pub use id_type::{IdType, IdTypes, Species};
pub use mapping::{GeneMapping, Mapped};
pub use matching::{CollectionCoverage, Matching};
