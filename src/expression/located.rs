//! Which file of a folder is the matrix.

use crate::error::{Error, Place, Result};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The ends of names of files that hold a matrix and nothing else. Tables are not among them, as
/// labels are tables too.
const MATRICES: [&str; 7] = [
    ".h5ad", ".h5", ".loom", ".gctx", ".gct", ".gct.gz", ".parquet",
];

/// The only matrix file of a folder that is no 10x MTX folder; every other path as it is.
///
/// # Errors
/// [`Error::Format`] naming them if there are several; [`Error::Io`] if the folder cannot be read.
pub(crate) fn located(path: &Path) -> Result<Cow<'_, Path>> {
    let is_mtx = || ["matrix.mtx", "matrix.mtx.gz"].map(|name| path.join(name).is_file());
    if !path.is_dir() || is_mtx().contains(&true) {
        return Ok(path.into());
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(Error::io("read", path))? {
        let file = entry.map_err(Error::io("read", path))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        if MATRICES.iter().any(|end| name.ends_with(end)) && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    match files.len() {
        0 => Ok(path.into()),
        1 => Ok(files.remove(0).into()),
        count => {
            let names = files.iter().filter_map(|file| file.file_name());
            let names: Vec<_> = names.take(5).map(|name| name.to_string_lossy()).collect();
            let more = if count > names.len() { ", ..." } else { "" };
            Err(Error::format(
                path,
                Place::file(),
                format!(
                    "the folder has {count} matrices: {}{more}",
                    names.join(", ")
                ),
                "Name one of them.",
            ))
        }
    }
}
