//! The collections that ship inside the binary; `genesets/README.md` has their provenance.

use super::{
    CollectionName, GeneSetCache, GeneSetCollection, ReadOptions, Relations, name_to_fetch,
};
use crate::error::{Error, Result};
use crate::io::{Source, decompress, hex, utf8};
use crate::wording::did_you_mean;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A bundled collection and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct BundledInfo {
    /// The name it is used by.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Where the data come from.
    pub origin: &'static str,
    /// The state of the data.
    pub date: &'static str,
    /// The licence of the data.
    pub licence: &'static str,
    gmt: &'static [u8],
    relations: Option<&'static [u8]>,
}

/// All bundled collections.
pub const COLLECTIONS: [BundledInfo; 3] = [
    BundledInfo {
        name: "reactome",
        title: "Reactome pathways, human, sub-pathways' members included",
        origin: "Reactome (UniProt2Reactome and hierarchy), symbols by org.Hs.eg.db",
        date: "2025-01",
        licence: "CC0 / CC BY 4.0",
        gmt: include_bytes!("../../genesets/reactome.gmt.gz"),
        relations: Some(include_bytes!("../../genesets/reactome_relations.tsv.gz")),
    },
    BundledInfo {
        name: "wikipathways",
        title: "WikiPathways, human",
        origin: "WikiPathways release of 2022-06-10, symbols by org.Hs.eg.db",
        date: "2022-06-10",
        licence: "CC0",
        gmt: include_bytes!("../../genesets/wikipathways.gmt.gz"),
        relations: None,
    },
    BundledInfo {
        name: "go_bp",
        title: "Gene Ontology, biological process, human, 5-1,000 genes, propagated",
        origin: "Gene Ontology by org.Hs.eg.db and GO.db",
        date: "2022",
        licence: "CC BY 4.0",
        gmt: include_bytes!("../../genesets/go_bp.gmt.gz"),
        relations: Some(include_bytes!("../../genesets/go_bp_relations.tsv.gz")),
    },
];

/// The bundled collection called `name`, in small or large letters.
pub fn find(name: &str) -> Option<&'static BundledInfo> {
    COLLECTIONS
        .iter()
        .find(|info| info.name.eq_ignore_ascii_case(name))
}

/// The hierarchies that come with collections, by their names as
/// [`GeneSetCollection::open`] takes them: of bundled and of fetched ones; files have none. `None`
/// if no collection has one.
///
/// # Errors
/// As [`BundledInfo::relations`] and [`CachedCollection::relations`](super::CachedCollection).
pub fn relations_of(names: &str) -> Result<Option<Relations>> {
    let mut all: Option<Relations> = None;
    if Path::new(names).exists() {
        return Ok(None);
    }
    for name in names.split(',').map(str::trim) {
        let relations = if let Some(info) = find(name) {
            info.relations()?
        } else if Path::new(name).exists() {
            None
        } else if let Some(fetched) = CollectionName::recognise(name) {
            GeneSetCache::of_user()?.find(&fetched?)?.relations()?
        } else {
            None
        };
        if let Some(relations) = relations {
            all = Some(match all {
                Some(before) => before.with(relations),
                None => relations,
            });
        }
    }
    Ok(all)
}

impl BundledInfo {
    /// The gene sets: readable names, stable ids as descriptions.
    ///
    /// # Errors
    /// If the embedded file cannot be read, which a build without changes to it rules out.
    pub fn load(&self) -> Result<GeneSetCollection> {
        let path = PathBuf::from(self.name);
        let text = utf8(decompress(self.gmt.to_vec(), &path)?, &path)?;
        let sets = GeneSetCollection::parse(&text, &path, &ReadOptions::default())?;
        Ok(sets.with_source(Source {
            path,
            sha256: self.sha256(),
        }))
    }

    /// The parent-child relations by stable id, if the collection has a hierarchy.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn relations(&self) -> Result<Option<Relations>> {
        let Some(bytes) = self.relations else {
            return Ok(None);
        };
        let path = Path::new(self.name);
        let text = utf8(decompress(bytes.to_vec(), path)?, path)?;
        Relations::parse(&text, path).map(Some)
    }

    /// SHA-256 of the embedded gene sets, in hex.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(self.gmt))
    }
}

/// A name that is nothing, with what it may have meant.
pub(super) fn unknown(name: &str) -> Error {
    let known: Vec<&str> = COLLECTIONS.iter().map(|info| info.name).collect();
    let hint = match name_to_fetch(name) {
        Some(fetched) => format!(
            ". `gsae genesets fetch {fetched}` gets them, then `--gene-sets {fetched}` reads them"
        ),
        None => did_you_mean(name, known.iter().copied()),
    };
    let hint = match hint.as_str() {
        "" => ". Check the path, or see `gsae genesets list`; `gsae genesets fetch` gets others",
        hint => hint,
    };
    let known = known.join(", ");
    let message = format!(
        "{name:?} is neither a file nor one of the collections {known}, nor fetched \
         (SOURCE:PART){hint}"
    );
    Error::config("--gene-sets", message)
}
