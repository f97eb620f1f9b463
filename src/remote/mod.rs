//! Gene sets from the network: MSigDB, Enrichr, Reactome, WikiPathways and the Gene Ontology are
//! fetched into the user's cache, from where [`genesets`](crate::genesets) reads them by name.
//! Nothing but [`fetch`] and [`offers`] touches the network.
//!
//! What servers send is not trusted: sizes, packed and unpacked, redirects, time and throughput
//! are bounded ([`Limits`]), checksums recorded, and names never become paths unexamined.

mod archive;
mod client;
mod digest;
mod download;
mod enrichr;
mod fetch;
mod gene_ontology;
mod links;
mod msigdb;
mod options;
mod reactome;
mod source;
mod store;
mod tls;
mod wikipathways;

pub use fetch::{Fetched, fetch, offers};
pub use options::{FetchOptions, FetchProgress, Limits, SilentFetch, SourceFormat};
pub use source::{Offer, SourceInfo, name_of};
