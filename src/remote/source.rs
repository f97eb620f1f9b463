//! The sources: what they are, where they are, under which licence.

use crate::error::{Error, Result};
use crate::genesets::{CollectionName, RemoteSource, name_to_fetch};

/// A source of gene sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceInfo {
    /// The source.
    pub source: RemoteSource,
    /// What it is.
    pub title: &'static str,
    /// Where it is; `--base-url` replaces it.
    pub base_url: &'static str,
    /// The licence of its data.
    pub licence: &'static str,
    /// How its collections are named.
    pub names: &'static str,
}

impl SourceInfo {
    /// All sources.
    pub const ALL: [Self; 5] = [
        Self {
            source: RemoteSource::Msigdb,
            title: "MSigDB: hallmark, curated, ontology, cell type and other collections",
            base_url: "https://data.broadinstitute.org/gsea-msigdb/msigdb",
            licence: "CC BY 4.0; KEGG, BioCarta and some other sets have terms of their own, see \
                      https://www.gsea-msigdb.org/gsea/msigdb_license_terms.jsp",
            names: "msigdb:h, msigdb:c2.cp.reactome, msigdb:mh (mouse), msigdb:h@2024.1.Hs, \
                    msigdb:h.entrez",
        },
        Self {
            source: RemoteSource::Enrichr,
            title: "Enrichr's gene-set libraries",
            base_url: "https://maayanlab.cloud",
            licence: "each library has the terms of its origin, see \
                      https://maayanlab.cloud/Enrichr/help#terms",
            names: "enrichr:KEGG_2021_Human, enrichr:fly.KEGG_2019 (fly, yeast, worm, fish)",
        },
        Self {
            source: RemoteSource::Reactome,
            title: "Reactome's human pathways with their hierarchy",
            base_url: "https://reactome.org",
            licence: "CC0, see https://reactome.org/license",
            names: "reactome:human",
        },
        Self {
            source: RemoteSource::WikiPathways,
            title: "WikiPathways, by species (Entrez ids)",
            base_url: "https://data.wikipathways.org",
            licence: "CC0",
            names: "wikipathways:human, wikipathways:Mus_musculus, wikipathways:human@20240610",
        },
        Self {
            source: RemoteSource::GeneOntology,
            title: "Gene Ontology, annotations propagated over is_a and part_of, with hierarchy",
            base_url: "https://current.geneontology.org",
            licence: "CC BY 4.0, see https://geneontology.org/docs/go-citation-policy",
            names: "go:bp, go:cc, go:mf, go:bp.mouse, go:bp@2024-06-17",
        },
    ];

    /// What is known of a source.
    pub fn of(source: RemoteSource) -> &'static Self {
        let known = Self::ALL.iter().find(|info| info.source == source);
        known.unwrap_or(&Self::ALL[0])
    }
}

/// A collection that a source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The name to fetch it by.
    pub name: String,
    /// What the source says of it: sizes, versions; may be empty.
    pub detail: String,
}

/// The name that is meant by a source, or a source and a part, and perhaps a species: `reactome`
/// is `reactome:human`, `go:bp` of mouse is `go:bp.mouse`, `msigdb:h` of mouse is `msigdb:mh`.
///
/// ```
/// use gsae::remote::name_of;
///
/// assert_eq!(name_of("reactome", None)?.to_string(), "reactome:human");
/// assert_eq!(name_of("go:bp", Some("mouse"))?.to_string(), "go:bp.mouse");
/// assert_eq!(name_of("msigdb:c2.cp", Some("mouse"))?.to_string(), "msigdb:m2.cp");
/// assert!(name_of("go", None).is_err());
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Config`] for an unknown source, a source whose collection has to be said, or a
/// species it does not have.
pub fn name_of(text: &str, species: Option<&str>) -> Result<CollectionName> {
    let Some((source, _)) = text.split_once(':') else {
        let source: RemoteSource = text.parse().map_err(|cause| match name_to_fetch(text) {
            Some(name) => Error::config("SOURCE", format!("{text:?} is fetched as {name}")),
            None => cause,
        })?;
        return match source {
            RemoteSource::Reactome | RemoteSource::WikiPathways => {
                CollectionName::new(source, species.unwrap_or("human"), None)
            }
            _ => Err(Error::config(
                "SOURCE",
                format!(
                    "{source} has several collections: name one, as in {}; `gsae genesets list \
                     --remote {source}` lists them",
                    SourceInfo::of(source).names
                ),
            )),
        };
    };
    let name: CollectionName = text.parse()?;
    let Some(species) = species else {
        return Ok(name);
    };
    let species = species.to_lowercase();
    let (source, part) = (source.parse::<RemoteSource>()?, name.part());
    let part = match source {
        RemoteSource::Msigdb => match (species.as_str(), part.split_at(1)) {
            ("human", ("h" | "c", _)) | ("mouse", ("m", _)) => part.to_owned(),
            ("mouse", ("h", rest)) => format!("mh{rest}"),
            ("mouse", ("c", rest)) => format!("m{rest}"),
            _ => return Err(no_species("MSigDB has human and mouse", &species)),
        },
        RemoteSource::Enrichr | RemoteSource::GeneOntology if species == "human" => part.to_owned(),
        RemoteSource::Enrichr => format!("{species}.{part}"),
        RemoteSource::GeneOntology => format!("{part}.{species}"),
        RemoteSource::Reactome | RemoteSource::WikiPathways => {
            return Err(Error::config(
                "--species",
                format!("goes with the source alone, as in `fetch {source} --species {species}`"),
            ));
        }
    };
    CollectionName::new(source, &part, name.version())
}

fn no_species(there_are: &str, species: &str) -> Error {
    Error::config("--species", format!("is {species:?}, but {there_are}"))
}
