//! Reactome: `BASE/download/current/ReactomePathways.gmt.zip` (name, stable id, symbols; human) and
//! `ReactomePathwaysRelation.txt` (parent, child; all species).

use super::fetch::{Collected, remarks};
use super::store::{Kind, Session};
use super::{Offer, SourceInfo};
use crate::error::{Error, Place, Result};
use crate::genesets::{CollectionName, GeneSetCollection, Relations, RemoteSource};
use std::collections::HashSet;

const NO_VERSION: &str = "current";

fn base(session: &Session) -> String {
    session.base(SourceInfo::of(RemoteSource::Reactome).base_url)
}

/// The number of the current release, if the server tells it.
pub(super) fn current(session: &mut Session) -> Result<Option<String>> {
    let url = format!("{}/ContentService/data/database/version", base(session));
    let text = match session.text(&url) {
        // Mirrors of the files alone do not have it; the date has to do.
        Err(Error::Remote { .. }) => return Ok(None),
        text => text?,
    };
    let number = text.trim();
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    Ok(plain.then(|| number.to_owned()))
}

pub(super) fn collect(session: &mut Session, name: &CollectionName) -> Result<Collected> {
    if name.part() != "human" {
        return Err(Error::config(
            "SOURCE",
            format!(
                "is reactome:human: Reactome's GMT file has human pathways only, not {:?}",
                name.part()
            ),
        ));
    }
    if let Some(version) = name.version()
        && current(session)?.as_deref() != Some(version)
    {
        return Err(Error::config(
            "SOURCE",
            format!(
                "asks for release {version}, but Reactome offers its current release only, and \
                 that is another one or not told"
            ),
        ));
    }
    let folder = format!("{}/download/{NO_VERSION}", base(session));
    let url = format!("{folder}/ReactomePathways.gmt.zip");
    let (zip, gmt_record) = session.file(&url, Kind::Current, true)?;
    let url = format!("{folder}/ReactomePathwaysRelation.txt");
    let (txt, relations_record) = session.file(&url, Kind::Current, false)?;

    let limit = session.options.limits.max_bytes;
    let text = crate::io::utf8(super::archive::unzip(&zip, ".gmt", limit)?, &zip)?;
    let named = |name: &str, id: &str| (name.to_owned(), id.to_owned());
    let sets = GeneSetCollection::parse_with_ids(&text, &zip, named)?;
    let ids: HashSet<&str> = sets
        .sets()
        .iter()
        .map(|set| set.description.as_str())
        .collect();
    let relations = crate::io::utf8(super::archive::read(&txt, limit)?, &txt)?;
    let relations = Relations::parse(&relations, &txt)?.among(|id| ids.contains(id));
    if relations.is_empty() {
        return Err(Error::format(
            &txt,
            Place::file(),
            "none of the relations is between pathways of the GMT file",
            "Fetch both files again with --refresh.",
        ));
    }
    let version = match name.version() {
        Some(version) => version.to_owned(),
        None => gmt_record.fetched[..10].to_owned(),
    };
    Ok(Collected {
        title: format!("Reactome pathways, human, release {version}"),
        version,
        remarks: remarks(&sets),
        sets,
        relations: Some(relations),
        downloads: vec![gmt_record, relations_record],
    })
}

pub(super) fn offers(session: &mut Session) -> Result<Vec<Offer>> {
    let detail = match current(session)? {
        Some(number) => format!("release {number}"),
        None => "release not told by the server".to_owned(),
    };
    Ok(vec![Offer {
        name: "reactome:human".to_owned(),
        detail,
    }])
}
