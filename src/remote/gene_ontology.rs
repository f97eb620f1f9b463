//! The Gene Ontology: `BASE/ontology/go-basic.obo` and `BASE/annotations/FILE.gaf.gz`; releases by
//! date have a server of their own.

use super::fetch::Collected;
use super::store::{Kind, Session};
use super::{Offer, SourceInfo};
use crate::error::{Error, Result};
use crate::genesets::{Annotations, Aspect, CollectionName, Ontology, OntologySets, RemoteSource};

/// Species and the file of its annotations.
const SPECIES: [(&str, &str); 12] = [
    ("human", "goa_human"),
    ("mouse", "mgi"),
    ("rat", "rgd"),
    ("zebrafish", "zfin"),
    ("fly", "fb"),
    ("worm", "wb"),
    ("yeast", "sgd"),
    ("chicken", "goa_chicken"),
    ("cow", "goa_cow"),
    ("dog", "goa_dog"),
    ("pig", "goa_pig"),
    ("arabidopsis", "tair"),
];

const RELEASES: &str = "https://release.geneontology.org";

/// Aspect, species and file of `bp.mouse`; human if no species is named.
fn what(part: &str) -> Result<(Aspect, &'static str, &'static str)> {
    let (aspect, species) = part.split_once('.').unwrap_or((part, "human"));
    let known = SPECIES.iter().find(|(name, _)| *name == species);
    let (species, file) = known.ok_or_else(|| {
        let names: Vec<&str> = SPECIES.iter().map(|(name, _)| *name).collect();
        Error::config(
            "SOURCE",
            format!(
                "names the species {species:?}, not one of {}",
                names.join(", ")
            ),
        )
    })?;
    Ok((aspect.parse()?, species, file))
}

pub(super) fn collect(session: &mut Session, name: &CollectionName) -> Result<Collected> {
    let (aspect, species, file) = what(name.part())?;
    let (base, kind) = match name.version() {
        Some(date) => (session.base(&format!("{RELEASES}/{date}")), Kind::Released),
        None => {
            let own = SourceInfo::of(RemoteSource::GeneOntology).base_url;
            (session.base(own), Kind::Current)
        }
    };
    let url = format!("{base}/ontology/go-basic.obo");
    let (obo, obo_record) = session.file(&url, kind, false)?;
    let url = format!("{base}/annotations/{file}.gaf.gz");
    let (gaf, gaf_record) = session.file(&url, kind, true)?;

    let limit = session.options.limits.max_bytes;
    let text = crate::io::utf8(super::archive::read(&obo, limit)?, &obo)?;
    let ontology = Ontology::parse(&text, &obo)?;
    let version = match (name.version(), ontology.version()) {
        (Some(wanted), Some(found)) if wanted != found => {
            return Err(Error::remote(
                &obo_record.url,
                format!("the ontology is of {found}, not of {wanted}"),
                "Name the date of a release, or fetch the current one without a date.",
            ));
        }
        (Some(version), _) | (None, Some(version)) => version.to_owned(),
        (None, None) => obo_record.fetched[..10].to_owned(),
    };
    let bytes = super::archive::read(&gaf, limit)?;
    let annotations = Annotations::read(bytes.as_slice(), &gaf, &ontology)?;
    let sets = OntologySets::new(&ontology, &annotations, aspect)?;
    let skipped = annotations.skipped();
    Ok(Collected {
        title: format!("Gene Ontology, {aspect}, {species}, propagated"),
        version,
        sets: sets.sets,
        relations: Some(sets.relations),
        downloads: vec![obo_record, gaf_record],
        remarks: vec![format!(
            "of {} annotations {} were left out: {} with NOT, {} without data (ND), {} to terms \
             that are obsolete or unknown; {} obsolete terms",
            annotations.len(),
            skipped.negated + skipped.no_data + skipped.unknown_term,
            skipped.negated,
            skipped.no_data,
            skipped.unknown_term,
            ontology.obsolete()
        )],
    })
}

/// Every part for every species gsae knows the annotation file of.
pub(super) fn offers() -> Vec<Offer> {
    SPECIES
        .iter()
        .flat_map(|(species, file)| {
            Aspect::ALL.map(|aspect| Offer {
                name: match *species {
                    "human" => format!("go:{}", aspect.name()),
                    _ => format!("go:{}.{species}", aspect.name()),
                },
                detail: format!("{aspect}, {file}.gaf.gz"),
            })
        })
        .collect()
}
