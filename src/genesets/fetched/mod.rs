//! Collections that were fetched: their names, the cache they lie in, and what is known of them.
//! Nothing here touches the network; [`remote`](crate::remote) fills the cache.

mod cache;
mod hints;
mod name;
mod provenance;

pub(crate) use cache::version_key;
pub use cache::{CachedCollection, GeneSetCache};
pub(crate) use hints::name_to_fetch;
pub use name::{CollectionName, RemoteSource};
pub use provenance::{CachedFile, DownloadRecord, Provenance};
