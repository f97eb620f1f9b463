//! Names of fetched collections: `msigdb:h`, `go:bp.mouse`, `msigdb:c2.cp.reactome@2024.1.Hs`.

use crate::error::{Error, Result};
use crate::wording::did_you_mean;
use std::fmt;
use std::str::FromStr;

/// A place that gene sets are fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RemoteSource {
    /// The Molecular Signatures Database, by release and collection.
    Msigdb,
    /// Enrichr's libraries.
    Enrichr,
    /// Reactome's pathways with their hierarchy.
    Reactome,
    /// WikiPathways, by species.
    WikiPathways,
    /// The Gene Ontology with the annotations of a species.
    GeneOntology,
}

impl RemoteSource {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Msigdb,
        Self::Enrichr,
        Self::Reactome,
        Self::WikiPathways,
        Self::GeneOntology,
    ];

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Msigdb => "msigdb",
            Self::Enrichr => "enrichr",
            Self::Reactome => "reactome",
            Self::WikiPathways => "wikipathways",
            Self::GeneOntology => "go",
        }
    }
}

impl fmt::Display for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RemoteSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|source| source.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|source| source.name()).collect();
            Error::config(
                "SOURCE",
                format!(
                    "is one of {}, not {text:?}{}",
                    known.join(", "),
                    did_you_mean(text, known.iter().copied())
                ),
            )
        })
    }
}

/// The name of a collection at a source: `SOURCE:PART`, or `SOURCE:PART@VERSION` for one version.
///
/// ```
/// use gsae::genesets::{CollectionName, RemoteSource};
///
/// let name: CollectionName = "msigdb:c2.cp.reactome@2024.1.Hs".parse()?;
/// assert_eq!(name.source(), RemoteSource::Msigdb);
/// assert_eq!(name.part(), "c2.cp.reactome");
/// assert_eq!(name.version(), Some("2024.1.Hs"));
/// assert!("msigdb:../../etc".parse::<CollectionName>().is_err());
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName {
    source: RemoteSource,
    part: String,
    version: Option<String>,
}

impl CollectionName {
    /// A name from its pieces.
    ///
    /// # Errors
    /// [`Error::Config`] for a part or version that is no plain word of letters, digits, `.`,
    /// `_`, `-` and `+`: both become folder names.
    pub fn new(source: RemoteSource, part: &str, version: Option<&str>) -> Result<Self> {
        for (what, word) in [("part", Some(part)), ("version", version)] {
            if let Some(word) = word
                && !is_plain(word)
            {
                return Err(Error::config(
                    "the collection's name",
                    format!(
                        "is SOURCE:PART or SOURCE:PART@VERSION, where the {what} has letters, \
                         digits and . _ - + only, not {word:?}"
                    ),
                ));
            }
        }
        Ok(Self {
            source,
            part: part.to_owned(),
            version: version.map(str::to_owned),
        })
    }

    /// Whether a text names a collection at a source, well or badly: `None` if it does not start
    /// with a source and a colon.
    pub fn recognise(text: &str) -> Option<Result<Self>> {
        let (source, _) = text.split_once(':')?;
        source.parse::<RemoteSource>().ok()?;
        Some(text.parse())
    }

    /// The source.
    pub fn source(&self) -> RemoteSource {
        self.source
    }

    /// The collection, library or species at the source.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// The version, if the name asks for one.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The same collection in one version.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn at(&self, version: &str) -> Result<Self> {
        Self::new(self.source, &self.part, Some(version))
    }
}

/// A word that is safe as a folder's name anywhere.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 150
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !word.ends_with('.')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.part)?;
        match &self.version {
            Some(version) => write!(f, "@{version}"),
            None => Ok(()),
        }
    }
}

impl FromStr for CollectionName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (source, rest) = text.split_once(':').ok_or_else(|| {
            Error::config(
                "the collection's name",
                format!("is SOURCE:PART, as in msigdb:h, not {text:?}"),
            )
        })?;
        let (part, version) = match rest.split_once('@') {
            Some((part, version)) => (part, Some(version)),
            None => (rest, None),
        };
        Self::new(source.parse()?, part, version)
    }
}
