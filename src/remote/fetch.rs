//! Fetching a collection: resolve its version, download, make gene sets of it, keep them.

use super::store::{Session, now};
use super::{FetchOptions, FetchProgress, Offer, SourceFormat, SourceInfo};
use super::{enrichr, gene_ontology, msigdb, reactome, wikipathways};
use crate::error::{Error, Result};
use crate::genesets::{
    CachedCollection, CollectionName, DownloadRecord, GeneSetCache, GeneSetCollection, Provenance,
    Relations, RemoteSource,
};

/// A collection that is now in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The collection.
    pub collection: CachedCollection,
    /// Whether it was there before and nothing had to be made.
    pub was_cached: bool,
}

/// What a source's files hold.
pub(super) struct Collected {
    pub version: String,
    pub title: String,
    pub sets: GeneSetCollection,
    pub relations: Option<Relations>,
    pub downloads: Vec<DownloadRecord>,
    pub remarks: Vec<String>,
}

/// Fetches a collection into a cache: the version its name asks for, or the newest. A version that
/// is there already is not downloaded again, unless the options say so; offline, the newest
/// version that is there is taken.
///
/// # Errors
/// [`Error::Remote`] if a server does not give what is asked for within the bounds, or if
/// something is needed that is not in the cache while offline; [`Error::Format`] if what it gives
/// is no such file; [`Error::Config`] for a name the source cannot have; [`Error::Io`] if the
/// cache cannot be written.
pub fn fetch(
    name: &CollectionName,
    cache: &GeneSetCache,
    options: &FetchOptions,
    progress: &mut dyn FetchProgress,
) -> Result<Fetched> {
    let mut session = Session::new(cache, options, progress)?;
    let there = |name: &CollectionName| -> Result<Option<Fetched>> {
        if options.refresh && !options.offline {
            return Ok(None);
        }
        let found = cache.get(name)?;
        let found = found.filter(|found| is_as_asked(found.provenance(), name, options));
        // A broken copy is no copy.
        let whole = found.filter(|found| found.load().is_ok() && found.relations().is_ok());
        Ok(whole.map(|collection| Fetched {
            collection,
            was_cached: true,
        }))
    };
    if (options.offline || name.version().is_some())
        && let Some(fetched) = there(name)?
    {
        return Ok(fetched);
    }
    let known = match name.source() {
        _ if name.version().is_some() => name.version().map(str::to_owned),
        RemoteSource::Msigdb => Some(msigdb::newest(&mut session, name)?),
        RemoteSource::WikiPathways => Some(wikipathways::newest(&mut session, name)?),
        RemoteSource::Reactome => reactome::current(&mut session)?,
        RemoteSource::Enrichr | RemoteSource::GeneOntology => None,
    };
    let wanted = match &known {
        Some(version) => name.at(version)?,
        None => name.clone(),
    };
    if wanted.version().is_some()
        && let Some(fetched) = there(&wanted)?
    {
        return Ok(fetched);
    }
    let collected = match name.source() {
        RemoteSource::Msigdb => msigdb::collect(&mut session, &wanted)?,
        RemoteSource::Enrichr => enrichr::collect(&mut session, &wanted)?,
        RemoteSource::Reactome => reactome::collect(&mut session, &wanted)?,
        RemoteSource::WikiPathways => wikipathways::collect(&mut session, &wanted)?,
        RemoteSource::GeneOntology => gene_ontology::collect(&mut session, &wanted)?,
    };
    let name = name.at(&collected.version)?;
    let record = Provenance {
        name: name.to_string(),
        title: collected.title,
        version: collected.version,
        licence: SourceInfo::of(name.source()).licence.to_owned(),
        fetched: now(),
        gsae: env!("CARGO_PKG_VERSION").to_owned(),
        downloads: collected.downloads,
        files: Vec::new(),
        sets: collected.sets.len(),
        genes: collected.sets.genes().len(),
        remarks: collected.remarks,
    };
    let relations = collected.relations.as_ref();
    Ok(Fetched {
        collection: cache.store(&name, &collected.sets, relations, record)?,
        was_cached: false,
    })
}

/// Whether a collection is of the form and the checksum that the options ask for.
fn is_as_asked(record: &Provenance, name: &CollectionName, options: &FetchOptions) -> bool {
    let json = |one: &DownloadRecord| one.url.ends_with(".json");
    let form = name.source() != RemoteSource::Msigdb
        || record.downloads.iter().any(json) == (options.format == SourceFormat::Json);
    let sum = options.sha256.as_ref().is_none_or(|wanted| {
        let same = |one: &DownloadRecord| one.sha256.eq_ignore_ascii_case(wanted);
        record.downloads.iter().any(same)
    });
    form && sum
}

/// What a source offers now, by the names to fetch it by.
///
/// # Errors
/// As [`fetch`].
pub fn offers(
    source: RemoteSource,
    cache: &GeneSetCache,
    options: &FetchOptions,
    progress: &mut dyn FetchProgress,
) -> Result<Vec<Offer>> {
    let session = &mut Session::new(cache, options, progress)?;
    let offers = match source {
        RemoteSource::Msigdb => msigdb::offers(session)?,
        RemoteSource::Enrichr => enrichr::offers(session)?,
        RemoteSource::Reactome => reactome::offers(session)?,
        RemoteSource::WikiPathways => wikipathways::offers(session)?,
        RemoteSource::GeneOntology => gene_ontology::offers(),
    };
    if offers.is_empty() {
        return Err(Error::remote(
            session.base(SourceInfo::of(source).base_url),
            "nothing there looks like a collection of gene sets",
            "The source may have changed its layout, or the mirror another one: fetch by name.",
        ));
    }
    Ok(offers)
}

/// The remarks of a reader as lines.
pub(super) fn remarks(sets: &GeneSetCollection) -> Vec<String> {
    sets.lints().iter().map(ToString::to_string).collect()
}
