//! Collections made of collections: filtered, merged, without near-duplicates, compared, combined.

mod combine;
mod dedupe;
mod filter;
mod overlap;
mod pattern;

pub use combine::{SetOperation, combine, merge_prefixed};
pub use dedupe::{Kept, NearDuplicate, OnDuplicate, dedupe};
pub use filter::{SetFilter, filter};
pub use overlap::{SetPair, overlap_table, write_overlap_table};
pub use pattern::NamePattern;
