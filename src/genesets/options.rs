//! How gene-set files are read, and what there is to say about them.

use super::edge_list;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// What happens to a set whose name an earlier set of the file has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateNames {
    /// Both stay; the later one becomes `NAME (2)`. Nothing is lost or merged.
    #[default]
    Rename,
    /// The file is refused.
    Error,
    /// The first stays.
    First,
    /// The last stays, in the place of the first.
    Last,
    /// One set with the genes of all.
    Union,
    /// The one with the fewest genes stays.
    Smallest,
    /// The one with the most genes stays.
    Largest,
    /// None stays.
    Drop,
}

impl FromStr for DuplicateNames {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "rename" => Self::Rename,
            "error" => Self::Error,
            "first" => Self::First,
            "last" => Self::Last,
            "union" => Self::Union,
            "smallest" => Self::Smallest,
            "largest" => Self::Largest,
            "drop" => Self::Drop,
            _ => {
                return Err(Error::config(
                    "--duplicate-sets",
                    format!(
                        "is one of rename, error, first, last, union, smallest, largest, drop, \
                         not {text:?}"
                    ),
                ));
            }
        })
    }
}

/// A gene-set file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneSetFormat {
    /// A set a line: name, description, genes, separated by tabs.
    Gmt,
    /// A set a column: name, description, genes.
    Gmx,
    /// One set: a gene a line; the file's name is the set's.
    Grp,
    /// MSigDB's JSON: an object keyed by set name.
    MsigdbJson,
    /// A set, a gene and perhaps a weight a line, with a header.
    EdgeList,
}

impl FromStr for GeneSetFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "gmt" => Ok(Self::Gmt),
            "gmx" => Ok(Self::Gmx),
            "grp" => Ok(Self::Grp),
            "json" => Ok(Self::MsigdbJson),
            "edges" => Ok(Self::EdgeList),
            _ => Err(Error::config(
                "--format",
                format!("is one of gmt, gmx, grp, json, edges, not {text:?}"),
            )),
        }
    }
}

impl GeneSetFormat {
    /// By the extension of a file to be written, before a `.gz`: GMX, JSON, an edge list (`.tsv`),
    /// GRP for a path without extension, GMT (`.gmt`, `.txt`).
    ///
    /// # Errors
    /// [`Error::Config`] for another extension.
    pub fn of_output(path: &Path) -> Result<Self> {
        let name = path.to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match Path::new(name).extension().and_then(|text| text.to_str()) {
            Some("gmt" | "txt") => Ok(Self::Gmt),
            Some("gmx") => Ok(Self::Gmx),
            Some("json") => Ok(Self::MsigdbJson),
            Some("tsv") => Ok(Self::EdgeList),
            Some("grp") | None => Ok(Self::Grp),
            Some(other) => Err(Error::config(
                "--out",
                format!(
                    "ends in .{other}, which is no format of gene sets: let it end in .gmt, .gmx, \
                     .json, .tsv (an edge list) or nothing (a folder of GRP files), each but the \
                     last with .gz or without, or say --format"
                ),
            )),
        }
    }

    /// By the file's extension, before a `.gz`; by content for JSON and for edge lists, which are
    /// known by their header; GMT otherwise.
    pub fn detect(path: &Path, content: &str) -> Self {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase());
        let name = name.unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        if content.trim_start().starts_with('{') {
            Self::MsigdbJson
        } else if name.ends_with(".gmx") {
            Self::Gmx
        } else if name.ends_with(".grp") {
            Self::Grp
        } else if edge_list::is_edge_list(content) {
            Self::EdgeList
        } else {
            Self::Gmt
        }
    }
}

/// How gene-set files are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Two sets of one name.
    pub duplicate_names: DuplicateNames,
    /// The format; recognised if `None`.
    pub format: Option<GeneSetFormat>,
}

/// A remark on a gene-set file: read all the same, but worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lint {
    /// The line (GMX: the column), from 1; `None` where there are no lines.
    pub line: Option<usize>,
    /// The set's name, as the file has it.
    pub set: String,
    /// What was found and what was done.
    pub message: String,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.set.is_empty() {
            write!(f, "{}: ", self.set)?;
        }
        f.write_str(&self.message)
    }
}
