//! WikiPathways: `BASE/current/gmt/wikipathways-YYYYMMDD-gmt-Species_name.gmt`, older releases under
//! `BASE/YYYYMMDD/gmt/`; a set's name is `Name%WikiPathways_date%WPid%Species`, its genes Entrez ids.

use super::fetch::{Collected, remarks};
use super::links::links;
use super::store::{Kind, Session};
use super::{Offer, SourceInfo};
use crate::error::{Error, Result};
use crate::genesets::{CollectionName, GeneSetCollection, RemoteSource};

const SPECIES: [(&str, &str); 6] = [
    ("human", "Homo_sapiens"),
    ("mouse", "Mus_musculus"),
    ("rat", "Rattus_norvegicus"),
    ("zebrafish", "Danio_rerio"),
    ("fly", "Drosophila_melanogaster"),
    ("yeast", "Saccharomyces_cerevisiae"),
];

fn base(session: &Session) -> String {
    session.base(SourceInfo::of(RemoteSource::WikiPathways).base_url)
}

fn species(part: &str) -> &str {
    let known = SPECIES.iter().find(|(short, _)| *short == part);
    known.map_or(part, |(_, long)| long)
}

/// Date and species of the files of the current release.
fn current(session: &mut Session) -> Result<Vec<(String, String)>> {
    let url = format!("{}/current/gmt/", base(session));
    let listing = session.text(&url)?;
    let files = links(&listing).into_iter().filter_map(|name| {
        let rest = name.strip_prefix("wikipathways-")?.strip_suffix(".gmt")?;
        let (date, species) = rest.split_once("-gmt-")?;
        date.parse::<u32>().ok()?;
        Some((date.to_owned(), species.to_owned()))
    });
    Ok(files.collect())
}

pub(super) fn newest(session: &mut Session, name: &CollectionName) -> Result<String> {
    let wanted = species(name.part());
    let files = current(session)?;
    let found = files.iter().find(|(_, species)| species == wanted);
    found.map(|(date, _)| date.clone()).ok_or_else(|| {
        let there: Vec<&str> = files.iter().map(|(_, species)| species.as_str()).collect();
        Error::config(
            "SOURCE",
            format!(
                "names the species {wanted:?}; WikiPathways has {}",
                there.join(", ")
            ),
        )
    })
}

pub(super) fn collect(session: &mut Session, name: &CollectionName) -> Result<Collected> {
    let date = name.version().unwrap_or_default().to_owned();
    let species = species(name.part());
    let file = format!("gmt/wikipathways-{date}-gmt-{species}.gmt");
    let url = format!("{}/{date}/{file}", base(session));
    let (path, record) = match session.file(&url, Kind::Released, true) {
        // The newest release may stand under `current` only.
        Err(Error::Remote { .. }) => {
            let url = format!("{}/current/{file}", base(session));
            session.file(&url, Kind::Released, true)?
        }
        found => found?,
    };
    let bytes = super::archive::read(&path, session.options.limits.max_bytes)?;
    let text = crate::io::utf8(bytes, &path)?;
    let sets = GeneSetCollection::parse_with_ids(&text, &path, name_and_id)?;
    Ok(Collected {
        title: format!("WikiPathways, {}, Entrez ids", species.replace('_', " ")),
        version: date,
        remarks: remarks(&sets),
        sets,
        relations: None,
        downloads: vec![record],
    })
}

/// `Name%WikiPathways_date%WPid%Species` taken apart; another name stays as it is.
fn name_and_id(name: &str, description: &str) -> (String, String) {
    let fields: Vec<&str> = name.split('%').collect();
    match fields.as_slice() {
        [name, _, id, ..] => (name.trim().to_owned(), id.trim().to_owned()),
        _ => (name.to_owned(), description.to_owned()),
    }
}

pub(super) fn offers(session: &mut Session) -> Result<Vec<Offer>> {
    let offers = current(session)?.into_iter().map(|(date, species)| {
        let short = SPECIES.iter().find(|(_, long)| *long == species);
        let part = short.map_or(species.as_str(), |(short, _)| short);
        Offer {
            name: format!("wikipathways:{part}"),
            detail: format!("release {date}, {}", species.replace('_', " ")),
        }
    });
    Ok(offers.collect())
}
