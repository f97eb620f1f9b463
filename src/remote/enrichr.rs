//! Enrichr: `BASE/Enrichr/geneSetLibrary?mode=text&libraryName=NAME`; other species have sites of
//! their own (FlyEnrichr, ...).

use super::fetch::{Collected, remarks};
use super::store::{Kind, Session};
use super::{Offer, SourceInfo};
use crate::error::{Error, Place, Result};
use crate::genesets::{
    CollectionName, GeneSetCollection, GeneSetFormat, ReadOptions, RemoteSource,
};
use serde::Deserialize;
use std::path::Path;

const SITES: [(&str, &str); 5] = [
    ("", "Enrichr"),
    ("fly", "FlyEnrichr"),
    ("yeast", "YeastEnrichr"),
    ("worm", "WormEnrichr"),
    ("fish", "FishEnrichr"),
];

/// The site of `fly.KEGG_2019` and the library's name there.
fn library(part: &str) -> (&'static str, &str) {
    if let Some((species, name)) = part.split_once('.')
        && let Some((_, site)) = SITES.iter().find(|(word, _)| *word == species)
    {
        return (site, name);
    }
    (SITES[0].1, part)
}

pub(super) fn collect(session: &mut Session, name: &CollectionName) -> Result<Collected> {
    if let Some(version) = name.version() {
        return Err(Error::config(
            "SOURCE",
            format!(
                "asks for version {version}, but Enrichr's libraries have no versions beyond \
                 their names; the date of fetching is what gsae keeps"
            ),
        ));
    }
    let (site, library) = library(name.part());
    let base = session.base(SourceInfo::of(RemoteSource::Enrichr).base_url);
    let url = format!("{base}/{site}/geneSetLibrary?mode=text&libraryName={library}");
    let (path, record) = session.file(&url, Kind::Current, true)?;
    let bytes = super::archive::read(&path, session.options.limits.max_bytes)?;
    let text = crate::io::utf8(bytes, &path)?;
    if text.trim_start().starts_with('<') || !text.contains('\t') {
        return Err(Error::remote(
            &record.url,
            "the answer is no gene-set library",
            "Check the library's name: `gsae genesets list --remote enrichr` lists them.",
        ));
    }
    let options = ReadOptions {
        format: Some(GeneSetFormat::Gmt),
        ..ReadOptions::default()
    };
    let sets = GeneSetCollection::parse(&text, &path, &options)?;
    Ok(Collected {
        version: record.fetched[..10].to_owned(),
        title: format!("{site} library {library}"),
        remarks: remarks(&sets),
        sets,
        relations: None,
        downloads: vec![record],
    })
}

#[derive(Deserialize)]
struct Statistics {
    statistics: Vec<Library>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Library {
    library_name: String,
    #[serde(default)]
    num_terms: u64,
    #[serde(default)]
    gene_coverage: u64,
}

pub(super) fn offers(session: &mut Session) -> Result<Vec<Offer>> {
    let base = session.base(SourceInfo::of(RemoteSource::Enrichr).base_url);
    let url = format!("{base}/{}/datasetStatistics", SITES[0].1);
    let text = session.text(&url)?;
    let found: Statistics = serde_json::from_str(&text).map_err(|cause| {
        Error::format(
            Path::new(&url),
            Place::line(cause.line()),
            format!("this is no list of libraries ({cause})"),
            "The source may have changed: fetch a library by its name.",
        )
    })?;
    let offers = found.statistics.into_iter().map(|library| Offer {
        name: format!("enrichr:{}", library.library_name),
        detail: format!(
            "{} sets, {} genes",
            library.num_terms, library.gene_coverage
        ),
    });
    Ok(offers.collect())
}
