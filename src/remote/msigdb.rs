//! MSigDB: `BASE/release/VERSION/COLLECTION.vVERSION.symbols.gmt` (or `.entrez.gmt`, `.json`).

use super::fetch::{Collected, remarks};
use super::links::links;
use super::store::{Kind, Session};
use super::{Offer, SourceFormat, SourceInfo};
use crate::error::{Error, Result};
use crate::genesets::{
    CollectionName, GeneSetCollection, GeneSetFormat, ReadOptions, RemoteSource, version_key,
};

fn base(session: &Session) -> String {
    session.base(SourceInfo::of(RemoteSource::Msigdb).base_url)
}

/// `h.entrez` asks for the collection `h` with Entrez ids.
fn collection(part: &str) -> (String, &'static str) {
    let (name, ids) = match part.strip_suffix(".entrez") {
        Some(name) => (name, "entrez"),
        None => (part, "symbols"),
    };
    // The whole of a collection is `h.all`; `msigdb` is everything.
    let whole = !name.contains('.') && name != "msigdb";
    let name = if whole {
        format!("{name}.all")
    } else {
        name.to_owned()
    };
    (name, ids)
}

/// The suffix of the versions that have a collection: human's, or mouse's for `mh`, `m1` to `m8`.
fn species(part: &str) -> &'static str {
    let mut letters = part.chars();
    match (letters.next(), letters.next()) {
        (Some('m'), Some(second)) if second == 'h' || second.is_ascii_digit() => "Mm",
        _ => "Hs",
    }
}

/// The releases with a species (since 2022.1), oldest first.
fn releases(session: &mut Session, species: &str) -> Result<Vec<String>> {
    let url = format!("{}/release/", base(session));
    let listing = session.text(&url)?;
    let mut versions: Vec<String> = links(&listing)
        .into_iter()
        .filter(|name| {
            let year = name.split('.').next().unwrap_or_default();
            name.ends_with(&format!(".{species}")) && year.len() == 4 && year.parse::<u16>().is_ok()
        })
        .collect();
    versions.sort_by_cached_key(|version| version_key(version));
    if versions.is_empty() {
        return Err(Error::remote(
            url,
            format!("the listing has no release of the species {species}"),
            "Name a release, as in msigdb:h@2024.1.Hs.",
        ));
    }
    Ok(versions)
}

pub(super) fn newest(session: &mut Session, name: &CollectionName) -> Result<String> {
    let versions = releases(session, species(name.part()))?;
    Ok(versions.into_iter().next_back().unwrap_or_default())
}

pub(super) fn collect(session: &mut Session, name: &CollectionName) -> Result<Collected> {
    let version = name.version().unwrap_or_default().to_owned();
    let (collection, ids) = collection(name.part());
    let (file, format) = match session.options.format {
        SourceFormat::Gmt => (
            format!("{collection}.v{version}.{ids}.gmt"),
            GeneSetFormat::Gmt,
        ),
        SourceFormat::Json if ids == "symbols" => (
            format!("{collection}.v{version}.json"),
            GeneSetFormat::MsigdbJson,
        ),
        SourceFormat::Json => {
            return Err(Error::config(
                "--format",
                "json has symbols only: fetch Entrez ids as gmt",
            ));
        }
    };
    let url = format!("{}/release/{version}/{file}", base(session));
    let (path, record) = session.file(&url, Kind::Released, true)?;
    let bytes = super::archive::read(&path, session.options.limits.max_bytes)?;
    let options = ReadOptions {
        format: Some(format),
        ..ReadOptions::default()
    };
    let sets = GeneSetCollection::parse(&crate::io::utf8(bytes, &path)?, &path, &options)?;
    Ok(Collected {
        title: format!("MSigDB {collection}, {ids}"),
        version,
        remarks: remarks(&sets),
        sets,
        relations: None,
        downloads: vec![record],
    })
}

/// The collections of the newest human and mouse releases.
pub(super) fn offers(session: &mut Session) -> Result<Vec<Offer>> {
    let mut offers = Vec::new();
    let mut failed = None;
    for species in ["Hs", "Mm"] {
        let versions = match releases(session, species) {
            Ok(versions) => versions,
            // A mirror may have one species only.
            Err(cause) => {
                failed = failed.or(Some(cause));
                continue;
            }
        };
        let version = versions.last().cloned().unwrap_or_default();
        let url = format!("{}/release/{version}/", base(session));
        let ending = format!(".v{version}.symbols.gmt");
        for name in links(&session.text(&url)?) {
            if let Some(collection) = name.strip_suffix(&ending) {
                let short = collection.strip_suffix(".all").unwrap_or(collection);
                offers.push(Offer {
                    name: match (short, species) {
                        ("msigdb", _) => format!("msigdb:msigdb@{version}"),
                        _ => format!("msigdb:{short}"),
                    },
                    detail: format!("release {version} (of {} releases)", versions.len()),
                });
            }
        }
    }
    match failed {
        Some(cause) if offers.is_empty() => Err(cause),
        _ => Ok(offers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_files() {
        assert_eq!(collection("h"), ("h.all".to_owned(), "symbols"));
        assert_eq!(collection("mh.entrez"), ("mh.all".to_owned(), "entrez"));
        let reactome = "c2.cp.reactome";
        assert_eq!(collection(reactome), (reactome.to_owned(), "symbols"));
        assert_eq!(collection("msigdb"), ("msigdb".to_owned(), "symbols"));
        for (part, wanted) in [("h", "Hs"), ("mh", "Mm"), ("m2.cp", "Mm"), ("msigdb", "Hs")] {
            assert_eq!(species(part), wanted);
        }
    }
}
