//! MSigDB JSON: an object keyed by set name, with `geneSymbols` and where the set comes from.

use super::Lint;
use super::assemble::RawSet;
use crate::error::{Error, Place, Result};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::path::Path;

/// What is read of an entry; the rest is skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    gene_symbols: Vec<String>,
    #[serde(default)]
    exact_source: String,
    #[serde(default)]
    systematic_name: String,
    #[serde(default, rename = "msigdbURL")]
    url: String,
}

/// The entries in the file's order, names repeated if the file repeats them.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object keyed by gene-set name")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

pub(super) fn parse(text: &str, path: &Path) -> Result<(Vec<RawSet>, Vec<Lint>)> {
    let Entries(entries) = serde_json::from_str(text).map_err(|cause| {
        Error::format(
            path,
            Place::line(cause.line()),
            format!("this is not MSigDB's JSON ({cause})"),
            "Expected is an object keyed by set name with `geneSymbols`, as MSigDB offers it.",
        )
    })?;
    let sets = entries
        .into_iter()
        .map(|(name, entry)| {
            let sources = [entry.exact_source, entry.systematic_name, entry.url];
            RawSet {
                line: None,
                name: name.trim().to_owned(),
                description: sources
                    .into_iter()
                    .find(|source| !source.is_empty())
                    .unwrap_or_default(),
                tokens: entry.gene_symbols,
            }
        })
        .collect();
    Ok((sets, Vec::new()))
}
