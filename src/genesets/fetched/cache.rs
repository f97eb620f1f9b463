//! The cache: `FOLDER/genesets/SOURCE/PART/VERSION/` with `sets.gmt`, `relations.tsv` where there
//! is a hierarchy, and `source.json`; every read is held against the recorded checksums.

use super::hints::meant_by;
use super::{CachedFile, CollectionName, Provenance, RemoteSource};
use crate::error::{Error, Place, Result};
use crate::genesets::{DuplicateNames, GeneSetCollection, GeneSetFormat, ReadOptions, Relations};
use crate::io::{Source, Unfinished, hex, make_folder, one_field, utf8, write_atomically};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SETS: &str = "sets.gmt";
const RELATIONS: &str = "relations.tsv";
const RECORD: &str = "source.json";

/// The folder that fetched collections are kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneSetCache {
    root: PathBuf,
}

/// A collection in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedCollection {
    folder: PathBuf,
    provenance: Provenance,
}

impl GeneSetCache {
    /// A cache in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The user's cache: `GSAE_CACHE_DIR`, else `gsae` in `XDG_CACHE_HOME` or in the operating
    /// system's folder for caches.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no such folder.
    pub fn of_user() -> Result<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(folder) = set("GSAE_CACHE_DIR") {
            return Ok(Self::new(folder));
        }
        let absolute = |folder: PathBuf| folder.is_absolute().then_some(folder);
        let base = set("XDG_CACHE_HOME").map(PathBuf::from).and_then(absolute);
        let base = base.or_else(dirs::cache_dir).ok_or_else(|| {
            Error::config(
                "GSAE_CACHE_DIR",
                "is not set and there is no home folder: set it to a folder for fetched gene sets",
            )
        })?;
        Ok(Self::new(base.join("gsae")))
    }

    /// The cache's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everything in the cache, by name and version.
    ///
    /// # Errors
    /// [`Error::Io`] if a folder cannot be read, [`Error::Format`] for a broken record.
    pub fn list(&self) -> Result<Vec<CachedCollection>> {
        let mut all = Vec::new();
        for source in RemoteSource::ALL {
            for part in subfolders(&self.root.join("genesets").join(source.name()))? {
                all.extend(versions(&part)?);
            }
        }
        Ok(all)
    }

    /// A collection: the version that the name asks for, or the newest there is.
    ///
    /// # Errors
    /// [`Error::Config`] if it was never fetched; as [`list`](Self::list) otherwise.
    pub fn find(&self, name: &CollectionName) -> Result<CachedCollection> {
        self.get(name)?.ok_or_else(|| {
            let how = match meant_by(name) {
                None => format!("Fetch it first: `gsae genesets fetch {name}`"),
                Some(meant) => format!(
                    "Did you mean {meant}? `gsae genesets fetch {meant}` gets them, then \
                     `--gene-sets {meant}` reads them"
                ),
            };
            let message = format!(
                "names {name}, which is not in the cache {}. {how}",
                self.root.display()
            );
            Error::config("--gene-sets", message)
        })
    }

    /// As [`find`](Self::find), `None` if it was never fetched.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn get(&self, name: &CollectionName) -> Result<Option<CachedCollection>> {
        let part = self.part(name);
        match name.version() {
            Some(version) => {
                let folder = part.join(version);
                let there = folder.join(RECORD).is_file();
                there.then(|| CachedCollection::open(folder)).transpose()
            }
            None => Ok(versions(&part)?.pop()),
        }
    }

    fn part(&self, name: &CollectionName) -> PathBuf {
        let folder = self.root.join("genesets").join(name.source().name());
        folder.join(name.part())
    }

    /// Puts a collection and its hierarchy into the cache, whole or not at all, in place of the
    /// same version if there is one. `record` holds everything but the files, which are written
    /// here.
    ///
    /// # Errors
    /// [`Error::Config`] if the name has no version; [`Error::Io`] if the cache cannot be written.
    pub fn store(
        &self,
        name: &CollectionName,
        sets: &GeneSetCollection,
        relations: Option<&Relations>,
        mut record: Provenance,
    ) -> Result<CachedCollection> {
        let Some(version) = name.version() else {
            return Err(Error::config(
                "the collection's name",
                format!("needs a version to be kept: {name}"),
            ));
        };
        let part = self.part(name);
        let _new = make_folder(&part)?;
        let make = || {
            let made = tempfile::Builder::new().prefix(".draft-").tempdir_in(&part);
            made.map_err(Error::io("write into", &part))
        };
        let (draft, unfinished) = Unfinished::create(make, TempDir::path)?;
        let at = |file: &str| draft.path().join(file);
        sets.write_gmt(at(SETS))?;
        record.files = vec![checksum(&at(SETS), SETS)?];
        if let Some(relations) = relations {
            write_relations(relations, &at(RELATIONS))?;
            record.files.push(checksum(&at(RELATIONS), RELATIONS)?);
        }
        let path = at(RECORD);
        write_atomically(&path, |file| {
            serde_json::to_writer_pretty(&mut *file, &record)
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(file))
                .map_err(Error::io("write", &path))
        })?;
        let folder = part.join(version);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(Error::io("replace", &folder))?;
        }
        unfinished.finish(&folder, || {
            std::fs::rename(draft.path(), &folder).map_err(Error::io("write", &folder))
        })?;
        // The folder was renamed: nothing is left to remove.
        let _ = draft.keep();
        CachedCollection::open(folder)
    }
}

/// The folders in a folder, by name; none if it does not exist. Drafts are no folders.
fn subfolders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::io("read", folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The versions of a collection, oldest first.
fn versions(part: &Path) -> Result<Vec<CachedCollection>> {
    let mut all = Vec::new();
    for folder in subfolders(part)? {
        if folder.join(RECORD).is_file() {
            all.push(CachedCollection::open(folder)?);
        }
    }
    all.sort_by_cached_key(|one| version_key(&one.provenance.version));
    Ok(all)
}

/// Orders versions by their numbers: 2024.1.Hs before 2024.10.Hs.
pub(crate) fn version_key(version: &str) -> Vec<(u64, String)> {
    version
        .split(['.', '-', '_'])
        .map(|piece| {
            let number = piece.parse().unwrap_or(0);
            (number, piece.to_owned())
        })
        .collect()
}

fn checksum(path: &Path, name: &str) -> Result<CachedFile> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    Ok(CachedFile {
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
    })
}

fn write_relations(relations: &Relations, path: &Path) -> Result<()> {
    write_atomically(path, |file| {
        for (parent, child, kind) in relations.iter() {
            let fields = [parent, child, kind].map(one_field);
            writeln!(file, "{}", fields.join("\t")).map_err(Error::io("write", path))?;
        }
        Ok(())
    })
}

impl CachedCollection {
    fn open(folder: PathBuf) -> Result<Self> {
        let path = folder.join(RECORD);
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let provenance = Provenance::parse(&text, &path)?;
        Ok(Self { folder, provenance })
    }

    /// Where it came from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of the collection, if its bytes have the checksum that was recorded.
    fn text(&self, file: &CachedFile) -> Result<String> {
        let path = self.folder.join(&file.name);
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        let sha256 = hex(&Sha256::digest(&bytes));
        if sha256 != file.sha256 {
            return Err(Error::format(
                &path,
                Place::file(),
                format!(
                    "the file is not as it was fetched: its SHA-256 is {sha256}, recorded is {}",
                    file.sha256
                ),
                format!(
                    "Fetch it again: `gsae genesets fetch {} --refresh`.",
                    self.provenance.name
                ),
            ));
        }
        utf8(bytes, &path)
    }

    /// The gene sets.
    ///
    /// # Errors
    /// [`Error::Io`] if the file is gone, [`Error::Format`] if it was changed.
    pub fn load(&self) -> Result<GeneSetCollection> {
        let file = self.provenance.file(SETS).ok_or_else(|| {
            Error::format(
                self.folder.join(RECORD),
                Place::file(),
                "the record names no gene sets",
                "Delete the folder and fetch the collection again.",
            )
        })?;
        let options = ReadOptions {
            duplicate_names: DuplicateNames::Error,
            format: Some(GeneSetFormat::Gmt),
        };
        let path = self.folder.join(SETS);
        let sets = GeneSetCollection::parse(&self.text(file)?, &path, &options)?;
        Ok(sets.with_source(Source {
            path: PathBuf::from(&self.provenance.name),
            sha256: file.sha256.clone(),
        }))
    }

    /// The hierarchy by stable id, if the collection has one.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn relations(&self) -> Result<Option<Relations>> {
        let Some(file) = self.provenance.file(RELATIONS) else {
            return Ok(None);
        };
        let text = self.text(file)?;
        Relations::parse(&text, &self.folder.join(RELATIONS)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::version_key;

    #[test]
    fn versions_are_ordered_by_number() {
        let mut versions = ["2024.10.Hs", "2024.2.Hs", "7.5.1", "2023.1.Hs"];
        versions.sort_by_key(|version| version_key(version));
        assert_eq!(versions, ["7.5.1", "2023.1.Hs", "2024.2.Hs", "2024.10.Hs"]);
    }
}
