//! What is kept beside a fetched collection: where it came from, when, under which licence.

use crate::error::{Error, Place, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A file as a server gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadRecord {
    /// The address asked for.
    pub url: String,
    /// The address that answered, after redirects.
    pub final_url: String,
    /// When it was fetched: UTC, RFC 3339.
    pub fetched: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// The number of bytes.
    pub bytes: u64,
    /// The server's `ETag`.
    pub etag: Option<String>,
    /// The server's `Last-Modified`.
    pub last_modified: Option<String>,
    /// Where the published checksum that was verified stands; `None` if there was none.
    pub verified_by: Option<String>,
}

/// A file of a cached collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedFile {
    /// The file's name.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// The number of bytes.
    pub bytes: u64,
}

/// The record of a fetched collection (`source.json` beside it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The name with its version, as `--gene-sets` takes it.
    pub name: String,
    /// What it is.
    pub title: String,
    /// The source's version of it.
    pub version: String,
    /// The licence of the data.
    pub licence: String,
    /// When it was fetched: UTC, RFC 3339.
    pub fetched: String,
    /// The version of gsae that fetched it.
    pub gsae: String,
    /// What was downloaded.
    pub downloads: Vec<DownloadRecord>,
    /// The files made from that.
    pub files: Vec<CachedFile>,
    /// Gene sets.
    pub sets: usize,
    /// Distinct genes.
    pub genes: usize,
    /// What was odd in the downloads, and what was done about it.
    pub remarks: Vec<String>,
}

impl Provenance {
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self> {
        serde_json::from_str(text).map_err(|cause| {
            Error::format(
                path,
                Place::line(cause.line()),
                format!("this is no record of a fetched collection ({cause})"),
                "Delete the folder and fetch the collection again.",
            )
        })
    }

    pub(super) fn file(&self, name: &str) -> Option<&CachedFile> {
        self.files.iter().find(|file| file.name == name)
    }
}
