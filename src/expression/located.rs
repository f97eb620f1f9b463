//! Which file of a folder is the matrix.

use super::mtx::is_mtx;
use crate::error::{Error, Place, Result};
use crate::wording::listed;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The ends of names of files that hold a matrix and nothing else. Tables are not among them, as
/// labels are tables too.
const MATRICES: [&str; 7] = [
    ".h5ad", ".h5", ".loom", ".gctx", ".gct", ".gct.gz", ".parquet",
];

/// Files that a folder of results has, whatever else was written into it.
const RESULTS: [&str; 2] = ["model.safetensors", "run.json"];

/// Names that are shown.
const NAMED: usize = 5;

/// The only matrix of a folder that is none itself, a file or a 10x MTX folder; every other path as it
/// is.
///
/// # Errors
/// [`Error::Format`] if there are several, or if it holds the results of a fit; [`Error::Io`] if it
/// cannot be read.
pub(crate) fn located(path: &Path) -> Result<Cow<'_, Path>> {
    if !path.is_dir() || is_mtx(path) {
        return Ok(path.into());
    }
    let refused =
        |message: String, remedy: &str| Err(Error::format(path, Place::file(), message, remedy));
    if RESULTS.iter().all(|name| path.join(name).is_file()) {
        return refused(
            "the folder holds the results of a fit, not what was measured".to_owned(),
            "Give the matrix that the model was trained on, or one like it.",
        );
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(Error::io("read", path))? {
        let entry = entry.map_err(Error::io("read", path))?.path();
        if is_matrix(&entry) {
            found.push(entry);
        }
    }
    found.sort();
    match found.len() {
        0 => Ok(path.into()),
        1 => Ok(found.remove(0).into()),
        count => {
            let names = found.iter().filter_map(|file| file.file_name());
            let names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
            let parts = names.iter().all(|name| name.ends_with(".parquet"));
            let names = listed(names.iter().map(String::as_str), NAMED);
            let remedy = match parts {
                true => "If they are parts of one table, write it as one file; else name one.",
                false => "Name one of them.",
            };
            refused(format!("the folder has {count} matrices: {names}"), remedy)
        }
    }
}

/// Whether an entry of a folder is a matrix by its name; hidden ones are not.
fn is_matrix(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    let named = MATRICES.iter().any(|end| name.ends_with(end));
    !name.starts_with('.') && (path.is_file() && named || path.is_dir() && is_mtx(path))
}
